// The connection to the engine, and whose profile it is. Everything else in state/ is told by it what comes in (Follower), and
// asks through call(). Connections end: another one is made after a pause, and whoever follows reads anew what it shows.

import { CallFailed, Client, kConnectionLost, type MethodName, type Notice } from '../api/client';
import type { Transport } from '../api/transport';
import type { AccountResult, Methods } from '../api/types';

export type Phase =
  | 'starting' // nothing is known yet
  | 'no_token' // the page was opened without the link that the program has printed, or with an old one
  | 'stranger' // something else answers where the engine was; after 'ready' see Session.stranger
  | 'no_account' // the first minute
  | 'ready';

/** A store that lives from the engine. */
export interface Follower {
  /** An account is there and the connection is new: read what is shown. Called again after each loss. */
  onReady(): Promise<void> | void;
  onNotice(notice: Notice): void;
}

const kPausesMs = [500, 1000, 2000, 5000]; // then 5 s for ever: the engine is on this machine
// An engine that answers with `not authenticated` has been started anew with another token.
const kNotAuthenticated = 'api_not_authenticated';
// `godwit web` has closed the profile: it answers again once the passphrase was given.
const kLocked = 'cli_locked';

export class Session {
  phase = $state<Phase>('starting');
  /** False: the engine does not answer now; what is on the page may be old. */
  attached = $state(false);
  /** The engine was started anew, and the link of this page is from before. What is on the page stays until it is given the new one. */
  linkIsOld = $state(false);
  /** What answers is not the engine of this page's link: it is told nothing, and not tried again without another link. */
  stranger = $state(false);
  account = $state.raw<AccountResult | null>(null);
  /** Told the recovery key of an account that was made here: once, by the engine. Waited for before anything may load the page anew. */
  onRecoveryKey: (account: string, words: string) => Promise<void> | void = () => undefined;
  /** Told when the program has closed its profile, and when it is open again. */
  onLocked: (locked: boolean) => void = () => undefined;
  /** Told when this profile has got its account. */
  onAccountMade: () => void = () => undefined;

  private client: Client | null = null;
  private readonly followers: Follower[] = [];
  private failures = 0;
  private ended = false;
  private making = false;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly transport: Transport,
    private token: string | undefined,
    private readonly onTokenRefused: () => void,
    private readonly onOtherProfile: () => void = () => undefined,
  ) {}

  follow(follower: Follower): void {
    this.followers.push(follower);
  }

  start(): void {
    if (this.ended) return;
    if (this.token === undefined) {
      this.phase = 'no_token';
      return;
    }
    this.client = new Client(this.transport, {
      onOpen: () => void this.introduce(),
      onNotice: (notice) => this.tell(notice),
      onStranger: () => this.onStranger(),
      onClose: () => this.onLoss(),
    });
  }

  /** Nothing is asked any more: the engine cannot be. */
  end(): void {
    this.ended = true;
    this.client?.close();
  }

  /** The page has been given another token: a link was opened in the same tab. */
  restart(token: string): void {
    this.token = token;
    this.linkIsOld = this.stranger = false;
    if (this.phase !== 'ready') this.phase = 'starting';
    this.failures = 0;
    if (this.client) this.client.close();
    else this.start();
  }

  call<Name extends MethodName>(method: Name, params: Methods[Name]['params']): Promise<Methods[Name]['result']> {
    if (!this.client) return Promise.reject(new CallFailed(0, kConnectionLost, '', 'retry_later'));
    return this.client.call(method, params);
  }

  async newAccount(name: string, homeLink: string): Promise<void> {
    await this.becomeAccount(async () => {
      const made = await this.call('new_account', { name, home_link: homeLink });
      await this.onRecoveryKey(made.account, made.recovery_key);
    });
  }

  /** Gives this profile an account by `work`, and reads what it then is. */
  async becomeAccount<Result>(work: () => Promise<Result>): Promise<Result> {
    this.making = true;
    try {
      const result = await work();
      this.onAccountMade();
      await this.readAccount();
      return result;
    } catch (error) {
      // Another tab has been faster: this one shows what there is.
      if (error instanceof CallFailed && error.errorName === 'engine_account_exists') await this.readAccount();
      throw error;
    } finally {
      this.making = false;
    }
  }

  /** Ends once the engine answers; at once if it does. */
  async whenAttached(): Promise<void> {
    if (!this.attached) await new Promise<void>((go) => this.waiting.push(go));
  }

  private attach(): void {
    this.attached = true;
    for (const go of this.waiting.splice(0)) go();
  }

  private async introduce(): Promise<void> {
    try {
      await this.call('authenticate', { token: this.token ?? '' });
      this.failures = 0;
      await this.readAccount();
    } catch (error) {
      if (error instanceof CallFailed && error.errorName === kNotAuthenticated) this.refuse();
      else this.client?.close();
    }
  }

  /** What others are shown of this account was changed. */
  async lookAtAccount(): Promise<void> {
    const account = await this.call('read_account', {}).catch(() => null);
    if (account && account.account === this.account?.account) this.account = account;
  }

  private async readAccount(): Promise<void> {
    try {
      const account = await this.call('read_account', {});
      if (this.account && this.account.account !== account.account) return this.onOtherProfile();
      this.account = account;
    } catch (error) {
      if (error instanceof CallFailed && error.errorName === kLocked) {
        this.attach();
        return this.onLocked(true);
      }
      if (!(error instanceof CallFailed) || error.errorName !== 'engine_no_account') throw error;
      this.phase = 'no_account';
      this.attach();
      return;
    }
    await Promise.all(this.followers.map((each) => each.onReady()));
    this.phase = 'ready';
    this.attach();
  }

  private onStranger(): void {
    this.token = undefined;
    this.onTokenRefused();
    this.stranger = true;
    if (this.phase !== 'ready') this.phase = 'stranger';
  }

  private refuse(): void {
    this.token = undefined;
    this.onTokenRefused();
    if (this.phase === 'ready') this.linkIsOld = true;
    else this.phase = 'no_token';
    this.client?.close();
  }

  private tell(notice: Notice): void {
    if (notice.method === 'unlocked') {
      this.onLocked(false);
      void this.readAccount().catch(() => this.client?.close());
      return;
    }
    for (const each of this.followers) each.onNotice(notice);
    // Another tab has made the account.
    if (this.phase === 'no_account' && !this.making && notice.method === 'connection_changed') void this.readAccount().catch(() => undefined);
  }

  private onLoss(): void {
    this.client = null;
    this.attached = false;
    if (this.token === undefined || this.ended) return;
    const pause = kPausesMs[Math.min(this.failures++, kPausesMs.length - 1)];
    setTimeout(() => this.start(), pause);
  }
}
