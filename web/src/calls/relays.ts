// The relays that a call may use, with credentials that end: they are asked for before each call, and again where one that goes on
// looks for another way: a home that was started anew takes none of those from before.

/** A relay as the engine names it. */
export interface Relay {
  urls: readonly string[];
  username: string;
  credential: string;
  /** Until when the credentials are good, in ms since 1970. */
  expires_at: number;
}

/** Credentials that end sooner are as good as none: setting up takes that long. */
const kSoonMs = 30_000;
/** A call that looks for a way again and again asks no more often. */
const kAgainMs = 10_000;

export class CallRelays {
  private until = 0;
  private askedAt = -Infinity;

  /** `read` asks the engine; it may throw. `now` is the time in ms since 1970. */
  constructor(
    private readonly read: () => Promise<readonly Relay[]>,
    private readonly now: () => number = Date.now,
  ) {}

  /** For a call that begins. Empty: there is none, or the engine cannot say. */
  async ask(): Promise<RTCIceServer[]> {
    this.askedAt = this.now();
    const relays = await this.read().catch(() => []);
    this.until = Math.min(...relays.map((each) => each.expires_at));
    return relays.map(({ urls, username, credential }) => ({ urls: [...urls], username, credential }));
  }

  /** For a call that goes on; `lost`: the way that it had is gone. Null: those that it has are good still, or there are no newer ones. */
  async renew(lost = false): Promise<RTCIceServer[] | null> {
    const good = this.now() + kSoonMs < this.until;
    if (good && (!lost || this.now() < this.askedAt + kAgainMs)) return null;
    const before = this.until;
    const fresh = await this.ask();
    if (fresh.length > 0) return fresh;
    this.until = before;
    this.askedAt = -Infinity; // asked again the next time
    return null;
  }
}
