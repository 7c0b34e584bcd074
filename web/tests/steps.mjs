// What somebody does on the tabs, on the mock server's page as on the real one's.

export const live = (page) => page.locator('.live');
/** A run's line in the list of runs. */
export const row = (page, run) =>
  page
    .locator('.tab-train tbody tr')
    .filter({ has: page.locator('.run-name', { hasText: new RegExp(`^${run}$`) }) });
/** Chooses something of a run's menu. */
export async function menu(page, run, what) {
  await row(page, run)
    .getByRole('button', { name: /More for/ })
    .click();
  await page.locator('.menu:popover-open').getByRole('button', { name: what }).click();
}
/** Draws a corner on the pad. */
export async function draw(page) {
  const box = await page.locator('.pad canvas').boundingBox();
  await page.mouse.move(box.x + 60, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + 200, box.y + 80, { steps: 6 });
  await page.mouse.move(box.x + 210, box.y + 220, { steps: 6 });
  await page.mouse.up();
}
