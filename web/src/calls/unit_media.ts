// A call of more than a few, as this page takes part in it by a room of a unit (docs/protocol/calls.md, "More than four"): its connections with the unit
// (unit_call.ts), who has which feed, and the keys of frames. The unit forwards what it cannot open; all that is relied on is said by the pages to
// each other, end to end encrypted.
//
// Each page says to each other one, by itself and again until it was heard, all that he needs of it: a SeatSignal. Its number counts its changes.

import type { CallRoomStream, DeviceId, GroupCallPeer } from '../api/types';
import type { CallStats, Quality } from './call_stats';
import type { Kind, SaidKey } from './frame_protocol';
import { ManyFramePort } from './many_frame_port';
import type { PeerEnd } from './peer_call';
import { RoomSeat, type AskRoom, type RoomPlace } from './room_seat';
import { SeatKeys } from './seat_keys';
import type { SeatSignal, Shown } from './signals';
import { UnitCall } from './unit_call';

export interface UnitOptions {
  place: RoomPlace;
  ask: AskRoom;
  send(to: DeviceId, signal: SeatSignal): void;
  onChange(): void;
  onEnd(why: PeerEnd): void;
  onGone(error: unknown): void;
  /** For tests. */
  port?(): ManyFramePort;
}

const kSayAgainMs = 3_000;
const kSaySoonMs = 60; // what changes within goes together: each signal is a message of the chat
const kKeySoonMs = 400; // so do those who come in together
const kKeyTakenMs = 2_000; // by when a new key seals, also where somebody has not heard of it
const kKeyEveryMs = 1_000; // however many come and go: receivers hold the newest four
const kMeetMs = 2_000; // so often a device may begin anew
const kPicturesMost = 16;

/** Another device, as this page knows it by its signals. */
class Other {
  session = '';
  said = 1; // counts what is said to it
  number = 0; // of what it has said last
  heard = 0; // of what this side has said, that it has heard
  has = -1; // the newest key of this side that it has
  taken = -1; // the newest of its own that was taken here
  feed = 0;
  share: Uint8Array<ArrayBuffer> | null = null;
  shown: Shown = { microphone: true, camera: false, screen: false, hand: false };
  opens = false; // it opens what this side sends
  metAt = -kMeetMs; // with this session
  readonly opened = new Set<Kind>(); // of what it sends
  work: Promise<void> = Promise.resolve();

  constructor(readonly of: GroupCallPeer) {}
}

export class UnitMedia {
  readonly call: UnitCall;
  private readonly session = crypto.randomUUID();
  private readonly port: ManyFramePort;
  private readonly others = new Map<DeviceId, Other>();
  private readonly lines = new Set<string>();
  private keys: SeatKeys | null = null;
  private key: SaidKey | null = null;
  private used = -1;
  private keyAt = -kKeyEveryMs;
  private shown: Shown = { microphone: false, camera: false, screen: false, hand: false };
  private muted = false;
  private readonly tracks: Record<Kind, MediaStreamTrack | null> = { audio: null, video: null };
  private readonly sealed = new Set<Kind>();
  private layers: ReadonlyMap<DeviceId, number> = new Map();
  private watched = '';
  private feed = 0;
  private keyWork: Promise<void> = Promise.resolve();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private closed = false;
  private readonly ready = this.makeKeys();

  constructor(private readonly options: UnitOptions) {
    this.port = options.port?.() ?? new ManyFramePort();
    this.port.onFirst = ({ side, kind }, device) => this.onFirst(side === 'sent', kind, device);
    this.call = new UnitCall({
      seat: new RoomSeat(options.ask),
      port: this.port,
      onLines: (lines) => this.onLines(lines),
      onChange: () => this.onCall(),
      onEnd: (why) => options.onEnd(why),
      onGone: (error) => options.onGone(error),
    });
  }

  async start(): Promise<void> {
    try {
      await this.ready;
      await this.makeKey();
      this.after('again', kSayAgainMs, () => this.sayAgain());
      await this.call.start();
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    if (!this.closed) this.options.onGone(error);
  }

  /** Who is in the call now. Whoever has come or gone since: all get a new key. */
  take(peers: readonly GroupCallPeer[]): void {
    let [came, went] = [false, false];
    for (const [device, other] of this.others) {
      if (peers.some((each) => each.device === device && each.join === other.of.join)) continue;
      this.others.delete(device);
      this.forget(device);
      went = true;
    }
    for (const each of peers) {
      if (this.others.has(each.device)) continue;
      this.others.set(each.device, new Other(each));
      came = true;
      if (this.key) this.saySoon(each.device);
    }
    if (this.key && (came || went)) this.changeKey(went ? 0 : kKeySoonMs);
    this.watch();
  }

  hear(from: DeviceId, signal: SeatSignal): void {
    const other = this.others.get(from);
    if (other) other.work = other.work.then(() => this.takeSignal(other, signal)).catch(() => undefined); // what does not fit changes nothing
  }

  async setTrack(kind: Kind, track: MediaStreamTrack | null, of: 'microphone' | 'camera' | 'screen'): Promise<void> {
    this.tracks[kind] = track;
    if (kind === 'video') this.shown = { ...this.shown, camera: false, screen: false };
    this.shown = { ...this.shown, [of]: track !== null && !(kind === 'audio' && this.muted) };
    if (track && kind === 'video') track.contentHint = of === 'screen' ? 'detail' : 'motion';
    this.applyEnabled();
    await this.call.setTrack(kind, track);
    this.change();
  }

  mute(muted: boolean): void {
    this.muted = muted;
    this.shown = { ...this.shown, microphone: this.tracks.audio !== null && !muted };
    this.applyEnabled();
    this.change();
  }

  raiseHand(hand: boolean): void {
    this.shown = { ...this.shown, hand };
    this.change();
  }

  /** Whose picture comes, in which size at most (0 to 2); of others there is only the voice. */
  show(layers: ReadonlyMap<DeviceId, number>): void {
    this.layers = layers;
    this.watch();
  }

  /** What of that device was opened. */
  tracksOf(device: DeviceId): MediaStreamTrack[] {
    const other = this.others.get(device);
    if (!other) return [];
    const of = (kind: Kind) => (other.opened.has(kind) ? this.call.receiverOf(other.feed, kind)?.track : undefined);
    return [of('audio'), of('video')].filter((each) => each !== undefined);
  }

  /** How loud it is just now, 0 to 1. */
  levelOf(device: DeviceId): number {
    const other = this.others.get(device);
    const receiver = other?.opened.has('audio') ? this.call.receiverOf(other.feed, 'audio') : null;
    return receiver?.getSynchronizationSources()[0]?.audioLevel ?? 0;
  }

  shownOf(device: DeviceId): Shown | null {
    const other = this.others.get(device);
    return other && other.session !== '' ? other.shown : null;
  }

  /** Both hear each other by the unit. */
  flows(device: DeviceId): boolean {
    const other = this.others.get(device);
    return other !== undefined && other.opens && other.opened.has('audio');
  }

  get quality(): Quality {
    return this.call.quality;
  }

  get stats(): CallStats | null {
    return this.call.stats;
  }

  close(): void {
    this.closed = true;
    for (const each of this.timers.values()) clearTimeout(each);
    this.timers.clear();
    for (const each of Object.values(this.tracks)) if (each) each.enabled = false;
    this.call.close();
    this.port.close();
  }

  // ---- what is said ----

  /** The page of that device has begun anew, and knows nothing. */
  again(device: DeviceId): void {
    const other = this.others.get(device);
    if (other) this.changeFor(other);
  }

  // Something of this side has changed: all hear it.
  private change(): void {
    this.options.onChange();
    for (const each of this.others.values()) this.changeFor(each);
  }

  private changeFor(other: Other): void {
    other.said++;
    this.saySoon(other.of.device);
  }

  private saySoon(device: DeviceId): void {
    const name = `say ${device}`;
    if (!this.timers.has(name)) this.after(name, kSaySoonMs, () => this.say(device));
  }

  private sayAgain(): void {
    for (const [device, other] of this.others) if (other.heard < other.said) this.say(device);
    this.after('again', kSayAgainMs, () => this.sayAgain());
  }

  private say(device: DeviceId): void {
    const other = this.others.get(device);
    if (other) other.work = other.work.then(() => this.sayNow(device, other)).catch(() => undefined);
  }

  private async sayNow(device: DeviceId, other: Other): Promise<void> {
    const { keys, key } = this;
    if (!keys || !key || !this.isThere(other)) return;
    const box = other.has < key.kid ? await keys.seal(device, key.kid, key.key) : null;
    if (!this.isThere(other)) return; // he has no part in what was made since
    this.options.send(device, {
      type: 'seat', session: this.session, ...this.options.place, number: other.said, heard: other.number, asks: other.heard < other.said, to: other.session, share: keys.share,
      feed: this.feed, shown: this.shown, key: box, has: other.taken, opens: other.opened.has('audio'),
    });
  }

  private isThere(other: Other): boolean {
    return !this.closed && this.others.get(other.of.device) === other;
  }

  private async takeSignal(other: Other, signal: SeatSignal): Promise<void> {
    const device = other.of.device;
    const keys = await this.ready;
    if (!this.isThere(other)) return;
    if (signal.session !== other.session) {
      // The other page has begun anew: nothing of before is left there. Not without end: each time costs an agreement.
      if (performance.now() - other.metAt < kMeetMs) return;
      other.metAt = performance.now();
      if (!(await keys.meet(device, signal.share))) return;
      this.port.forget(device);
      Object.assign(other, { session: signal.session, share: signal.share, number: 0, heard: 0, has: -1, taken: -1, feed: 0, opens: false });
      other.opened.clear();
    }
    if (signal.number < other.number) return; // one that comes late
    const isNew = signal.number > other.number;
    other.number = signal.number;
    const here = signal.to === this.session;
    if (here) Object.assign(other, { heard: Math.max(other.heard, signal.heard), has: Math.max(other.has, signal.has), opens: signal.opens });
    const key = here && signal.key && signal.key.kid > other.taken && other.share ? await keys.open(device, other.share, signal.key) : null;
    if (key && signal.key) {
      other.taken = signal.key.kid;
      this.port.takeKeyOf(device, { kid: signal.key.kid, key });
    }
    if (isNew) [other.feed, other.shown] = [signal.feed, signal.shown];
    if (signal.asks || key || !here) this.saySoon(device);
    this.useKey();
    this.watch();
    this.options.onChange();
  }

  // ---- keys ----

  private async makeKeys(): Promise<SeatKeys> {
    return (this.keys = await SeatKeys.make());
  }

  // Whoever is out has no key that seals from now on; whoever comes in has none of before.
  private changeKey(ms: number): void {
    if (this.timers.has('key')) return; // made later, so it is of use for this as well
    this.after('key', Math.max(ms, this.keyAt + kKeyEveryMs - performance.now()), () => (this.keyWork = this.keyWork.then(() => this.makeKey()).catch((error: unknown) => this.fail(error))));
  }

  private async makeKey(): Promise<void> {
    if (this.closed) return;
    this.keyAt = performance.now();
    this.key = await this.port.makeKey();
    this.change();
    // Not put off by who comes and goes meanwhile: the one that is used is good no more.
    if (!this.timers.has('use')) this.after('use', kKeyTakenMs, () => this.useKey(true));
  }

  // When all have it, so that no frame waits for a key; but not for long.
  private useKey(now = false): void {
    const { key } = this;
    if (!key || key.kid <= this.used) return;
    if (!now && ![...this.others.values()].every((each) => each.has >= key.kid)) return;
    this.used = key.kid;
    this.port.useKey(key.kid);
  }

  private forget(device: DeviceId): void {
    this.keys?.forget(device);
    this.port.forget(device);
  }

  // ---- media ----

  private onCall(): void {
    if (this.closed) return;
    for (const kind of ['audio', 'video'] as const) void this.call.setTrack(kind, this.tracks[kind]);
    if (this.call.feed !== this.feed) {
      this.feed = this.call.feed;
      this.change();
    }
    this.applyEnabled();
    this.options.onChange();
  }

  private onFirst(sent: boolean, kind: Kind, device?: string): void {
    if (sent) this.sealed.add(kind);
    else {
      const other = device === undefined ? undefined : this.others.get(device);
      if (!other) return;
      other.opened.add(kind);
      if (kind === 'audio') this.changeFor(other); // it is told that it is heard
    }
    this.applyEnabled();
    this.options.onChange();
  }

  // What comes on a line is opened with the keys of that device alone of whom the page knows that it is his.
  private onLines(lines: ReadonlyMap<string, { feed: number; kind: Kind }>): void {
    for (const line of this.lines) if (!lines.has(line)) this.port.whose(line, null);
    this.lines.clear();
    for (const [line, { feed }] of lines) {
      this.lines.add(line);
      this.port.whose(line, [...this.others.values()].find((each) => each.feed === feed)?.of.device ?? null);
    }
  }

  private applyEnabled(): void {
    if (this.closed) return;
    for (const kind of ['audio', 'video'] as const) {
      const track = this.tracks[kind];
      if (track) track.enabled = this.sealed.has(kind) && !(kind === 'audio' && this.muted);
      for (const each of this.others.values()) {
        const received = this.call.receiverOf(each.feed, kind)?.track;
        if (received) received.enabled = each.opened.has(kind);
      }
    }
  }

  // Every voice; and of pictures first those that are shown large.
  private watch(): void {
    const heard = [...this.others.values()].filter((each) => each.feed !== 0 && each.taken >= 0);
    const layerOf = (each: Other) => (each.shown.camera || each.shown.screen ? (this.layers.get(each.of.device) ?? -1) : -1);
    const seen = heard.filter((each) => layerOf(each) >= 0).sort((a, b) => layerOf(b) - layerOf(a)).slice(0, kPicturesMost);
    const wanted: CallRoomStream[] = heard.flatMap((each) => [
      { feed: each.feed, picture: false, layer: 0 },
      ...(seen.includes(each) ? [{ feed: each.feed, picture: true, layer: layerOf(each) }] : []),
    ]);
    const now = JSON.stringify(wanted);
    if (now === this.watched) return;
    this.watched = now;
    this.call.watch(wanted);
  }

  private after(name: string, ms: number, work: () => unknown): void {
    clearTimeout(this.timers.get(name));
    if (this.closed) return;
    const timer = setTimeout(() => {
      if (this.timers.get(name) === timer) this.timers.delete(name);
      work();
    }, ms);
    this.timers.set(name, timer);
  }
}
