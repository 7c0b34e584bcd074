// A headless Chromium on the page of the mock server, which fails a test that leaves an error on the
// console, asks another host for anything, or is wider than its window.
//
//     const site = await browse();
//     const page = await site.open('train', { lang: 'ko', dark: true, width: 390 });
//     await page.axe();
//     await page.finish();
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { serveMock } from './mock.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const QUIET = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync',
  '--disable-component-update', '--no-first-run'];
const CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

export async function browse() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [...QUIET, ...CAMERA],
  });
  const servers = [];
  return {
    /** A page of its own server, so that what one test trains or deletes is no other's. */
    async open(
      tab,
      { lang = 'en', dark = false, width = 1280, camera = false, still = false, server = null } = {},
    ) {
      server ??= await serveMock();
      servers.push(server);
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        bypassCSP: true,
        locale: lang === 'ko' ? 'ko-KR' : 'en-GB',
        colorScheme: dark ? 'dark' : 'light',
        reducedMotion: still ? 'reduce' : 'no-preference',
        permissions: camera ? ['camera'] : [],
      });
      return watched(await context.newPage(), server, `${server.url}/#/${tab}`);
    },
    async close() {
      await browser.close();
      servers.forEach((server) => server.close());
    },
  };
}

async function watched(page, server, address) {
  const errors = [],
    foreign = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(server.url))
      foreign.push(request.url());
  });
  page.setDefaultTimeout(20000);
  page.server = server;
  page.axe = async () => {
    await page.evaluate(AXE);
    const { violations } = await page.evaluate(() => axe.run());
    assert.deepEqual(
      violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(' | ')}`),
      [],
    );
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wider <= 0, `wider than the window by ${wider}`);
  };
  page.finish = async ({ errors: allowed } = {}) => {
    await page.context().close();
    assert.deepEqual(
      errors.filter((text) => !allowed?.test(text)),
      [],
    );
    assert.deepEqual(foreign, []);
  };
  await page.goto(address);
  return page;
}
