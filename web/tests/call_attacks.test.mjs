// What stands between two pages that call each other does what it should not: it says other fingerprints, and swaps, changes, doubles and
// keeps packets. Their media pass through two sockets of this program (call_line.mjs).

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Line } from './call_line.mjs';
import { CallPages } from './call_pages.mjs';
import { until } from './world.mjs';

const pages = new CallPages();
const line = new Line();
before(async () => {
  await line.open();
  await pages.start();
});
after(async () => {
  line.close();
  await pages.end();
});

const flows = ({ phase, stats, shown }) => phase === 'active' && stats && stats.decodedVideo > 20 && stats.receivedAudio > 50 && shown.length === 2;
async function both(what, text) {
  let states;
  await until(async () => (states = await pages.states()).every(what), text, 40_000).catch((error) => {
    throw new Error(`${error.message} ${JSON.stringify(states)}`);
  });
  return states;
}
const isMedia = (packet) => packet[0] >> 6 === 2;
const nothingForged = (states) => {
  for (const { ended, counts } of states) {
    assert.equal(ended, null);
    for (const one of [counts.received.audio, counts.received.video]) assert.equal(one.dropped, one.keyless + one.replayed, JSON.stringify(counts));
  }
};

// What page `from` says of itself is another one's fingerprint when the other page reads it.
async function forge(from) {
  let forged = 0;
  pages.line = {
    change(by, signal) {
      if (by !== from || !signal.sdp) return signal;
      forged++;
      return { ...signal, sdp: signal.sdp.replace(/^(a=fingerprint:sha-256 )(..)/gm, (_, head, byte) => head + (byte === '00' ? '01' : '00')) };
    },
  };
  await pages.call();
  const believer = pages.pages[1 - from];
  await until(() => believer.evaluate(() => call.connection.connectionState === 'failed'), 'who was told it finds somebody else there');
  assert.ok(forged > 0);
  const states = await pages.states();
  const { phase, shown, everEnabled, stats } = states[1 - from];
  assert.notEqual(phase, 'active');
  assert.deepEqual([shown, everEnabled, stats?.decodedVideo ?? 0, stats?.sentVideo ?? 0], [[], false, 0, 0]);
  assert.deepEqual([states[from].shown, states[from].stats?.decodedVideo ?? 0], [[], 0]); // who found whom he was told hears nothing of him either
  for (const page of pages.pages) await page.evaluate(() => call.close());
}

test('an offer with a forged fingerprint connects nobody: nothing leaves who believes it, and nothing is shown', () => forge(0));

test('an answer with a forged fingerprint connects nobody: nothing leaves who believes it, and nothing is shown', () => forge(1));

let kept = [];

test('a relay that swaps, doubles, changes and sends back packets brings nobody anything that was not said', async () => {
  pages.line = line;
  await pages.call();
  await both(flows, 'media flow');
  const held = [null, null];
  const done = { swapped: 0, doubled: 0, changed: 0, back: 0 };
  let count = 0;
  line.mix = (at, bytes) => {
    if (!isMedia(bytes)) return line.deliver(at, bytes);
    count++;
    if (kept.length < 400) kept.push(bytes);
    if (count % 11 === 0) {
      done.changed++;
      const changed = Buffer.from(bytes);
      changed[changed.length - 12] ^= 1;
      line.deliver(at, changed);
    }
    if (count % 13 === 0) {
      done.doubled++;
      line.deliver(at, bytes);
    }
    if (count % 17 === 0) {
      done.back++;
      line.deliver(1 - at, bytes);
    }
    if (held[at]) {
      done.swapped++;
      line.deliver(at, bytes);
      line.deliver(at, held[at]);
      held[at] = null;
    } else if (count % 7 === 0) held[at] = bytes;
    else line.deliver(at, bytes);
  };
  const states = await pages.states();
  await both(({ phase, stats }) => phase === 'active' && stats.decodedVideo > Math.max(...states.map((one) => one.stats.decodedVideo)) + 60, 'media go on');
  await until(() => Object.values(done).every((each) => each > 20), 'it has done its worst');
  nothingForged(await both(({ stats }) => stats.levelThere > 0.01, 'and are heard'));
  line.mix = null;
});

test('packets of another call, and those of the one sent to himself, are heard by nobody', async () => {
  assert.ok(kept.length > 100);
  await pages.call();
  await both(flows, 'media flow');
  const passed = async () => (await pages.states()).map(({ counts }) => counts.received.audio.passed + counts.received.video.passed);
  let brought = 0;
  line.mix = (at, bytes) => {
    if (!isMedia(bytes)) return line.deliver(at, bytes);
    line.deliver(at, kept[brought++ % kept.length]);
    line.deliver(1 - at, bytes);
  };
  await until(() => brought > 200, 'nothing but those come');
  const before = await passed();
  const now = brought;
  await until(() => brought > now + 300, 'and still');
  assert.deepEqual(await passed(), before);
  nothingForged(await pages.states());
  line.mix = null;
  await both(({ counts, phase }) => phase === 'active' && counts.received.audio.passed > Math.max(...before), 'and what was said is heard again');
  assert.deepEqual(pages.problems, []);
});
