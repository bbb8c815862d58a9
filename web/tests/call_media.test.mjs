// The media of a call in a real browser (src/calls/peer_call.ts), and what happens when what keeps them secret fails.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CallPages } from './call_pages.mjs';
import { until } from './world.mjs';

const pages = new CallPages();
before(() => pages.start());
after(() => pages.end());

const each = (states, what) => states.every(what);
async function both(what, text) {
  let states;
  await until(async () => each((states = await pages.states()), what), `${text}: ${JSON.stringify(states)}`, 30_000).catch((error) => {
    throw new Error(`${error.message} ${JSON.stringify(states)}`);
  });
  return states;
}
const flows = ({ phase, stats, shown }) => phase === 'active' && stats && stats.decodedVideo > 20 && stats.receivedAudio > 50 && shown.length === 2;

test('two pages hear and see each other, and every frame was sealed and opened', async () => {
  await pages.call();
  const states = await both(flows, 'media flow');
  await both(({ stats }) => stats.levelThere > 0.01, 'the beeps are heard');
  for (const page of pages.pages) {
    const seen = await until(() => page.evaluate(() => { const now = window.picture(); return now && now.green > 0.2 && now.colours > 4 ? now : null; }), 'the picture of the device');
    assert.ok(seen.colours > 4);
  }
  for (const { counts, stats, enabledEarly, enabled } of states) {
    assert.equal(enabledEarly, false, 'no track was open before a frame of its kind was sealed');
    assert.deepEqual(enabled, [true, true]);
    assert.ok(counts.sent.video.passed >= stats.sentVideo && counts.sent.audio.passed >= stats.sentAudio);
    assert.ok(counts.received.video.passed >= stats.decodedVideo);
    for (const one of [counts.received.audio, counts.received.video]) assert.equal(one.dropped, one.keyless + one.replayed, JSON.stringify(counts));
  }
  assert.deepEqual(pages.problems, []);
});

test('muting, switching the picture off and on, and holding are seen by the other', async () => {
  const [first, second] = pages.pages;
  await first.evaluate(() => window.call.mute(true));
  await until(async () => (await second.evaluate(() => window.state())).there.microphone === false, 'it is said');
  await until(async () => (await second.evaluate(() => window.state())).stats.levelThere < 0.001, 'it is silent');
  await first.evaluate(() => window.call.mute(false));
  await until(async () => (await second.evaluate(() => window.state())).stats.levelThere > 0.01, 'it is heard again');
  await first.evaluate(() => window.call.setTrack('video', null, 'camera'));
  await until(async () => (await second.evaluate(() => window.state())).there.camera === false, 'it is said');
  const before = (await second.evaluate(() => window.state())).stats.decodedVideo;
  await first.evaluate(() => window.call.setTrack('video', window.tracks[1], 'screen'));
  await until(async () => (await second.evaluate(() => window.state())).stats.decodedVideo > before + 10, 'a picture comes again');
  assert.deepEqual((await second.evaluate(() => window.state())).there, { microphone: true, camera: false, screen: true, hand: false });
  await first.evaluate(() => window.call.hold(true));
  await until(async () => (await second.evaluate(() => window.state())).stats.levelThere < 0.001, 'who holds is silent');
  await first.evaluate(() => window.call.hold(false));
  await until(async () => (await second.evaluate(() => window.state())).stats.levelThere > 0.01, 'and is heard again');
});

test('either side looks for a way anew, keys change with it, and media go on', async () => {
  for (const page of [1, 0]) {
    const before = await pages.states();
    await pages.pages[page].evaluate(() => window.call.restart());
    await until(async () => (await pages.pages[0].evaluate(() => window.sent.filter((each) => each === 'offer').length)) >= (page === 1 ? 2 : 3), 'it offers');
    await both(({ stats, phase }) => phase === 'active' && stats.decodedVideo > Math.max(...before.map((one) => one.stats.decodedVideo)) + 20, 'media go on');
  }
  const taken = await pages.pages[0].evaluate(() => window.sent.filter((each) => each === 'key_taken').length);
  assert.equal(taken, 3);
  for (const { counts } of await pages.states()) {
    for (const one of [counts.received.audio, counts.received.video]) assert.equal(one.dropped, one.keyless + one.replayed, JSON.stringify(counts));
  }
});

test('garbage in the place of frames and of signals is survived', async () => {
  const [first, second] = pages.pages;
  // A key of somebody else seals from now on: all that comes is garbage to the other.
  await first.evaluate(async () => {
    for (const each of [[], [123], [...new TextEncoder().encode('{"type":"offer","session":"x"}')]]) window.carry(each.length ? each : [123, 125]);
  });
  const dropped = (await second.evaluate(() => window.state())).counts.received.audio.dropped;
  await first.evaluate(async () => { const { kid } = await window.call.port.makeKey(); window.call.port.useKey(kid); });
  await until(async () => (await second.evaluate(() => window.state())).counts.received.audio.dropped > dropped + 50, 'frames are dropped');
  await first.evaluate(() => window.call.restart()); // with a key that is said
  const { stats } = await second.evaluate(() => window.state());
  await until(async () => (await second.evaluate(() => window.state())).stats.decodedVideo > stats.decodedVideo + 20, 'media go on');
});

test('an offer and an answer that are lost are said again', async () => {
  const lost = new Set();
  pages.lose = (from, { type }) => ['offer', 'answer'].includes(type) && !lost.has(type) && lost.add(type) !== undefined;
  await pages.call({ camera: false });
  await both(({ phase, stats }) => phase === 'active' && stats?.receivedAudio > 20, 'it connects');
  pages.lose = () => false;
  assert.deepEqual([...lost], ['offer', 'answer']);
});

test('where there is no RTCRtpScriptTransform, encoded streams are sealed', async () => {
  const has = await pages.pages[0].evaluate(() => 'createEncodedStreams' in RTCRtpSender.prototype);
  if (!has) return;
  await pages.call({ legacy: true });
  await both(flows, 'media flow');
  for (const page of pages.pages) await page.reload().then(() => page.waitForFunction(() => window.ready));
});

// ---- as in a call of a group ----

test('keys that two agree upon change when somebody has left, and media go on', async () => {
  await pages.call({ agrees: true });
  const before = await both(flows, 'media flow');
  const [first] = pages.pages;
  await first.evaluate(() => window.call.changeKeys());
  await both(({ stats }) => stats.decodedVideo > Math.max(...before.map((one) => one.stats.decodedVideo)) + 40, 'media go on');
  await both(({ stats }) => stats.levelThere > 0.01, 'and are heard');
  assert.equal(await first.evaluate(() => window.sent.filter((each) => each === 'offer').length), 2);
  for (const { counts } of await pages.states()) {
    for (const one of [counts.received.audio, counts.received.video]) assert.equal(one.dropped, one.keyless + one.replayed, JSON.stringify(counts));
  }
});

test('who keeps trying with the old key opens nothing once keys have changed', async () => {
  await pages.call({ agrees: true, second: { sabotage: 'old_key' } });
  await both(flows, 'media flow');
  const [first, second] = pages.pages;
  const now = () => second.evaluate(() => window.state());
  await first.evaluate(() => window.call.changeKeys());
  // Frames still come, over the same connection; each is looked at, and none can be opened.
  const keyless = await until(async () => { const { received } = (await now()).counts; return received.audio.keyless > 20 && received.video.keyless > 5 && received; }, 'frames without a key');
  const { stats, counts } = await now();
  await until(async () => { const { received } = (await now()).counts; return received.audio.keyless > keyless.audio.keyless + 100 && received.video.keyless > keyless.video.keyless + 20; }, 'they go on coming');
  const after = await now();
  assert.deepEqual([after.counts.received.audio.passed, after.counts.received.video.passed], [counts.received.audio.passed, counts.received.video.passed], 'none is opened');
  assert.ok(after.stats.decodedVideo <= stats.decodedVideo + 1, 'and nothing is shown');
  // The other direction has changed its key too, and is read.
  const there = (await first.evaluate(() => window.state())).stats.decodedVideo;
  await until(async () => (await first.evaluate(() => window.state())).stats.decodedVideo > there + 20, 'the other side is seen');
});

// ---- fail closed ----

for (const [sabotage, ends] of [
  ['no_transform', /unsealed|unopened/],
  ['no_transform_of_sender', /unsealed/],
  ['late_transform', /unsealed|unopened/],
  ['worker_counts_nothing', /unsealed|unopened/],
  ['worker_stops_counting', /unsealed|unopened/],
]) {
  test(`a call whose frames are not sealed ends: ${sabotage}`, async () => {
    await pages.call({ first: { sabotage } });
    const [first, second] = pages.pages;
    const state = await until(async () => {
      const now = await first.evaluate(() => window.state());
      return now.phase === 'ended' && now;
    }, 'it ends');
    assert.match(state.ended, ends);
    // Nothing of what was not sealed was shown there.
    assert.deepEqual((await second.evaluate(() => window.state())).shown.filter((kind) => kind === 'video'), []);
    if (sabotage !== 'worker_stops_counting') assert.equal(state.everEnabled, false, 'nothing but silence and black was ever sent');
    assert.equal(state.enabledEarly, false);
  });
}

test('with a wrong key nothing is shown, and the call ends', async () => {
  await pages.call({ second: { sabotage: 'wrong_key' } });
  const state = await until(async () => {
    const now = await pages.pages[1].evaluate(() => window.state());
    return now.phase === 'ended' && now;
  }, 'it ends');
  assert.equal(state.ended, 'unreadable');
  assert.deepEqual(state.shown, []);
});

test('a worker that is gone ends the call', async () => {
  await pages.call({ camera: false });
  await both(({ phase, stats }) => phase === 'active' && stats?.receivedAudio > 20, 'it connects');
  await pages.pages[0].evaluate(() => window.call.port.worker.terminate());
  await until(async () => (await pages.pages[0].evaluate(() => window.call.ended)) === 'frames_lost', 'it ends');
});
