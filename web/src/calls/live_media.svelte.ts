// The media of the call that this page takes part in, as its view shows them: the connection (peer_call.ts), the devices, and what the
// two say of each other. Not here: who rings and when it is over (calls.svelte.ts).

import type { CallWay, DeviceId } from '../api/types';
import { Anew } from './anew';
import type { CallStats, Quality } from './call_stats';
import type { Kind } from './frame_protocol';
import { OwnMedia, type OwnOptions } from './own_media.svelte';
import { PeerCall, type PeerEnd, type PeerPhase } from './peer_call';
import type { Datagrams } from './relays';
import { decodeSignal, encodeSignal, type Shown, type Signal } from './signals';

export interface LiveOptions extends OwnOptions {
  /** Which device of the other side has the call. */
  device: DeviceId | null;
  offers: boolean;
  iceServers: RTCIceServer[];
  relayOnly: boolean;
  /** Relays for a way that is looked for anew; null: those of before are good. */
  renewRelays(lost: boolean): Promise<RTCIceServer[] | null>;
  datagrams?: Datagrams;
  /** This page was loaded anew during the call: the other one is asked to begin anew. */
  begunAnew: boolean;
  send(data: string): void;
  /** Media flow with this device, or do not, or go another way. */
  onFlow(flows: boolean, way: CallWay, device: DeviceId | null): void;
  /** Nothing more comes of it, by a fault here. */
  onEnd(why: PeerEnd): void;
}

const kLevelMs = 100;
/** The page that asks for it has no session. */
const kNoSession = 'anew';

export class LiveMedia extends OwnMedia {
  phase = $state<PeerPhase>('connecting');
  quality = $state<Quality>('good');
  there = $state.raw<Shown>({ microphone: true, camera: false, screen: false, hand: false });
  pictureHeldBack = $state(false);
  /** What comes from there; anew with each track. */
  remote = $state.raw<MediaStream | null>(null);
  hasPicture = $state(false);
  levelThere = $state(0);
  levelHere = $state(0);

  private peer: PeerCall;
  private device: DeviceId | null;
  /** The other side's call goes over to another device: the connection with that one, which is shown once something of it was opened. */
  private coming: PeerCall | null = null;
  /** To which device signals go, and with which connection. */
  private wanted: DeviceId | null;
  private speaking: PeerCall | null = null;
  private readonly copies = new Map<PeerCall, Partial<Record<Kind, MediaStreamTrack>>>();
  private held = false;
  private told = '';
  private readonly anew = new Anew();
  private anewTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly meter: ReturnType<typeof setInterval>;

  constructor(private readonly options: LiveOptions) {
    super(options);
    this.device = this.wanted = options.device;
    this.lookAtOwn();
    this.peer = this.begin();
    if (options.begunAnew && !options.offers) this.say({ type: 'restart', session: kNoSession });
    this.meter = setInterval(() => this.measure(), kLevelMs);
  }

  /** What the other page has said. */
  hear(data: string): void {
    const signal = decodeSignal(new TextEncoder().encode(data));
    if (!signal) return;
    // The other page was loaded anew: nothing of the connection is left there.
    if (signal.type === 'restart' && signal.session === kNoSession) {
      if (this.options.offers) this.beginAnewSoon();
      return;
    }
    this.speaking?.hear(signal);
  }

  // It is said once, so what comes too early is done later.
  private beginAnewSoon(): void {
    if (this.anewTimer !== undefined) return;
    const now = performance.now();
    if (this.anew.take(now)) return this.beginAnew();
    this.anewTimer = setTimeout(() => {
      this.anewTimer = undefined;
      this.beginAnewSoon();
    }, this.anew.wait(now));
  }

  // An offer is said again until it is answered, so one that comes too early is passed over.
  private onNewSession(offer: Signal): void {
    if (!this.anew.take(performance.now())) return;
    this.beginAnew();
    this.speaking?.hear(offer);
  }

  private measure(): void {
    this.levelThere = this.held ? 0 : this.peer.level;
    this.anew.flows(this.peer.phase === 'active' && tracksFlow(this.peer), performance.now());
  }

  /** The other side has the call on this device now. What came of the one of before is played until something of this one was opened. */
  turnTo(device: DeviceId | null): void {
    if (device === this.wanted) return;
    if (this.device === null) this.device = device; // nobody had it when this began
    this.wanted = device;
    if (this.coming) this.drop(this.coming);
    this.coming = null;
    this.speaking = this.peer;
    if (device !== this.device) this.coming = this.begin();
  }

  override mute(muted: boolean): void {
    super.mute(muted);
    for (const each of this.peers) each.mute(muted);
  }

  hold(held: boolean): void {
    this.held = held;
    for (const each of this.peers) each.hold(held);
  }

  close(): void {
    clearInterval(this.meter);
    clearTimeout(this.anewTimer);
    for (const each of this.peers) this.drop(each);
    this.letGo();
    this.devices.close();
    this.remote = null;
  }

  private begin(): PeerCall {
    const { offers, iceServers, relayOnly, devices, datagrams } = this.options;
    const peer: PeerCall = new PeerCall({
      offers, iceServers, relayOnly,
      renewRelays: (lost) => this.options.renewRelays(lost),
      ...(datagrams ? { datagrams } : {}),
      send: (signal) => this.speaking === peer && this.say(signal),
      onChange: () => this.take(peer),
      onNewSession: (offer) => this.onNewSession(offer),
    });
    this.speaking = peer;
    if (devices.microphone) void this.giveTo(peer, 'audio');
    if (this.muted) peer.mute(true);
    if (this.held) peer.hold(true);
    void this.giveTo(peer, 'video');
    peer.start();
    return peer;
  }

  private get peers(): PeerCall[] {
    return this.coming ? [this.peer, this.coming] : [this.peer];
  }

  // With the device that has the call.
  private beginAnew(): void {
    if (this.coming) {
      this.drop(this.coming);
      this.coming = this.begin();
      return;
    }
    this.drop(this.peer);
    this.remote = null;
    this.hasPicture = false;
    this.peer = this.begin();
    this.take(this.peer);
  }

  private drop(peer: PeerCall): void {
    peer.close();
    for (const each of Object.values(this.copies.get(peer) ?? {})) each.stop();
    this.copies.delete(peer);
  }

  private take(peer: PeerCall): void {
    if (peer === this.coming) return this.takeComing(peer);
    if (peer !== this.peer && this.peer !== undefined) return; // one that is over
    this.phase = peer.phase;
    this.quality = peer.quality;
    this.there = peer.there;
    this.pictureHeldBack = peer.pictureHeldBack;
    this.levelHere = peer.stats?.levelHere ?? 0;
    const tracks = peer.remote.getTracks();
    if (tracks.length !== (this.remote?.getTracks().length ?? 0)) this.remote = new MediaStream(tracks);
    this.hasPicture = peer.remote.getVideoTracks().length > 0 && (this.there.camera || this.there.screen);
    if (peer.ended) return this.options.onEnd(peer.ended);
    this.tellFlow(peer);
  }

  private takeComing(peer: PeerCall): void {
    if (peer.ended) return this.options.onEnd(peer.ended);
    if (peer.phase !== 'active' || !tracksFlow(peer)) return;
    this.drop(this.peer);
    this.peer = peer;
    this.device = this.wanted;
    this.coming = null;
    this.told = '';
    this.remote = null; // another one's
    this.take(peer);
  }

  private tellFlow(peer: PeerCall): void {
    const flows = peer.phase === 'active' && tracksFlow(peer);
    const way: CallWay = flows && peer.stats?.way ? kWays[peer.stats.way] : 'none';
    const now = `${flows} ${way}`;
    if (now === this.told || (this.told === '' && !flows)) return;
    this.told = now;
    this.options.onFlow(flows, way, this.device);
  }

  private say(signal: Signal): void {
    this.options.send(new TextDecoder().decode(encodeSignal(signal)));
  }

  protected override async send(kind: Kind): Promise<void> {
    await Promise.all(this.peers.map((each) => this.giveTo(each, kind)));
  }

  // A copy of its own for each connection: its being open says that this one seals.
  private async giveTo(peer: PeerCall, kind: Kind): Promise<void> {
    if (peer.phase === 'ended') return;
    const { microphone, screen, camera } = this.devices;
    const track = kind === 'audio' ? microphone : (screen ?? camera);
    if (track && kind === 'video') track.enabled = true; // only shown here: what is sent are copies
    const copy = track?.clone() ?? null;
    if (copy) copy.enabled = false;
    const copies = this.copies.get(peer) ?? {};
    this.copies.set(peer, copies);
    const before = copies[kind];
    if (copy) copies[kind] = copy;
    else delete copies[kind];
    await peer.setTrack(kind, copy, kind === 'audio' ? 'microphone' : screen ? 'screen' : 'camera');
    before?.stop();
  }
}

/** By TCP a browser reaches only the program beside it, which leads on as messages go. */
const kWays: Record<NonNullable<CallStats['way']>, CallWay> = { direct: 'direct', udp: 'relayed', tcp: 'carried', tls: 'relayed_tls' };

// A connection alone is not enough: something was opened.
function tracksFlow(peer: PeerCall): boolean {
  return peer.remote.getTracks().length > 0;
}
