// Another device in a call of a group, as it is shown.

import type { GroupCallPeer } from '../api/types';
import type { Quality } from './call_stats';
import type { PeerCall, PeerPhase } from './peer_call';
import type { Shown } from './signals';
import type { UnitMedia } from './unit_media';

/** Who was louder than this a moment ago speaks. */
const kSpeaks = 0.02;
const kSpeaksForMs = 1_200;

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
  spokeAt = -kSpeaksForMs;
  peer: PeerCall | null = null;
  private unit: UnitMedia | null = null;
  copies: Partial<Record<'audio' | 'video', MediaStreamTrack>> = {};

  constructor(readonly of: GroupCallPeer) {}

  /** By the connection with it, while that brings something, else by the unit. */
  take(unit: UnitMedia | null): void {
    const { peer } = this;
    const device = this.of.device;
    const byUnit = peer && (peer.ended || peer.remote.getTracks().length > 0) ? [] : (unit?.tracksOf(device) ?? []);
    this.unit = byUnit.length > 0 ? unit : null;
    if (this.unit) this.shown('active', this.unit.quality, this.unit.shownOf(device), byUnit);
    else if (peer) this.shown(peer.phase, peer.quality, peer.there, peer.ended ? [] : peer.remote.getTracks());
    else this.shown('connecting', 'good', unit?.shownOf(device) ?? null, []);
    this.pictureHeldBack = peer?.pictureHeldBack ?? false;
  }

  private shown(phase: PeerPhase, quality: Quality, there: Shown | null, tracks: MediaStreamTrack[]): void {
    this.phase = phase;
    this.quality = quality;
    if (there) this.there = there;
    this.handAt = this.there.hand ? this.handAt || performance.now() : 0;
    const before = this.remote?.getTracks() ?? [];
    const same = tracks.length === before.length && tracks.every((each) => before.includes(each));
    if (!same) this.remote = tracks.length > 0 ? new MediaStream(tracks) : null;
    this.hasPicture = tracks.some((each) => each.kind === 'video') && (this.there.camera || this.there.screen);
  }

  measure(now: number): void {
    this.level = this.unit?.levelOf(this.of.device) ?? this.peer?.level ?? 0;
    if (this.level > kSpeaks) this.spokeAt = now;
    this.speaks = now - this.spokeAt < kSpeaksForMs;
  }

  close(): void {
    this.closePeer();
    this.end();
  }

  /** The connection with it, if there is one: the unit has what goes to it and comes from it. */
  closePeer(): void {
    this.peer?.close();
    this.peer = null;
    this.stopCopies();
  }

  /** Nothing goes there any more and nothing is shown of it. */
  end(): void {
    this.stopCopies();
    this.remote = null;
    this.hasPicture = false;
    this.handAt = 0;
  }

  private stopCopies(): void {
    for (const each of Object.values(this.copies)) each.stop();
    this.copies = {};
  }
}
