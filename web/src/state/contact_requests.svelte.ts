// Strangers who ask to be contacts. Of one that was not opened nothing is known here but when it came.

import { SvelteMap } from 'svelte/reactivity';
import type { Notice } from '../api/client';
import type { ContactRequest, ContactRequestId, ContactRequestOpenedResult } from '../api/types';
import type { Follower, Session } from './session.svelte';

export class ContactRequests implements Follower {
  waiting = $state.raw<readonly ContactRequest[]>([]);
  /** Those that were opened since the page was. */
  readonly opened = new SvelteMap<ContactRequestId, ContactRequestOpenedResult>();

  /** How often an invite for many was used up: whoever lists them reads them anew then. */
  usedUp = $state(0);

  constructor(private readonly session: Session) {
    session.follow(this);
  }

  async onReady(): Promise<void> {
    const { requests } = await this.session.call('list_contact_requests', {});
    this.waiting = requests;
    const there = new Set(requests.map((each) => each.request));
    for (const id of [...this.opened.keys()]) if (!there.has(id)) this.opened.delete(id);
  }

  onNotice(notice: Notice): void {
    if (notice.method === 'open_invite_used_up') this.usedUp++;
    if (notice.method === 'contact_requests_changed') this.onReady().catch(() => undefined); // lost: read after the next connection
  }

  async open(request: ContactRequestId): Promise<void> {
    try {
      this.opened.set(request, await this.session.call('open_contact_request', { request }));
    } catch (error) {
      await this.onReady(); // one that is forged is gone now
      throw error;
    }
  }

  async decline(request: ContactRequestId): Promise<void> {
    await this.session.call('decline_contact_request', { request });
    await this.onReady();
  }

  async declineAll(): Promise<void> {
    await this.session.call('decline_contact_requests', {});
    await this.onReady();
  }
}
