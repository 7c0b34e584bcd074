// The server itself, which env FOVEA names, in a fresh folder, and a watched Chromium on its page.
//
//     const site = await real();
//     const page = await site.open('train', { lang: 'ko', dark: true, width: 390 });
//     await page.axe();
//     await page.finish();
//     await site.close();
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { contextOf, launch, watched } from '../tests/watched.mjs';

// The binary, found from here and from the fresh folder alike.
export const FOVEA = process.env.FOVEA === undefined ? 'fovea' : resolve(process.env.FOVEA);
const SHOTS = process.env.FOVEA_SHOTS; // a folder for pictures of the tabs

/** Runs a command of Fovea to its end; its standard output. */
export async function fovea(args, folder) {
  const { stdout } = await promisify(execFile)(FOVEA, args, {
    cwd: folder,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** A small run of fashion-cnn by the command; its folder. */
export const trained = (folder, name, more = []) =>
  fovea(
    ['train', 'fashion-cnn', '--epochs', '1', '--limit-train', '3000', '--limit-test', '500']
      .concat(['--log-every', '1', '--project', join(folder, 'runs'), '--name', name])
      .concat(more),
    folder,
  ).then((said) => said.trim().split('\n').pop());

/** The server at a free port. */
async function start(folder, args) {
  const child = spawn(
    FOVEA,
    ['serve', '--port', '0', '--project', join(folder, 'runs'), ...args],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (bytes) => {
    said += bytes;
  });
  let asked = false; // to end: what it ends by itself is a fault, and said
  const ended = new Promise((done) => {
    child.once('exit', (code, signal) => {
      if (!asked) console.error(`fovea serve ended by itself: ${code ?? signal}\n${said}`);
      done();
    });
  });
  const address = await new Promise((done, failed) => {
    createInterface({ input: child.stdout }).once('line', done);
    child.once('error', failed);
    ended.then(() => failed(new Error(`fovea serve ended: ${said}`)));
  });
  return {
    address,
    url: new URL(address).origin,
    pid: child.pid,
    said: () => said,
    /** Ends it: SIGTERM lets it save, SIGKILL does not. */
    async end(signal = 'SIGTERM') {
      asked = true;
      child.kill(signal);
      await ended;
    },
  };
}

/** A folder of its own and a browser; the server is started where `open` first needs it. */
export async function real({ args = [] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-e2e-'));
  mkdirSync(join(folder, 'runs'));
  const browser = await launch();
  const site = {
    folder,
    runs: join(folder, 'runs'),
    server: null,
    /** Files and folders that the next start names. */
    args,
    async serve() {
      site.server ??= await start(folder, site.args);
      return site.server;
    },
    async kill(signal = 'SIGKILL') {
      await site.server?.end(signal);
      site.server = null;
    },
    /** A page that has got in by the address that the server printed. */
    async open(tab, look) {
      return site.openAt(await site.serve(), tab, look);
    },
    /** Of another server, by what it printed. */
    async openAt(whose, tab, { within, ...look } = {}) {
      const server =
        typeof whose === 'string' ? { address: whose, url: new URL(whose).origin } : whose;
      const context = within ?? (await browser.newContext(contextOf(look)));
      const page = onServer(await context.newPage(), server);
      await page.goto(server.address);
      await page.goto(`${server.url}/#/${tab}`);
      return page;
    },
    /** As `open`, under the content policy that the server sends: no script but its own runs. */
    async openStrictly(tab) {
      return site.open(tab, { within: await browser.newContext({ locale: 'en-GB' }) });
    },
    async close() {
      await browser.close();
      await site.kill('SIGTERM');
      if (process.env.FOVEA_KEEP === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
  return site;
}

function onServer(page, server) {
  watched(page, server.url);
  page.setDefaultTimeout(30000);
  page.server = server;
  /** What the page asks the server, as JSON. */
  page.ask = (path) =>
    page.evaluate((address) => fetch(address).then((answer) => answer.json()), path);
  page.shot = async (name) => {
    if (SHOTS === undefined) return;
    await page.evaluate(() => scrollTo(0, 0));
    await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
  };
  return page;
}
