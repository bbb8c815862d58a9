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

/** As read_call_relays answers. One of an earlier version says nothing but relays. */
export interface Told {
  relays: readonly Relay[];
  udp?: readonly Relay[];
  clear?: boolean;
}

/** What a call may do where nothing speaks for a censor: what leaves by UDP is recognised as a call. */
export interface Datagrams {
  /** Relays by UDP that may be tried now; none: it may not be, or there are none. */
  ask(): Promise<RTCIceServer[]>;
  /** What went by UDP was spoilt, and goes on without. */
  spoilt(): void;
}

/** Credentials that end sooner are as good as none: setting up takes that long. */
const kSoonMs = 30_000;
/** A call that looks for a way again and again asks no more often. */
const kAgainMs = 10_000;

export class CallRelays {
  /** By UDP, for once media flow by the others; none where something speaks for a censor. */
  udp: readonly RTCIceServer[] = [];
  /** Nothing did when it was asked last. An engine that does not say knows no better than the person. */
  clear = true;
  private until = 0;
  private askedAt = -Infinity;

  /** `read` asks the engine; it may throw. `now` is the time in ms since 1970. */
  constructor(
    private readonly read: () => Promise<Told>,
    private readonly now: () => number = Date.now,
  ) {}

  /** Something on this network spoils what it recognises. */
  isHindered(): void {
    this.udp = [];
    this.clear = false;
  }

  /** For a call that begins. Empty: there is none, or the engine cannot say. */
  async ask(): Promise<RTCIceServer[]> {
    this.askedAt = this.now();
    const told = await this.read().catch((): Told => ({ relays: [], clear: this.clear }));
    this.until = Math.min(...told.relays.map((each) => each.expires_at));
    this.clear = told.clear ?? true;
    this.udp = (told.udp ?? []).map(asServer);
    return told.relays.map(asServer);
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

function asServer({ urls, username, credential }: Relay): RTCIceServer {
  return { urls: [...urls], username, credential };
}
