// The page beside a training that the command runs, and pictures that are meant to harm the server.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { crc32, deflateSync, gzipSync } from 'node:zlib';
import { live } from '../tests/steps.mjs';
import { FOVEA, real } from './real.mjs';

let site;
before(async () => {
  site = await real();
});
after(() => site.close());

test('fovea train --serve: its training is watched, held and let go, and Ctrl-C saves it', async () => {
  const child = spawn(
    FOVEA,
    ['train', 'fashion-cnn', '--serve', '--port', '0', '--epochs', '200', '--limit-train', '6000']
      .concat(['--limit-test', '500', '--project', site.runs, '--name', 'shown']),
    { cwd: site.folder, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const ended = new Promise((done) => child.once('exit', done));
  const address = await new Promise((done) => {
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => {
        const found = line.match(/http:\S+token=\w+/);
        if (found) done(found[0]);
      });
  });
  const page = await site.openAt(address, 'train');
  await live(page).getByText(/^Epoch ([2-9]|\d\d+) of 200/).waitFor({ timeout: 60000 });
  await live(page).getByRole('button', { name: 'Pause' }).click();
  await live(page).locator('.pill.paused').waitFor();
  await live(page).getByRole('button', { name: 'Go on' }).click();
  await live(page).locator('.pill.running').waitFor();
  child.kill('SIGINT');
  assert.equal(await ended, 130);
  assert.ok(readFileSync(`${site.runs}/shown/results.csv`, 'utf8').trim().split('\n').length > 1);
  await page.finish({ errors: /ERR_|401/ });
  const later = await site.open('train');
  await later.locator('tr', { hasText: 'shown' }).locator('.pill.stopped').waitFor();
  await later.finish();
});

const chunk = (type, data) => {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
};
/** A PNG that says it has `side` times `side` grey pixels, and holds a few of them. */
function png(side) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head[8] = 8;
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.alloc(100))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

test('pictures and archives that declare more than they hold are refused, and cost no memory', async () => {
  const page = await site.open('predict');
  const kilobytes = () =>
    Number(readFileSync(`/proc/${page.server.pid}/status`, 'utf8').match(/VmHWM:\s*(\d+)/)[1]);
  const send = (bytes) =>
    page.evaluate(
      (base64) =>
        fetch('/api/upload', {
          method: 'POST',
          body: Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)),
        }).then((answer) => answer.status),
      bytes.toString('base64'),
    );
  assert.equal(await send(png(20).subarray(0, 40)), 422);
  const before = kilobytes();
  assert.equal(await send(png(65535)), 422);
  assert.equal(await send(gzipSync(Buffer.alloc(64 << 20))), 422);
  assert.ok(kilobytes() - before < 32 << 10, `${kilobytes() - before} kB`);
  assert.equal((await page.ask('/api/state')).training, null, 'it still answers');
  await page.finish({ errors: /422/ });
});
