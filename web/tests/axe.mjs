// What axe-core finds wrong for people who cannot see or cannot point.

import { readFileSync } from 'node:fs';

const kAxe = readFileSync(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

/** The violations on a page as it is, or in `within`; `where` stands before each. */
export async function violations(page, where, within = null) {
  // What is still moving or coming up has colours in between.
  await page.evaluate(() => {
    const ends = document.getAnimations().filter((each) => each.effect?.getComputedTiming().endTime !== Infinity);
    return Promise.race([Promise.allSettled(ends.map((each) => each.finished)), new Promise((done) => setTimeout(done, 2_000))]).then(() => undefined);
  });
  if (!(await page.evaluate(() => 'axe' in window))) {
    // Through the debugger: the page's own policy lets no script in.
    const session = await page.context().newCDPSession(page);
    await session.send('Runtime.evaluate', { expression: kAxe });
    await session.detach();
  }
  const found = await page.evaluate(async (part) => (await window.axe.run(part ?? document, { resultTypes: ['violations'] })).violations, within);
  return found.map((each) => `${where}: ${each.id}: ${each.nodes[0].target} ${each.nodes[0].any[0]?.message ?? ''}`);
}
