// The part of a call of a group that goes by a unit: which room it has (call_room.ts), and the media there while they are wanted (unit_media.ts). What fails is
// begun anew with another seat.

import { CallFailed } from '../api/client';
import type { CallRoomAnswerResult, DeviceId, GroupCallPeer } from '../api/types';
import { CallRoom } from './call_room';
import type { Kind } from './frame_protocol';
import type { ManyFramePort } from './many_frame_port';
import type { PeerEnd } from './peer_call';
import type { RoomPlace, Wish } from './room_seat';
import type { RoomSignal, SeatSignal } from './signals';
import { UnitMedia } from './unit_media';

/** What of the engine is needed for a room. */
export interface Rooms {
  /** Asks the own home. Null: it has no unit. */
  open(): Promise<RoomPlace | null>;
  ask(place: RoomPlace, wish: Wish): Promise<CallRoomAnswerResult>;
  /** This page has a room, or none any more. */
  onRoom(has: boolean): void;
}
export interface GroupUnitOptions {
  rooms: Rooms;
  send(to: DeviceId, signal: RoomSignal | SeatSignal): void;
  /** What is sent: a device's own track, which stays as it is. */
  track(kind: Kind): { track: MediaStreamTrack; of: 'microphone' | 'camera' | 'screen' } | null;
  onChange(): void;
  onEnd(why: PeerEnd): void;
  /** For tests. */
  port?(): ManyFramePort;
}

const kAgainMs = 1_000;
const kAgainMostMs = 10_000;
/** So often may it fail soon after it has begun; then another room is looked for. */
const kTriesMost = 3;
const kLastedMs = 30_000;
const kGoneForGood = ['wire_no_such_call_room', 'wire_calls_off', 'engine_call_not_now'];

export class GroupUnit {
  media: UnitMedia | null = null;
  /** Media are to go by it. */
  wanted = false;

  private readonly room: CallRoom;
  private peers: readonly GroupCallPeer[] = [];
  private tries = 0;
  private begunAt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly copies: Partial<Record<Kind, MediaStreamTrack>> = {};
  private readonly early = new Map<DeviceId, SeatSignal>();
  private muted = false;
  private hand = false;
  private layers: ReadonlyMap<DeviceId, number> = new Map();
  private closed = false;

  constructor(private readonly options: GroupUnitOptions) {
    this.room = new CallRoom({
      open: () => options.rooms.open(),
      send: (to, signal) => options.send(to, signal),
      onPlace: (place) => this.onPlace(place),
    });
  }

  /** Who is in it; `many`: media are to go by the unit. Once they were, stop() ends that. */
  take(peers: readonly GroupCallPeer[], many: boolean): void {
    this.peers = peers;
    this.wanted ||= many;
    for (const each of this.early.keys()) if (!peers.some(({ device }) => device === each)) this.early.delete(each);
    this.room.take(peers.map((each) => each.device), peers.filter((each) => !each.offers).length);
    this.media?.take(peers);
    this.begin();
  }

  /** The page of one of them has begun anew, and knows nothing. */
  again(device: DeviceId): void {
    this.room.again(device);
    this.media?.again(device);
  }

  hear(from: DeviceId, signal: RoomSignal | SeatSignal): void {
    this.room.hear(from, signal);
    if (signal.type !== 'seat') return;
    if (this.media && signal.room === this.room.place?.room) this.media.hear(from, signal);
    else this.early.set(from, signal); // it has begun earlier
  }

  /** Has another track of a device to send. */
  async giveTrack(kind: Kind): Promise<void> {
    const { media } = this;
    if (!media) return;
    const given = this.options.track(kind);
    const copy = given?.track.clone() ?? null;
    if (copy) copy.enabled = false; // until frames were sealed
    const before = this.copies[kind];
    if (copy) this.copies[kind] = copy;
    else delete this.copies[kind];
    await media.setTrack(kind, copy, given?.of ?? (kind === 'audio' ? 'microphone' : 'camera'));
    before?.stop();
  }

  mute(muted: boolean): void {
    this.muted = muted;
    this.media?.mute(muted);
  }

  raiseHand(hand: boolean): void {
    this.hand = hand;
    this.media?.raiseHand(hand);
  }

  show(layers: ReadonlyMap<DeviceId, number>): void {
    this.layers = layers;
    this.media?.show(layers);
  }

  /** Media go another way. */
  stop(): void {
    this.wanted = false;
    this.end();
  }

  close(): void {
    this.closed = true;
    this.room.close();
    this.stop();
  }

  private onPlace(place: RoomPlace | null): void {
    this.options.rooms.onRoom(place !== null);
    this.end(); // of another one
    this.tries = 0;
    this.begin();
  }

  private begin(): void {
    const { place } = this.room;
    if (this.closed || !this.wanted || this.media || !place || this.timer !== undefined) return;
    const media: UnitMedia = new UnitMedia({
      place,
      ask: (wish) => this.options.rooms.ask(place, wish),
      send: (to, signal) => this.options.send(to, signal),
      onChange: () => this.options.onChange(),
      onEnd: (why) => this.options.onEnd(why),
      onGone: (error) => this.onGone(media, place, error),
      ...(this.options.port ? { port: () => this.options.port!() } : {}),
    });
    this.media = media;
    this.begunAt = performance.now();
    media.take(this.peers);
    media.show(this.layers);
    if (this.muted) media.mute(true);
    if (this.hand) media.raiseHand(true);
    void this.giveTrack('audio');
    void this.giveTrack('video');
    void media.start();
    for (const [from, signal] of this.early) if (signal.room === place.room) media.hear(from, signal);
    this.early.clear();
  }

  private onGone(media: UnitMedia, place: RoomPlace, error: unknown): void {
    if (this.media !== media) return;
    this.end();
    const forGood = error instanceof CallFailed && kGoneForGood.includes(error.errorName);
    if (performance.now() - this.begunAt > kLastedMs) this.tries = 0;
    if (forGood || this.tries >= kTriesMost) return this.room.lose(place);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.begin();
    }, Math.min(kAgainMostMs, kAgainMs * 2 ** this.tries++));
  }

  private end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.media?.close();
    this.media = null;
    for (const each of Object.values(this.copies)) each.stop();
    delete this.copies.audio;
    delete this.copies.video;
    if (!this.closed) this.options.onChange();
  }
}
