// The media of one call between two devices: one RTCPeerConnection whose frames a worker seals (frame_port.ts). It fails closed: a
// track sends nothing but silence and black before the worker has sealed a frame of its kind, and what is sent and sealed is compared
// for as long as the call lasts.
//
// It does not ring and knows no engine: signals go out by `send` and come in by hear(). Whoever answered the call offers (`offers`);
// the same side offers anew after a change of network.

import { Anew } from './anew';
import { judge, LowLine, PictureYield, qualityOf, readStats, voiceBits, type CallStats, type Quality } from './call_stats';
import { asSpoken, iceOf, kUsualSpeech, limitSender, preferCodecs } from './descriptions';
import type { Attached, Kind } from './frame_protocol';
import { FramePort, sealedConfiguration } from './frame_port';
import type { Datagrams } from './relays';
import type { Candidate, Shown, Signal } from './signals';
import { UdpWay } from './udp_way';

export type PeerPhase =
  | 'connecting'
  | 'active' // media can flow
  | 'reconnecting' // they could
  | 'ended';
/** Why it ended by itself. */
export type PeerEnd =
  | 'sent_unsealed' // frames left that the worker has not sealed
  | 'shown_unopened' // frames are shown that it has not opened
  | 'unreadable' // nothing that comes can be opened
  | 'frames_lost' // the worker does not answer
  | 'not_possible'; // this browser cannot do it

export interface PeerCallOptions {
  offers: boolean;
  iceServers: RTCIceServer[];
  /** True unless both have allowed their address to be seen by the other. */
  relayOnly?: boolean;
  /** Asked before a way is looked for anew: relays from then on; null: those of before are good. */
  renewRelays?(lost: boolean): Promise<RTCIceServer[] | null>;
  /** None: UDP is not tried. */
  datagrams?: Datagrams;
  send(signal: Signal): void;
  /** Something that is shown has changed. */
  onChange(): void;
  /** The other page has begun anew: another PeerCall is made, and given this. */
  onNewSession?(offer: Signal): void;
  /** Keys of frames are agreed upon between the two, as in a call of a group. */
  agrees?: boolean;
  /** What one picture may take, in bits per second. */
  pictureBits?: number;
  /** For tests. */
  port?: FramePort;
}

const kLookMs = 500;
const kQualityEvery = 4; // looks
const kLineTrustedMs = 50_000; // what the other side said of its line, which it says again every 20 s
const kLineEvery = 40; // looks; a whole number of those of the quality
const kOfferAgainMs = 3_000;
const kCandidatesMs = 60;
const kEarlyMax = 64;
const kPatienceMs = 2_000; // a line that is gone for less comes back by itself
const kRestartMs = 6_000;
const kPictureBits = 1_200_000;
const kKinds: readonly Kind[] = ['audio', 'video'];

export class PeerCall {
  phase: PeerPhase = 'connecting';
  ended: PeerEnd | null = null;
  quality: Quality = 'good';
  stats: CallStats | null = null;
  /** What the other side says it shows. */
  there: Shown = { microphone: true, camera: false, screen: false, hand: false };
  /** The picture of this side gives way to its voice. */
  pictureHeldBack = false;
  /** The voice goes in few long packets: the line takes little. */
  low = false;
  /** What was opened; a track is in it once a frame of it was. */
  readonly remote = new MediaStream();

  private readonly connection: RTCPeerConnection;
  private readonly port: FramePort;
  private readonly media = new Map<Kind, RTCRtpTransceiver>();
  private readonly tracks: Record<Kind, MediaStreamTrack | null> = { audio: null, video: null };
  private readonly sealed = new Set<Kind>();
  private readonly opened = new Set<Kind>();
  private readonly picture = new PictureYield();
  private readonly line = new LowLine();
  private readonly anew = new Anew(); // ways that the other side makes this one look for
  private readonly udp = new UdpWay();
  private relays: RTCIceServer[]; // by TLS, or by the program beside the page
  private ways = ''; // as they were chosen last
  private leaving: 'first' | 'again' | null = null; // what goes by UDP: how often another way was looked for
  private lowThere = false;
  private lowThereAt = 0;
  private spokenAs = kUsualSpeech;
  private told: { type: 'offer' | 'answer'; sdp: string } | null = null;
  private shown: Shown = { microphone: false, camera: false, screen: false, hand: false };
  private muted = false;
  private held = false;
  private session: string;
  private offerId = 0;
  private unanswered: Signal | null = null;
  private answered: Signal | null = null;
  private work: Promise<void> = Promise.resolve();
  private candidates: Candidate[] = [];
  private early: Candidate[] = [];
  private looks = 0;
  private lookedAt: CallStats | null = null;
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(private readonly options: PeerCallOptions) {
    this.session = options.offers ? crypto.randomUUID() : '';
    this.relays = options.iceServers;
    this.port = options.port ?? new FramePort();
    if (options.agrees) this.port.agree();
    this.port.onFirst = (of) => this.onFirst(of);
    this.connection = new RTCPeerConnection({
      iceServers: options.iceServers,
      iceTransportPolicy: (options.relayOnly ?? true) ? 'relay' : 'all',
      bundlePolicy: 'max-bundle',
      ...sealedConfiguration(),
    } as RTCConfiguration);
    this.connection.onicecandidate = ({ candidate }) => candidate && this.tellCandidate(candidate.toJSON());
    this.connection.onconnectionstatechange = () => this.onConnection();
    this.connection.ontrack = ({ transceiver }) => this.onTrack(transceiver);
    for (const target of networkTargets()) target.addEventListener(target === window ? 'online' : 'change', this.onNetwork);
  }

  /** Begins. The side that offers says its offer. */
  start(): void {
    this.after('look', kLookMs, () => void this.look());
    if (!this.options.offers) return;
    for (const kind of kKinds) this.take(this.connection.addTransceiver(kind, { direction: 'sendrecv' }), kind);
    this.inTurn(() => this.offer(false));
  }

  /** Something of the other page came. */
  hear(signal: Signal): void {
    this.inTurn(() => this.takeSignal(signal));
  }

  /** What is sent of this kind; null: nothing. The track is disabled until a frame of its kind was sealed. */
  async setTrack(kind: Kind, track: MediaStreamTrack | null, of: 'microphone' | 'camera' | 'screen'): Promise<void> {
    this.tracks[kind] = track;
    if (kind === 'video') this.shown = { ...this.shown, camera: false, screen: false };
    this.shown = { ...this.shown, [of]: track !== null && !(kind === 'audio' && this.muted) };
    if (track && kind === 'video') track.contentHint = of === 'screen' ? 'detail' : 'motion';
    this.applyEnabled();
    await this.media.get(kind)?.sender.replaceTrack(track).catch(() => undefined);
    this.tellShown();
  }

  mute(muted: boolean): void {
    this.muted = muted;
    this.shown = { ...this.shown, microphone: this.tracks.audio !== null && !muted };
    this.applyEnabled();
    this.tellShown();
  }

  raiseHand(hand: boolean): void {
    this.shown = { ...this.shown, hand };
    this.tellShown();
  }

  /** Nothing is sent and nothing is heard meanwhile. */
  hold(held: boolean): void {
    this.held = held;
    this.applyEnabled();
  }

  /** How loud the other one is just now, 0 to 1. */
  get level(): number {
    return this.media.get('audio')?.receiver.getSynchronizationSources()[0]?.audioLevel ?? 0;
  }

  /** A way that is thought to be broken is looked for anew. */
  restart(): void {
    if (this.phase === 'ended' || !this.connection.remoteDescription) return;
    if (this.options.offers) this.inTurn(() => this.offer(true));
    else this.options.send({ type: 'restart', session: this.session });
  }

  /** Keys that nobody has who has left: with a new offer, if this side offers; else the other side does. */
  changeKeys(): void {
    if (this.phase === 'ended' || !this.options.offers || !this.connection.remoteDescription) return;
    this.inTurn(() => this.offer(false));
  }

  /** Ends it here; the other side hears it from the engine. */
  close(why: PeerEnd | null = null): void {
    if (this.phase === 'ended') return;
    this.phase = 'ended';
    this.ended = why;
    for (const each of this.timers.values()) clearTimeout(each);
    this.timers.clear();
    for (const target of networkTargets()) target.removeEventListener(target === window ? 'online' : 'change', this.onNetwork);
    for (const each of Object.values(this.tracks)) if (each) each.enabled = false;
    this.connection.close();
    this.port.close();
    this.options.onChange();
  }

  // ---- media ----

  // In the task in which the transceiver was made, or first seen: later is too late.
  private take(transceiver: RTCRtpTransceiver, kind: Kind): void {
    try {
      this.port.attach(transceiver.sender, { side: 'sent', kind });
      this.port.attach(transceiver.receiver, { side: 'received', kind });
      if (!preferCodecs(transceiver, kind)) return this.close('not_possible');
    } catch {
      return this.close('not_possible');
    }
    transceiver.receiver.track.enabled = false;
    this.media.set(kind, transceiver);
    void transceiver.sender.replaceTrack(this.tracks[kind]).catch(() => undefined);
  }

  private onTrack(transceiver: RTCRtpTransceiver): void {
    const kind = transceiver.receiver.track.kind as Kind;
    const known = this.media.get(kind);
    if (known === transceiver) return;
    if (known || this.options.offers) return transceiver.stop(); // one of each kind
    this.take(transceiver, kind);
    transceiver.direction = 'sendrecv';
  }

  private onFirst({ side, kind }: Attached): void {
    if (side === 'sent') this.sealed.add(kind);
    else {
      this.opened.add(kind);
      const track = this.media.get(kind)?.receiver.track;
      if (track) this.remote.addTrack(track);
    }
    this.applyEnabled();
    this.options.onChange();
  }

  private applyEnabled(): void {
    if (this.phase === 'ended') return;
    for (const kind of kKinds) {
      const track = this.tracks[kind];
      if (track) track.enabled = this.sealed.has(kind) && !this.held && !(kind === 'audio' && this.muted);
      const transceiver = this.media.get(kind);
      if (transceiver) transceiver.receiver.track.enabled = this.opened.has(kind) && !this.held;
    }
  }

  private tellShown(): void {
    if (this.session !== '' && this.phase !== 'ended') this.options.send({ type: 'shown', session: this.session, shown: this.shown });
    this.options.onChange();
  }

  // ---- signals ----

  // One after the other, in the order in which they came.
  private inTurn(work: () => Promise<void>): void {
    this.work = this.work.then(() => (this.phase === 'ended' ? undefined : work())).catch(() => undefined); // a signal that does not fit changes nothing
  }

  private async offer(restart: boolean): Promise<void> {
    const key = await this.port.makeKey();
    if (restart || this.offerId === 0) await this.chooseRelays(restart, restart);
    if (restart) this.connection.restartIce();
    await this.connection.setLocalDescription();
    this.unanswered = { type: 'offer', session: this.session, id: ++this.offerId, sdp: this.connection.localDescription!.sdp, key, shown: this.shown };
    this.sayOffer();
  }

  // `anew`: another way is looked for; `lost`: since there is none. While one stands by TLS, UDP may be in the next one.
  private async chooseRelays(anew: boolean, lost: boolean): Promise<void> {
    const tries = anew && this.udp.mayTry();
    if (anew && !tries) this.udp.follow(performance.now());
    const udp = tries ? ((await this.options.datagrams?.ask().catch(() => [])) ?? []) : [];
    const good = tries || this.leaving === 'first'; // the relays themselves are where they were
    if (this.leaving) this.leaving = 'again';
    this.relays = (await this.options.renewRelays?.(lost && !good)) ?? this.relays;
    const [before, stays] = [this.connection.getConfiguration(), this.relays.length === 0 || !this.udp.left];
    const iceTransportPolicy = stays ? before.iceTransportPolicy : 'relay';
    const chosen = { iceServers: [...this.relays, ...udp], iceTransportPolicy };
    if (JSON.stringify(chosen) === this.ways) return;
    this.ways = JSON.stringify(chosen);
    this.connection.setConfiguration({ ...before, ...chosen } as RTCConfiguration);
  }

  private sayOffer(): void {
    if (!this.unanswered) return;
    this.options.send(this.unanswered);
    this.after('offer', kOfferAgainMs, () => this.sayOffer());
  }

  private async takeSignal(signal: Signal): Promise<void> {
    if (signal.type === 'offer' && !this.options.offers) {
      if (this.session === '') this.session = signal.session;
      if (signal.session !== this.session) return this.options.onNewSession?.(signal);
      return this.takeOffer(signal);
    }
    if (signal.type === 'candidates' && this.session === '') return this.keepEarly(signal.list); // it has overtaken its offer
    if (signal.session !== this.session) return;
    if (signal.type === 'answer') await this.takeAnswer(signal);
    else if (signal.type === 'candidates') await this.takeCandidates(signal.list);
    else if (signal.type === 'restart') await this.takeRestart();
    else if (signal.type === 'key_taken') this.port.useKey(signal.kid);
    else if (signal.type === 'shown') this.there = signal.shown;
    else if (signal.type === 'line') [this.lowThere, this.lowThereAt] = [signal.low, performance.now()];
    this.options.onChange();
  }

  // Who needs it says so again, while his way is gone.
  private async takeRestart(): Promise<void> {
    if (this.options.offers && !this.unanswered && this.anew.take(performance.now())) await this.offer(true);
  }

  private async takeOffer(signal: Signal & { type: 'offer' }): Promise<void> {
    if (signal.id < this.offerId) return;
    if (signal.id === this.offerId) {
      if (this.answered) this.options.send(this.answered); // which was lost
      return;
    }
    // New keys alone cost little; another way is looked for by and by, and the offer is said again until then.
    const before = this.told && iceOf(this.told.sdp);
    if (before !== null && before !== iceOf(signal.sdp) && !this.anew.take(performance.now())) return;
    this.offerId = signal.id;
    this.answered = null;
    this.takeKey(signal);
    await this.chooseRelays(before !== null && before !== iceOf(signal.sdp), ['disconnected', 'failed'].includes(this.connection.iceConnectionState));
    await this.connection.setRemoteDescription(this.spoken({ type: 'offer', sdp: signal.sdp }));
    const key = await this.port.makeKey();
    await this.connection.setLocalDescription();
    this.answered = { type: 'answer', session: this.session, id: signal.id, sdp: this.connection.localDescription!.sdp, key, shown: this.shown };
    this.options.send(this.answered);
    await this.takeCandidates(this.early.splice(0));
    this.options.onChange();
  }

  private async takeAnswer(signal: Signal & { type: 'answer' }): Promise<void> {
    if (this.unanswered?.type !== 'offer' || signal.id !== this.unanswered.id) return;
    this.unanswered = null;
    this.stop('offer');
    this.takeKey(signal);
    await this.connection.setRemoteDescription(this.spoken({ type: 'answer', sdp: signal.sdp }));
    await this.takeCandidates(this.early.splice(0));
  }

  private takeKey(signal: Signal & { type: 'offer' | 'answer' }): void {
    this.there = signal.shown;
    this.port.takeKey(signal.key);
    this.options.send({ type: 'key_taken', session: this.session, kid: signal.key.kid });
  }

  private keepEarly(list: Candidate[]): void {
    this.early.push(...list.slice(0, kEarlyMax - this.early.length));
  }

  private async takeCandidates(list: Candidate[]): Promise<void> {
    if (!this.connection.remoteDescription) return this.keepEarly(list);
    for (const each of list) await this.connection.addIceCandidate(each).catch(() => undefined);
  }

  private tellCandidate({ candidate = '', sdpMid = null, sdpMLineIndex = null }: RTCIceCandidateInit): void {
    this.candidates.push({ candidate, sdpMid, sdpMLineIndex });
    // Of one moment they go together: each signal is a message of the chat.
    if (this.timers.has('candidates')) return;
    this.after('candidates', kCandidatesMs, () => this.options.send({ type: 'candidates', session: this.session, list: this.candidates.splice(0) }));
  }

  // ---- the line ----

  private readonly onNetwork = (): void => {
    this.udp.moved(performance.now());
    if (this.phase !== 'connecting') this.restart();
  };

  private onConnection(): void {
    const state = this.connection.connectionState;
    if (this.phase === 'ended') return;
    if (state === 'connected') {
      this.phase = 'active';
      this.stop('restart');
    } else if (state === 'disconnected' || state === 'failed') {
      if (this.phase === 'active') this.phase = 'reconnecting';
      this.restartAfter(state === 'failed' ? 0 : kPatienceMs);
    }
    this.options.onChange();
  }

  // Media begin by TLS; UDP is tried once they flow, and left when it is spoilt.
  private chooseWay(stats: CallStats, flows: boolean): void {
    if (this.leaving && (stats.way === 'tls' || stats.way === 'tcp')) {
      this.leaving = null;
      this.stop('restart');
    }
    const deed = this.options.datagrams ? this.udp.take(stats, flows, performance.now()) : null;
    if (deed === 'spoilt') this.options.datagrams?.spoilt();
    else if (deed === 'try') void this.tryUdp();
    else if (deed === 'leave' && this.relays.length > 0) this.leaveUdp();
  }

  private async tryUdp(): Promise<void> {
    const udp = (await this.options.datagrams?.ask().catch(() => [])) ?? [];
    if (udp.length > 0 && this.phase === 'active') this.restart();
  }

  // Whichever side sees it looks for another way, and the other one answers without UDP, too.
  private leaveUdp(): void {
    this.leaving = 'first';
    this.restartAfter(0);
  }

  private restartAfter(ms: number): void {
    this.after('restart', ms, () => {
      this.restart();
      this.restartAfter(kRestartMs);
    });
  }

  // Reads what has left first, and what was sealed after it: the worker is never behind unless it was passed by.
  private async look(): Promise<void> {
    try {
      const stats = readStats(await this.connection.getStats());
      const counts = await this.port.counts();
      if (this.phase === 'ended') return;
      const wrong = judge(stats, counts);
      if (wrong) return this.close(wrong);
      this.stats = stats;
      const flows = this.phase === 'active' && this.opened.size > 0;
      this.anew.flows(flows, performance.now());
      this.chooseWay(stats, flows);
      if (this.looks++ % kQualityEvery === 0) {
        if (this.lookedAt && this.phase === 'active') this.quality = qualityOf(this.lookedAt, stats, this.there.microphone);
        this.lookedAt = stats;
        if (this.line.low && this.looks % kLineEvery === 1) this.tellLine(); // it may have been lost
      }
      await this.limit(stats);
      this.options.onChange();
    } catch {
      return this.close('frames_lost');
    }
    this.after('look', kLookMs, () => void this.look());
  }

  private async limit(stats: CallStats): Promise<void> {
    const [now, available] = [performance.now(), stats.available];
    const sends = this.picture.take(this.tracks.video ? available : null, this.low ? 'poor' : this.tracks.video ? this.quality : 'good', now);
    this.pictureHeldBack = !sends && this.tracks.video !== null;
    const lowHere = this.line.low;
    if (this.line.take(available, this.quality, sends && this.tracks.video !== null, now) !== lowHere) this.tellLine();
    this.low = this.line.low || (this.lowThere && now - this.lowThereAt < kLineTrustedMs); // that it is well again may have been lost
    if (!this.speaksSo()) this.inTurn(() => this.speakAnew());
    const [audio, video] = kKinds.map((kind) => this.media.get(kind)?.sender);
    if (audio) await limitSender(audio, { maxBitrate: voiceBits(available, this.quality, this.low), active: true, first: true });
    if (video) await limitSender(video, { maxBitrate: this.options.pictureBits ?? kPictureBits, active: sends, first: false });
  }

  private tellLine(): void {
    if (this.session !== '') this.options.send({ type: 'line', session: this.session, low: this.line.low });
  }

  private spoken(said: { type: 'offer' | 'answer'; sdp: string }): RTCSessionDescriptionInit {
    this.told = said;
    this.spokenAs = { low: this.low, picture: !this.pictureHeldBack };
    return { type: said.type, sdp: asSpoken(said.sdp, this.spokenAs) };
  }

  private speaksSo(): boolean {
    return this.spokenAs.low === this.low && this.spokenAs.picture !== this.pictureHeldBack;
  }

  // How long a packet is, and whether a lost one is repeated, stands in the other side's description: the one that stands is set again, changed,
  // and he hears nothing of it.
  private async speakAnew(): Promise<void> {
    const { connection, told } = this;
    if (this.speaksSo() || !told || connection.signalingState !== 'stable') return; // an answer on its way will be read so
    if (this.options.offers) await connection.setLocalDescription();
    await connection.setRemoteDescription(this.spoken(told));
    if (!this.options.offers) await connection.setLocalDescription();
  }

  private after(name: string, ms: number, work: () => void): void {
    this.stop(name);
    if (this.phase === 'ended') return;
    const timer = setTimeout(() => {
      if (this.timers.get(name) === timer) this.timers.delete(name);
      work();
    }, ms);
    this.timers.set(name, timer);
  }

  private stop(name: string): void {
    clearTimeout(this.timers.get(name));
    this.timers.delete(name);
  }
}

// Where a change of network is said.
function networkTargets(): EventTarget[] {
  const { connection } = navigator as Navigator & { connection?: EventTarget };
  return connection ? [window, connection] : [window];
}
