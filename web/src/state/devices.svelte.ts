// The devices of one's own account, and the linking of a new one, seen from both sides.

import type { Notice } from '../api/client';
import type { DeviceAsksNotice, ErrorRecord, LinkingOfferedResult, OwnDevicesResult } from '../api/types';
import type { KeptWords } from './browser_storage';
import type { Follower, Session } from './session.svelte';

const kLookAgainMs = 3000;
/** An offer that ends sooner is made anew. */
const kWorthShowingMs = 60_000;
/** Errors by which the home says that this device is none any more. */
const kRemovedErrors = new Set(['wire_no_such_mailbox', 'engine_device_removed']);
const kRemovedKey = 'godwit-device-removed';

export class Devices implements Follower {
  /** Null until it was asked for. */
  own = $state.raw<OwnDevicesResult | null>(null);
  /** An offer of this page to link a device. */
  offer = $state.raw<LinkingOfferedResult | null>(null);
  /** A new device holds the secret of the offer and waits for a yes. */
  asks = $state.raw<DeviceAsksNotice | null>(null);
  /** How the last offer has ended; null: not yet. */
  ended = $state.raw<{ name: string; error: ErrorRecord | null } | null>(null);
  /** On the new device: the number that the other screen shows too. */
  check = $state<string | null>(null);
  /** This page has linked the device: its chats come in now. */
  justLinked = $state(false);
  /** Whom the person knew before the account was recovered: shown once. */
  recovered = $state.raw<readonly string[] | null>(null);
  /** The home does not know this device any more. */
  removed = $state(false);

  readonly isMoving = $derived(this.own !== null && this.own.chats_to_heal + this.own.histories_to_send + this.own.histories_to_come > 0);
  private offeredCode = false;
  /** A new offer is being made, which ends the one before. */
  private replacing = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly session: Session,
    private readonly storage: KeptWords,
  ) {
    session.follow(this);
  }

  async onReady(): Promise<void> {
    // The engine says it once, when the home does; a page that is loaded later has only this.
    this.removed = this.storage.get(kRemovedKey) === this.session.account?.account;
    this.asks = null;
    await this.look();
  }

  onNotice(notice: Notice): void {
    switch (notice.method) {
      case 'devices_changed':
        return void this.look().catch(() => undefined);
      case 'device_asks':
        this.ended = null;
        this.asks = notice.params;
        return;
      case 'linking_checked':
        this.check = notice.params.check;
        return;
      case 'linking_ended':
        if (this.replacing) return; // the offer before this one
        this.ended = { name: notice.params.name, error: notice.params.error ?? null };
        this.asks = this.offer = null;
        return void this.look().catch(() => undefined);
      case 'trouble':
        if (kRemovedErrors.has(notice.params.error.name)) this.setRemoved(true);
        return;
      case 'connection_changed':
        if (notice.params.connection === 'connected') this.setRemoved(false);
        return;
      default:
        return;
    }
  }

  /** Shows the offer that there is, unless it is of the other kind, ends soon, or another one is wanted: a home takes few in an hour. */
  async offerLinking(byCode: boolean, anew: boolean): Promise<void> {
    this.ended = null;
    if (!anew && this.offer && this.offeredCode === byCode && this.offer.ends_at - Date.now() > kWorthShowingMs) return;
    this.offer = null;
    this.offeredCode = byCode;
    this.replacing = true;
    try {
      this.offer = await this.session.call('start_linking', { by_code: byCode });
    } finally {
      this.replacing = false;
    }
  }

  async answer(accept: boolean): Promise<void> {
    this.asks = null;
    await this.session.call('confirm_linking', { accept });
  }

  /** Reads the list; again and again as long as something moves between devices. */
  async look(): Promise<void> {
    clearTimeout(this.timer);
    this.own = await this.session.call('list_devices', {});
    if (this.own.histories_to_come > 0) this.justLinked = false;
    if (this.isMoving || this.own.devices.some((each) => each.changing)) {
      this.timer = setTimeout(() => void this.look().catch(() => undefined), kLookAgainMs);
    }
  }

  private setRemoved(removed: boolean): void {
    if (removed === this.removed) return;
    this.removed = removed;
    if (removed) this.storage.set(kRemovedKey, this.session.account?.account ?? '');
    else this.storage.remove(kRemovedKey);
  }
}
