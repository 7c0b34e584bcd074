// The tab Data against the mock server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browse } from './browse.mjs';

let site;
before(async () => {
  site = await browse();
});
after(() => site.close());

test('samples are paged, by class and split', async () => {
  const page = await site.open('data');
  const samples = page.locator('.samples');
  await samples.locator('li', { hasText: 'Ankle Boot' }).first().waitFor();
  await samples.getByRole('button', { name: 'Next' }).click();
  await samples.getByText(/^41/).waitFor();
  await samples.getByRole('button', { name: 'Test', exact: true }).click();
  await samples.getByLabel('Class').selectOption({ label: 'Bag' });
  await samples.getByText('/ 1,000').waitFor();
  await page.waitForFunction(
    () => !/Sneaker/.test(document.querySelector('.samples ul').textContent),
  );
  assert.match(await samples.locator('ul').textContent(), /^(Bag)+$/);
  await page.finish();
});

test('a folder of uneven classes, with a picture that cannot be read', async () => {
  const page = await site.open('data');
  await page.getByLabel('Data set').selectOption('/home/me/photos');
  await page.getByText(/14 times the pictures/).waitFor();
  await page.getByText('train/Bag/0007.png').waitFor();
  assert.equal(await page.locator('.counts tbody tr').count(), 10);
  await page.getByText('Data sets that are not on this machine').click();
  await page.getByText(/fovea data download mnist/).waitFor();
  await page.finish();
});

for (const look of [{}, { dark: true }, { lang: 'ko' }, { lang: 'ko', width: 390, dark: true }])
  test(`nothing for axe to complain of, and no wider than the window: ${JSON.stringify(look)}`, async () => {
    const page = await site.open('data', look);
    await page.locator('.counts').waitFor();
    await page.axe();
    await page.getByRole('combobox').first().selectOption('/home/me/photos');
    await page.locator('.unreadable').waitFor();
    await page.axe();
    await page.finish();
  });
