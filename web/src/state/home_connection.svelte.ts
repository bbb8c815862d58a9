// How this device is connected to its home: the one honest line, and troubles that the person should know.

import type { Notice } from '../api/client';
import type { ConnectionChangedNotice, ErrorRecord } from '../api/types';
import type { Follower, Session } from './session.svelte';

export class HomeConnection implements Follower {
  /** What the engine has told since this page is connected to it; null: nothing yet. */
  told = $state.raw<ConnectionChangedNotice | null>(null);
  /** Until something is told: whether a route to the home is in use. */
  routeInUse = $state(false);
  /** Why there was no way when one was last looked for; kept while it is looked for again, so that the words do not flicker. */
  away = $state.raw<ErrorRecord | true | null>(null);
  trouble = $state.raw<ErrorRecord | null>(null);

  readonly state = $derived(this.told?.connection ?? (this.routeInUse ? 'connected' : 'connecting'));

  constructor(private readonly session: Session) {
    session.follow(this);
  }

  async onReady(): Promise<void> {
    this.told = this.away = null;
    const { routes } = await this.session.call('list_routes', {});
    this.routeInUse = routes.some((each) => each.in_use);
  }

  onNotice(notice: Notice): void {
    if (notice.method === 'connection_changed') this.take(notice.params);
    if (notice.method === 'trouble') this.trouble = notice.params.error;
  }

  private take(told: ConnectionChangedNotice): void {
    this.told = told;
    if (told.connection === 'connected') this.away = null;
    if (told.connection === 'offline') this.away = told.why ?? true;
  }
}
