// Says who calls himself otherwise now. Once for each change, in however many chats one meets the person.

import type { Notice } from '../api/client';
import type { Follower, Session } from './session.svelte';

export class Renamings implements Follower {
  private readonly said = new Map<string, string>();

  constructor(
    private readonly session: Session,
    private readonly say: (before: string, name: string) => void,
  ) {
    session.follow(this);
  }

  onReady(): void {
    // What has happened meanwhile stands in the lists.
  }

  onNotice(notice: Notice): void {
    if (notice.method === 'account_changed') void this.session.lookAtAccount();
    if (notice.method !== 'member_renamed') return;
    const { account, before, name } = notice.params;
    if (this.said.get(account) === name) return;
    this.said.set(account, name);
    this.say(before, name);
  }
}
