// What the page costs, measured and not judged: how soon its first view can be used, and how much
// slower a training is while a page watches it, in turns of one run, so that what else the machine
// does falls on all alike.
//
//     FOVEA=build/release/bin/fovea node e2e/measure.mjs [ROUNDS] [IMAGES]
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { real, trained } from './real.mjs';

const ROUNDS = Number(process.argv[2] ?? 4),
  IMAGES = Number(process.argv[3] ?? 60000);
const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};
const site = await real();
await trained(site.folder, 'exp');
const server = await site.serve();
const entered = await fetch(server.address, { redirect: 'manual' });
const cookie = entered.headers.get('set-cookie').split(';')[0];
const ask = (path, body) =>
  fetch(server.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { Cookie: cookie, Origin: server.url, 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).then((answer) => answer.json());

/** Milliseconds from the first request until the answer's bars and the first maps are there. */
async function firstView() {
  const page = await site.open('');
  await page.locator('.nodes canvas').first().waitFor();
  await page.close();
  const fresh = await site.open('tour'); // a page of its own, with nothing kept
  await fresh.close();
  const begun = performance.now();
  const timed = await site.open('');
  await timed.locator('.nodes canvas').first().waitFor();
  const whole = performance.now() - begun;
  const { paint, ready } = await timed.evaluate(() => ({
    paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
    ready: performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd,
  }));
  await timed.context().close();
  return { whole, paint, ready };
}

const WATCHES = { train: 'train', network: 'network?model=training' };
/** The numbers of each epoch that is over. */
const epochs = () => {
  const [head, ...rows] = readFileSync(join(site.runs, 'watched', 'results.csv'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  return rows.map((row) => Number(row[head.indexOf('images_per_s')]));
};
/** Waits until so many epochs are over. */
async function over(count) {
  while (!existsSync(join(site.runs, 'watched', 'results.csv')) || epochs().length < count)
    await new Promise((later) => setTimeout(later, 200));
}

for (let i = 0; i < 3; ++i) {
  const { whole, paint, ready } = await firstView();
  console.log(
    `first view: painted ${paint?.toFixed(0)} ms, scripts run ${ready.toFixed(0)} ms, maps there ${whole.toFixed(0)} ms (with the opening of a browser's window)`,
  );
}
// One training, of whose epochs one is alone, in the next a page opens, the next is watched, and in
// the next the page closes: opening a browser's window is no watching.
const turns = Array.from({ length: ROUNDS }, () => Object.keys(WATCHES)).flat();
await ask('/api/training', {
  runs: [
    {
      model: 'fashion-cnn',
      name: 'watched',
      epochs: 4 * turns.length + 1,
      limit_train: IMAGES,
      limit_test: 500,
    },
  ],
});
const ratios = Object.fromEntries(Object.keys(WATCHES).map((name) => [name, []]));
for (const [i, name] of turns.entries()) {
  const first = 4 * i + 1; // of which one knows the speed, the very first is not counted
  await over(first + 1);
  const page = await site.open(WATCHES[name]);
  await over(first + 3);
  await page.context().close();
  const [alone, , watched] = epochs().slice(first);
  ratios[name].push(watched / alone);
  console.log(`${name}: ${watched.toFixed(0)} of ${alone.toFixed(0)} images/s`);
  await over(first + 4);
}
for (const name of Object.keys(WATCHES))
  console.log(
    `${name}: ${(100 * (1 - median(ratios[name]))).toFixed(1)} % slower than alone (median of ${ROUNDS})`,
  );
await site.close();
