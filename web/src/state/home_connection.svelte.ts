// How this device is connected to its home: the one honest line, and troubles that the person should know.

import type { Notice } from '../api/client';
import type { ConnectionChangedNotice, ErrorRecord } from '../api/types';
import type { Follower, Session } from './session.svelte';

/** That the browser does not take the home's certificate. */
const kGuessed = 'ssl_browser_cannot_pin';

export class HomeConnection implements Follower {
  /** What the engine has told since this page is connected to it; null: nothing yet. */
  told = $state.raw<ConnectionChangedNotice | null>(null);
  /** Until something is told: whether a route to the home is in use. */
  routeInUse = $state(false);
  /** Why there was no way when one was last looked for; kept while it is looked for again, so that the words do not flicker. */
  away = $state.raw<ErrorRecord | true | null>(null);
  trouble = $state.raw<ErrorRecord | null>(null);
  /** A way has led to the home: whatever stands in the way now, it is not what no way could be with. */
  private hasWorked = $state(false);

  readonly state = $derived(this.told?.connection ?? (this.routeInUse ? 'connected' : 'connecting'));

  /** Why there is no way, as far as it is known; a browser does not say what became of a connection, and the engine guesses. */
  readonly why = $derived.by(() => {
    const away = this.away === true ? null : this.away;
    return this.hasWorked && away?.name === kGuessed ? null : away;
  });

  constructor(private readonly session: Session) {
    session.follow(this);
  }

  async onReady(): Promise<void> {
    this.told = this.away = null;
    const { routes } = await this.session.call('list_routes', {});
    this.routeInUse = routes.some((each) => each.in_use);
    this.hasWorked = routes.some((each) => each.worked_at !== null);
  }

  onNotice(notice: Notice): void {
    if (notice.method === 'connection_changed') this.take(notice.params);
    if (notice.method === 'trouble') this.trouble = notice.params.error;
  }

  private take(told: ConnectionChangedNotice): void {
    this.told = told;
    if (told.connection === 'connected') this.away = null;
    this.hasWorked ||= told.connection === 'connected';
    if (told.connection === 'offline') this.away = told.why ?? true;
  }
}
