// What every tab stands in: its language and theme, and the way through it by keyboard.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browse } from './browse.mjs';

let site;
before(async () => {
  site = await browse();
});
after(() => site.close());

const focused = (page) => page.evaluate(() => document.activeElement.textContent.trim());
const root = (page) =>
  page.evaluate(() => ({
    lang: document.documentElement.lang,
    theme: document.documentElement.dataset.theme,
    paper: getComputedStyle(document.querySelector('.card')).backgroundColor,
  }));

test('the language and the theme that are chosen are there again after a reload', async () => {
  const page = await site.open('data');
  await page.locator('.counts').waitFor();
  const before = await root(page);
  assert.equal(before.lang, 'en');
  await page.getByRole('button', { name: '한국어' }).click();
  await page.getByRole('button', { name: '어둡게' }).click();
  const chosen = await root(page);
  assert.deepEqual([chosen.lang, chosen.theme], ['ko', 'dark']);
  assert.notEqual(chosen.paper, before.paper);
  await page.reload();
  await page.locator('.counts').waitFor();
  assert.deepEqual(await root(page), chosen);
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('button', { name: 'Light' }).click();
  assert.deepEqual(await root(page), { ...before, theme: 'light' });
  await page.finish();
});

test('before somebody chooses, they are those of the browser', async () => {
  const page = await site.open('data', { lang: 'ko', dark: true });
  await page.locator('.counts').waitFor();
  await page.getByRole('button', { name: '밝게' }).waitFor();
  assert.equal((await root(page)).lang, 'ko');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.getByRole('button', { name: '어둡게' }).waitFor();
  await page.finish();
});

test('the first press of Tab leads past the head, which is seen only then', async () => {
  const page = await site.open('data');
  await page.locator('.counts').waitFor();
  const skip = page.locator('.skip');
  const left = async () => (await skip.boundingBox()).x;
  assert.ok((await left()) < 0);
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'To the content');
  assert.ok((await left()) >= 0);
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  assert.match(page.url(), /#\/data$/, 'the address still names the tab');
  await page.keyboard.press('Tab');
  assert.ok(await page.evaluate(() => document.activeElement.closest('main') !== null));
  await page.finish();
});

test('tabs are gone through by keyboard, and back by the browser', async () => {
  const page = await site.open('train');
  await page.locator('.tab-train').waitFor();
  const present = () => page.locator('nav [aria-current=page]').textContent();
  assert.equal(await present(), 'Train');
  await page.locator('nav a', { hasText: 'Train' }).focus();
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'Evaluate');
  await page.keyboard.press('Enter');
  await page.locator('.confusion').waitFor();
  assert.equal(await present(), 'Evaluate');
  await page.locator('nav a', { hasText: 'Data' }).press('Enter');
  await page.locator('.counts').waitFor();
  await page.goBack();
  await page.locator('.confusion').waitFor();
  await page.goBack();
  await page.locator('.tab-train').waitFor();
  assert.equal(await present(), 'Train');
  await page.finish();
});

test('a server that is gone is said to be gone', async () => {
  const page = await site.open('data');
  await page.locator('.counts').waitFor();
  await page.route('**/api/data?*', (route) => route.abort());
  await page.getByLabel('Data set').selectOption('/home/me/photos');
  await page.getByRole('alert').getByText(/is fovea serve still running/).first().waitFor();
  await page.finish({ errors: /ERR_FAILED/ });
});
