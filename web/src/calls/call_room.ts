// Which room of a unit a call of a group has: one of those who are in it asks his home for one before it is needed, and says it to the others. Where two
// have one the smaller key holds. Nobody leads; what is lost is said again with each seat (unit_media.ts).

import type { DeviceId } from '../api/types';
import type { RoomPlace } from './room_seat';
import type { RoomSignal } from './signals';

export interface CallRoomOptions {
  /** Asks the own home. Null: it has no unit. */
  open(): Promise<RoomPlace | null>;
  send(to: DeviceId, signal: RoomSignal): void;
  /** There is another one, or none any more. */
  onPlace(place: RoomPlace | null): void;
}

const kRankMs = 2_000; // the first one alone asks, unless he does not get one
const kAgainMs = 20_000;
const kNoneAgainMs = 60_000; // its home has no unit, or it is just being started
const kBadMs = 60_000;
const kBadMax = 64;
/** Whoever has said so many that were taken is not believed any more. */
const kOfOneMax = 6;

export class CallRoom {
  place: RoomPlace | null = null;
  private told = new Set<DeviceId>();
  private readonly bad = new Map<string, number>(); // until when
  private readonly taken = new Map<DeviceId, number>();
  private rank = 0;
  private closed = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly session = crypto.randomUUID();

  constructor(private readonly options: CallRoomOptions) {}

  /** Who is in it; `rank`: how many of them come before this device. */
  take(others: readonly DeviceId[], rank: number): void {
    this.told = new Set([...this.told].filter((each) => others.includes(each)));
    this.rank = rank;
    if (this.place) for (const each of others) this.tell(each);
    else if (!this.closed && this.timer === undefined) this.askAfter((1 + rank) * kRankMs); // who was there before has one, and says it
  }

  /** The page of one of them has begun anew, and knows nothing. */
  again(device: DeviceId): void {
    this.told.delete(device);
    this.tell(device);
  }

  /** The page of one of them has said which it knows. */
  hear(from: DeviceId, { home, room }: RoomPlace): void {
    if (this.place?.room === room || (this.bad.get(room) ?? 0) > Date.now()) return;
    if (this.place && this.place.room < room) {
      this.told.delete(from);
      return this.tell(from);
    }
    const taken = (this.taken.get(from) ?? 0) + 1;
    if (taken > kOfOneMax) return;
    this.taken.set(from, taken);
    this.set({ home, room });
  }

  /** It is gone, or its home does not know it. */
  lose(place: RoomPlace): void {
    this.bad.set(place.room, Date.now() + kBadMs);
    if (this.bad.size > kBadMax) this.bad.delete(this.bad.keys().next().value!);
    if (this.place?.room !== place.room) return;
    this.set(null);
    this.askAfter((1 + this.rank) * kRankMs);
  }

  close(): void {
    clearTimeout(this.timer);
    this.closed = true;
    this.timer = undefined;
  }

  private set(place: RoomPlace | null): void {
    this.place = place;
    this.told.clear();
    this.options.onPlace(place);
  }

  private tell(to: DeviceId): void {
    if (!this.place || this.told.has(to)) return;
    this.told.add(to);
    this.options.send(to, { type: 'room', session: this.session, ...this.place });
  }

  private askAfter(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(), ms);
  }

  private async ask(): Promise<void> {
    this.timer = undefined;
    if (this.place || this.closed) return;
    const place = await this.options.open().catch(() => undefined);
    if (this.closed || this.place) return; // another one was said meanwhile
    if (place) this.set(place);
    else this.askAfter(place === null ? kNoneAgainMs : kAgainMs);
  }
}
