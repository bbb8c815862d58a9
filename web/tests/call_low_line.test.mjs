// A call over a line of 16 kbit/s each way, all headers counted, that loses 5 % and takes 500 ms there and back (call_line.mjs): the picture gives
// way, then the voice goes in few long packets, and both come back with the line.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Line } from './call_line.mjs';
import { CallPages } from './call_pages.mjs';
import { until } from './world.mjs';

const kLow = { kbits: 16, loss: 0.05, delayMs: 250 };
const pages = new CallPages();
before(async () => {
  pages.line = await new Line().open();
  await pages.start();
});
after(async () => {
  pages.line.close();
  await pages.end();
});

const states = () => Promise.all(pages.pages.map((page) => page.evaluate(() => ({ phase: call.phase, ended: call.ended, low: call.low, heldBack: call.pictureHeldBack, quality: call.quality, stats: call.stats }))));
const all = (what, text, timeout = 60_000) => until(async () => (await states()).every(what), text, timeout).catch(async (error) => {
  throw new Error(`${error.message} ${JSON.stringify(await states())}`);
});

/** What each browser says of its sound, and of the pictures that it sends. */
const sound = () => Promise.all(pages.pages.map((page) => page.evaluate(async () => {
  const out = {};
  for (const stat of (await call.connection.getStats()).values()) {
    if (stat.type === 'outbound-rtp') Object.assign(out, { [`${stat.kind}Again`]: stat.retransmittedBytesSent }, stat.kind === 'audio' ? { at: stat.timestamp, sent: stat.packetsSent } : { frames: stat.framesSent });
    if (stat.type === 'inbound-rtp' && stat.kind === 'audio') Object.assign(out, { energy: stat.totalAudioEnergy, seconds: stat.totalSamplesDuration, concealed: stat.concealedSamples, samples: stat.totalSamplesReceived });
  }
  return out;
})));

/** From now until each way has carried so many packets. */
async function measure(packets) {
  for (const way of pages.line.ways) way.kinds = {};
  const [first, began] = [await sound(), performance.now()];
  const before = pages.line.ways.map(({ bytes }) => bytes);
  const carried = pages.line.ways.map((way) => way.packets);
  await until(() => pages.line.ways.every((way, at) => way.packets - carried[at] >= packets), 'packets pass', 60_000);
  const [last, took] = [await sound(), performance.now() - began];
  return last.map((now, at) => {
    const since = (name) => now[name] - first[at][name];
    return { wire: ((pages.line.ways[at].bytes - before[at]) * 8) / took, perSecond: since('sent') / (since('at') / 1000), power: since('energy') / since('seconds'), concealed: since('concealed') / since('samples'), frames: since('frames'), again: since('videoAgain'), kinds: pages.line.ways[at].kinds };
  });
}

test('on a line of 16 kbit/s the picture gives way first, and the voice is heard within it', async (t) => {
  await pages.call();
  await all(({ phase, stats }) => phase === 'active' && stats?.receivedAudio > 50 && stats.decodedVideo > 10, 'media flow');
  for (const page of pages.pages) {
    await page.evaluate(() => {
      window.order = [];
      call.options.onChange = () => {
        if (call.pictureHeldBack && !order.includes('picture')) order.push('picture');
        if (call.low && !order.includes('packets')) order.push('packets');
      };
    });
  }
  const [usual] = await measure(200);
  pages.line.shape(kLow);
  await all(({ low, heldBack }) => low && heldBack, 'both sides spare it');
  const orders = await Promise.all(pages.pages.map((page) => page.evaluate(() => window.order)));
  assert.ok(orders.some(([first]) => first === 'picture'), JSON.stringify(orders)); // the other side may have been told
  // What was lost while the picture was still sent is asked for again, and sent, for a while.
  await until(async () => {
    const low = await measure(100);
    t.diagnostic(JSON.stringify(low));
    return low.every(({ wire, perSecond, power, concealed, frames }) => wire < 16 && perSecond > 6 && perSecond < 12 && power > usual.power / 4 && concealed < 0.3 && frames === 0);
  }, 'the voice is heard, and the line is enough', 150_000);
});

test('when the line is good again the voice goes in short packets, and the picture comes back', async () => {
  pages.line.shape();
  await until(async () => {
    for (const page of pages.pages) await page.evaluate(() => (call.line.waits = 4_000)); // else half a minute, and more after each try
    return (await states()).every(({ low }) => !low) && (await measure(100)).every(({ perSecond }) => perSecond > 30);
  }, 'short packets', 150_000);
  await all(({ heldBack }) => !heldBack, 'the picture is sent', 120_000);
  const { decodedVideo } = (await states())[0].stats;
  await all(({ stats }) => stats.decodedVideo > decodedVideo + 10, 'and seen', 60_000);
  assert.ok((await states()).every(({ phase, ended }) => phase === 'active' && ended === null));
  assert.deepEqual(pages.problems, []);
});
