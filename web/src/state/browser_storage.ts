// What the browser keeps for this page, by key: for all of its tabs, or for one. A browser that is set to keep nothing refuses
// already when it is asked for its storage, one that is full when something is put in: then the page remembers it as long as it lives.

/** Never fails. */
export class KeptWords {
  private readonly remembered = new Map<string, string | null>();
  private readonly storage: Storage | null;

  /** `find` gives the browser's own; asking for it may fail too. */
  constructor(find: () => Storage) {
    this.storage = tried(find) ?? null;
  }

  get(key: string): string | null {
    const remembered = this.remembered.get(key);
    if (remembered !== undefined) return remembered;
    return tried(() => this.storage?.getItem(key) ?? null) ?? null;
  }

  set(key: string, value: string): void {
    const isKept = tried(() => (this.storage?.setItem(key, value), this.storage !== null));
    if (isKept) this.remembered.delete(key);
    else this.remembered.set(key, value);
  }

  /** All of it. */
  clear(): void {
    this.remembered.clear();
    tried(() => this.storage?.clear());
  }

  remove(key: string): void {
    const isGone = tried(() => (this.storage?.removeItem(key), this.storage !== null));
    if (isGone) this.remembered.delete(key);
    else this.remembered.set(key, null);
  }
}

export class BrowserStorage {
  /** Of all tabs, also after they were closed. */
  readonly shared: KeptWords;
  /** Of this tab: survives a reload, not its end. */
  readonly tab: KeptWords;

  constructor(window: Window) {
    this.shared = new KeptWords(() => window.localStorage);
    this.tab = new KeptWords(() => window.sessionStorage);
  }
}

function tried<Value>(work: () => Value): Value | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
