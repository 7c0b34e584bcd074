// The pictures of the page in docs/images/page: each tab, wide and at a telephone's width, with a
// network and a perceptron that were trained before.
//
//     FOVEA=build/release/bin/fovea node e2e/shots.mjs FOLDER
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fovea, real } from './real.mjs';

const FOLDER = resolve(process.argv[2] ?? 'shots');
const WIDTHS = { wide: 1200, phone: 390 };
mkdirSync(FOLDER, { recursive: true });
const site = await real();
for (const [name, model] of [['cnn', 'fashion-cnn'], ['dnn', 'fashion-dnn']])
  await fovea(['train', model, '--epochs', '3', '--project', site.runs, '--name', name], site.folder);

/** Draws lines through points of the pad, whose sides are 1. */
async function draw(page, lines) {
  const box = await page.locator('.pad canvas').boundingBox();
  for (const [first, ...rest] of lines) {
    const at = ([x, y]) => [box.x + box.width * x, box.y + box.height * y];
    await page.mouse.move(...at(first));
    await page.mouse.down();
    for (const point of rest) await page.mouse.move(...at(point), { steps: 8 });
    await page.mouse.up();
  }
}
const COAT = [
  [[0.3, 0.22], [0.7, 0.22], [0.74, 0.85], [0.26, 0.85], [0.3, 0.22]],
  [[0.3, 0.26], [0.13, 0.62]], [[0.7, 0.26], [0.87, 0.62]],
  [[0.4, 0.3], [0.38, 0.8]], [[0.5, 0.3], [0.5, 0.8]], [[0.6, 0.3], [0.62, 0.8]],
];
const TABS = {
  'network?model=run:cnn&image=test:4&layer=layer2.0&channel=5&at=6,6': (page) =>
    page.locator('.arithmetic[aria-busy=false]').waitFor(),
  async train(page) {
    for (const run of ['cnn', 'dnn']) await page.getByLabel(`Compare ${run}`, { exact: true }).check();
    await page.locator('.differ tbody tr').first().waitFor();
    await page.locator('#runs-title').scrollIntoViewIfNeeded();
    await page.evaluate(() => document.querySelector('#runs-title').scrollIntoView());
    await page.mouse.wheel(0, -90);
  },
  async 'evaluate?run=cnn&against=dnn'(page) {
    await page.locator('table.confusion').waitFor({ timeout: 60000 });
    await page.getByText(/McNemar/).first().waitFor({ timeout: 60000 });
    await page.locator('.cell-sheet canvas').first().waitFor();
    await page.evaluate(() => document.querySelector('#confusion-title').scrollIntoView());
    await page.mouse.wheel(0, -90);
  },
  async predict(page) {
    await draw(page, COAT);
    await page.locator('.reply .lead').first().waitFor();
    await page.getByRole('button', { name: 'Grad-CAM', exact: true }).click();
    await page.locator('img.heat').waitFor();
    await page.evaluate(() => scrollTo(0, 0));
  },
  data: (page) => page.locator('.samples canvas').first().waitFor(),
  async tour(page) {
    const figure = page.locator('.tour-figure').nth(6);
    await figure.scrollIntoViewIfNeeded();
    await figure.locator('.walk').waitFor();
    await figure.evaluate((one) => one.scrollIntoView());
    await page.mouse.wheel(0, -90);
  },
};
for (const [look, width] of Object.entries(WIDTHS))
  for (const [tab, ready] of Object.entries(TABS)) {
    const page = await site.open(tab, { width, still: true });
    await ready(page);
    await page.waitForTimeout(1000); // charts and pictures are drawn
    await page.screenshot({ path: join(FOLDER, `${tab.split('?')[0]}-${look}.png`) });
    await page.finish();
  }
await site.close();
