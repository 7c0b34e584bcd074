// The tab Predict against the mock server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browse } from './browse.mjs';
import { SIDE, picture, png } from './mock_pictures.mjs';
import { draw } from './steps.mjs';

let site;
before(async () => {
  site = await browse();
});
after(() => site.close());

test('what is drawn is asked about at once, by two models', async () => {
  const page = await site.open('predict');
  await page.locator('.bar-of-choices select').nth(1).selectOption('run:exp2');
  await draw(page);
  await page.locator('.reply').nth(1).locator('.lead').waitFor();
  assert.equal(await page.locator('.reply').count(), 2);
  assert.match(await page.locator('.reply .lead').first().textContent(), /\d+\.\d %/);
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.locator('.reply').first().waitFor({ state: 'detached' });
  await page.finish();
});

test('the pad is drawn on by keyboard, and undone', async () => {
  const page = await site.open('predict');
  await page.locator('.pad canvas').focus();
  await page.keyboard.press('Space');
  for (let i = 0; i < 6; ++i) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Space');
  await page.locator('.reply .lead').waitFor();
  const bright = () =>
    page.locator('.pad canvas').evaluate((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((value, i) => i % 4 === 0 && value > 128).length;
    });
  assert.ok((await bright()) > 500);
  await page.getByRole('button', { name: 'Undo' }).click();
  assert.equal(await bright(), 0);
  await page.finish();
});

test('a chosen file and a dropped one are asked about, and swapped', async () => {
  const page = await site.open('predict');
  await page.getByRole('button', { name: 'File', exact: true }).click();
  const buffer = png(SIDE, SIDE, picture(2));
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'shoe.png', mimeType: 'image/png', buffer });
  await page.locator('.reply .lead').waitFor();
  await page.getByText('shoe.png').waitFor();
  const sent = page.waitForRequest(/upload\?invert=1/);
  await page.getByLabel(/Swap light and dark/).check();
  await sent;
  const dropped = page.waitForRequest(/upload/);
  await page.locator('.drop').evaluate(
    (box, bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], 'bag.png', { type: 'image/png' }));
      box.dispatchEvent(
        new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }),
      );
    },
    [...buffer],
  );
  await dropped;
  await page.getByText('bag.png').waitFor();
  await page.finish();
});

test('a test image with heat laid over, as strong as the slider says', async () => {
  const page = await site.open('predict');
  await page.getByRole('button', { name: 'Test image' }).click();
  await page.locator('.reply .lead').waitFor();
  for (const kind of ['Grad-CAM', 'Occlusion', 'Saliency']) {
    await page.getByRole('button', { name: kind }).click();
    await page.locator('.heat').waitFor();
  }
  await page.getByLabel('Opacity').fill('30');
  await page.waitForFunction(() => {
    const heat = document.querySelector('.heat');
    return heat !== null && getComputedStyle(heat).opacity === '0.3';
  });
  await page.finish();
});

test('the camera takes a picture, and a refusal is explained', async () => {
  const page = await site.open('predict', { camera: true });
  await page.getByRole('button', { name: 'Camera' }).click();
  await page.getByText(/loopback/).waitFor();
  await page.getByRole('button', { name: 'Open the camera' }).click();
  await page.getByRole('button', { name: 'Take the picture' }).click();
  await page.locator('.reply .lead').waitFor();
  await page.finish();
  const other = await site.open('predict');
  await other.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () =>
      Promise.reject(new DOMException('no', 'NotAllowedError'));
  });
  await other.getByRole('button', { name: 'Camera' }).click();
  await other.getByRole('button', { name: 'Open the camera' }).click();
  await other.getByText(/does not let this page use the camera/).waitFor();
  await other.finish();
});

for (const look of [{}, { dark: true }, { lang: 'ko' }, { lang: 'ko', width: 390, dark: true }])
  test(`nothing for axe to complain of, and no wider than the window: ${JSON.stringify(look)}`, async () => {
    const page = await site.open('predict', look);
    await page.locator('.pad').waitFor();
    for (const source of [0, 1, 2, 3]) {
      await page.locator('.ask > .segments button').nth(source).click();
      await page.axe();
    }
    await page.locator('.overlays .segments button').nth(1).click();
    await page.locator('.heat').waitFor();
    await page.axe();
    await page.finish();
  });
