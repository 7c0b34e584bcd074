// Walks on the server itself: boards of the tour by button, slider, key and pointer, and the address
// of a layer that is passed on.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { real, trained } from './real.mjs';

let site;
before(async () => {
  site = await real();
  await trained(site.folder, 'exp');
});
after(() => site.close());

/** The board of the figure where a kernel goes over an image. */
async function board(page) {
  const figures = page.locator('.tour-figure');
  await figures.first().waitFor();
  for (const figure of await figures.all()) {
    await figure.scrollIntoViewIfNeeded();
    await figure.locator('.walk').waitFor();
    const of = figure.locator('.board').first();
    if ((await of.locator('svg.picked').count()) && (await last(of)) >= 4) return of;
  }
  throw new Error('the tour has no board');
}
const last = async (of) =>
  (await of.locator('.place').count()) && Number((await of.locator('.place').textContent()).split('/')[1]);
const place = async (of) => Number((await of.locator('.place').textContent()).split('/')[0]);
const said = (of) => of.locator('.stop').innerText();
/** Where the board's output is written. */
const written = (of) =>
  of.locator('.mark.write').first().evaluate((mark) => mark.getBoundingClientRect().toJSON());
async function stands(page, of, want) {
  await page.waitForFunction(([element, at]) =>
    element.querySelector('.place').textContent.startsWith(`${at} /`), [await of.elementHandle(), want]);
}

test('a board goes by buttons, slider and keys, and says and writes another sum at each stop', async () => {
  const page = await site.open('tour', { still: true });
  const of = await board(page);
  const count = await last(of);
  assert.equal(await place(of), 1, 'it waits to be started');
  const seen = new Set([await said(of)]);
  const first = await written(of);
  await of.getByRole('button', { name: 'Step on' }).click();
  await stands(page, of, 2);
  seen.add(await said(of));
  assert.notDeepEqual(await written(of), first, 'what is written has moved');
  await of.getByRole('slider', { name: 'Step' }).fill(String(count - 1));
  await stands(page, of, count);
  seen.add(await said(of));
  assert.equal(seen.size, 3);
  assert.ok(await of.getByRole('button', { name: 'Step on' }).isDisabled());
  await of.getByRole('button', { name: 'Step back' }).click();
  await stands(page, of, count - 1);
  await of.locator('.grids').focus();
  await page.keyboard.press('ArrowLeft');
  await stands(page, of, count - 2);
  await page.keyboard.press('ArrowRight');
  await stands(page, of, count - 1);
  await page.keyboard.press('Home');
  await stands(page, of, 1);
  await page.keyboard.press('End');
  await stands(page, of, count);
  await page.finish();
});

test('a board goes to the cell that is pointed at, and plays to its end', async () => {
  const page = await site.open('tour', { still: true });
  const of = await board(page);
  const output = of.locator('svg.picked').last();
  await output.scrollIntoViewIfNeeded();
  const box = await output.boundingBox();
  await page.mouse.click(box.x + box.width - 8, box.y + box.height - 8);
  const count = await last(of);
  await stands(page, of, count);
  await page.mouse.move(box.x + box.width - 8, box.y + box.height - 8);
  await page.mouse.down();
  await page.mouse.move(box.x + 8, box.y + 8, { steps: 6 });
  await page.mouse.up();
  await stands(page, of, 1);
  await of.getByLabel('Speed').selectOption('30');
  await of.getByRole('button', { name: 'Play' }).click();
  await stands(page, of, count);
  await of.getByRole('button', { name: 'Play' }).waitFor();
  await page.finish();
});

test('an address restores model, image, layer, channel and place', async () => {
  const page = await site.open(
    'network?model=run:exp&image=test:5&layer=layer2.0&channel=2&at=3,4', { still: true });
  await page.locator('.arithmetic .walk').waitFor();
  const told = await page.ask('/api/layer?model=run:exp&image=test:5&layer=layer2.0&channel=2&at=3,4');
  const sum = String(+told.document.sum.toPrecision(4));
  assert.ok((await page.locator('.arithmetic').innerText()).includes(sum));
  assert.equal(await page.locator('#model').inputValue(), 'run:exp');
  assert.equal(await page.getByLabel('Test image').inputValue(), '5');
  assert.equal(await page.getByRole('spinbutton', { name: 'Output channel' }).inputValue(), '2');
  await page.locator('#layer-title', { hasText: 'layer2.0' }).waitFor();
  const address = page.url();
  await page.reload();
  await page.locator('.arithmetic .walk').waitFor();
  assert.ok((await page.locator('.arithmetic').innerText()).includes(sum));
  assert.equal(page.url(), address, 'looking changes no address');
  await page.finish();
});

test('an address of what is not there opens what is', async () => {
  const page = await site.open('network?model=run:gone&layer=gone&at=x', { still: true });
  await page.locator('.nodes canvas').first().waitFor();
  assert.equal(await page.locator('#model').inputValue(), 'run:exp');
  assert.equal(await page.locator('.card.layer').count(), 0);
  await page.finish();
});

test('an image beyond the last one is refused in words, and the next one is shown', async () => {
  const page = await site.open('network?model=run:exp&image=test:99999', { still: true });
  await page.getByRole('alert').first().waitFor();
  await page.getByLabel('Test image').fill('1');
  await page.getByLabel('Test image').press('Enter');
  await page.locator('.nodes canvas').first().waitFor();
  assert.equal(await page.getByRole('alert').count(), 0);
  await page.finish({ errors: /status of 4\d\d/ });
});
