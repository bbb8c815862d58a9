// The engine behind this page: where it is, how it is reached, what it can do, and what is wrong with it as a whole.

import { SocketTransport } from '../api/socket_transport';
import type { Transport } from '../api/transport';
import type { StorageState } from '../engine/connect';
import { engineAddress, movingAddress, placeOf, type Place } from '../engine/place';
import { inlinedBuild, inlinedMoving, inlinedWasm, inlinedWorker, isSingleFile } from '../engine/single_file';
import { HttpFiles, type FileWays } from '../files/file_ways';
import { addressOf } from '../text/handed_on';
import type { BrowserStorage } from './browser_storage';
import { KeptByToken, type WordsKept } from './kept_by_token';
import { formerToken, keepToken, keptToken } from './link_fragment';
import { PageLock } from './page_lock.svelte';

/** What an engine may lack. The page offers nothing that the one behind it cannot do. */
export interface Abilities {
  /** Letters, when only mail still goes. */
  mail: boolean;
  /** People on the same local network, without a home. */
  lan: boolean;
  /** Bundles in files, which are named by their path. */
  bundles: boolean;
  /** A program with commands of its own is on this computer: the export of all chats is made by it. One is written into a file by every page (moving/export_chat.ts). */
  commands: boolean;
}

const kNative: Abilities = { mail: true, lan: true, bundles: true, commands: true };
const kBrowser: Abilities = { mail: false, lan: false, bundles: false, commands: false };

/** Nothing gets better by itself. */
export type LastingTrouble =
  | 'storage_refused'
  | 'storage_newer'
  | 'storage_key_damaged'
  | 'engine_unloadable'
  | 'browser_too_old'
  | 'origin_not_secure'
  | 'in_frame';
/** An engine begins anew. */
export type PassingTrouble = 'storage_evicted' | 'storage_unreadable' | 'engine_crashed';
export type TroubleName = LastingTrouble | PassingTrouble;

function passes(trouble: TroubleName): trouble is PassingTrouble {
  return trouble === 'storage_evicted' || trouble === 'storage_unreadable' || trouble === 'engine_crashed';
}

/** What the browser's engine is asked beside the API. */
interface BrowserEngine {
  keepStorage(): Promise<boolean>;
  storage(): Promise<StorageState>;
  restart(): void;
  lookForHome(): void;
}

export class Engine {
  readonly abilities: Abilities;
  /** What the person has to know before anything goes on. */
  trouble = $state<LastingTrouble | null>(null);
  /** What the engine said of it, for whoever mends it. */
  complaint = $state('');
  /** Told of what passes by itself. */
  onPassing: (trouble: PassingTrouble) => void = () => undefined;
  /** Waited for before everything that was opened goes: the lock closes. */
  onClosing: () => Promise<void> = () => Promise.resolve();
  /** Told when a newer version of the page has taken over. */
  onOutdated: () => void = () => undefined;
  /** Told of what does not. */
  onLasting: () => void = () => undefined;
  transport!: Transport;
  files!: FileWays;
  /** Where the recovery key stays until it was written down. */
  words!: WordsKept;
  /** Of the engine in this browser, or of the program. */
  lock: PageLock | null = null;
  /** Where this page stands on the network; null: nowhere. */
  address: string | null = null;
  private own: BrowserEngine | null = null;

  private constructor(readonly place: Place) {
    this.abilities = place === 'native' ? kNative : kBrowser;
  }

  get inBrowser(): boolean {
    return this.place === 'browser';
  }

  /** A token for `godwit web`; an engine in this browser asks for none. */
  tokenFor(brought: string | undefined): string | undefined {
    return this.inBrowser ? '' : brought;
  }

  /** Asks the browser not to throw the profile out by itself; some ask the person. */
  async keepStorage(): Promise<boolean> {
    return (await this.own?.keepStorage().catch(() => false)) ?? false;
  }

  /** Ends what the engine waits for, by a new start of it. False: it is a program's, which goes on with it. */
  beginAgain(): boolean {
    if (!this.canBeginAgain) return false;
    this.own?.restart();
    return true;
  }

  /** An engine in this browser can, once the browser has the page: a home that is away would not give it the worker again. */
  get canBeginAgain(): boolean {
    return this.own !== null && (isSingleFile() || Boolean(navigator.serviceWorker?.controller));
  }

  /** An engine in this browser looks for the way to its home now; one elsewhere is asked by `look_for_home`. */
  lookForHome(): void {
    this.own?.lookForHome();
  }

  /** How much room there is in this browser; null: the engine is elsewhere. */
  async storage(): Promise<StorageState | null> {
    return (await this.own?.storage()) ?? null;
  }

  /** The tab's storage may hold a token from before; `token` is asked for as long as the page lives: it may get another one. */
  static async find(window: Window, storage: BrowserStorage, token: () => string): Promise<Engine> {
    const single = isSingleFile();
    const address = engineAddress(window.document);
    const { protocol, hostname } = window.location;
    const besides = single ? 'inside' : address ? 'engine' : 'nothing';
    const engine = new Engine(placeOf({ protocol, hostname, hasToken: keptToken(window, storage.tab) !== undefined, besides }));
    if (engine.inBrowser) await engine.beInBrowser(window, storage, single ? null : address!);
    else engine.beNative(window, token, formerToken(window, storage.tab));
    return engine;
  }

  private beNative(window: Window, token: () => string, former?: string): void {
    const url = new URL('api', window.location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.hash = '';
    this.transport = new SocketTransport(url.href, token);
    this.files = new HttpFiles(token);
    this.words = new KeptByToken(token, former);
  }

  // Loaded only where it is needed. `address` null: the engine lies in the page.
  private async beInBrowser(window: Window, storage: BrowserStorage, address: string | null): Promise<void> {
    const onOutdated = () => this.onOutdated();
    const onTrouble = (error: string, complaint: string) => {
      if (error === 'engine_restarted') return; // as it was told to
      if (error !== 'engine_locked') return this.take(error as TroubleName, complaint);
      this.forget(window, storage);
    };
    let opened = false;
    const onLocked = (locked: boolean) => {
      // Another engine has begun: the one that was open has ended with its tab, and what it has opened is still shown here.
      if (locked && opened) return onTrouble('engine_locked', '');
      opened ||= !locked;
      this.lock?.take(locked);
    };
    // Nobody may lay a page of his own over this one; a home's answers have no header that says so.
    if (window.top !== window.self) onTrouble('in_frame', '');
    else if (!window.isSecureContext) onTrouble('origin_not_secure', '');
    if (this.trouble) return this.beNative(window, () => ''); // which is never asked
    const [{ EngineTransport }, { EngineFiles }] = await Promise.all([import('../engine/connect'), import('../engine/engine_files')]);
    const transport = new EngineTransport(
      address === null
        ? { onTrouble, onOutdated, onLocked, wasm: inlinedWasm, moving: inlinedMoving, worker: inlinedWorker, build: inlinedBuild() }
        : { onTrouble, onOutdated, onLocked, wasm: new URL(address, window.document.baseURI).href, moving: movingAddress(window.document) },
    );
    this.own = this.transport = this.words = transport;
    this.lock = new PageLock(transport, window);
    this.address = addressOf(window.location);
    this.files = new EngineFiles(transport);
  }

  /** Nothing that was opened stays in this tab, words that were typed included. */
  forget(window: Window, storage: BrowserStorage): void {
    const token = keptToken(window, storage.tab);
    storage.tab.clear();
    if (token) keepToken(storage.tab, token);
    void this.onClosing().finally(() => window.location.reload());
  }

  private take(trouble: TroubleName, complaint: string): void {
    this.complaint = complaint;
    if (passes(trouble)) return this.onPassing(trouble);
    this.trouble = trouble;
    this.onLasting();
  }
}
