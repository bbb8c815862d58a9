// The media of a call of a group, and the devices of this side, whose tracks each connection has copies of: a copy is open when frames of that
// connection were sealed, whatever the others do. Of up to four each has a connection to each other one (peer_call.ts), of more all go by a unit that
// forwards (unit_media.ts); what went before goes on until what comes next flows. Not here: who is in it, and when it is over (group_calls.svelte.ts).

import type { DeviceId, GroupCallPeer } from '../api/types';
import { Anew } from './anew';
import type { FramePort } from './frame_port';
import { Seat } from './group_seat.svelte';
import { GroupUnit, type Rooms } from './group_unit';
import type { ManyFramePort } from './many_frame_port';
import { OwnMedia, type OwnOptions } from './own_media.svelte';
import { PeerCall, type PeerEnd } from './peer_call';
import type { Datagrams } from './relays';
import { decodeSignal, encodeSignal, type Signal } from './signals';

export interface GroupOptions extends OwnOptions {
  iceServers: RTCIceServer[];
  /** Asked before a way is looked for: relays from then on; null: those of before are good. */
  renewRelays?(lost: boolean): Promise<RTCIceServer[] | null>;
  relayOnly: boolean;
  datagrams?: Datagrams;
  /** This page was loaded anew during the call: the others are asked to begin anew. */
  begunAnew: boolean;
  /** The own account, and whether this device goes on with what another one of it is in: that one leaves once media flow here. */
  account?: string;
  takesOver?: boolean;
  /** Another own device has gone on with it: this one leaves. */
  onHanded?(): void;
  /** Rooms of a unit; none: this engine knows none. */
  rooms?: Rooms;
  send(to: DeviceId, data: string): void;
  /** Nothing more comes of it, by a fault here. */
  onEnd(why: PeerEnd): void;
  /** For tests. */
  port?(): FramePort;
  unitPort?(): ManyFramePort;
}

/** So many have a connection to each other one: with more each picture would leave too often. */
const kMeshMost = 4;
const kLevelMs = 100;
/** What the pictures of all others may take together, in bits per second. */
const kPicturesBits = 1_500_000;
const kPictureMostBits = 700_000;
const kNoSession = 'anew'; // the page that asks for it has no session
const kEarlyMax = 32;
/** So many others are seen large, in a page so wide; of more only who speaks. */
const kLargeMost = 4;
const kWide = 720;
const kLeaveUnitMs = 2_000;
/** So long the other own device is asked to leave, so often, and after so long also if nobody else is heard. */
const kHandingMs = 10_000;
const kHandedEveryMs = 1_000;
const kHandedAloneMs = 3_000;

function asText(signal: Signal): string {
  return new TextDecoder().decode(encodeSignal(signal));
}

export class GroupMedia extends OwnMedia {
  /** By device id, as the engine has them. */
  seats = $state.raw<readonly Seat[]>([]);
  /** When this person has raised a hand; 0: it is down. */
  handAt = $state(0);
  levelHere = $state(0);
  /** Who spoke last, of the others. */
  main = $state.raw<DeviceId | null>(null);

  private readonly unit: GroupUnit | null;
  /** Since when it is taken over from another own device; null: it is not. Two devices in one room are not to hear each other. */
  private handing: number | null;
  private handedAt = -kHandedEveryMs;
  private large = true;
  private one = false;
  private layersAt = '';
  private closed = false;
  /** With whom there was a connection: who is found again has what is left of it. */
  private readonly met = new Set<string>();
  private readonly takenUp = new Set<string>();
  private readonly early = new Map<DeviceId, string[]>();
  private readonly meter: ReturnType<typeof setInterval>;
  /** By device, also of who has left: who comes in anew again and again waits, too. */
  private readonly anew = new Map<DeviceId, Anew>();
  private readonly soon = new Map<DeviceId, ReturnType<typeof setTimeout>>();

  private leaving: ReturnType<typeof setTimeout> | undefined;
  private iceServers: RTCIceServer[];

  constructor(private readonly options: GroupOptions) {
    super(options);
    this.iceServers = options.iceServers;
    this.handing = options.takesOver ? performance.now() : null;
    this.unit = options.rooms
      ? new GroupUnit({
          rooms: options.rooms,
          send: (to, signal) => this.options.send(to, asText(signal)),
          track: (kind) => this.trackOf(kind),
          onChange: () => this.onUnit(),
          onEnd: (why) => options.onEnd(why),
          ...(options.unitPort ? { port: options.unitPort } : {}),
        })
      : null;
    this.meter = setInterval(() => this.measure(), kLevelMs);
    void this.showPicture();
  }

  /** Who is in it now. Whoever has left has keys that are good no more: all others get new ones. */
  take(peers: readonly GroupCallPeer[]): void {
    if (this.closed) return;
    const stays = (seat: Seat) => peers.some((each) => each.device === seat.of.device && each.join === seat.of.join);
    const left = this.seats.filter((each) => !stays(each));
    const staying = this.seats.filter(stays);
    for (const each of left) each.close();
    if (left.length > 0) for (const each of staying) each.peer?.changeKeys();
    const seats = peers.map((of) => staying.find((each) => each.of.device === of.device) ?? new Seat(of));
    this.seats = seats;
    const many = this.many;
    for (const each of seats) {
      if (each.peer || many) continue;
      const joining = `${each.of.device} ${each.of.join}`;
      this.beginSoon(each, this.options.begunAnew || this.met.has(joining));
      this.met.add(joining);
    }
    this.unit?.take(peers, many);
    if (many) for (const each of seats) this.takeUp(each);
    this.onUnit();
  }

  // One with whom there is no connection: what he has said before he was known is heard now, and this page asks for what it has lost.
  private takeUp(seat: Seat): void {
    const joining = `${seat.of.device} ${seat.of.join}`;
    if (seat.peer || this.takenUp.has(joining)) return;
    this.takenUp.add(joining);
    if (this.options.begunAnew) this.say(seat, { type: 'restart', session: kNoSession });
    const waiting = this.early.get(seat.of.device);
    this.early.delete(seat.of.device);
    for (const each of waiting ?? []) this.hear(seat.of.device, each);
  }

  /** How large the others are shown: small ones need no large pictures. `one`: all but who speaks are small. */
  showLarge(large: boolean, one: boolean): void {
    this.large = large;
    this.one = one;
    this.chooseLayers();
  }

  private get many(): boolean {
    return this.unit !== null && this.seats.length + 1 > kMeshMost;
  }

  /** What the page of one of them has said. */
  hear(from: DeviceId, data: string): void {
    const seat = this.seats.find((each) => each.of.device === from);
    if (!seat) {
      const waiting = this.early.get(from) ?? [];
      if (waiting.length < kEarlyMax) this.early.set(from, [...waiting, data]);
      return;
    }
    const signal = decodeSignal(new TextEncoder().encode(data));
    if (!signal) return;
    if (signal.type === 'handed') return void (this.isOwn(seat) && this.options.onHanded?.());
    if (signal.type === 'room' || signal.type === 'seat') return this.unit?.hear(from, signal);
    if (signal.type === 'restart' && signal.session === kNoSession) this.unit?.again(from);
    if (!seat.peer) return this.keepEarly(from, signal, data);
    // The other page was loaded anew: nothing of the connection is left there.
    if (signal.type === 'restart' && signal.session === kNoSession) {
      if (seat.of.offers) this.beginSoon(seat, false);
      return;
    }
    seat.peer?.hear(signal);
  }

  // The other side may know earlier that few are left, and offers.
  private keepEarly(from: DeviceId, signal: Signal, data: string): void {
    if (signal.type === 'offer') this.early.set(from, [data]);
    else if (signal.type === 'candidates') this.early.set(from, [...(this.early.get(from) ?? []), data].slice(0, kEarlyMax));
  }

  override mute(muted: boolean): void {
    super.mute(muted);
    this.applyMute();
  }

  private get silent(): boolean {
    return this.muted || this.handing !== null;
  }

  private applyMute(): void {
    this.unit?.mute(this.silent);
    for (const each of this.seats) each.peer?.mute(this.silent);
  }

  private isOwn(seat: Seat): boolean {
    return this.options.account !== undefined && seat.of.account === this.options.account;
  }

  // Until the other own device has left it is the one that is heard.
  private handOver(now: number): void {
    if (this.handing === null) return;
    const [own, others] = [this.seats.filter((each) => this.isOwn(each)), this.seats.filter((each) => !this.isOwn(each))];
    const passed = now - this.handing;
    if (passed >= kHandingMs || (own.length === 0 && (this.handedAt > 0 || passed >= kHandedAloneMs))) {
      this.handing = null; // an older page stays, and is left to the person
      for (const each of own) each.peer?.hold(false);
      return this.applyMute();
    }
    const flows = others.some((each) => each.phase === 'active' && each.remote !== null);
    if (!flows && !(others.length === 0 && passed >= kHandedAloneMs)) return;
    if (now - this.handedAt < kHandedEveryMs) return;
    this.handedAt = now;
    for (const each of own) this.say(each, { type: 'handed', session: kNoSession });
  }

  raiseHand(hand: boolean): void {
    this.handAt = hand ? performance.now() : 0;
    this.unit?.raiseHand(hand);
    for (const each of this.seats) each.peer?.raiseHand(hand);
  }

  /** `keeps`: the devices stay open, for another call. */
  close(keeps = false): void {
    this.closed = true;
    clearInterval(this.meter);
    for (const each of this.soon.values()) clearTimeout(each);
    for (const each of this.seats) each.close();
    this.seats = [];
    this.unit?.close();
    if (!keeps) this.devices.close();
    this.letGo();
  }

  private anewOf(device: DeviceId): Anew {
    const known = this.anew.get(device) ?? new Anew();
    this.anew.set(device, known);
    return known;
  }

  // Now, or when it is time: what asks for it is said once.
  private beginSoon(seat: Seat, asks: boolean): void {
    const { device } = seat.of;
    if (this.soon.has(device)) return;
    const [anew, now] = [this.anewOf(device), performance.now()];
    if (anew.take(now)) return this.begin(seat, asks);
    const begin = () => {
      this.soon.delete(device);
      const there = this.seats.find((each) => each.of.device === device);
      if (there && !this.many) this.beginSoon(there, asks);
    };
    this.soon.set(device, setTimeout(begin, anew.wait(now)));
  }

  private begin(seat: Seat, asks: boolean): void {
    seat.peer?.close();
    const { relayOnly, port, datagrams } = this.options;
    const peer: PeerCall = new PeerCall({
      offers: seat.of.offers, iceServers: this.iceServers, relayOnly, agrees: true,
      // Another connection may have renewed them.
      renewRelays: async (lost) => (this.iceServers = (await this.options.renewRelays?.(lost)) ?? this.iceServers),
      pictureBits: Math.min(kPictureMostBits, kPicturesBits / Math.max(1, this.seats.length)),
      send: (signal) => this.say(seat, signal),
      onChange: () => this.onChange(seat, peer),
      onNewSession: (offer) => {
        if (!this.anewOf(seat.of.device).take(performance.now())) return; // it is said again
        this.begin(seat, false);
        seat.peer?.hear(offer);
      },
      ...(datagrams ? { datagrams } : {}),
      ...(port ? { port: port() } : {}),
    });
    seat.peer = peer;
    seat.remote = null;
    void this.giveTrack(seat, 'audio');
    if (this.silent) peer.mute(true);
    if (this.handing !== null && this.isOwn(seat)) peer.hold(true);
    if (this.handAt > 0) peer.raiseHand(true);
    void this.giveTrack(seat, 'video');
    peer.start();
    if (asks && !seat.of.offers) this.say(seat, { type: 'restart', session: kNoSession });
    const waiting = this.early.get(seat.of.device);
    this.early.delete(seat.of.device);
    for (const each of waiting ?? []) this.hear(seat.of.device, each);
  }

  private onChange(seat: Seat, peer: PeerCall): void {
    if (seat.peer !== peer || this.closed) return; // one that is over
    seat.take(this.unit?.media ?? null);
    this.leaveUnit();
    if (!peer.ended) return;
    // Nothing of this one can be read, and nothing of ours goes there any more: the others are not concerned.
    if (peer.ended === 'unreadable' || peer.ended === 'frames_lost') return seat.end();
    this.options.onEnd(peer.ended); // what is not sealed to one is not sealed here
  }

  // What comes by the unit: who is heard by it both ways needs no connection.
  private onUnit(): void {
    if (this.closed) return;
    const media = this.unit?.media ?? null;
    for (const each of this.seats) {
      if (this.many && each.peer && media?.flows(each.of.device)) {
        each.closePeer();
        this.early.delete(each.of.device);
      }
      each.take(media);
    }
    this.leaveUnit();
  }

  // Few are left, and all of them are connected with each other again.
  private leaveUnit(): void {
    if (!this.unit?.wanted || this.many || this.leaving !== undefined) return;
    if (!this.seats.every((each) => each.peer?.phase === 'active' && each.peer.remote.getTracks().length > 0)) return;
    // The others may not have all of it yet.
    this.leaving = setTimeout(() => {
      this.leaving = undefined;
      if (!this.many) this.unit?.stop();
    }, kLeaveUnitMs);
  }

  private say(seat: Seat, signal: Signal): void {
    this.options.send(seat.of.device, asText(signal));
  }

  private trackOf(kind: 'audio' | 'video'): { track: MediaStreamTrack; of: 'microphone' | 'camera' | 'screen' } | null {
    const { devices } = this;
    const track = kind === 'audio' ? devices.microphone : (devices.screen ?? devices.camera);
    return track && { track, of: kind === 'audio' ? 'microphone' : devices.screen ? 'screen' : 'camera' };
  }

  // A copy of its own for each connection: its being open says that this one seals.
  private async giveTrack(seat: Seat, kind: 'audio' | 'video'): Promise<void> {
    if (!seat.peer || seat.peer.phase === 'ended') return;
    const given = this.trackOf(kind);
    const copy = given?.track.clone() ?? null;
    if (copy) copy.enabled = false;
    const before = seat.copies[kind];
    if (copy) seat.copies[kind] = copy;
    else delete seat.copies[kind];
    await seat.peer?.setTrack(kind, copy, given?.of ?? (kind === 'audio' ? 'microphone' : 'camera'));
    before?.stop();
  }

  protected override async send(kind: 'audio' | 'video'): Promise<void> {
    const track = kind === 'video' ? this.trackOf(kind)?.track : null;
    if (track) track.enabled = true; // only shown here: what is sent are copies
    await Promise.all([...this.seats.map((each) => this.giveTrack(each, kind)), this.unit?.giveTrack(kind)]);
  }

  private measure(): void {
    const now = performance.now();
    this.handOver(now);
    for (const each of this.seats) {
      each.measure(now);
      this.anew.get(each.of.device)?.flows(each.remote !== null && each.phase === 'active', now);
    }
    this.levelHere = Math.max(0, this.unit?.media?.stats?.levelHere ?? 0, ...this.seats.map((each) => each.peer?.stats?.levelHere ?? 0));
    const main = this.seats.find((each) => each.of.device === this.main);
    if (!main?.speaks) this.main = this.seats.find((each) => each.speaks)?.of.device ?? main?.of.device ?? null;
    this.chooseLayers();
  }

  // Of who is seen large the unit sends a large picture, as far as the line and what shows it are good for that.
  private chooseLayers(): void {
    const quality = this.unit?.media?.quality ?? 'good';
    const usual = this.large && !this.one && this.seats.length <= kLargeMost && innerWidth >= kWide && quality === 'good' ? 1 : 0;
    const largest = (each: Seat) => this.large && quality !== 'poor' && (each.there.screen || each.of.device === this.main);
    const layers = new Map(this.seats.map((each) => [each.of.device, largest(each) ? 2 : usual]));
    const now = JSON.stringify([...layers]);
    if (now === this.layersAt) return;
    this.layersAt = now;
    this.unit?.show(layers);
  }
}
