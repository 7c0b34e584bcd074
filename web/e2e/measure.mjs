// What the page costs, measured and not judged: how soon its first view can be used, and how much
// slower a training is while a page watches it. Turns are taken, so that what else the machine does
// falls on all alike.
//
//     FOVEA=build/release/bin/fovea node e2e/measure.mjs [ROUNDS] [IMAGES]
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { real, trained } from './real.mjs';

const ROUNDS = Number(process.argv[2] ?? 4),
  IMAGES = Number(process.argv[3] ?? 20000);
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

/** Images a second of one epoch, with what watches it. */
async function speed(name, watch) {
  await ask('/api/training', {
    runs: [{ model: 'fashion-cnn', name, epochs: 1, limit_train: IMAGES, limit_test: 500 }],
  });
  const close = await watch();
  for (;;) {
    const { training } = await ask('/api/state');
    if (training === null || training.state === 'idle') break;
    await new Promise((later) => setTimeout(later, 1000));
  }
  await close();
  const [head, row] = readFileSync(join(site.runs, name, 'results.csv'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  return Number(row[head.indexOf('images_per_s')]);
}
const WATCHES = {
  alone: async () => () => undefined,
  train: async () => {
    const page = await site.open('train');
    return () => page.context().close();
  },
  network: async () => {
    const page = await site.open('network?model=training');
    return () => page.context().close();
  },
};

for (let i = 0; i < 3; ++i) {
  const { whole, paint, ready } = await firstView();
  console.log(
    `first view: painted ${paint?.toFixed(0)} ms, scripts run ${ready.toFixed(0)} ms, maps there ${whole.toFixed(0)} ms (with the opening of a browser's window)`,
  );
}
const speeds = { alone: [], train: [], network: [] };
for (let round = 0; round < ROUNDS; ++round)
  for (const [name, watch] of Object.entries(WATCHES)) {
    const rate = await speed(`${name}${round}`, watch);
    speeds[name].push(rate);
    console.log(`round ${round}, ${name}: ${rate.toFixed(0)} images/s`);
  }
for (const name of ['train', 'network'])
  console.log(
    `${name}: ${(100 * (1 - median(speeds[name]) / median(speeds.alone))).toFixed(1)} % slower than alone (median of ${ROUNDS})`,
  );
await site.close();
