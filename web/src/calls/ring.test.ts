import { afterEach, beforeEach, expect, test, vi } from 'vitest';

// A browser's sound, as far as a ring sees it: locked until resume() is called after a touch.
class Audio extends EventTarget {
  static touched = false;
  static made: Audio[] = [];
  state = 'suspended';
  currentTime = 0;
  tones: number[] = [];
  destination = {};
  constructor() {
    super();
    Audio.made.push(this);
  }
  resume() {
    if (!Audio.touched) return new Promise<void>(() => undefined); // as Chromium does
    return this.turn('running');
  }
  suspend() {
    return this.turn('suspended');
  }
  private turn(state: string) {
    return Promise.resolve().then(() => {
      if (this.state === state) return;
      this.state = state;
      this.dispatchEvent(new Event('statechange'));
    });
  }
  createGain() {
    const gain = { setValueAtTime: () => undefined, linearRampToValueAtTime: () => undefined };
    return { gain, connect: (to: unknown) => to, disconnect: () => undefined };
  }
  createOscillator() {
    return { frequency: { value: 0 }, connect: (to: unknown) => to, start: (at: number) => this.tones.push(at), stop: () => undefined };
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.resetModules();
  Audio.touched = false;
  Audio.made = [];
  vi.stubGlobal('AudioContext', Audio);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});
const settled = () => vi.advanceTimersByTimeAsync(0);

test('in a page that was touched before, a call is heard, round after round, until it stops', async () => {
  const { hearFromFirstTouch, Ring } = await import('./ring');
  const page = new EventTarget();
  hearFromFirstTouch(page);
  Audio.touched = true;
  page.dispatchEvent(new Event('pointerup'));
  await settled();
  expect(Audio.made.map((each) => each.state)).toEqual(['suspended']); // allowed, and silent
  Audio.touched = false; // that touch is long ago: it stays allowed
  vi.spyOn(Audio.prototype, 'resume').mockImplementation(function (this: Audio) { return this['turn']('running'); });
  const ring = new Ring();
  ring.start('incoming');
  await settled();
  expect(Audio.made[0]?.tones.length).toBe(6);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(Audio.made[0]?.tones.length).toBe(12);
  ring.stop();
  await vi.advanceTimersByTimeAsync(6_000);
  expect([Audio.made[0]?.tones.length, Audio.made[0]?.state]).toEqual([12, 'suspended']);
  vi.restoreAllMocks();
});

test('in a page that nobody has touched it is heard from the first touch on, and nothing of before', async () => {
  const { hearFromFirstTouch, Ring } = await import('./ring');
  const page = new EventTarget();
  hearFromFirstTouch(page);
  const ring = new Ring();
  ring.start('incoming');
  await vi.advanceTimersByTimeAsync(9_000);
  expect(Audio.made[0]?.tones).toEqual([]);
  Audio.touched = true;
  page.dispatchEvent(new Event('keydown'));
  await settled();
  expect(Audio.made[0]?.tones.length).toBe(6);
  expect(Audio.made.length).toBe(1);
  ring.stop();
});

test('a second sound goes on when the first one stops', async () => {
  Audio.touched = true;
  const { Ring } = await import('./ring');
  const [one, two] = [new Ring(), new Ring()];
  one.start('outgoing');
  two.start('incoming');
  one.stop();
  await settled();
  expect(Audio.made[0]?.state).toBe('running');
  two.stop();
  await settled();
  expect(Audio.made[0]?.state).toBe('suspended');
});
