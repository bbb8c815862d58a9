import { expect, test } from 'vitest';
import { readStats, type CallStats } from './call_stats';
import { kMovedMs, kProvenMs, UdpWay } from './udp_way';

const kLookMs = 500;
const kNothing = readStats(new Map());

// A call whose page looks twice a second; what a second brings stands in `rate`.
class Line {
  readonly way = new UdpWay();
  readonly deeds: (readonly [number, string])[] = [];
  now = 1_000_000;
  private sums = { came: 0, answers: 0, receivedAudio: 0, lostAudio: 0 };

  pass(ms: number, by: CallStats['way'], rate: { came?: number; lost?: number; answers?: number; lossThere?: number } = {}, flows = true): this {
    const { came = 60, lost = 0, answers = 0.4, lossThere } = rate;
    for (let at = 0; at < ms; at += kLookMs) {
      this.now += kLookMs;
      this.sums.came += came / 2;
      this.sums.receivedAudio += came / 2;
      this.sums.lostAudio += lost / 2;
      this.sums.answers += answers / 2;
      const deed = this.way.take({ ...kNothing, ...this.sums, lossThere: lossThere ?? null, way: by }, flows, this.now);
      if (deed) this.deeds.push([this.now - this.since, deed]);
    }
    return this;
  }

  since = this.now;
  from(): this {
    this.since = this.now;
    this.deeds.splice(0);
    return this;
  }
  get said(): string[] {
    return this.deeds.map(([, deed]) => deed);
  }
}

test('UDP is tried once media have flowed by TLS, once', () => {
  const line = new Line().pass(60_000, 'tls', {}, false);
  expect(line.said).toEqual([]);
  line.from().pass(60_000, 'tls');
  expect(line.deeds).toEqual([[kProvenMs + kLookMs, 'try']]);
  expect(line.way.mayTry()).toBe(true);
  expect(line.way.mayTry()).toBe(false);
  expect(line.from().pass(60_000, 'tls').said).toEqual([]); // it did not come about
});

test('time is counted anew when media stop', () => {
  const line = new Line().pass(4_000, 'tcp').pass(500, 'tcp', {}, false).pass(4_000, 'tcp');
  expect(line.said).toEqual([]);
});

test('where the other side looks for a way first, UDP may be in it, and is tried no second time', () => {
  const line = new Line();
  expect(line.way.mayTry()).toBe(false); // nothing flows yet
  line.pass(1_000, 'tls');
  expect(line.way.mayTry()).toBe(true);
  expect(line.pass(20_000, 'tls').said).toEqual([]);
});

test('a way by UDP on which nothing comes any more is left soon, and said to be spoilt once TLS goes on', () => {
  for (const way of ['udp', 'direct'] as const) {
    const line = new Line().pass(10_000, way).from().pass(3_000, way, { came: 0, answers: 0 });
    expect(line.said).toEqual(['leave']);
    expect(line.deeds[0]![0]).toBeLessThanOrEqual(2_000);
    line.from().pass(2_000, way, { came: 0, answers: 0 }).pass(500, 'tls', {}, false).pass(20_000, 'tls');
    expect(line.said).toEqual(['spoilt']);
    expect(line.way.mayTry()).toBe(false);
  }
});

test('a way by UDP of which the browser says nothing any more is left, too', () => {
  const line = new Line().pass(10_000, 'udp').from().pass(3_000, null);
  expect(line.said).toEqual(['leave']);
  expect(line.from().pass(20_000, 'tls').said).toEqual(['spoilt']);
});

test('who follows the other side says that it is spoilt if nothing comes here either', () => {
  for (const [came, said] of [[0, ['spoilt']], [60, []]] as const) {
    const line = new Line().pass(1_000, 'tls');
    expect(line.way.mayTry()).toBe(true);
    line.pass(10_000, 'udp').pass(1_000, 'udp', { came });
    line.way.follow(line.now);
    expect(line.from().pass(20_000, 'tls').said).toEqual(said);
  }
});

test('one of which a few in a hundred packets come is left', () => {
  const line = new Line().pass(10_000, 'udp').from().pass(3_000, 'udp', { came: 3, lost: 47 });
  expect(line.said).toEqual(['leave']);
  expect(new Line().pass(10_000, 'udp').pass(5_000, 'udp', { lossThere: 0.9 }).said).toEqual(['leave']);
});

test('a line that is merely bad, and one on which nobody says anything, are not left', () => {
  expect(new Line().pass(60_000, 'udp', { came: 40, lost: 10, lossThere: 0.2 }).said).toEqual([]);
  expect(new Line().pass(10_000, 'udp').pass(60_000, 'udp', { came: 2.5 }).said).toEqual([]); // pauses
  expect(new Line().pass(4_000, 'udp', { came: 2.5 }).pass(60_000, 'udp', { came: 0 }).said).toEqual([]); // no microphone; STUN is answered
  expect(new Line().pass(4_000, 'udp', { came: 2.5 }).pass(8_000, 'udp', { came: 0, answers: 0 }).said).toEqual(['leave']);
});

test('what ends since this device went to another network is not said to be spoilt, and after it all begins anew', () => {
  const line = new Line().pass(10_000, 'udp');
  line.way.moved(line.now);
  line.pass(3_000, 'udp', { came: 0, answers: 0 }).pass(20_000, 'tls');
  expect(line.said).toEqual(['leave']);
  const other = new Line().pass(10_000, 'tls');
  expect(other.way.mayTry()).toBe(true);
  other.way.moved(other.now);
  expect(other.from().pass(kMovedMs, 'tls').said).toEqual(['try']);
});
