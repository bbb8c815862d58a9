// The media of the call that this page takes part in, as its view shows them: the connection (peer_call.ts), the devices, and what the
// two say of each other. Not here: who rings and when it is over (calls.svelte.ts).

import type { CallWay } from '../api/types';
import type { Quality } from './call_stats';
import { listDevices, type CallDevices, type Device, type Refusal } from './call_devices';
import { PeerCall, type PeerEnd, type PeerPhase } from './peer_call';
import { decodeSignal, encodeSignal, type Shown, type Signal } from './signals';

export interface LiveOptions {
  devices: CallDevices;
  offers: boolean;
  iceServers: RTCIceServer[];
  relayOnly: boolean;
  /** Relays for a way that is looked for anew; null: those of before are good. */
  renewRelays(): Promise<RTCIceServer[] | null>;
  /** This page was loaded anew during the call: the other one is asked to begin anew. */
  begunAnew: boolean;
  send(data: string): void;
  /** Media flow, or do not, or go another way. */
  onFlow(flows: boolean, way: CallWay): void;
  /** Nothing more comes of it, by a fault here. */
  onEnd(why: PeerEnd): void;
  onRefused(refusal: Refusal, what: 'microphone' | 'camera' | 'screen'): void;
}

const kLevelMs = 100;
/** The page that asks for it has no session. */
const kNoSession = 'anew';

export class LiveMedia {
  phase = $state<PeerPhase>('connecting');
  quality = $state<Quality>('good');
  there = $state.raw<Shown>({ microphone: true, camera: false, screen: false, hand: false });
  pictureHeldBack = $state(false);
  muted = $state(false);
  shows = $state<'nothing' | 'camera' | 'screen'>('nothing');
  /** The own picture, while there is one. */
  own = $state.raw<MediaStream | null>(null);
  mirrored = $state(true);
  /** What comes from there; anew with each track. */
  remote = $state.raw<MediaStream | null>(null);
  hasPicture = $state(false);
  levelThere = $state(0);
  levelHere = $state(0);
  cameras = $state(0);
  speakers = $state.raw<readonly Device[]>([]);
  speaker = $state('');

  private peer: PeerCall;
  private held = false;
  private told = '';
  private readonly meter: ReturnType<typeof setInterval>;

  constructor(private readonly options: LiveOptions) {
    options.devices.onEnded = (which) => void this.onDeviceEnded(which);
    this.peer = this.begin();
    if (options.begunAnew && !options.offers) this.say({ type: 'restart', session: kNoSession });
    this.meter = setInterval(() => (this.levelThere = this.held ? 0 : this.peer.level), kLevelMs);
    void this.listDevices();
  }

  /** What the other page has said. */
  hear(data: string): void {
    const signal = decodeSignal(new TextEncoder().encode(data));
    if (!signal) return;
    // The other page was loaded anew: nothing of the connection is left there.
    if (signal.type === 'restart' && signal.session === kNoSession) {
      if (this.options.offers) this.beginAnew();
      return;
    }
    this.peer.hear(signal);
  }

  mute(muted: boolean): void {
    this.muted = muted;
    this.peer.mute(muted);
  }

  hold(held: boolean): void {
    this.held = held;
    this.peer.hold(held);
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

  close(): void {
    clearInterval(this.meter);
    this.peer.close();
    this.options.devices.close();
    this.own = this.remote = null;
  }

  private begin(): PeerCall {
    const { offers, iceServers, relayOnly, devices } = this.options;
    const peer = new PeerCall({
      offers, iceServers, relayOnly,
      renewRelays: () => this.options.renewRelays(),
      send: (signal) => this.say(signal),
      onChange: () => this.take(peer),
      onNewSession: (offer) => (this.beginAnew(), this.peer.hear(offer)),
    });
    if (devices.microphone) void peer.setTrack('audio', devices.microphone, 'microphone');
    if (this.muted) peer.mute(true);
    if (this.held) peer.hold(true);
    void this.showPicture(peer);
    peer.start();
    return peer;
  }

  private beginAnew(): void {
    const before = this.peer;
    before.close();
    this.remote = null;
    this.hasPicture = false;
    this.peer = this.begin();
    this.take(this.peer);
  }

  private take(peer: PeerCall): void {
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

  private tellFlow(peer: PeerCall): void {
    const flows = peer.phase === 'active' && tracksFlow(peer);
    const relay = peer.stats?.relay ?? null;
    const way: CallWay = !flows ? 'none' : relay === null ? 'direct' : relay === 'udp' ? 'relayed' : 'relayed_tls';
    const now = `${flows} ${way}`;
    if (now === this.told || (this.told === '' && !flows)) return;
    this.told = now;
    this.options.onFlow(flows, way);
  }

  private say(signal: Signal): void {
    this.options.send(new TextDecoder().decode(encodeSignal(signal)));
  }

  private async showPicture(peer = this.peer): Promise<void> {
    const { devices } = this.options;
    const track = devices.screen ?? devices.camera;
    this.shows = devices.screen ? 'screen' : devices.camera ? 'camera' : 'nothing';
    this.own = track ? new MediaStream([track]) : null;
    this.mirrored = this.shows === 'camera' && !devices.looksAway;
    await peer.setTrack('video', track, devices.screen ? 'screen' : 'camera');
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
    await this.peer.setTrack('audio', devices.microphone, 'microphone');
  }

  private async listDevices(): Promise<void> {
    ({ cameras: this.cameras, speakers: this.speakers } = await listDevices());
  }
}

// A connection alone is not enough: something was opened.
function tracksFlow(peer: PeerCall): boolean {
  return peer.remote.getTracks().length > 0;
}
