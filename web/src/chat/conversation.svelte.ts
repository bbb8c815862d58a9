// One chat that is open: its messages, what is being written, and what is done to messages. The components of chat/ share it by
// Svelte's context.

import { createContext } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { Chat, Message, MessageId } from '../api/types';
import { Unasked } from '../files/unasked';
import { t } from '../messages/t.svelte';
import type { Look } from '../files/sending';
import type { Outgoing, Unsent } from '../files/transfers.svelte';
import type { Recorder } from '../media/recorder.svelte';
import type { App } from '../state/app.svelte';
import type { History } from '../state/histories.svelte';
import { harmlessName } from '../text/harmless';
import { markup, parseMarkup, type Formatted } from '../text/markup';
import { movedPicks, picksOf, type Pick } from '../text/picks';

/** A dialog over the chat that is about one message. */
export interface About {
  what: 'delete' | 'end_poll' | 'forward' | 'info' | 'picture' | 'reactions' | 'report' | 'stickers' | 'video';
  message: Message;
  /** About several, of which `message` is the first: to be deleted or forwarded. */
  messages?: readonly Message[];
}

/** True for what can be said in another chat. */
export function isForwardable(message: Message): boolean {
  return !message.deleted && !message.kept && message.kind !== 'newer';
}

/** A dialog in which something is made that is no text: what attach/ has. */
export type Making = 'poll' | 'location' | 'contact' | 'later' | 'stickers';

/** How to come to a message. */
export interface Jump {
  /** Its place in the chat, if it is known: it saves looking for it. */
  position?: number;
  /** The keyboard is there afterwards. */
  focus?: boolean;
}

export class Conversation {
  readonly history: History;
  text = $state('');
  replyTo = $state.raw<Message | null>(null);
  editing = $state.raw<Message | null>(null);
  about = $state.raw<About | null>(null);
  making = $state.raw<Making | null>(null);
  readonly recorder: Recorder;
  /** A link whose words are not its address, before it is followed. */
  leaving = $state<string | null>(null);
  highlighted = $state<MessageId | null>(null);
  /** Chosen to be forwarded, deleted or copied together; not empty: a press chooses. */
  readonly selected = new SvelteMap<MessageId, Message>();
  /** Files that were picked, pasted or dropped, and wait for a word about them. */
  picked = $state.raw<readonly File[]>([]);
  /** Another number for each that is asked about. */
  asked = $state(0);
  /** How they are to go, unless the person says otherwise. */
  pickedLook = $state<Look>('fitting');
  /** Which of them could not be sent before, and why. */
  whyUnsent = $state('');
  /** What else could not be sent: asked about one after the other, for each has its own look. */
  private unsent: readonly Unsent[] = [];
  /** Who was picked for an @ while this text was written. */
  named = $state.raw<readonly Pick[]>([]);
  private followed = ''; // the text to which the places in `named` belong
  /** Set by the list of messages, which alone knows where things are. */
  jump: (id: MessageId, how?: Jump) => Promise<void> = async () => undefined;
  /** Who has said something sees it, wherever he was reading. */
  toNewest: () => void = () => undefined;
  focusComposer: () => void = () => undefined;
  readonly unasked = new Unasked();

  private readonly quoted = new SvelteMap<MessageId, Message | null>();
  private savedDraft: string;
  private left = false;
  /** What it was when it was last read: it may be gone by now. */
  private known: Chat;

  constructor(
    readonly app: App,
    chat: Chat,
  ) {
    this.known = chat;
    this.history = app.histories.open(chat);
    this.recorder = app.recorderOf(chat.chat);
    this.savedDraft = chat.settings.draft;
    this.text = [app.storing.takeBack(chat.chat), this.savedDraft].filter(Boolean).join('\n');
    this.unsent = app.transfers.takeUnsent(chat.chat);
    this.pick([]);
    void app.members.open(chat.chat);
  }

  /** True: it is not open any more. */
  get isLeft(): boolean {
    return this.left;
  }

  /** Files on their way into this chat. */
  get outgoing(): readonly Outgoing[] {
    return this.app.transfers.outgoingIn(this.chat.chat);
  }

  get chat(): Chat {
    return (this.known = this.app.chats.byId.get(this.known.chat) ?? this.known);
  }

  /** Shows somebody who was named: his chat, or among the members. */
  showPerson(account: string): void {
    const direct = this.app.chats.withPeer(account);
    if (direct) this.app.navigation.openChat(direct.chat);
    else this.app.navigation.go({ right: 'chat_info' });
  }

  /** What one's role in a group allows. */
  get isAdmin(): boolean {
    const role = this.app.members.of(this.chat.chat)?.role;
    return role === 'admin' || role === 'owner';
  }

  /** Null: one may write here. Else why not. */
  get closed(): string | null {
    const { chat } = this;
    if (chat.kept) return t('chat.only_kept');
    if (!chat.member) return t('chat.not_member');
    const members = this.app.members.of(chat.chat);
    if (!chat.group || !members) return null;
    if (members.role === 'reader') return t('chat.reader');
    return members.announcement_only && !this.isAdmin ? t('chat.announcements') : null;
  }

  nameOf(message: Message): string {
    if (message.own) return t('chat.you');
    const { chat } = this;
    const given = message.kept?.sender || message.author_name || (chat.group ? '' : chat.name);
    return harmlessName(given) || harmlessName(this.app.members.nameOf(chat.chat, message.author) ?? '') || t('chat.nameless');
  }

  /** The message that another one answers; undefined while it is looked for, null if this device does not have it. */
  quotedBy(message: Message): Message | null | undefined {
    const id = message.reply_to;
    if (!id) return null;
    return this.history.messages.find((each) => each.id === id) ?? this.quoted.get(id);
  }

  /** Looks for what a message answers, if it is not at hand. */
  async lookForQuoted(message: Message): Promise<void> {
    const id = message.reply_to;
    if (!id || this.quotedBy(message) !== undefined) return;
    const found = await this.app.session.call('read_message', { chat: this.chat.chat, message: id }).catch(() => null);
    this.quoted.set(id, found?.message ?? null);
  }

  /** Chooses a message beside those that are, or leaves it out again. */
  select(message: Message): void {
    if (!this.selected.delete(message.id)) this.selected.set(message.id, message);
  }

  /** The chosen ones as they stand in the chat. */
  get chosen(): Message[] {
    return [...this.selected.values()].sort((a, b) => a.position - b.position);
  }

  /** True: it may be taken back for all. */
  mayTakeBack(message: Message): boolean {
    return !message.deleted && this.closed === null && !this.chat.saved && (message.own || (this.chat.group && this.isAdmin));
  }

  // ---- writing ----

  reply(message: Message): void {
    this.stopEditing();
    this.replyTo = message;
    this.focusComposer();
  }

  edit(message: Message): void {
    if (!this.editing) void this.saveDraft();
    this.replyTo = null;
    this.editing = message;
    this.text = this.followed = markup(message.text, message.spans);
    const nameOf = (account: string) => this.app.members.nameOf(this.chat.chat, account);
    this.named = picksOf(this.text, message.mentions.map((each) => each.account), nameOf);
    this.focusComposer();
  }

  /** Puts somebody's name in the place of an @ and what was typed after it; gives where the text goes on. */
  mention(person: { name: string; account: string }, start: number, end: number): number {
    const name = `@${person.name} `;
    this.follow();
    const text = this.text.slice(0, start) + name + this.text.slice(end);
    this.named = [...movedPicks(this.named, this.text, text), { ...person, at: start }];
    this.text = this.followed = text;
    return start + name.length;
  }

  /** The text has become another: those who were picked for an @ in it move with it. */
  follow(): void {
    if (this.text === this.followed) return;
    if (this.named.length > 0) this.named = movedPicks(this.named, this.followed, this.text);
    this.followed = this.text;
  }

  stopEditing(): void {
    if (!this.editing) return;
    this.editing = null;
    this.text = this.savedDraft;
  }

  async send(): Promise<void> {
    this.follow();
    const formatted = parseMarkup(this.text, this.named);
    if (formatted.text === '') return;
    const { chat } = this.chat;
    const before = { text: this.text, replyTo: this.replyTo, editing: this.editing, named: this.named };
    const draft = this.savedDraft;
    this.text = '';
    this.replyTo = this.editing = null;
    this.named = [];
    this.app.typing.stop(chat);
    const sending = this.app.attempt(() => (before.editing ? this.sayOtherwise(before.editing, formatted) : this.say(formatted, before.replyTo)));
    // Right behind it: if this page dies before it is answered, what was sent is not to stand in the field as well.
    if (!before.editing) void this.saveDraft();
    const done = await sending;
    // What could not be sent is not lost.
    if (!done && this.left) this.app.storing.giveBack(chat, before.text);
    else if (!done && this.text === '') Object.assign(this, before, { followed: before.text });
    else if (!done) this.text = `${before.text}\n${this.text}`;
    // The answer that was begun before goes on.
    if (done && before.editing && !this.left && !this.editing) this.text = [draft, this.text].filter(Boolean).join('\n');
    if (done) await this.saveDraft();
  }

  /** The chat is not open any more. */
  leave(): void {
    this.left = true;
    const { chat } = this.chat;
    const shown = { files: this.picked, look: this.pickedLook, why: this.whyUnsent };
    if (this.picked.length > 0 && this.whyUnsent !== '') this.app.transfers.giveBack(chat, shown);
    for (const each of this.unsent) this.app.transfers.giveBack(chat, each);
    void this.saveDraft();
    this.recorder.leave();
  }

  /** Asks about `files`; with none: about what could not be sent before, if there is something. */
  pick(files: readonly File[], asFiles = false): void {
    if (files.length > 0) return this.askAbout({ files, look: asFiles ? 'file' : 'fitting', why: '' });
    const [next, ...others] = this.unsent;
    this.unsent = others;
    this.askAbout(next ?? { files: [], look: 'fitting', why: '' });
  }

  private askAbout(asked: Unsent): void {
    this.asked++;
    [this.picked, this.pickedLook, this.whyUnsent] = [asked.files, asked.look, asked.why];
  }

  /** Files of which the first could not be sent stand again where they were picked, and what stood under it in the field. */
  giveBack(unsent: Unsent, caption: string): void {
    const { files } = unsent;
    if (this.left) {
      if (caption !== '') this.app.storing.giveBack(this.chat.chat, caption);
      if (files.length > 0) this.app.transfers.giveBack(this.chat.chat, unsent);
      return;
    }
    if (caption !== '') this.stopEditing();
    if (caption !== '') this.text = [caption, this.text].filter(Boolean).join('\n');
    if (files.length === 0) return;
    this.unsent = [...this.unsent, unsent];
    if (this.picked.length === 0) this.pick([]);
  }

  private async say(formatted: Formatted, replyTo: Message | null): Promise<void> {
    const { chat } = this.chat;
    const sent = this.app.session.call('send_message', { chat, ...formatted, ...(replyTo ? { reply_to: replyTo.id } : {}) });
    const { message } = await this.app.storing.track(chat, formatted.text, sent);
    this.onSent(message);
  }

  private async sayOtherwise(message: Message, formatted: Formatted): Promise<void> {
    if (formatted.text === message.text && JSON.stringify(formatted.spans) === JSON.stringify(message.spans)) return;
    const { chat } = this.chat;
    await this.app.storing.track(chat, formatted.text, this.app.session.call('edit_message', { chat, message: message.id, ...formatted }));
  }

  /** A message of one's own that is now safe on this device. */
  onSent(message: Message): void {
    this.app.chats.onSent(this.chat.chat, message);
    this.history.onSent(message);
    this.toNewest();
  }

  async saveDraft(): Promise<void> {
    const draft = this.editing ? this.savedDraft : this.text;
    if (draft === this.savedDraft || this.chat.kept) return;
    const before = this.savedDraft;
    this.savedDraft = draft;
    await this.app.chats.change({ chat: this.chat.chat, draft }).catch(() => (this.savedDraft = before));
  }

  // ---- to messages ----

  react(message: Message, reaction: string): void {
    const given = message.reactions.some((each) => each.reaction === reaction && each.own);
    void this.app.attempt(() =>
      this.app.session.call('react', { chat: this.chat.chat, message: message.id, reaction, remove: given }),
    );
  }

  pin(message: Message): void {
    void this.app.attempt(() =>
      this.app.session.call('pin_message', { chat: this.chat.chat, message: message.id, pinned: !message.pinned }),
    );
  }

  /** Fails as delete_message does. */
  async remove(message: Message, forEveryone: boolean): Promise<void> {
    await this.app.session.call('delete_message', { chat: this.chat.chat, message: message.id, for_everyone: forEveryone });
    if (!forEveryone) this.history.onRemoved(message.id);
  }
}

export const [useConversation, provideConversation] = createContext<Conversation>();
