// Walks, in the tab Tour against the mock server: boards step, play and are dragged; figures take
// numbers of one's own.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browse } from './browse.mjs';

let site;
before(async () => {
  site = await browse();
});
after(() => site.close());

const figure = (page, number) => page.getByRole('region', { name: `Figure ${number}`, exact: true });
async function board(page, number = '5-5') {
  const of = figure(page, number).locator('.board');
  await page.locator('.tour-figure').first().waitFor();
  await figure(page, number).scrollIntoViewIfNeeded();
  await of.waitFor();
  return of;
}
const stands = (of, text) => of.locator('.stop').getByText(text).waitFor();

test('a board stands at the step that the figure names, and goes by buttons, keys and slider', async () => {
  const page = await site.open('tour', { still: true });
  const of = await board(page);
  await stands(of, 'Step 2: row 0, column 1');
  assert.equal(await of.locator('.cell.written').count(), 2);
  await of.getByRole('button', { name: 'Step on' }).click();
  await stands(of, 'Step 3: row 0, column 2');
  await of.locator('.grids').focus();
  await page.keyboard.press('ArrowDown');
  await stands(of, 'row 1, column 2');
  await page.keyboard.press('ArrowLeft');
  await stands(of, 'row 1, column 1');
  await page.keyboard.press('End');
  await stands(of, 'Step 16');
  assert.equal(await of.locator('.cell.written').count(), 16);
  await page.keyboard.press('ArrowDown');
  await stands(of, 'Step 16');
  await of.getByRole('slider').fill('4');
  await stands(of, 'Step 5: row 1, column 0');
  assert.equal(await of.locator('.stop').getAttribute('aria-live'), 'polite');
  await page.finish();
});

test('it plays to its end, is held, and begins anew', async () => {
  const page = await site.open('tour');
  const of = await board(page);
  await of.getByLabel('Speed').selectOption('30');
  await of.getByRole('button', { name: 'Play' }).click();
  await stands(of, 'Step 16');
  await of.getByRole('button', { name: 'Play' }).waitFor();
  await of.getByLabel('Speed').selectOption('1');
  await of.getByRole('button', { name: 'Play' }).click();
  await stands(of, 'Step 1:');
  assert.equal(await of.locator('.stop').getAttribute('aria-live'), 'off');
  await of.getByRole('button', { name: 'Pause' }).click();
  await page.finish();
});

test('a cell of the growing grid is clicked and dragged to', async () => {
  const page = await site.open('tour', { still: true });
  const of = await board(page);
  const box = await of.locator('svg.picked').boundingBox();
  const cell = (row, column) =>
    [box.x + ((column + 0.5) / 4) * box.width, box.y + ((row + 0.5) / 4) * box.height];
  await page.mouse.click(...cell(2, 3));
  await stands(of, 'row 2, column 3');
  await page.mouse.down();
  await page.mouse.move(...cell(3, 0), { steps: 5 });
  await page.mouse.up();
  await stands(of, 'row 3, column 0');
  await page.finish();
});

test('slices lie behind one another, and any is brought to the front', async () => {
  const page = await site.open('tour', { still: true });
  const of = await board(page, '5-11');
  const slices = of.getByRole('group', { name: 'Slice in front' }).first();
  await slices.getByRole('button', { name: 'Slice 2' }).click();
  assert.equal(await slices.getByRole('button', { name: 'Slice 2' }).getAttribute('aria-pressed'), 'true');
  assert.equal(await of.locator('.grid').first().locator('.mark.read').count(), 3);
  await page.finish();
});

test('other numbers are tried: padding looks padded, a word is refused, and the chapter comes back', async () => {
  const page = await site.open('tour', { still: true });
  await board(page);
  const of = figure(page, '5-5');
  await of.getByText('Try other numbers').click();
  assert.equal(await of.getByLabel('Kernel', { exact: true }).inputValue(), '1 0 1; 0 1 0; 1 0 1');
  await of.getByLabel('Padding').fill('1');
  await of.getByText('(6 - 3 + 2x1) / 1 + 1 = 6').waitFor();
  assert.equal(await of.locator('.cell.padding').count(), 28);
  await of.getByText('fovea explain conv --padding 1').waitFor();
  await of.getByRole('textbox', { name: /^Image/ }).fill('1 2 x');
  await of.getByRole('alert').filter({ hasText: 'expected numbers' }).waitFor();
  await page.axe();
  await of.getByRole('button', { name: 'As in the chapter' }).click();
  await stands(of.locator('.board'), 'Step 2');
  await page.finish({ errors: /400/ });
});

for (const look of [{}, { dark: true }, { lang: 'ko' }, { lang: 'ko', width: 390, dark: true }])
  test(`nothing for axe to complain of, and no wider than the window: ${JSON.stringify(look)}`, async () => {
    const page = await site.open('tour', { ...look, still: true });
    const figures = page.locator('.tour-figure');
    await figures.first().waitFor();
    for (let i = 0; i < (await figures.count()); ++i) {
      await figures.nth(i).scrollIntoViewIfNeeded();
      await figures.nth(i).locator('.walk').waitFor();
    }
    await page.locator('.tour-samples canvas').first().waitFor();
    for (const more of await page.locator('.try summary').all()) await more.click();
    await page.axe();
    await page.finish();
  });
