// A watched Chromium on the page of the mock server.
//
//     const site = await browse();
//     const page = await site.open('train', { lang: 'ko', dark: true, width: 390 });
//     await page.axe();
//     await page.finish();
import { serveMock } from './mock.mjs';
import { contextOf, launch, watched } from './watched.mjs';

export async function browse() {
  const browser = await launch();
  const servers = [];
  return {
    /** A page of its own server, so that what one test trains or deletes is no other's. */
    async open(tab, { camera = false, server = null, ...look } = {}) {
      server ??= await serveMock();
      servers.push(server);
      const context = await browser.newContext({
        ...contextOf(look),
        permissions: camera ? ['camera'] : [],
      });
      const page = watched(await context.newPage(), server.url);
      page.setDefaultTimeout(20000);
      page.server = server;
      await page.goto(`${server.url}/#/${tab}`);
      return page;
    },
    async close() {
      await browser.close();
      servers.forEach((server) => server.close());
    },
  };
}
