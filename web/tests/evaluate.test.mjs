// The tab Evaluate against the mock server, which answers "not yet" twice before it answers.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browse } from './browse.mjs';

let site;
before(async () => {
  site = await browse();
});
after(() => site.close());

test('a cell of the matrix shows its images, by pointer and by keyboard', async () => {
  const page = await site.open('evaluate');
  await page.getByText(/The model looks at the test images/).waitFor();
  await page.locator('.confusion').waitFor();
  const cell = page.locator('[data-cell="6,0"]');
  const count = Number(await cell.textContent());
  await cell.click();
  const sheet = page.locator('.cell-sheet');
  await sheet
    .getByRole('heading', { name: new RegExp(`Shirt taken for T-Shirt ${count} images`) })
    .waitFor();
  assert.equal(await sheet.getByText(/^\d+ %$/).count(), Math.min(count, 24));
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowUp');
  assert.equal(await page.evaluate(() => document.activeElement.dataset.cell), '5,1');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await sheet.getByRole('heading', { name: /Shirt taken for Trouser/ }).waitFor();
  await page.finish();
});

test('classes are sorted by the column that is clicked', async () => {
  const page = await site.open('evaluate');
  const table = page.getByRole('table', { name: /Precision and recall/ });
  await table.waitFor();
  await table.getByRole('button', { name: 'F1' }).click();
  const cells = await table.locator('tbody tr td:nth-child(4)').allTextContents();
  const shares = cells.map((text) => parseFloat(text));
  const up = [...shares].sort((a, b) => a - b);
  assert.ok([up.join(), up.reverse().join()].includes(shares.join()), shares.join());
  await page.finish();
});

test('calibration, mistakes and McNemar against another run', async () => {
  const page = await site.open('evaluate');
  await page.getByRole('img', { name: /Reliability diagram/ }).waitFor();
  await page.locator('.reliability').getByText('The numbers').click();
  assert.ok((await page.locator('.reliability tbody tr').count()) >= 5);
  assert.equal(await page.locator('.mistakes li').count(), 24);
  await page.getByLabel('Against').selectOption('exp2');
  const versus = page.locator('.versus');
  await versus.locator('.mcnemar').waitFor();
  const told = await versus.locator('.mcnemar td:not(:empty)').allTextContents();
  assert.equal(
    told.reduce((sum, text) => sum + Number(text.replace(',', '')), 0),
    1000,
  );
  await versus.getByText(/chance/).waitFor();
  await page.finish();
});

for (const look of [{}, { dark: true }, { lang: 'ko' }, { lang: 'ko', width: 390, dark: true }])
  test(`nothing for axe to complain of, and no wider than the window: ${JSON.stringify(look)}`, async () => {
    const page = await site.open('evaluate', look);
    await page.locator('.confusion').waitFor();
    await page.locator('.bar-of-choices select').nth(1).selectOption('exp2');
    await page.locator('.mcnemar').waitFor();
    await page.axe();
    await page.finish();
  });
