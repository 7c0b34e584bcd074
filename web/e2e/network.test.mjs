// The tab Network on the server itself: the arithmetic on the page is that of `fovea explain layer`,
// forward and backward, of a run and of an ONNX file.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fovea, real, trained } from './real.mjs';

const LAYER = 'layer2.0';
const RUN = 'network?model=run:exp';
let site, weights;
before(async () => {
  site = await real();
  weights = join(await trained(site.folder, 'exp'), 'weights', 'best.safetensors');
  await fovea(['export', '--weights', weights, '--output', 'model.onnx'], site.folder);
  site.args = [join(site.folder, 'model.onnx')];
});
after(() => site.close());

const layer = (page) => page.locator('.card.layer');
const output = (page) => layer(page).locator('figure.map svg').last();
async function open(page, name, channel) {
  const node = page
    .locator('.nodes .node')
    .filter({ has: page.getByRole('button', { name, exact: true }) });
  await node.scrollIntoViewIfNeeded(); // maps are asked for once they are near
  await node.getByRole('button', { name: `${name}, channel ${channel}`, exact: true }).click();
  await layer(page).locator('.arithmetic .walk').waitFor();
}
/** Where on the screen a pixel of the output is. */
async function pixel(page, [row, column], [rows, columns]) {
  const box = await output(page).boundingBox();
  return [box.x + ((column + 0.5) / columns) * box.width, box.y + ((row + 0.5) / rows) * box.height];
}
/** Presses on one pixel and drags to another; the address then says where it is. */
async function drag(page, from, to, size) {
  await output(page).scrollIntoViewIfNeeded();
  await page.mouse.move(...(await pixel(page, from, size)));
  await page.mouse.down();
  await page.mouse.move(...(await pixel(page, to, size)), { steps: 8 });
  await page.mouse.up();
  await at(page, to.join(','));
  await settled(page);
}
const explained = async (channel, at, more = []) =>
  JSON.parse(
    await fovea(
      ['explain', 'layer', '--weights', weights, '--layer', LAYER, '--channel', String(channel)]
        .concat(['--at', at.join(','), '--index', '0', '--format', 'json'])
        .concat(more),
      site.folder,
    ),
  );
/** A number as a walk writes it: four significant digits. */
const written = (value) => String(+value.toPrecision(4));
/** Waits until the arithmetic has these numbers. */
const shows = (page, numbers) =>
  page.waitForFunction(
    (words) => {
      const text = document.querySelector('.card.layer .arithmetic')?.innerText ?? '';
      return words.every((word) => text.includes(word));
    },
    numbers.map(written),
  );
const settled = async (page) => {
  await page.waitForTimeout(150);
  await page.waitForFunction(() => document.querySelector('.arithmetic[aria-busy=false]') !== null);
};
const at = (page, place) =>
  page.waitForFunction((words) => location.hash.includes(`at=${words}`), place);

/** Rows and columns of the layer's output, from the server. */
async function size(page) {
  const { output: map } = await page.ask(
    `/api/frame?model=run:exp&image=test:0&layer=${LAYER}&channel=3`,
  );
  return [map.rows, map.columns];
}

test('a layer is opened, its window dragged, and the sum is that of the command', async () => {
  const page = await site.open(RUN);
  await page.locator('.look .answer').waitFor();
  await open(page, LAYER, 3);
  const answered = page.waitForResponse(
    (response) => /\/api\/layer\?.*at=5%2C7/.test(response.url()) && response.ok(),
  );
  await drag(page, [9, 9], [5, 7], await size(page));
  const { document } = await (await answered).json();
  const said = await explained(3, [5, 7]);
  assert.deepEqual(document, said);
  await shows(page, [said.sum, said.value]);
  await page.axe();
  await page.shot('network-layer-1280');
  await page.finish();
});

test('backward, gradients stand in place of activations and the arithmetic is that of --backward', async () => {
  const page = await site.open(RUN);
  await page.locator('.look .answer').waitFor();
  await open(page, LAYER, 3);
  const at = await size(page);
  await page.getByLabel(/^Backward/).check();
  await page.getByLabel('of the score of').waitFor();
  await page.waitForFunction(() => location.hash.includes('gradients=1'));
  await settled(page);
  const answered = page.waitForResponse(
    (response) => {
      const words = new URL(response.url()).searchParams;
      return response.url().includes('/api/layer') && response.ok()
        && words.get('gradients') === '1' && words.get('at') === '5,7';
    },
  );
  await drag(page, [9, 9], [5, 7], at);
  const { document } = await (await answered).json();
  const said = await explained(3, [5, 7], ['--backward']);
  assert.deepEqual(document, said);
  await shows(page, [said.upstream]);
  await page.axe();
  await page.shot('network-backward-1280');
  await page.getByLabel('of the score of').selectOption('0');
  await page.waitForFunction(() => location.hash.includes('class=0'));
  await settled(page);
  const other = await explained(3, [5, 7], ['--backward', '--class', '0']);
  await shows(page, [other.upstream]);
  await page.getByLabel(/^Backward/).uncheck();
  await page.waitForFunction(() => !location.hash.includes('gradients=1'));
  await shows(page, [(await explained(3, [5, 7])).sum]);
  await page.finish();
});

test('the window is moved by keyboard, by step and by itself', async () => {
  const page = await site.open(RUN);
  await page.locator('.look .answer').waitFor();
  await open(page, LAYER, 0);
  await drag(page, [2, 2], [3, 3], await size(page));
  await layer(page).locator('.maps').focus();
  await page.keyboard.press('ArrowRight');
  await at(page, '3,4');
  await page.keyboard.press('ArrowDown');
  await at(page, '4,4');
  const controls = layer(page).locator('.controls').first();
  await controls.getByRole('button', { name: 'Step back' }).click();
  await at(page, '4,3');
  await controls.getByLabel('Speed').selectOption('30');
  await controls.getByRole('button', { name: 'Play' }).click();
  await at(page, '5,');
  await controls.getByRole('button', { name: 'Pause' }).click();
  await settled(page);
  await page.getByLabel('Output channel', { exact: true }).fill('5');
  await page.getByLabel('Output channel', { exact: true }).press('Enter');
  await page.waitForFunction(() => location.hash.includes('channel=5'));
  await settled(page);
  await page.finish();
});

test('every layer that has a walk opens', async () => {
  const page = await site.open(RUN);
  await page.locator('.look .answer').waitFor();
  const { nodes } = await page.ask('/api/network?model=run:exp&image=test:0');
  for (const node of nodes.filter((one) => one.walks)) {
    await page.locator('.nodes').getByRole('button', { name: node.name, exact: true }).click();
    await page.locator('#layer-title', { hasText: node.name }).waitFor();
    await layer(page).locator('.arithmetic .walk').waitFor();
    await settled(page);
    assert.equal(await layer(page).locator('[role=alert]').count(), 0, node.name);
  }
  await page.axe();
  await page.finish();
});

test('another image, one of the folder of the user, and Korean', async () => {
  const page = await site.open(RUN, { lang: 'ko' });
  await page.locator('.look .answer').waitFor();
  await page.getByLabel('테스트 이미지', { exact: true }).fill('7');
  await page.getByLabel('테스트 이미지', { exact: true }).press('Enter');
  await page.waitForFunction(() => location.hash.includes('image=test:7'));
  const { answer } = await page.ask('/api/network?model=run:exp&image=test:7');
  await page.locator('.look .answer', { hasText: answer.label }).waitFor();
  const picture = await page.locator('.look .answer img').screenshot();
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'mine.png', mimeType: 'image/png', buffer: picture });
  await page.waitForFunction(() => location.hash.includes('image=upload:'));
  await page.locator('.look .answer', { hasText: '정답' }).waitFor({ state: 'detached' });
  await page.finish();
});

test('a model file that was named on the command line is looked into', async () => {
  const page = await site.open(RUN);
  await page.locator('.look .answer').waitFor();
  await page.locator('#model').selectOption('file:0');
  await page.waitForFunction(() => location.hash.includes('model=file:0'));
  const [file, run] = await Promise.all(
    ['file:0', 'run:exp'].map((model) => page.ask(`/api/network?model=${model}&image=test:0`)),
  );
  assert.equal(file.answer.top[0].name, run.answer.top[0].name);
  assert.ok(Math.abs(file.answer.top[0].probability - run.answer.top[0].probability) < 1e-4);
  const second = file.nodes.filter((node) => node.type.startsWith('Conv'))[1];
  await page.locator('.nodes').getByRole('button', { name: second.name, exact: true }).click();
  await layer(page).locator('.arithmetic .walk').waitFor();
  await drag(page, [2, 2], [5, 7], await size(page));
  await page.shot('network-onnx-1280');
  await shows(page, [(await explained(0, [5, 7])).value]);
  await page.axe();
  await page.finish();
});

test('while a model learns its maps move', async () => {
  const page = await site.open(RUN);
  await page.locator('.look .answer').waitFor();
  await page.evaluate(() =>
    fetch('/api/training', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        runs: [{ model: 'fashion-cnn', name: 'learns', epochs: 20, limit_train: 6000, limit_test: 500 }],
      }),
    }),
  );
  const switchOf = page.getByLabel('While training');
  await page.waitForFunction(
    (box) => !box.disabled,
    await switchOf.elementHandle(),
  );
  await switchOf.check();
  await page.locator('.nodes .node').first().waitFor();
  const first = await maps(page);
  assert.ok(first.length > 0);
  await page.waitForTimeout(3000);
  assert.notEqual(await maps(page), first, 'the maps have moved');
  await page.locator('.nodes').getByRole('button', { name: LAYER, exact: true }).click();
  await layer(page).locator('.arithmetic .walk').waitFor();
  await page.waitForTimeout(1500);
  await page.axe();
  await page.shot('network-learns-1280');
  await page.evaluate(() => fetch('/api/training/stop', { method: 'POST' }));
  await page.waitForFunction(() => !document.querySelector('#model option[value=training]'));
  await page.waitForTimeout(500);
  assert.equal(await page.locator('[role=alert]').count(), 0);
  await page.finish();
});

/** The first layer's map as it is drawn. */
const maps = (page) =>
  page
    .locator('.nodes canvas')
    .first()
    .evaluate((canvas) => canvas.toDataURL());
