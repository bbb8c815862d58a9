// The two connections of this page with a unit that forwards (docs/protocol/calls.md, "More than four"): one sends what this side says and shows, the other
// brings what is wished of the others. It knows feeds, and nobody by name: who has which feed, and the keys, are unit_media.ts'. As peer_call.ts it
// fails closed: what is sent and sealed, shown and opened is compared for as long as it lasts.

import type { CallRoomAnswerResult, CallRoomStream } from '../api/types';
import { judge, qualityOf, readStats, type CallStats, type Quality } from './call_stats';
import { asSpoken, preferCodecs } from './descriptions';
import type { Kind } from './frame_protocol';
import { sealedConfiguration } from './frame_port';
import type { ManyFramePort } from './many_frame_port';
import type { PeerEnd } from './peer_call';
import type { RoomSeat } from './room_seat';

/** Two sizes, the smaller first: the unit sends each page the one that it shows. Of three Chromium leaves out the largest of a camera of 640x360. */
const kLayers: readonly RTCRtpEncodingParameters[] = [
  { rid: 'l', scaleResolutionDownBy: 3, maxBitrate: 120_000 },
  { rid: 'h', scaleResolutionDownBy: 1, maxBitrate: 500_000 },
];
const kVoiceBits = 32_000;

const kStayMs = 10_000;
const kLookMs = 500;
const kQualityEvery = 4; // looks
const kWatchAgainMs = 1_000;
const kWatchAgainMostMs = 15_000;
const kPatienceMs = 5_000; // a line that is gone for less comes back by itself

export interface UnitCallOptions {
  seat: RoomSeat;
  port: ManyFramePort;
  /** What stands on which line now: said before anything of it can come. */
  onLines(lines: ReadonlyMap<string, { feed: number; kind: Kind }>): void;
  onChange(): void;
  /** By a fault of this browser: nothing may go on. */
  onEnd(why: PeerEnd): void;
  /** The unit is not reached any more, or does not know this seat. */
  onGone(error: unknown): void;
}

interface Line {
  feed: number;
  kind: Kind;
  receiver: RTCRtpReceiver | null;
}

export class UnitCall {
  /** By which the others ask for what this side sends, once it does; 0: not yet. */
  feed = 0;
  quality: Quality = 'good';
  stats: CallStats | null = null;

  private published = 0;
  private sender: RTCPeerConnection | null = null;
  private watcher: RTCPeerConnection | null = null;
  private readonly senders = new Map<Kind, RTCRtpSender>();
  private readonly lines = new Map<string, Line>();
  /** Whose frames are opened. */
  private readonly attached = new Set<RTCRtpTransceiver>();
  private wanted: CallRoomStream[] = [];
  private watchAgainMs = kWatchAgainMs;
  private work: Promise<void> = Promise.resolve();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private configuration: RTCConfiguration = {};
  private lookedAt: CallStats | null = null;
  private looks = 0;
  private closed = false;

  constructor(private readonly options: UnitCallOptions) {}

  /** Goes in and sends. Fails if there is no way there. */
  async start(): Promise<void> {
    const { seat } = this.options;
    const { relays } = await seat.ask('enter');
    // Nothing but the relay of the room's home leads to the unit, which has an address of loopback.
    const iceServers = relays.map(({ urls, username, credential }) => ({ urls: [...urls], username, credential }));
    this.configuration = { iceServers, iceTransportPolicy: 'relay', bundlePolicy: 'max-bundle', ...sealedConfiguration() } as RTCConfiguration;
    if (this.closed) return;
    const sender = (this.sender = new RTCPeerConnection(this.configuration));
    sender.onconnectionstatechange = () => this.onConnection(sender);
    const voice = sender.addTransceiver('audio', { direction: 'sendonly', sendEncodings: [{ maxBitrate: kVoiceBits, priority: 'high', networkPriority: 'high' }] });
    this.take(voice, 'audio');
    const picture = sender.addTransceiver('video', { direction: 'sendonly', sendEncodings: kLayers.map((each) => ({ ...each })) });
    this.take(picture, 'video');
    this.options.onChange(); // tracks can be set
    await sender.setLocalDescription();
    const said = await seat.ask('publish', { text: sender.localDescription!.sdp });
    if (this.closed) return;
    await sender.setRemoteDescription({ type: 'answer', sdp: asSpoken(said.text) });
    this.published = said.feed;
    this.onConnection(sender);
    if (this.wanted.length > 0) this.watch(this.wanted);
    this.after('stay', kStayMs, () => void this.stay());
    this.after('look', kLookMs, () => void this.look());
  }

  /** What is sent of this kind. It may be called again; before there are senders it does nothing, and onChange() says when there are. */
  async setTrack(kind: Kind, track: MediaStreamTrack | null): Promise<void> {
    const sender = this.senders.get(kind);
    if (sender && sender.track !== track) await sender.replaceTrack(track).catch(() => undefined);
  }

  /** All that is to be sent here from now on. */
  watch(wanted: CallRoomStream[]): void {
    this.wanted = wanted;
    this.watchAgainMs = kWatchAgainMs;
    if (this.published !== 0) this.inTurn(() => this.watchNow(wanted)); // before there is no seat
  }

  /** What comes of a feed now. */
  receiverOf(feed: number, kind: Kind): RTCRtpReceiver | null {
    return [...this.lines.values()].find((each) => each.feed === feed && each.kind === kind)?.receiver ?? null;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const each of this.timers.values()) clearTimeout(each);
    this.options.seat.leave();
    this.sender?.close();
    this.watcher?.close();
  }

  // In the task in which the transceiver was made: later is too late.
  private take(transceiver: RTCRtpTransceiver, kind: Kind): void {
    this.options.port.attach(transceiver.sender, { side: 'sent', kind });
    if (!preferCodecs(transceiver, kind)) return this.end('not_possible');
    this.senders.set(kind, transceiver.sender);
  }

  private async watchNow(wanted: CallRoomStream[]): Promise<void> {
    if (wanted !== this.wanted || this.closed) return; // another one follows
    this.stop('watch');
    const said = await this.options.seat.ask('watch', { streams: wanted });
    if (this.closed) return;
    this.lay(said);
    if (said.text !== '') await this.answer(said.text);
    // Of some nothing flows yet, or the unit does not know them: asked for again.
    const comes = (each: CallRoomStream) => said.lines.some((line) => line.feed === each.feed && line.picture === each.picture);
    if (!wanted.every(comes)) {
      this.after('watch', this.watchAgainMs, () => this.inTurn(() => this.watchNow(this.wanted)));
      this.watchAgainMs = Math.min(kWatchAgainMostMs, 2 * this.watchAgainMs);
    }
    this.options.onChange();
  }

  // What stands where, before it comes.
  private lay(said: CallRoomAnswerResult): void {
    const before = new Map(this.lines);
    this.lines.clear();
    for (const each of said.lines) {
      const line = String(each.line);
      this.lines.set(line, { feed: each.feed, kind: each.picture ? 'video' : 'audio', receiver: before.get(line)?.receiver ?? null });
    }
    this.options.onLines(this.lines);
  }

  private async answer(sdp: string): Promise<void> {
    const watcher = (this.watcher ??= this.makeWatcher());
    await watcher.setRemoteDescription({ type: 'offer', sdp });
    for (const each of watcher.getTransceivers()) {
      // One that was made for a section on which nothing came yet: what opens its frames would come too late, and be passed over.
      if (!this.attached.has(each)) throw new Error('a section that brings nothing');
      const line = each.mid === null ? undefined : this.lines.get(each.mid);
      if (line) line.receiver = each.receiver;
    }
    await watcher.setLocalDescription();
    await this.options.seat.ask('answer', { text: watcher.localDescription!.sdp });
  }

  private makeWatcher(): RTCPeerConnection {
    const watcher = new RTCPeerConnection(this.configuration);
    watcher.onconnectionstatechange = () => this.onConnection(watcher);
    watcher.ontrack = ({ transceiver }) => {
      if (this.attached.has(transceiver)) return;
      this.attached.add(transceiver);
      transceiver.receiver.track.enabled = false;
      try {
        this.options.port.attachLine(transceiver.receiver, transceiver.receiver.track.kind as Kind, transceiver.mid ?? '');
      } catch {
        this.end('not_possible');
      }
    };
    return watcher;
  }

  private onConnection(of: RTCPeerConnection): void {
    if (this.closed) return;
    const name = of === this.sender ? 'sender' : 'watcher';
    if (of.connectionState === 'connected') {
      this.stop(name);
      if (of === this.sender) this.feed = this.published; // what does not flow is refused to who asks for it
      this.options.onChange();
    } else if (of.connectionState === 'failed') this.gone(new Error(`the ${name}'s connection has failed`));
    else if (of.connectionState === 'disconnected') this.after(name, kPatienceMs, () => this.gone(new Error(`the ${name}'s connection is lost`)));
  }

  private async stay(): Promise<void> {
    try {
      await this.options.seat.ask('stay');
      this.after('stay', kStayMs, () => void this.stay());
    } catch (error) {
      this.gone(error);
    }
  }

  // As in peer_call.ts: what has left is read first.
  private async look(): Promise<void> {
    try {
      const reports = await Promise.all([this.watcher, this.sender].map((each) => each?.getStats()));
      const stats = readStats({
        values: () => reports.flatMap((each) => [...((each as Map<string, unknown> | undefined)?.values() ?? [])]),
        get: (id) => reports.map((each) => (each as Map<string, unknown> | undefined)?.get(id)).find((each) => each !== undefined),
      });
      const wrong = judge(stats, await this.options.port.counts());
      if (this.closed) return;
      // What cannot be opened may be one sender's doing: it is not shown, and the others are not concerned.
      if (wrong && wrong !== 'unreadable') return this.end(wrong);
      this.stats = stats;
      if (this.looks++ % kQualityEvery === 0) {
        if (this.lookedAt && this.lines.size > 0) this.quality = qualityOf(this.lookedAt, stats);
        this.lookedAt = stats;
      }
      this.options.onChange();
    } catch (error) {
      return this.gone(error); // the worker does not answer: with it all of this ends, and begins anew
    }
    this.after('look', kLookMs, () => void this.look());
  }

  private inTurn(work: () => Promise<void>): void {
    this.work = this.work.then(() => (this.closed ? undefined : work())).catch((error: unknown) => this.gone(error));
  }

  private gone(error: unknown): void {
    if (this.closed) return;
    this.close();
    this.options.onGone(error);
  }

  private end(why: PeerEnd): void {
    if (this.closed) return;
    this.close();
    this.options.onEnd(why);
  }

  private after(name: string, ms: number, work: () => void): void {
    this.stop(name);
    if (!this.closed) this.timers.set(name, setTimeout(work, ms));
  }

  private stop(name: string): void {
    clearTimeout(this.timers.get(name));
    this.timers.delete(name);
  }
}
