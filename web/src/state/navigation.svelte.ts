// Where the person is: which chat is open, which page lies over the list (left) and beside the chat (right). Each step is one of
// the browser's history, so that "back" of a phone goes one step back. Nothing of it stands in the address.

import type { ChatId, MessageId } from '../api/types';
import type { LeftPageName, RightPageName } from '../pages/registry';

export interface Place {
  chat: ChatId | null;
  left: LeftPageName | null;
  right: RightPageName | null;
}

const kNowhere: Place = { chat: null, left: null, right: null };

export class Navigation {
  place = $state.raw<Place>(kNowhere);
  /** A message to jump to once its chat is shown; taken away by the chat's page. */
  target = $state.raw<{ chat: ChatId; message: MessageId; position?: number } | null>(null);

  /** What had the focus when a page was opened. */
  opener: Element | null = null;

  constructor(private readonly window: Window) {
    this.place = (window.history.state as { place?: Place } | null)?.place ?? kNowhere;
    window.addEventListener('popstate', (event) => {
      this.place = (event.state as { place?: Place } | null)?.place ?? kNowhere;
    });
  }

  /** One step further. From one chat to another is no step: "back" leads to the list then. */
  go(change: Partial<Place>): void {
    const next = { ...this.place, ...change };
    if (same(next, this.place)) return;
    if (change.left || change.right) this.opener = this.window.document.activeElement;
    const replaces = change.chat != null && this.place.chat !== null && change.right === undefined && change.left === undefined;
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

  /** One step back; if this is the first one, to where nothing is open. */
  back(): void {
    if (same(this.place, kNowhere)) return;
    if (this.window.history.length > 1 && this.window.history.state) this.window.history.back();
    else this.place = kNowhere;
  }

  /** The chat is no more: nothing of it stays open. */
  closeChat(): void {
    this.place = { ...this.place, chat: null, right: null };
    this.window.history.replaceState({ place: this.place }, '');
  }
}

function same(a: Place, b: Place): boolean {
  return a.chat === b.chat && a.left === b.left && a.right === b.right;
}
