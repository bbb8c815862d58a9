// Several programs share one engine: other tabs of this page, bots, the command line. What one of them sends is answered to it alone; the others hear only
// that a message has moved. This reads such messages, so that every tab shows the same. Tabs tell each other at once, also
// while nothing moves for want of a network; and what was read, of which the engine tells nobody.

import type { Notice } from '../api/client';
import type { ChatId, MessageId } from '../api/types';
import type { Chats } from './chats.svelte';
import type { Histories } from './histories.svelte';
import type { Follower, Session } from './session.svelte';

const kName = 'godwit-sent';

/** What one tab tells the others. */
type Told = { what: 'sent'; chat: ChatId; id: MessageId } | { what: 'read'; chat: ChatId; through: number } | { what: 'new_chat' };

export class OtherPrograms implements Follower {
  private readonly tabs = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(kName);

  constructor(
    private readonly session: Session,
    private readonly chats: Chats,
    private readonly histories: Histories,
  ) {
    session.follow(this);
    chats.onOwnMessage = (chat, id) => this.tell({ what: 'sent', chat, id });
    chats.onRead = (chat, through) => this.tell({ what: 'read', chat, through });
    chats.onNewChat = () => this.tell({ what: 'new_chat' });
    this.tabs?.addEventListener('message', (event: MessageEvent<Told>) => this.hear(event.data));
  }

  onReady(): void {
    // What was sent before is in what everybody reads now.
  }

  onNotice(notice: Notice): void {
    if (notice.method === 'message_moved' && notice.params.delivery === 'sent') void this.look(notice.params.chat, notice.params.id);
  }

  private tell(what: Told): void {
    this.tabs?.postMessage(what);
  }

  private hear(told: Told): void {
    if (this.session.phase !== 'ready') return;
    if (told.what === 'sent') void this.look(told.chat, told.id);
    if (told.what === 'read') this.chats.onReadElsewhere(told.chat, told.through);
    if (told.what === 'new_chat') void this.chats.onReady().catch(() => undefined);
  }

  private async look(chat: ChatId, id: MessageId): Promise<void> {
    if (this.session.phase !== 'ready') return;
    const history = this.histories.find(chat);
    const known = history ? history.messages.some((each) => each.id === id) : this.chats.byId.get(chat)?.newest?.id === id;
    if (known) return;
    const found = await this.session.call('read_message', { chat, message: id }).catch(() => null);
    if (!found) return;
    this.chats.onSeenElsewhere(chat, found.message);
    history?.onSent(found.message);
  }
}
