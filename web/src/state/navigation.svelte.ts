// Where the person is: which chat or channel is open, which page lies over the list (left) and beside the chat (right). Each step is one of
// the browser's history, so that "back" of a phone goes one step back. Nothing of it stands in the address.

import type { ChannelId, ChatId, MessageId } from '../api/types';
import type { LeftPageName, RightPageName } from '../pages/registry';

export interface Place {
  chat: ChatId | null;
  /** A channel stands where a chat does: one of the two is open, or neither. */
  channel: ChannelId | null;
  left: LeftPageName | null;
  right: RightPageName | null;
}

const kNowhere: Place = { chat: null, channel: null, left: null, right: null };

export class Navigation {
  place = $state.raw<Place>(kNowhere);
  /** A message to jump to once its chat is shown; taken away by the chat's page. */
  target = $state.raw<{ chat: ChatId; message: MessageId; position?: number } | null>(null);

  /** A post to jump to once its channel is shown; taken away by the channel's page. */
  post = $state.raw<{ channel: ChannelId; post: number } | null>(null);

  /** The page itself goes back, not the person. */
  private steps = false;

  /** What had the focus when a page was opened. */
  opener: Element | null = null;

  constructor(private readonly window: Window) {
    this.place = placeOf(window.history.state);
    window.addEventListener('popstate', (event) => {
      // A link to this page was opened in its own tab (link_fragment.ts): the person stays where he is.
      if (window.location.hash !== '') return window.history.replaceState({ place: this.place }, '');
      if (!this.steps && this.closeTopmost()) return window.history.pushState({ place: this.place }, '');
      this.steps = false;
      this.place = placeOf(event.state);
    });
  }

  /** One step further. From one chat to another is no step: "back" leads to the list then. */
  go(change: Partial<Place>): void {
    const next = { ...this.place, ...change };
    if (change.chat != null) next.channel = null;
    if (change.channel != null) next.chat = null;
    if (same(next, this.place)) return;
    if (change.left || change.right) this.opener = this.window.document.activeElement;
    const opens = (change.chat ?? change.channel) != null;
    const replaces = opens && (this.place.chat ?? this.place.channel) !== null && change.right === undefined && change.left === undefined;
    if (replaces) next.right = null;
    if (replaces) this.window.history.replaceState({ place: next }, '');
    else this.window.history.pushState({ place: next }, '');
    this.place = next;
  }

  /** The place of the message in its chat is given by who knows it: it saves looking for it. */
  openChat(chat: ChatId, message?: MessageId, position?: number): void {
    this.target = message ? { chat, message, position } : null;
    this.go({ chat });
  }

  openChannel(channel: ChannelId, post?: number): void {
    this.post = post === undefined ? null : { channel, post };
    this.go({ channel });
  }

  /** One step back; if this is the first one, to where nothing is open. */
  back(): void {
    if (same(this.place, kNowhere)) return;
    if (this.window.history.length > 1 && this.window.history.state) {
      this.steps = true;
      this.window.history.back();
    } else this.place = kNowhere;
  }

  /** "Back" closes what lies over the page, and nothing else. See parts/modal.ts. */
  private closeTopmost(): boolean {
    const topmost = [...this.window.document.querySelectorAll('dialog:modal, [data-over]')].at(-1);
    topmost?.dispatchEvent(new Event('cancel', { cancelable: true }));
    return topmost !== undefined;
  }

  /** The chat or channel is no more: nothing of it stays open. */
  closeChat(): void {
    this.place = { ...this.place, chat: null, channel: null, right: null };
    this.window.history.replaceState({ place: this.place }, '');
  }
}

function placeOf(state: unknown): Place {
  return { ...kNowhere, ...(state as { place?: Partial<Place> } | null)?.place };
}

function same(a: Place, b: Place): boolean {
  return a.chat === b.chat && a.channel === b.channel && a.left === b.left && a.right === b.right;
}
