// The media of a call of a group: one connection to each other device that is in it (peer_call.ts), and the devices of this side, whose tracks each
// connection has copies of: a copy is open when frames of that connection were sealed, whatever the others do. Not here: who is in it, and when it
// is over (group_calls.svelte.ts).

import type { DeviceId, GroupCallPeer } from '../api/types';
import { listDevices, type CallDevices, type Device, type Refusal } from './call_devices';
import type { Quality } from './call_stats';
import type { FramePort } from './frame_port';
import { PeerCall, type PeerEnd, type PeerPhase } from './peer_call';
import { decodeSignal, encodeSignal, type Shown, type Signal } from './signals';

export interface GroupOptions {
  devices: CallDevices;
  iceServers: RTCIceServer[];
  /** Asked before a way is looked for: relays from then on; null: those of before are good. */
  renewRelays?(): Promise<RTCIceServer[] | null>;
  relayOnly: boolean;
  /** This page was loaded anew during the call: the others are asked to begin anew. */
  begunAnew: boolean;
  send(to: DeviceId, data: string): void;
  /** Nothing more comes of it, by a fault here. */
  onEnd(why: PeerEnd): void;
  onRefused(refusal: Refusal, what: 'microphone' | 'camera' | 'screen'): void;
  /** For tests. */
  port?(): FramePort;
}

const kLevelMs = 100;
/** Who was louder than this a moment ago speaks. */
const kSpeaks = 0.02;
const kSpeaksForMs = 1_200;
/** What the pictures of all others may take together, in bits per second. */
const kPicturesBits = 1_500_000;
const kPictureMostBits = 700_000;
const kNoSession = 'anew'; // the page that asks for it has no session
const kEarlyMax = 32;

/** Another device in the call, as it is shown. */
export class Seat {
  phase = $state<PeerPhase>('connecting');
  quality = $state<Quality>('good');
  there = $state.raw<Shown>({ microphone: true, camera: false, screen: false, hand: false });
  pictureHeldBack = $state(false);
  /** What comes from there; anew with each track. */
  remote = $state.raw<MediaStream | null>(null);
  hasPicture = $state(false);
  level = $state(0);
  speaks = $state(false);
  /** When the hand was seen to go up; 0: it is down. */
  handAt = $state(0);
  private spokeAt = -kSpeaksForMs;
  peer: PeerCall | null = null;
  copies: Partial<Record<'audio' | 'video', MediaStreamTrack>> = {};

  constructor(readonly of: GroupCallPeer) {}

  take(peer: PeerCall): void {
    this.phase = peer.phase;
    this.quality = peer.quality;
    this.there = peer.there;
    this.handAt = peer.there.hand ? this.handAt || performance.now() : 0;
    this.pictureHeldBack = peer.pictureHeldBack;
    const tracks = peer.remote.getTracks();
    if (tracks.length !== (this.remote?.getTracks().length ?? 0)) this.remote = new MediaStream(tracks);
    this.hasPicture = peer.remote.getVideoTracks().length > 0 && (this.there.camera || this.there.screen);
  }

  measure(now: number): void {
    this.level = this.peer?.level ?? 0;
    if (this.level > kSpeaks) this.spokeAt = now;
    this.speaks = now - this.spokeAt < kSpeaksForMs;
  }

  close(): void {
    this.peer?.close();
    this.end();
  }

  /** Nothing goes there any more and nothing is shown of it. */
  end(): void {
    for (const each of Object.values(this.copies)) each.stop();
    this.copies = {};
    this.remote = null;
    this.hasPicture = false;
    this.handAt = 0;
  }
}

export class GroupMedia {
  /** By device id, as the engine has them. */
  seats = $state.raw<readonly Seat[]>([]);
  muted = $state(false);
  /** When this person has raised a hand; 0: it is down. */
  handAt = $state(0);
  shows = $state<'nothing' | 'camera' | 'screen'>('nothing');
  /** The own picture, while there is one. */
  own = $state.raw<MediaStream | null>(null);
  mirrored = $state(true);
  levelHere = $state(0);
  cameras = $state(0);
  speakers = $state.raw<readonly Device[]>([]);
  speaker = $state('');

  private closed = false;
  /** With whom there was a connection: who is found again has what is left of it. */
  private readonly met = new Set<string>();
  private readonly early = new Map<DeviceId, string[]>();
  private readonly meter: ReturnType<typeof setInterval>;

  private iceServers: RTCIceServer[];

  constructor(private readonly options: GroupOptions) {
    this.iceServers = options.iceServers;
    options.devices.onEnded = (which) => void this.onDeviceEnded(which);
    this.meter = setInterval(() => this.measure(), kLevelMs);
    void this.showPicture();
    void this.listDevices();
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
    for (const each of seats) {
      if (each.peer) continue;
      const joining = `${each.of.device} ${each.of.join}`;
      this.begin(each, this.options.begunAnew || this.met.has(joining));
      this.met.add(joining);
    }
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
    // The other page was loaded anew: nothing of the connection is left there.
    if (signal.type === 'restart' && signal.session === kNoSession) {
      if (seat.of.offers) this.begin(seat, false);
      return;
    }
    seat.peer?.hear(signal);
  }

  mute(muted: boolean): void {
    this.muted = muted;
    for (const each of this.seats) each.peer?.mute(muted);
  }

  raiseHand(hand: boolean): void {
    this.handAt = hand ? performance.now() : 0;
    for (const each of this.seats) each.peer?.raiseHand(hand);
  }

  async turnCamera(on: boolean): Promise<void> {
    const { devices } = this.options;
    if (!on) devices.stop('camera');
    else if (!devices.camera && !(await this.granted('camera', devices.openCamera()))) return;
    if (on) devices.stop('screen');
    await this.showPicture();
    await this.listDevices(); // with the permission they have names
  }

  async flipCamera(): Promise<void> {
    await this.granted('camera', this.options.devices.flipCamera());
    await this.showPicture();
  }

  async turnScreen(on: boolean): Promise<void> {
    const { devices } = this.options;
    if (!on) devices.stop('screen');
    else if (!(await this.granted('screen', devices.openScreen()))) return;
    await this.showPicture();
  }

  /** `keeps`: the devices stay open, for another call. */
  close(keeps = false): void {
    this.closed = true;
    clearInterval(this.meter);
    for (const each of this.seats) each.close();
    this.seats = [];
    if (!keeps) this.options.devices.close();
    this.own = null;
  }

  private begin(seat: Seat, asks: boolean): void {
    seat.peer?.close();
    const { relayOnly, port } = this.options;
    const peer: PeerCall = new PeerCall({
      offers: seat.of.offers, iceServers: this.iceServers, relayOnly, agrees: true,
      // Another connection may have renewed them.
      renewRelays: async () => (this.iceServers = (await this.options.renewRelays?.()) ?? this.iceServers),
      pictureBits: Math.min(kPictureMostBits, kPicturesBits / Math.max(1, this.seats.length)),
      send: (signal) => this.say(seat, signal),
      onChange: () => this.onChange(seat, peer),
      onNewSession: (offer) => {
        this.begin(seat, false);
        seat.peer?.hear(offer);
      },
      ...(port ? { port: port() } : {}),
    });
    seat.peer = peer;
    seat.remote = null;
    void this.giveTrack(seat, 'audio');
    if (this.muted) peer.mute(true);
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
    seat.take(peer);
    if (!peer.ended) return;
    // Nothing of this one can be read, and nothing of ours goes there any more: the others are not concerned.
    if (peer.ended === 'unreadable' || peer.ended === 'frames_lost') return seat.end();
    this.options.onEnd(peer.ended); // what is not sealed to one is not sealed here
  }

  private say(seat: Seat, signal: Signal): void {
    this.options.send(seat.of.device, new TextDecoder().decode(encodeSignal(signal)));
  }

  // A copy of its own for each connection: its being open says that this one seals.
  private async giveTrack(seat: Seat, kind: 'audio' | 'video'): Promise<void> {
    if (!seat.peer || seat.peer.phase === 'ended') return;
    const { devices } = this.options;
    const track = kind === 'audio' ? devices.microphone : (devices.screen ?? devices.camera);
    const copy = track?.clone() ?? null;
    if (copy) copy.enabled = false;
    const before = seat.copies[kind];
    if (copy) seat.copies[kind] = copy;
    else delete seat.copies[kind];
    await seat.peer?.setTrack(kind, copy, kind === 'audio' ? 'microphone' : devices.screen ? 'screen' : 'camera');
    before?.stop();
  }

  private async showPicture(): Promise<void> {
    const { devices } = this.options;
    const track = devices.screen ?? devices.camera;
    this.shows = devices.screen ? 'screen' : devices.camera ? 'camera' : 'nothing';
    if (track) track.enabled = true; // only shown here: what is sent are copies
    this.own = track ? new MediaStream([track]) : null;
    this.mirrored = this.shows === 'camera' && !devices.looksAway;
    await Promise.all(this.seats.map((each) => this.giveTrack(each, 'video')));
  }

  private measure(): void {
    const now = performance.now();
    for (const each of this.seats) each.measure(now);
    this.levelHere = Math.max(0, ...this.seats.map((each) => each.peer?.stats?.levelHere ?? 0));
  }

  private async granted(what: 'camera' | 'screen' | 'microphone', asked: Promise<Refusal | null>): Promise<boolean> {
    const refusal = await asked;
    // Who thinks better of sharing the screen has not been refused anything.
    if (refusal && !(what === 'screen' && refusal === 'denied')) this.options.onRefused(refusal, what);
    return refusal === null;
  }

  // Unplugged: another microphone may be there. A screen was taken back by the browser's own button.
  private async onDeviceEnded(which: 'microphone' | 'camera' | 'screen'): Promise<void> {
    const { devices } = this.options;
    devices.stop(which);
    if (which !== 'microphone') return this.showPicture();
    await this.granted('microphone', devices.openMicrophone());
    await Promise.all(this.seats.map((each) => this.giveTrack(each, 'audio')));
  }

  private async listDevices(): Promise<void> {
    ({ cameras: this.cameras, speakers: this.speakers } = await listDevices());
  }
}
