// The tab Train on the server itself: a training from the page, held and let go; a server that is
// killed and the run that goes on; runs renamed and deleted.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { live, menu, row } from '../tests/steps.mjs';
import { real, trained } from './real.mjs';

let site;
before(async () => {
  site = await real();
});
afterEach(() => site.kill('SIGTERM')); // what a test has left running ends
after(() => site.close());

async function fill(page, fields) {
  await page.locator('.train-form details').evaluate((more) => {
    more.open = true;
  });
  for (const [name, value] of Object.entries(fields))
    await page.getByLabel(name, { exact: true }).fill(String(value));
}
const shows = (page, step) =>
  page.waitForFunction((want) => document.querySelector('.live progress')?.value === want, step);
/** The step at which a paused training stands: the batch that it was in is finished. */
async function stands(page) {
  const step = async () => (await page.ask('/api/state')).training.step?.step ?? 0;
  for (let before = -1, now = await step(); ; before = now, now = await step()) {
    if (now > 0 && now === before) return now;
    await page.waitForTimeout(1000);
  }
}
const over = (page, timeout = 60000) =>
  live(page).locator('.pill', { hasText: 'over' }).waitFor({ timeout });
/** How much of the loss's chart is drawn on: pixels that are not clear. */
const drawn = (page) =>
  live(page)
    .locator('.plot canvas')
    .first()
    .evaluate((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((value, i) => i % 4 === 3 && value > 0).length;
    });
const rows = (run) =>
  readFileSync(join(site.runs, run, 'results.csv'), 'utf8').trim().split('\n').slice(1);

test('two epochs from the page: the curve grows; it is held, moved by one batch, and goes on', async () => {
  const page = await site.open('train');
  const told = [];
  page.on('request', (request) => {
    if (request.method() === 'POST') told.push(new URL(request.url()).pathname);
  });
  await fill(page, { Epochs: 2, 'Training images': 20000, 'Test images': 500, Name: 'first' });
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await live(page)
    .getByText(/^Epoch 1 of 2/)
    .waitFor();
  await live(page).getByRole('button', { name: 'Pause' }).click();
  await live(page).locator('.pill.paused').waitFor();
  const first = await stands(page);
  await shows(page, first);
  const little = await drawn(page);
  for (let i = 1; i <= 2; ++i) {
    await live(page).getByRole('button', { name: 'One batch' }).click();
    await shows(page, first + i);
  }
  assert.equal(await stands(page), first + 2);
  await live(page).getByRole('button', { name: 'Go on' }).click();
  await live(page).locator('.numbers').getByText('Images a second').waitFor();
  await live(page).locator('.filters canvas').first().waitFor();
  await page.waitForFunction(
    (least) => document.querySelector('.live progress')?.value > least + 5,
    first,
  );
  await over(page);
  assert.ok((await drawn(page)) > little, 'the curve has grown');
  await live(page).getByText('The numbers of each epoch').click();
  assert.equal(await live(page).locator('details tbody tr').count(), 2);
  await row(page, 'first').locator('.pill.done').waitFor();
  assert.equal(await row(page, 'first').getByText('2 / 2').count(), 1);
  assert.equal(rows('first').length, 2);
  const steps_csv = readFileSync(join(site.runs, 'first', 'steps.csv'), 'utf8');
  assert.ok(steps_csv.trim().split('\n').length > 10);
  assert.deepEqual(
    told.map((path) => path.replace('/api/training', '')),
    ['', '/pause', '/batch', '/batch', '/go'],
  );
  await page.axe();
  await page.finish();
});

test('a second training is refused while one runs, and one that is stopped is resumed', async () => {
  const page = await site.open('train');
  await fill(page, { Epochs: 3, 'Training images': 12000, 'Test images': 500, Name: 'halted' });
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await live(page)
    .getByText(/^Epoch 1 of 3/)
    .waitFor();
  assert.ok(await page.locator('.train-form [type=submit]').isDisabled());
  const refused = await page.evaluate(() =>
    fetch('/api/training', { method: 'POST', body: '{"runs":[{"model":"fashion-cnn"}]}' }).then(
      (answer) => answer.status));
  assert.equal(refused, 409);
  await live(page).getByRole('button', { name: 'Stop' }).click();
  await row(page, 'halted').locator('.pill.stopped').waitFor();
  await row(page, 'halted').getByRole('button', { name: 'Resume' }).click();
  await row(page, 'halted').locator('.pill.done').waitFor({ timeout: 60000 });
  assert.equal(rows('halted').length, 3);
  await page.finish({ errors: /409/ });
});

test('a server that is killed leaves a run that is dead and goes on from the page', async () => {
  const page = await site.open('train');
  await fill(page, { Epochs: 4, 'Training images': 12000, 'Test images': 500, Name: 'cut' });
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await live(page)
    .getByText(/^Epoch [23] of 4/)
    .waitFor({ timeout: 60000 });
  await site.kill('SIGKILL');
  await page.getByRole('alert').getByText(/is fovea serve still running/).first().waitFor();
  const kept = rows('cut').length;
  assert.ok(kept >= 1 && kept < 4);
  assert.ok(!existsSync(join(site.runs, 'cut', 'report.json')));
  await page.finish({ errors: /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/ });

  const again = await site.open('train');
  await row(again, 'cut').locator('.pill.died').waitFor();
  await again.getByText('Its process ended without a word').waitFor();
  await again.axe();
  await menu(again, 'cut', 'Back to a checkpoint');
  const dialog = again.getByRole('dialog');
  await dialog.locator('input[type=radio]').first().waitFor();
  await dialog.locator('input[type=radio]').last().check();
  await dialog.getByRole('button', { name: /Go back/ }).click();
  await dialog.waitFor({ state: 'detached' });
  await row(again, 'cut').getByRole('button', { name: 'Resume' }).click();
  await live(again)
    .getByText(/^Epoch [234] of 4/)
    .waitFor();
  await row(again, 'cut').locator('.pill.done').waitFor({ timeout: 90000 });
  assert.deepEqual(rows('cut').map((line) => Number(line.split(',')[0])), [1, 2, 3, 4]);
  assert.ok(existsSync(join(site.runs, 'cut', 'report.json')));
  await again.finish();
});

test('a page that is closed stops nothing', async () => {
  const page = await site.open('train');
  await fill(page, { Epochs: 2, 'Training images': 3000, 'Test images': 500, Name: 'alone' });
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await live(page)
    .getByText(/^Epoch 1 of 2/)
    .waitFor();
  await page.finish();
  const later = await site.open('train');
  await row(later, 'alone').locator('.pill.done').waitFor({ timeout: 60000 });
  await later.finish();
});

test('a server that is asked to end saves the training that runs', async () => {
  const page = await site.open('train');
  await fill(page, { Epochs: 30, 'Training images': 3000, 'Test images': 500, Name: 'saved' });
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await live(page)
    .getByText(/^Epoch 1 of 30/)
    .waitFor();
  await page.finish();
  await site.kill('SIGTERM');
  assert.ok(readdirSync(join(site.runs, 'saved', 'state')).length > 0);
  const later = await site.open('train');
  await row(later, 'saved').locator('.pill.stopped').waitFor();
  await later.finish();
});

test('runs are compared, renamed and deleted, and the folder is as the page says', async () => {
  for (const name of ['one', 'two']) await trained(site.folder, name, name === 'two' ? ['--lr', '0.003'] : []);
  const page = await site.open('train');
  for (const run of ['one', 'two'])
    await page.getByLabel(`Compare ${run}`, { exact: true }).check();
  await page.locator('table.differ').getByText('Learning rate').waitFor();
  await page.axe();
  await menu(page, 'two', 'Rename');
  await page.getByLabel('New name of two').fill('wide');
  await page.keyboard.press('Enter');
  await row(page, 'wide').waitFor();
  assert.ok(existsSync(join(site.runs, 'wide', 'config.toml')));
  assert.ok(!existsSync(join(site.runs, 'two')));
  await menu(page, 'wide', 'Rename');
  await page.getByLabel('New name of wide').fill('../out');
  await page.keyboard.press('Enter');
  await page.locator('.rename [role=alert]').waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  assert.ok(!existsSync(join(site.folder, 'out')));
  await menu(page, 'wide', 'Delete');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await row(page, 'wide').waitFor({ state: 'detached' });
  assert.ok(!existsSync(join(site.runs, 'wide')));
  assert.ok(existsSync(join(site.runs, 'one')));
  await page.finish({ errors: /40[049]/ });
});
