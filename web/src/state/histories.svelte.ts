// The messages of the chats that were opened. Each History holds one stretch of a chat without gaps, in the API's order, and
// reads on at both ends as the reader comes near them. `read_history` reads backwards only; forwards it is asked for what lies
// before a place further on.

import { SvelteSet } from 'svelte/reactivity';
import type { Notice } from '../api/client';
import type { Chat, ChatId, Delivery, Message, MessageId } from '../api/types';
import { comparatorOf, mergeMessages, placeOf } from './order';
import type { Follower, Session } from './session.svelte';

const kPage = 60;
const kPageMax = 200; // what one answer has at most
// So many messages of a chat are held; then the end that is further from the reader is let go.
const kHeldMax = 3000;
// So many chats are held; then the one that was looked at longest ago is let go.
const kHistoriesMax = 8;

export class History {
  messages = $state.raw<readonly Message[]>([]);
  hasOlder = $state(true);
  hasNewer = $state(false);
  loaded = $state(false);
  /** True while messages are put in before the first one: the list keeps its place by the end then. */
  prepending = $state(false);
  /** Messages of one's own that were lost on the way, and are said anew or were. */
  readonly saidAnew = new SvelteSet<MessageId>();

  private busy: Promise<void> | null = null;
  private toLookAgain = false;
  private readonly meanwhile: (() => void)[] = [];
  private readonly compare: (a: Message, b: Message) => number;

  constructor(
    private readonly session: Session,
    readonly chat: ChatId,
    kept: boolean,
  ) {
    this.compare = comparatorOf({ kept });
  }

  /** Reads the newest messages, in place of what is held. */
  async openNewest(): Promise<void> {
    while (this.busy) await this.busy;
    await this.alone(async () => {
      const { messages } = await this.session.call('read_history', { chat: this.chat, count: kPage });
      this.replace(messages, messages.length > 0, false);
    });
  }

  /** Reads the surroundings of one message, in place of what is held, unless it is held already. False: it is not there. */
  async openAround(id: MessageId, position?: number): Promise<boolean> {
    if (this.messages.some((each) => each.id === id)) return true;
    const at = position ?? (await this.positionOf(id));
    if (at === null) return false;
    while (this.busy) await this.busy; // what is read at an end just now must not keep it from coming
    await this.alone(async () => {
      const before = at + kPage / 2;
      const { messages } = await this.session.call('read_history', { chat: this.chat, before, count: kPage });
      this.replace(messages, true, true);
    });
    await this.readNewer();
    return this.messages.some((each) => each.id === id);
  }

  private async positionOf(id: MessageId): Promise<number | null> {
    const found = await this.session.call('read_message', { chat: this.chat, message: id }).catch(() => null);
    return found?.message.position ?? null;
  }

  async readOlder(): Promise<void> {
    const first = this.messages[0];
    if (!first || !this.hasOlder) return;
    await this.alone(async () => {
      const { messages } = await this.session.call('read_history', { chat: this.chat, before: first.position, count: kPage });
      this.prepending = true;
      this.put(mergeMessages(messages, this.messages, this.compare));
      this.hasOlder = messages.length > 0;
      if (this.messages.length > kHeldMax) {
        this.put(this.messages.slice(0, kHeldMax - kPage));
        this.hasNewer = true;
      }
    });
  }

  async readNewer(): Promise<void> {
    if (!this.hasNewer) return;
    await this.alone(async () => {
      const last = this.messages.at(-1);
      if (!last) return;
      // Places count up in the order of arrival, which is nearly that of the messages: looked for further and further on.
      for (let step = kPage; ; step *= 2) {
        const newest = step > kPageMax;
        const before = newest ? undefined : last.position + step;
        const { messages } = await this.session.call('read_history', { chat: this.chat, before, count: kPageMax });
        const joins = messages.length === 0 || this.compare(messages[0]!, last) <= 0;
        const fresh = messages.filter((each) => this.compare(each, last) > 0);
        if (fresh.length === 0 && !newest) continue;
        if (joins) this.appendPage(fresh, newest || fresh.length === 0);
        else this.replace(messages, true, false); // a gap that cannot be bridged: show what is newest
        return;
      }
    });
  }

  private appendPage(fresh: readonly Message[], atEnd: boolean): void {
    this.prepending = false;
    this.put([...this.messages, ...fresh]);
    this.hasNewer = !atEnd;
    if (this.messages.length > kHeldMax) {
      this.prepending = true;
      this.put(this.messages.slice(this.messages.length - kHeldMax + kPage));
      this.hasOlder = true;
    }
  }

  /**
   * The chat is told anew. What another device of one's own hands over, or an import brings, is told by that alone, not message by
   * message: so it is looked for, where it could be missed.
   */
  async onChat(newest: Message | null): Promise<void> {
    if (this.toLookAgain) return;
    this.toLookAgain = true;
    while (this.busy) await this.busy;
    this.toLookAgain = false;
    if (!this.loaded || this.hasNewer) return;
    const isMissed = newest !== null && !this.messages.some((each) => each.id === newest.id);
    if (!isMissed && this.hasOlder) return; // what is older is read when the reader comes there
    await this.alone(async () => {
      const { messages } = await this.session.call('read_history', { chat: this.chat, count: kPage });
      const known = new Set(this.messages.map((each) => each.id));
      const fresh = messages.filter((each) => !known.has(each.id));
      if (fresh.length === 0) return this.lookBeforeFirst();
      // None of what is held is there: something may lie between.
      if (fresh.length === messages.length && this.messages.length > 0) return this.replace(messages, true, false);
      this.prepending = newest === null || !fresh.some((each) => each.id === newest.id);
      this.put(mergeMessages(fresh, this.messages, this.compare));
      this.hasOlder = true;
    });
  }

  // Whether there is more, after it was said that there was not.
  private async lookBeforeFirst(): Promise<void> {
    const first = this.messages[0];
    if (this.hasOlder || !first) return;
    const { messages } = await this.session.call('read_history', { chat: this.chat, before: first.position, count: 1 });
    this.hasOlder = messages.length > 0;
  }

  /** Does what a notice tells; once more after what is being read, whose answer may be of the time before. */
  take(change: () => void): void {
    change();
    if (this.busy) this.meanwhile.push(change);
  }

  /** A message of one's own that this page was told by no notice: a call that sends has answered, or another tab has said so. */
  onSent(message: Message): void {
    this.take(() => this.onNew(message));
  }

  /** A message that was removed from this device, as a call has answered. */
  onRemoved(id: MessageId): void {
    this.take(() => this.onGone(id));
  }

  /** A message that is new to this device. */
  onNew(message: Message): void {
    if (!this.loaded) return;
    const first = this.messages[0];
    // It belongs to a stretch that is not held: it is read when the reader comes there.
    if (first && this.hasOlder && this.compare(message, first) < 0) return;
    const last = this.messages.at(-1);
    if (last && this.hasNewer && this.compare(message, last) > 0) return;
    this.prepending = false;
    const at = placeOf(this.messages, message, this.compare);
    const known = this.messages[at]?.id === message.id;
    this.put([...this.messages.slice(0, at), message, ...this.messages.slice(known ? at + 1 : at)]);
  }

  onChanged(message: Message): void {
    this.patch(message.id, () => message);
  }

  patch(id: MessageId, change: (message: Message) => Message): void {
    const at = this.messages.findIndex((each) => each.id === id);
    if (at < 0) return;
    this.prepending = false;
    this.put(this.messages.map((each, index) => (index === at ? change(each) : each)));
  }

  onGone(id: MessageId): void {
    this.prepending = false;
    this.put(this.messages.filter((each) => each.id !== id));
  }

  /** All up to this place are no more. */
  onCleared(through: number): void {
    this.prepending = false;
    this.put(this.messages.filter((each) => each.position > through));
    this.hasOlder = false;
  }

  private replace(messages: readonly Message[], hasOlder: boolean, hasNewer: boolean): void {
    this.prepending = false;
    this.put(messages);
    this.hasOlder = hasOlder;
    this.hasNewer = hasNewer;
    this.loaded = true;
  }

  private put(messages: readonly Message[]): void {
    this.messages = messages;
  }

  // Two readings at once would not know of each other's ends.
  private async alone(work: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    // The connection may be lost; what is held is read anew after the next one.
    this.busy = work().catch(() => undefined);
    await this.busy;
    this.busy = null;
    for (const change of this.meanwhile.splice(0)) change();
  }
}

export class Histories implements Follower {
  private readonly held = new Map<ChatId, History>();

  constructor(private readonly session: Session) {
    session.follow(this);
  }

  /** The messages of a chat; read for the first time if need be. */
  open(chat: Chat): History {
    const known = this.held.get(chat.chat);
    const history = known ?? new History(this.session, chat.chat, chat.kept);
    this.held.delete(chat.chat);
    this.held.set(chat.chat, history); // a Map is in the order of putting in
    if (!known) void history.openNewest();
    for (const id of this.held.keys()) {
      if (this.held.size <= kHistoriesMax) break;
      this.held.delete(id);
    }
    return history;
  }

  find(chat: ChatId): History | undefined {
    return this.held.get(chat);
  }

  async onReady(): Promise<void> {
    const [newest, ...rest] = [...this.held.keys()].reverse();
    for (const id of rest) this.held.delete(id);
    if (newest) await this.held.get(newest)?.openNewest();
  }

  onNotice(notice: Notice): void {
    switch (notice.method) {
      case 'chat_changed':
        return void this.held.get(notice.params.chat.chat)?.onChat(notice.params.chat.newest);
      case 'message_received':
      case 'line_added':
        return this.tell(notice.params.chat, (history) => history.onNew(notice.params.message));
      case 'message_changed':
        return this.tell(notice.params.chat, (history) => history.onChanged(notice.params.message));
      case 'message_gone':
        return this.tell(notice.params.chat, (history) => history.onGone(notice.params.id));
      case 'history_cleared':
        return this.tell(notice.params.chat, (history) => history.onCleared(notice.params.through));
      case 'chat_gone':
        return void this.held.delete(notice.params.chat);
      case 'message_moved':
        return this.tell(notice.params.chat, (history) => history.patch(notice.params.id, (each) => movedTo(each, notice.params.delivery)));
      default:
        return;
    }
  }

  private tell(chat: ChatId, change: (history: History) => void): void {
    const history = this.held.get(chat);
    history?.take(() => change(history));
  }
}

/** A message that has come further; one that is at the home has its file there too. */
export function movedTo(message: Message, delivery: Delivery): Message {
  const file = message.file?.sending && delivery !== 'queued' ? { ...message.file, sending: false, paused: false } : message.file;
  return { ...message, delivery, file };
}
