// What is measured in a page, whichever engine it has: tools/numbers.mjs prints it.

import { until } from '../tests/world.mjs';

const kSends = 25;
const kScrollMs = 6000;

export function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** For addInitScript: notes when the page was first painted, and when its chats, or the field for a name, were there. */
export function watchStart() {
  globalThis.times = {};
  new PerformanceObserver((list) => {
    for (const each of list.getEntries()) if (each.name === 'first-contentful-paint') globalThis.times.paint = each.startTime;
  }).observe({ type: 'paint', buffered: true });
  const observer = new MutationObserver(() => {
    if (globalThis.times.ready || !document.querySelector('[data-row], form input')) return;
    globalThis.times.ready = performance.now();
    observer.disconnect();
  });
  observer.observe(document, { childList: true, subtree: true });
}

export function timesOf(page) {
  return until(() => page.evaluate(() => (globalThis.times?.paint && globalThis.times.ready ? globalThis.times : null)), 'painted and ready', 120_000);
}

/** Of the page alone, in MB; an engine in a worker is counted by engineMemory(). */
export async function memory(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  const value = (name) => metrics.find((each) => each.name === name).value;
  return { heap: value('JSHeapUsedSize') / 1e6, nodes: value('Nodes') };
}

/** Scrolls up, a screen in about a third of a second, as a finger does; gives the lengths of the frames. */
function scrollUp(milliseconds) {
  return new Promise((resolve) => {
    const scroller = document.querySelector('.scroller');
    const frames = [];
    const begin = performance.now();
    let last = begin;
    const step = (now) => {
      frames.push(now - last);
      last = now;
      scroller.scrollTop -= 40;
      if (now - begin < milliseconds) requestAnimationFrame(step);
      else resolve(frames.slice(1));
    };
    requestAnimationFrame(step);
  });
}

export async function scrolling(page) {
  await page.locator('[data-row]', { hasText: 'The long one' }).click();
  await page.locator('article').first().waitFor();
  await page.waitForTimeout(1000);
  // Of the processor, not of the clock: what others do on this machine does not count.
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const work = async () => (await session.send('Performance.getMetrics')).metrics.find((each) => each.name === 'TaskDuration').value * 1000;
  const before = await work();
  const frames = await page.evaluate(scrollUp, kScrollMs);
  const perFrame = ((await work()) - before) / frames.length;
  const sorted = [...frames].sort((a, b) => a - b);
  const total = frames.reduce((sum, each) => sum + each, 0);
  return { fps: (frames.length / total) * 1000, slow: sorted[Math.floor(sorted.length * 0.95)], worst: sorted.at(-1), perFrame };
}

export async function jumping(page) {
  await page.locator('[data-search]').fill('number 50000');
  await page.locator('.found').first().waitFor();
  const begin = Date.now();
  await page.locator('.found').first().click();
  await page.locator('article.highlighted').waitFor();
  return Date.now() - begin;
}

/** From the click to the frame in which the other page shows it. */
export async function sending(from, to) {
  const took = [];
  for (let count = 0; count < kSends; count++) {
    const text = `message ${count} of ${Date.now()}`;
    const shown = to.evaluate((wanted) => {
      const there = () => [...document.querySelectorAll('article')].some((each) => each.textContent.includes(wanted));
      return new Promise((resolve) => {
        const observer = new MutationObserver(() => {
          if (!there()) return;
          observer.disconnect();
          requestAnimationFrame(() => resolve(performance.timeOrigin + performance.now()));
        });
        observer.observe(document.querySelector('.scroller'), { childList: true, subtree: true, characterData: true });
      });
    }, text);
    await from.locator('textarea').fill(text);
    const begin = await from.evaluate(() => {
      document.querySelector('.send').click();
      return performance.timeOrigin + performance.now();
    });
    took.push((await shown) - begin);
  }
  took.sort((a, b) => a - b);
  return { middle: median(took), slow: took[Math.floor(took.length * 0.95)] };
}
