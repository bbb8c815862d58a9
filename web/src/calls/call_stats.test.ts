import { describe, expect, test } from 'vitest';
import { judge, LowLine, PictureYield, qualityOf, readStats, voiceBits, type CallStats } from './call_stats';
import type { Counts } from './frame_protocol';

const report = (...stats: Record<string, unknown>[]) => new Map(stats.map((each, at) => [String(each['id'] ?? at), each]));
const stats = (more: Partial<CallStats> = {}): CallStats => ({ ...readStats(report()), ...more });
const counts = (sentAudio: number, sentVideo: number, audio = 0, video = 0): Counts => {
  const of = (passed: number) => ({ seen: passed, passed, dropped: 0, keyless: 0, replayed: 0 });
  return { sent: { audio: of(sentAudio), video: of(sentVideo) }, received: { audio: of(audio), video: of(video) } };
};

test('the figures of a call are read', () => {
  const read = readStats(
    report(
      { type: 'outbound-rtp', kind: 'video', framesSent: 10 },
      { type: 'outbound-rtp', kind: 'audio', packetsSent: 52, retransmittedPacketsSent: 2 },
      { type: 'inbound-rtp', kind: 'video', framesDecoded: 7 },
      { type: 'inbound-rtp', kind: 'audio', packetsReceived: 40, packetsLost: 1, jitter: 0.02, audioLevel: 0.5 },
      { type: 'remote-inbound-rtp', kind: 'audio', fractionLost: 0.25 },
      { type: 'media-source', kind: 'audio', audioLevel: 0.1 },
      { type: 'candidate-pair', nominated: true, state: 'succeeded', currentRoundTripTime: 0.1, availableOutgoingBitrate: 5e5, localCandidateId: 'L', packetsReceived: 90, responsesReceived: 4 },
      { type: 'local-candidate', id: 'L', candidateType: 'relay', relayProtocol: 'tls' },
    ),
  );
  expect(read).toEqual({
    sentVideo: 10, sentAudio: 50, decodedVideo: 7, receivedAudio: 40, lostAudio: 1, lossThere: 0.25, roundTripMs: 100, jitterMs: 20, available: 5e5, levelHere: 0.1,
    levelThere: 0.5, way: 'tls', came: 90, answers: 4,
  });
  expect(readStats(report({ type: 'outbound-rtp', kind: 'video', framesSent: NaN }, {})).sentVideo).toBe(0);
});

test('of two ways that were taken the one in use counts', () => {
  const pair = (id: string, local: string) => ({ type: 'candidate-pair', id, nominated: true, state: 'succeeded', localCandidateId: local, packetsReceived: id.length });
  const relay = (id: string, relayProtocol: string) => ({ type: 'local-candidate', id, candidateType: 'relay', relayProtocol });
  const all = [pair('new', 'U'), pair('before', 'T'), relay('U', 'udp'), relay('T', 'tls')];
  const { way, came } = readStats(report(...all, { type: 'transport', selectedCandidatePairId: 'new' }));
  expect([way, came]).toEqual(['udp', 3]);
});

test('what left without the worker is seen', () => {
  expect(judge(stats({ sentAudio: 50, sentVideo: 10, decodedVideo: 5, receivedAudio: 500 }), counts(50, 12, 400, 5))).toBeNull();
  expect(judge(stats({ sentAudio: 51 }), counts(50, 12))).toBe('sent_unsealed');
  expect(judge(stats({ sentVideo: 13 }), counts(50, 12))).toBe('sent_unsealed');
  expect(judge(stats({ decodedVideo: 1 }), counts(0, 0))).toBe('shown_unopened');
  expect(judge(stats({ receivedAudio: 101 }), counts(0, 0))).toBe('shown_unopened');
  expect(judge(stats({ receivedAudio: 20 }), counts(0, 0))).toBeNull(); // just now begun
  const other = counts(0, 0);
  other.received.audio = { seen: 151, passed: 0, dropped: 151, keyless: 0, replayed: 0 };
  expect(judge(stats(), other)).toBe('unreadable');
  other.received.audio = { seen: 152, passed: 1, dropped: 151, keyless: 0, replayed: 0 };
  expect(judge(stats(), other)).toBeNull();
});

test('a line has one word', () => {
  const before = stats({ receivedAudio: 100, lostAudio: 0 });
  const now = (more: Partial<CallStats>) => qualityOf(before, stats({ receivedAudio: 200, ...more }));
  expect(now({})).toBe('good');
  expect(now({ lostAudio: 6 })).toBe('fair');
  expect(now({ lostAudio: 40 })).toBe('poor');
  expect(now({ lossThere: 0.5 })).toBe('poor');
  expect(now({ roundTripMs: 400 })).toBe('fair');
  expect(now({ receivedAudio: 100 })).toBe('silent');
  expect(qualityOf(stats(), stats())).toBe('good'); // nothing has come yet
  // Who has no microphone says nothing of the line by being silent; what else is known of it still counts.
  const silent = (more: Partial<CallStats>) => qualityOf(before, stats({ receivedAudio: 100, ...more }), false);
  expect([silent({}), silent({ jitterMs: 200 }), silent({ lossThere: 0.5 }), silent({ roundTripMs: 400 })]).toEqual(['good', 'good', 'poor', 'fair']);
  const line = new LowLine();
  for (let at = 0; at < 60_000; at += 500) expect(line.take(null, silent({}), false, at)).toBe(false);
});

describe('the picture', () => {
  test('gives way when little gets through, and comes back when there is room', () => {
    const picture = new PictureYield();
    let at = 0;
    const take = (bits: number | null, times: number, quality: 'good' | 'poor' = 'good') => {
      for (let each = 0; each < times; each++) picture.take(bits, quality, (at += 500));
      return picture.sends;
    };
    expect(take(50_000, 3)).toBe(true); // not at once
    expect(take(400_000, 1)).toBe(true);
    expect(take(50_000, 4)).toBe(true);
    expect(take(50_000, 1)).toBe(false);
    expect(take(300_000, 10)).toBe(false);
    expect(take(300_000, 10)).toBe(true);
    expect(take(null, 20)).toBe(true);
    expect(take(null, 6, 'poor')).toBe(false);
    expect(take(50_000, 100, 'poor')).toBe(false);
    expect(take(50_000, 17)).toBe(true); // tried again: nobody measures what is not sent
    expect(take(50_000, 15)).toBe(true); // and the estimate grows with what is sent
    expect(take(50_000, 6)).toBe(false);
  });
});

test('the voice takes less of a tight line', () => {
  expect(voiceBits(500_000, 'good')).toBe(32_000);
  expect(voiceBits(50_000, 'good')).toBe(12_000);
  expect(voiceBits(null, 'poor')).toBe(12_000);
  expect(voiceBits(500_000, 'good', true)).toBe(6_000);
});

describe('a low line', () => {
  test('is one only after the picture has given way', () => {
    const line = new LowLine();
    for (let at = 0; at < 60_000; at += 500) expect(line.take(10_000, 'poor', true, at)).toBe(false);
    for (let at = 60_000; at < 64_000; at += 500) expect(line.take(10_000, 'poor', false, at)).toBe(false);
    expect(line.take(10_000, 'poor', false, 64_000)).toBe(true);
  });

  test('is tried again, after each time in vain only after twice as long', () => {
    const line = new LowLine();
    let at = 0;
    const lasts = (quality: 'fair' | 'poor') => {
      const [began, before] = [at, line.low];
      while (line.take(null, quality, false, (at += 500)) === before) expect(at - began).toBeLessThan(400_000);
      return at - began - 500;
    };
    expect(lasts('poor')).toBe(4_000);
    expect([lasts('fair'), lasts('poor'), lasts('fair'), lasts('poor'), lasts('fair')]).toEqual([30_000, 4_000, 60_000, 4_000, 120_000]);
    at += 60_000; // it was good for a while
    expect([lasts('poor'), lasts('fair')]).toEqual([4_000, 30_000]);
  });

  test('that was one is not one again by an estimate that has seen no picture since', () => {
    const line = new LowLine();
    let at = 0;
    const after = (ms: number, quality: 'good' | 'poor', picture = false) => {
      for (const end = at + ms; at < end; ) line.take(40_000, quality, picture, (at += 500));
      return line.low;
    };
    expect(after(5_000, 'good')).toBe(true);
    expect(after(31_000, 'good')).toBe(false);
    expect(after(100_000, 'good')).toBe(false);
    expect(after(5_000, 'poor')).toBe(true);
    expect(after(31_000, 'good')).toBe(false);
    expect(after(5_000, 'good', true)).toBe(false);
    expect(after(5_000, 'good')).toBe(true);
  });

  test('stays one while it is poor now and then', () => {
    const line = new LowLine();
    for (let at = 0; at <= 4_000; at += 500) line.take(null, 'silent', false, at);
    for (let at = 5_000; at < 600_000; at += 500) expect(line.take(null, at % 20_000 === 0 ? 'poor' : 'good', false, at)).toBe(true);
  });
});
