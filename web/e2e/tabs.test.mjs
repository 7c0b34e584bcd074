// The tabs Evaluate, Predict, Data and Tour on the server itself, with what a run has left; and every
// tab with real content against axe-core, light, dark and Korean, wide and on a phone's width.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { draw } from '../tests/steps.mjs';
import { real, trained } from './real.mjs';

const FIGURES = 27;
let site;
before(async () => {
  site = await real();
  await trained(site.folder, 'exp');
  await trained(site.folder, 'dense', ['--seed', '1', '--lr', '0.003']);
});
after(() => site.close());

async function drawn(page) {
  await draw(page);
  await page.locator('.reply .lead').first().waitFor();
}
const judged = (page) => page.locator('table.confusion').waitFor({ timeout: 60000 });

test('a cell of the confusion matrix shows its images', async () => {
  const page = await site.open('evaluate');
  await page.getByLabel('Run', { exact: true }).selectOption('exp');
  await judged(page);
  const { report } = await page.ask('/api/evaluation?run=exp');
  const counts = report.confusion_matrix.flatMap((row, truth) =>
    row.map((count, answer) => ({ truth, answer, count })),
  );
  const cell = counts
    .filter(({ truth, answer }) => truth !== answer)
    .reduce((most, one) => (one.count > most.count ? one : most));
  assert.ok(cell.count > 0);
  await page.locator(`[data-cell="${cell.truth},${cell.answer}"]`).click();
  const shown = page.locator('.cell-sheet');
  await shown.locator('h3 small', { hasText: `${cell.count} images` }).waitFor();
  await shown.locator('canvas').first().waitFor();
  assert.equal(await shown.locator('canvas').count(), Math.min(cell.count, 24));
  await page.waitForFunction(() => {
    const canvas = document.querySelector('.cell-sheet canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return new Set(data).size > 8; // a picture, no even patch
  });
  const sum = counts.reduce((all, { count }) => all + count, 0);
  assert.equal(sum, report.samples);
  await page.locator('[aria-labelledby=calibration-title]').waitFor();
  await page.locator('[aria-labelledby=mistakes-title] img').first().waitFor();
  await page.finish();
});

test('two runs are held against each other on the same images', async () => {
  const page = await site.open('evaluate');
  await page.getByLabel('Run', { exact: true }).selectOption('exp');
  await page.getByLabel('Against').selectOption('dense');
  await judged(page);
  await page.getByText(/McNemar/).first().waitFor({ timeout: 60000 });
  const told = await page.ask('/api/comparison?a=exp&b=dense');
  const { report } = await page.ask('/api/evaluation?run=exp');
  assert.equal(told.both_right + told.only_a + told.only_b + told.both_wrong, report.samples);
  await page.finish();
});

test('a shape that is drawn gets probabilities, and a heat that is laid over', async () => {
  const page = await site.open('predict');
  await drawn(page);
  assert.match(await page.locator('.reply .lead').first().textContent(), /\d+\.\d %/);
  const [first] = await page
    .locator('.reply .lead')
    .allTextContents();
  assert.ok(first.length > 3);
  for (const overlay of ['Grad-CAM', 'Occlusion', 'Saliency']) {
    await page.getByRole('button', { name: overlay, exact: true }).click();
    await page.locator('img.heat').waitFor({ timeout: 60000 });
  }
  await page.getByRole('button', { name: 'None', exact: true }).click();
  await page.getByRole('button', { name: 'Test image', exact: true }).click();
  await page.locator('.reply .lead', { hasText: /and so it is|but it is/ }).waitFor();
  const picture = await page.locator('.sees-picture img').first().screenshot();
  await page.getByRole('button', { name: 'File', exact: true }).click();
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'shoe.png', mimeType: 'image/png', buffer: picture });
  await page.locator('.reply .lead').waitFor();
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'bad.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
  await page.locator('.ask [role=alert]').waitFor();
  await page.finish({ errors: /status of 4\d\d/ });
});

test('the data of this machine: samples, counts, and those that are not here', async () => {
  const page = await site.open('data');
  await page.locator('.samples canvas').first().waitFor({ timeout: 60000 });
  assert.equal(await page.locator('.samples canvas').count(), 40);
  const { classes } = await page.ask('/api/data?name=fashion-mnist');
  assert.equal(classes.length, 10);
  assert.equal(await page.locator('table.counts tbody tr').count(), 10);
  for (const { name, train } of classes)
    await page
      .locator('table.counts tr', { hasText: name })
      .first()
      .getByText(train.toLocaleString('en'))
      .first()
      .waitFor();
  await page.getByLabel('Class', { exact: true }).selectOption('9');
  await page.waitForFunction(
    (name) =>
      [...document.querySelectorAll('.samples .tiles span')].every((one) => one.textContent === name),
    classes[9].name,
  );
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText(/41–80/).waitFor();
  await page.finish();
});

for (const lang of ['en', 'ko'])
  test(`the tour has all its figures, alive: ${lang}`, async () => {
    const page = await site.open('tour', { lang });
    const figures = page.locator('.tour-figure');
    await figures.first().waitFor();
    assert.equal(await figures.count(), FIGURES);
    for (let i = 0; i < FIGURES; ++i) {
      await figures.nth(i).scrollIntoViewIfNeeded();
      await figures.nth(i).locator('.walk').waitFor();
      assert.equal(await figures.nth(i).locator('[role=alert]').count(), 0);
    }
    const heading = await page.locator('.tab-tour h2').first().textContent();
    assert.equal(/[가-힣]/.test(heading), lang === 'ko', heading);
    if (lang === 'ko')
      for (const text of await figures.locator('.caption').allTextContents())
        assert.match(text, /[가-힣]/);
    await page.finish();
  });

test('the language and the theme are kept', async () => {
  const page = await site.open('data');
  await page.getByRole('button', { name: '한국어' }).click();
  await page.getByRole('link', { name: '학습' }).click();
  await page.getByRole('button', { name: '어둡게' }).click();
  await page.reload();
  await page.getByRole('link', { name: '데이터' }).waitFor();
  await page.getByRole('button', { name: '밝게' }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'ko');
  await page.finish();
});

test('under the policy that the server sends every tab works', async () => {
  const page = await site.openStrictly('network');
  await page.locator('.nodes canvas').first().waitFor();
  for (const tab of ['train', 'evaluate', 'predict', 'data', 'tour']) {
    await page.goto(`${page.server.url}/#/${tab}`);
    await page.locator(`.tab-${tab}`).waitFor();
    await page.waitForTimeout(500);
  }
  await page.finish();
});

/** What each tab shows when it is there. */
const READY = {
  async network(page) {
    await page.locator('.nodes canvas').first().waitFor();
    await page.locator('.nodes').getByRole('button', { name: 'layer2.0', exact: true }).click();
    await page.locator('.arithmetic .walk').waitFor();
  },
  async train(page) {
    await page.locator('.tab-train tbody tr').first().waitFor();
    for (const box of await page.locator('.tab-train tbody input[type=checkbox]').all())
      await box.check();
    await page.locator('.differ tbody tr').first().waitFor();
  },
  evaluate: judged,
  async predict(page) {
    await page.locator('.pad canvas').scrollIntoViewIfNeeded();
    await drawn(page);
  },
  data: (page) => page.locator('.samples canvas').first().waitFor(),
  async tour(page) {
    const figures = page.locator('.tour-figure');
    await figures.first().waitFor();
    for (let i = 0; i < FIGURES; ++i) {
      await figures.nth(i).scrollIntoViewIfNeeded();
      await figures.nth(i).locator('.walk').waitFor();
    }
  },
};
const LOOKS = [
  ['light', {}],
  ['dark', { dark: true }],
  ['korean', { lang: 'ko' }],
  ['phone', { width: 390 }],
  ['phone-korean-dark', { width: 390, lang: 'ko', dark: true }],
];
for (const tab of Object.keys(READY))
  for (const [look, how] of LOOKS)
    test(`nothing for axe to complain of, and no wider than the window: ${tab}, ${look}`, async () => {
      const page = await site.open(tab, { ...how, still: true });
      await READY[tab](page);
      await page.waitForTimeout(300);
      await page.shot(`${tab}-${look}`);
      await page.axe();
      await page.finish();
    });
