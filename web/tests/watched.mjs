// A headless Chromium, and a page in it that fails a test which leaves an error on the console, asks
// another host for anything, breaks a rule of axe-core, or is wider than its window.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync',
  '--disable-component-update', '--no-first-run', '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream'];

export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });

/** How a browser looks at the page: its language, theme, width, and whether it wants no motion. */
export const contextOf = ({ lang = 'en', dark = false, width = 1280, still = false } = {}) => ({
  viewport: { width, height: 900 },
  bypassCSP: true, // of axe's script alone: what the page itself asks for is watched below
  locale: lang === 'ko' ? 'ko-KR' : 'en-GB',
  colorScheme: dark ? 'dark' : 'light',
  reducedMotion: still ? 'reduce' : 'no-preference',
});

export function watched(page, origin) {
  const errors = [],
    foreign = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', (error) => errors.push(error.stack ?? String(error)));
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== origin)
      foreign.push(request.url());
  });
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
  /** Ends the page; errors that match `allowed` are what the test wanted. */
  page.finish = async ({ errors: allowed } = {}) => {
    await page.context().close();
    assert.deepEqual(
      errors.filter((text) => !allowed?.test(text)),
      [],
    );
    assert.deepEqual(foreign, []);
  };
  return page;
}
