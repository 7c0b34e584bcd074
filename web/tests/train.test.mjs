// The tab Train against the mock server, whose training goes on for real as far as the page can tell.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browse } from './browse.mjs';
import { live, menu, row } from './steps.mjs';

let site;
before(async () => {
  site = await browse();
});
after(() => site.close());

test('two models are trained one after the other and drawn in the same charts', async () => {
  const page = await site.open('train');
  await page.getByLabel('Against').selectOption('fashion-dnn');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await live(page)
    .getByText(/^Epoch 1 of 2/)
    .waitFor();
  await live(page).locator('.numbers').getByText('Images a second').waitFor();
  await live(page).locator('.filters').waitFor();
  await live(page).locator('.pill', { hasText: 'over' }).waitFor({ timeout: 30000 });
  assert.equal(await live(page).locator('.legend li').count(), 2);
  await live(page).getByText('The numbers of each epoch').click();
  assert.equal(await live(page).locator('details tbody tr').count(), 4);
  assert.equal(await live(page).locator('.plot canvas').count(), 2);
  await page.finish();
});

test('pause holds it, one batch moves it by one, go on and stop do so', async () => {
  const page = await site.open('train');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await live(page)
    .getByText(/^Epoch 1 of 2/)
    .waitFor();
  await live(page).getByRole('button', { name: 'Pause' }).click();
  await live(page).locator('.pill.paused').waitFor();
  const steps = () =>
    live(page)
      .locator('progress')
      .evaluate((bar) => bar.value);
  const first = await steps();
  await live(page).getByRole('button', { name: 'One batch' }).click();
  await page.waitForFunction(
    (least) => document.querySelector('.live progress').value === least + 1,
    first,
  );
  await live(page).getByRole('button', { name: 'Go on' }).click();
  await page.waitForFunction(
    (least) => document.querySelector('.live progress').value > least + 3,
    first,
  );
  await live(page).getByRole('button', { name: 'Stop' }).click();
  await live(page).locator('.pill', { hasText: 'over' }).waitFor();
  await page.finish();
});

test('a page that is opened later shows the training that runs', async () => {
  const page = await site.open('train');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await live(page)
    .getByText(/^Epoch 1 of 2/)
    .waitFor();
  const other = await site.open('train', { server: page.server });
  await live(other).locator('.pill.running').waitFor();
  await live(other).getByRole('button', { name: 'Stop' }).click();
  await live(page).locator('.pill', { hasText: 'over' }).waitFor();
  await other.finish();
  await page.finish();
});

test('a dead run is shown as dead, goes back to a checkpoint and is resumed', async () => {
  const page = await site.open('train');
  await row(page, 'exp3').locator('.pill.died').waitFor();
  await menu(page, 'exp3', 'Back to a checkpoint');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('step 120, epoch 2').check();
  await page.axe();
  await dialog.getByRole('button', { name: 'Go back' }).click();
  await row(page, 'exp3').getByText('2 / 8').waitFor();
  await row(page, 'exp3').getByRole('button', { name: 'Resume' }).click();
  await row(page, 'exp3').locator('.pill.running').waitFor();
  await live(page)
    .getByText(/^Epoch 3 of 8/)
    .waitFor();
  await live(page).getByRole('button', { name: 'Stop' }).click();
  await row(page, 'exp3').locator('.pill.stopped').waitFor();
  await page.finish();
});

test('runs are compared, renamed and, once that is confirmed, deleted', async () => {
  const page = await site.open('train');
  for (const run of ['exp', 'exp2', 'exp4'])
    await page.getByLabel(`Compare ${run}`, { exact: true }).check();
  const differ = page.locator('table.differ');
  await differ.getByText('Learning rate').waitFor();
  assert.equal(await differ.locator('thead th').count(), 3);
  await page.axe();
  await menu(page, 'exp2', 'Rename');
  await page.getByLabel('New name of exp2').fill('wide');
  await page.keyboard.press('Enter');
  await row(page, 'wide').waitFor();
  await menu(page, 'wide', 'Delete');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await menu(page, 'wide', 'Delete');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await row(page, 'wide').waitFor({ state: 'detached' });
  await page.finish();
});

test('a refusal of the server is shown where it was asked', async () => {
  const page = await site.open('train');
  await page.route('**/api/training', (route) =>
    route.fulfill({
      status: 400,
      contentType: 'application/json',
      body: '{"error":"config: lr expected above 0, got 0"}',
    }),
  );
  await page.getByLabel('Learning rate').fill('0');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByText('config: lr expected above 0, got 0').waitFor();
  await page.finish({ errors: /400/ });
});

for (const look of [{}, { dark: true }, { lang: 'ko' }, { lang: 'ko', width: 390, dark: true }])
  test(`nothing for axe to complain of, and no wider than the window: ${JSON.stringify(look)}`, async () => {
    const page = await site.open('train', look);
    await page.locator('.train-form details summary').click();
    await page.axe();
    await page.locator('.train-form button[type=submit]').click();
    await live(page).locator('.numbers').waitFor();
    await page.axe();
    await live(page).locator('.controls button').last().click();
    await live(page).locator('.controls').waitFor({ state: 'detached' });
    await page.finish();
  });
