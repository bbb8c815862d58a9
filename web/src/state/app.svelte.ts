// All parts of the page's state, built once in main.ts and handed down by Svelte's context.

import { createContext } from 'svelte';
import { CallFailed, kConnectionLost } from '../api/client';
import type { Chat } from '../api/types';
import { refusedWords } from '../calls/call_words';
import { CallLinks } from '../calls/call_links.svelte';
import { Calls, type CallWords } from '../calls/calls.svelte';
import { GroupCalls } from '../calls/group_calls.svelte';
import { Transfers } from '../files/transfers.svelte';
import { Recorder } from '../media/recorder.svelte';
import { Player } from '../media/player.svelte';
import { errorSentence, t } from '../messages/t.svelte';
import { Installed } from '../pwa/installed.svelte';
import { WebPush } from '../pwa/web_push.svelte';
import { Awaited } from './awaited.svelte';
import { Blocked } from './blocked.svelte';
import type { BrowserStorage } from './browser_storage';
import { Channels } from './channels.svelte';
import { Chats } from './chats.svelte';
import { ContactRequests } from './contact_requests.svelte';
import { Devices } from './devices.svelte';
import type { Engine } from './engine.svelte';
import { HadAccount } from './had_account';
import { Histories } from './histories.svelte';
import { HomeConnection } from './home_connection.svelte';
import { JoinRequests } from './join_requests.svelte';
import { Joining } from './joining.svelte';
import { forgetToken, keepBrought, parseFragment, takeFragment, type Brought } from './link_fragment';
import { Members } from './members.svelte';
import { Navigation } from './navigation.svelte';
import { Notifications } from './notifications.svelte';
import { OtherPrograms } from './other_programs';
import { PageAddress } from './page_address.svelte';
import { PageLock } from './page_lock.svelte';
import { Preferences } from './preferences.svelte';
import { ProgramLock } from './program_lock';
import { RecoveryWords } from './recovery_words.svelte';
import { Renamings } from './renamings';
import { Scheduled } from './scheduled.svelte';
import { Session } from './session.svelte';
import { Stickers } from './stickers.svelte';
import { Storing } from './storing.svelte';
import { Toasts } from './toasts.svelte';
import type { FoundWalk } from '../search/found_walk.svelte';
import { Archiving } from '../settings/archiving.svelte';
import { Importing } from '../settings/importing.svelte';
import { harmlessName } from '../text/harmless';
import { Typing } from './typing.svelte';

export class App {
  readonly preferences: Preferences;
  readonly toasts = new Toasts();
  readonly session: Session;
  readonly home: HomeConnection;
  readonly page: PageAddress;
  readonly chats: Chats;
  readonly channels: Channels;
  readonly calls: Calls;
  readonly groupCalls: GroupCalls;
  readonly callLinks: CallLinks;
  readonly devices: Devices;
  readonly histories: Histories;
  readonly members: Members;
  readonly typing: Typing;
  readonly blocked: Blocked;
  readonly contactRequests: ContactRequests;
  readonly joinRequests: JoinRequests;
  readonly joining: Joining;
  readonly awaited: Awaited;
  readonly transfers: Transfers;
  readonly archiving: Archiving;
  readonly importing: Importing;
  readonly scheduled: Scheduled;
  readonly stickers: Stickers;
  readonly storing: Storing;
  readonly recovery: RecoveryWords;
  readonly player: Player;
  readonly installed: Installed;
  readonly notifications: Notifications;
  readonly webPush: WebPush;
  readonly navigation: Navigation;
  private readonly hadAccount: HadAccount;
  private readonly recorders = new Map<string, Recorder>();
  /** What this browser had was thrown out: whoever sees "choose a name" has to know why. Means nothing while there is an account. */
  evicted = $state(false);
  /** A chat or channel about which it is asked for how long it shall be quiet. */
  muting = $state<string | null>(null);
  /** The found message that was opened last, and those beside it. */
  walk = $state.raw<FoundWalk | null>(null);
  private notUsed = $state.raw<Brought>({});
  /** The chat that the person is asked about. */
  deleting = $state.raw<{ chat: Chat; historyOnly: boolean } | null>(null);

  constructor(
    window: Window,
    private readonly storage: BrowserStorage,
    readonly engine: Engine,
  ) {
    this.preferences = new Preferences(storage.shared);
    this.notUsed = takeFragment(window, storage.tab);
    this.session = new Session(engine.transport, engine.tokenFor(this.brought.token), () => forgetToken(storage.tab), () => window.location.reload());
    this.session.onAccountMade = () => void engine.keepStorage();
    if (!engine.inBrowser) this.lockWithProgram(window);
    engine.onOutdated = () => (this.installed.updated = true);
    engine.onLasting = () => this.session.end();
    engine.onPassing = (trouble) => {
      if (trouble === 'storage_evicted') this.evicted = true;
      else this.toasts.say(t(`trouble.${trouble}`), true);
    };
    this.hadAccount = new HadAccount(window, storage.shared);
    this.evicted = engine.inBrowser && this.hadAccount.isSet;
    if (engine.inBrowser) this.session.follow({ onReady: () => this.hadAccount.set(), onNotice: () => undefined });
    this.home = new HomeConnection(this.session);
    this.page = new PageAddress(engine, this.session);
    this.chats = new Chats(this.session);
    this.channels = new Channels(this.session, storage.shared);
    this.devices = new Devices(this.session, storage.shared);
    this.histories = new Histories(this.session);
    this.members = new Members(this.session);
    this.typing = new Typing(this.session);
    this.blocked = new Blocked(this.session);
    this.contactRequests = new ContactRequests(this.session);
    this.joinRequests = new JoinRequests(this.session);
    this.awaited = new Awaited(this.session);
    this.joining = new Joining(this.session);
    this.joining.onRefused = (name, error, sentence) => this.toasts.say(t('join.refused', { name: harmlessName(name), why: errorSentence(error, sentence) }), true);
    this.transfers = new Transfers(this.session, engine.files);
    this.archiving = new Archiving(this.session, this.transfers);
    this.importing = new Importing(this.session, this.transfers);
    this.scheduled = new Scheduled(this.session);
    this.stickers = new Stickers(this.session);
    this.storing = new Storing(this.session, window);
    this.storing.alsoAsk(() => this.transfers.isUnsafe);
    this.storing.alsoAsk(() => [...this.channels.drafts.values()].some((each) => each.trim() !== '')); // no engine keeps them
    this.storing.alsoAsk(() => [...this.recorders.values()].some((each) => each.phase !== 'idle' && each.phase !== 'asking'));
    this.recovery = new RecoveryWords(this.session, engine.words, window.document);
    this.player = new Player();
    this.installed = new Installed(window);
    this.navigation = new Navigation(window);
    this.notifications = new Notifications(this.session, this.chats, this.channels, this.navigation, this.preferences, this.installed);
    this.webPush = new WebPush(this.session, this.preferences, this.installed);
    new Renamings(this.session, (before, name) => this.toasts.say(t('chat.renamed', { before: harmlessName(before), name: harmlessName(name) })));
    const callWords: Omit<CallWords, 'rings'> = {
      refused: (refusal, what) => this.toasts.say(refusedWords(refusal, what), true),
      failed: (error) => this.toasts.say(this.sentence(error), true),
    };
    this.calls = new Calls(this.session, this.preferences, storage.tab, { ...callWords, rings: (call) => this.notifications.ring('two', call) });
    this.groupCalls = new GroupCalls(this.session, this.calls, storage.tab, {
      ...callWords,
      rings: (call) => this.notifications.ring('group', call && { call: call.call, chat: call.chat, peer_name: call.by_name }),
    });
    this.callLinks = new CallLinks(this.session, this.groupCalls, storage.tab);
    engine.onClosing = () => {
      this.calls.end();
      this.groupCalls.end();
      return this.notifications.closeAll();
    };
    new OtherPrograms(this.session, this.chats, this.histories);
    window.addEventListener('storage', (event) => this.onStorage(event));
    // A link to this page that is opened in the same tab changes only the fragment.
    window.addEventListener('hashchange', () => this.onFragment(window));
  }

  private lockWithProgram(window: Window): void {
    const { session, engine } = this;
    const lock = (engine.lock = new PageLock(new ProgramLock(session), window));
    session.follow({ onReady: () => lock.read(), onNotice: () => undefined });
    session.onLocked = (locked) => {
      if (locked && session.phase !== 'starting') engine.forget(window, this.storage);
      else lock.take(locked);
    };
  }

  /** The person is somebody new. */
  beginAnew(): void {
    this.hadAccount.remove();
    this.evicted = false;
  }

  /** What is recorded in a chat: it stays there until it was sent or discarded, whatever is open. */
  recorderOf(chat: string): Recorder {
    const known = this.recorders.get(chat) ?? new Recorder();
    this.recorders.set(chat, known);
    return known;
  }

  /** Says in words what went wrong. */
  sentence(error: unknown): string {
    if (!(error instanceof CallFailed)) return t('error.unknown');
    if (error.errorName === kConnectionLost) return t(this.engine.inBrowser ? 'error.connection_lost_browser' : 'error.connection_lost');
    return errorSentence(error.errorName, error.message);
  }

  /** Does something that may fail; says so if it does. False: it failed. */
  async attempt(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.toasts.say(this.sentence(error), true);
      return false;
    }
  }

  /** Puts a text where it can be pasted from, and says whether that was done. */
  async copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.toasts.say(t('done.copied'));
    } catch {
      this.toasts.say(t('error.not_copied'), true);
    }
  }

  /** Loads a part of the page; says so if it cannot be had. */
  async attemptPart<Part>(load: () => Promise<Part>): Promise<Part | null> {
    try {
      return await load();
    } catch {
      this.toasts.say(t('error.part_missing'), true);
      return null;
    }
  }

  /** The link that a program started anew has printed; false: it is none of this page. */
  takeLink(window: Window, link: string): boolean {
    try {
      const url = new URL(link.trim());
      if (url.origin !== window.location.origin || !parseFragment(url.hash).token) return false;
      window.location.hash = url.hash; // as if it had been opened in this tab
      return true;
    } catch {
      return false;
    }
  }

  /** What the address has brought and was not used yet. */
  get brought(): Brought {
    return this.notUsed;
  }
  set brought(left: Brought) {
    this.notUsed = left;
    keepBrought(this.storage.tab, left);
  }

  // Another tab has written what all of this page's tabs share.
  private onStorage(event: StorageEvent): void {
    this.preferences.onStored(event.key);
  }

  private onFragment(window: Window): void {
    if (window.location.hash === '') return;
    const before = this.session.linkIsOld || this.session.stranger ? undefined : this.brought.token;
    this.brought = { ...this.brought, ...takeFragment(window, this.storage.tab) };
    if (!this.engine.inBrowser && this.brought.token && this.brought.token !== before) this.session.restart(this.brought.token);
  }
}

export const [useApp, provideApp] = createContext<App>();
