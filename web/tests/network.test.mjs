// The tab Network against the mock server, whose little network is computed on the images.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browse } from './browse.mjs';

let site;
before(async () => {
  site = await browse();
});
after(() => site.close());

const layer = (page) => page.locator('.card.layer');
const map = (page, which) => layer(page).locator('figure.map').nth(which).locator('svg');
const at = (page, place) => page.waitForFunction((words) => location.hash.includes(`at=${words}`), place);
const settled = (page) => layer(page).locator('.arithmetic[aria-busy=false]').waitFor();
/** The middle of a pixel of an output of 14 x 14. */
async function pixel(page, row, column, which = 2) {
  const box = await map(page, which).boundingBox();
  return [box.x + ((column + 0.5) / 14) * box.width, box.y + ((row + 0.5) / 14) * box.height];
}
const opened = async (look) => {
  const page = await site.open('network?layer=block.conv&channel=2&at=4,5', look);
  await settled(page);
  return page;
};

test('the layers stand from the image to softmax, with what they cost and their maps', async () => {
  const page = await site.open('network');
  await page.locator('.nodes .node').nth(8).waitFor();
  const names = await page.locator('.nodes .name').allTextContents();
  assert.deepEqual(names, ['input', 'conv1', 'relu1', 'pool1', 'block.conv', 'block.add', 'flatten', 'fc',
    'softmax']);
  const conv = page.locator('.node').filter({ hasText: 'block.conv' }).first();
  await conv.getByText('28,224 multiply-adds').waitFor();
  assert.equal(await conv.locator('canvas').count(), 4);
  await page.locator('.node').filter({ hasText: 'from block.conv, pool1' }).waitFor();
  // The branch has a lane of its own.
  const lanes = await page.locator('.rail circle').evaluateAll((dots) =>
    dots.map((dot) => dot.getAttribute('cx')));
  assert.equal(new Set(lanes).size, 2);
  await page.getByLabel('Feature maps of every layer').uncheck();
  await page.waitForFunction(() => document.querySelector('.nodes canvas') === null);
  await page.finish();
});

test('a map opens its layer; the window is dragged over input and output, and the address follows', async () => {
  const page = await site.open('network');
  await page.getByRole('button', { name: 'block.conv, channel 2', exact: true }).click();
  await settled(page);
  await map(page, 2).scrollIntoViewIfNeeded();
  await page.mouse.move(...(await pixel(page, 9, 9)));
  await page.mouse.down();
  await page.mouse.move(...(await pixel(page, 5, 7)), { steps: 6 });
  await page.mouse.up();
  await at(page, '5,7');
  await settled(page);
  await layer(page).getByText('channel 2, row 5, column 7').waitFor();
  const told = await page.evaluate(() => fetch('/api/layer?model=run:exp&image=test:0&layer=block.conv&channel=2&at=5,7')
    .then((answer) => answer.json()));
  const sum = String(Number(told.document.sum.toPrecision(4)));
  await layer(page).getByText(`sum = ${sum}`).waitFor();
  // The input has a border of one.
  const box = await map(page, 0).boundingBox();
  await page.mouse.click(box.x + (3.5 / 16) * box.width, box.y + (2.5 / 16) * box.height);
  await at(page, '1,2');
  await page.finish();
});

test('keys, buttons, slider and play move the window; another channel is another question', async () => {
  const page = await opened({ still: true });
  await layer(page).locator('.maps').focus();
  await page.keyboard.press('ArrowRight');
  await at(page, '4,6');
  await page.keyboard.press('ArrowUp');
  await at(page, '3,6');
  const controls = layer(page).locator('.controls').first();
  await controls.getByRole('button', { name: 'Step on' }).click();
  await at(page, '3,7');
  await controls.getByRole('slider').fill('0');
  await at(page, '0,0');
  await controls.getByLabel('Speed').selectOption('30');
  await controls.getByRole('button', { name: 'Play' }).click();
  await at(page, '1,');
  await controls.getByRole('button', { name: 'Pause' }).click();
  await layer(page).getByRole('button', { name: 'Output channel: one on' }).click();
  await page.waitForFunction(() => location.hash.includes('channel=3'));
  assert.equal(await page.getByRole('spinbutton', { name: 'Output channel' }).inputValue(), '3');
  await layer(page).getByRole('button', { name: 'Close' }).click();
  await layer(page).waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.activeElement.textContent === 'block.conv');
  await page.finish();
});

test('an address that is passed on opens the same layer, channel and place', async () => {
  const page = await opened();
  await page.locator('#layer-title', { hasText: 'block.conv' }).waitFor();
  await layer(page).getByText('channel 2, row 4, column 5').waitFor();
  const answered = page.waitForResponse(/api\/layer\?.*at=8%2C1/);
  await page.evaluate(() => { location.hash = location.hash.replace('at=4,5', 'at=8,1'); });
  await answered;
  await layer(page).getByText('row 8, column 1').waitFor();
  await page.finish();
});

test('values, batch of scores and softmax open too', async () => {
  const page = await site.open('network');
  const nodes = page.locator('.nodes');
  await nodes.getByRole('button', { name: 'flatten', exact: true }).click();
  await layer(page).getByRole('spinbutton', { name: 'Value' }).fill('30');
  await layer(page).getByRole('spinbutton', { name: 'Value' }).press('Enter');
  await layer(page).getByText('flatten (Flatten): value 30').waitFor();
  await nodes.getByRole('button', { name: 'fc', exact: true }).click();
  await layer(page).getByRole('button', { name: /^Sneaker/ }).click();
  await layer(page).getByText('fc (Linear): value 7').waitFor();
  await nodes.getByRole('button', { name: 'softmax' }).click();
  await layer(page).locator('.arithmetic table').first().waitFor();
  const shares = await layer(page).locator('.bars li span:last-child').allTextContents();
  const sum = shares.reduce((all, share) => all + parseFloat(share), 0);
  assert.ok(Math.abs(sum - 100) < 0.6, String(sum));
  await page.finish();
});

test('backward, gradients stand in place of activations', async () => {
  const page = await opened();
  const before = await page.locator('.nodes canvas').first().evaluate((canvas) => canvas.toDataURL());
  await page.getByLabel(/^Backward/).check();
  await page.getByLabel('of the score of').selectOption('3');
  await page.waitForFunction(() => /gradients=1.*class=3|class=3.*gradients=1/.test(location.hash));
  await layer(page).getByText('The gradient that arrived here').waitFor();
  await page.waitForFunction((was) =>
    document.querySelector('.nodes canvas').toDataURL() !== was, before);
  await page.axe();
  await page.finish();
});

test('while a model learns its maps move by themselves', async () => {
  const page = await site.open('network');
  await page.locator('.nodes canvas').first().waitFor();
  await page.evaluate(() => fetch('/api/training', { method: 'POST', body: JSON.stringify({
    runs: [{ model: 'fashion-cnn', name: 'exp9', epochs: 50 }] }) }));
  await page.getByLabel('While training').check();
  await page.locator('#model option[value=training]').waitFor({ state: 'attached' });
  const first = await page.locator('.nodes canvas').first().evaluate((canvas) => canvas.toDataURL());
  await page.waitForFunction((was) =>
    document.querySelector('.nodes canvas')?.toDataURL() !== was, first);
  await page.finish();
});

test('a model whose data nobody knows asks for a picture', async () => {
  const page = await site.open('network');
  await page.locator('#model').selectOption('zoo:resnet18');
  await page.getByText('names no data set').waitFor();
  await page.getByRole('button', { name: 'A test image' }).click();
  await page.locator('.nodes .node').nth(3).waitFor();
  await page.finish();
});

for (const look of [{}, { dark: true }, { lang: 'ko' }, { width: 390 }, { lang: 'ko', width: 390, dark: true }])
  test(`nothing for axe to complain of, and no wider than the window: ${JSON.stringify(look)}`, async () => {
    const page = await opened({ ...look, still: true });
    await page.axe();
    await page.locator('.nodes').getByRole('button', { name: 'softmax' }).click();
    await layer(page).locator('.arithmetic table').first().waitFor();
    await page.axe();
    await page.finish();
  });
