// Keeps the screen on, where a browser can (Screen Wake Lock). It lets go by itself when the page is hidden, and is asked again when it is shown.

export class Awake {
  private lock: WakeLockSentinel | null = null;
  private over = false;

  constructor() {
    document.addEventListener('visibilitychange', this.onShown);
    void this.ask();
  }

  end(): void {
    this.over = true;
    document.removeEventListener('visibilitychange', this.onShown);
    void this.lock?.release().catch(() => undefined);
    this.lock = null;
  }

  private readonly onShown = (): void => void this.ask();

  private async ask(): Promise<void> {
    if (document.visibilityState !== 'visible' || (this.lock && !this.lock.released)) return;
    const lock = await navigator.wakeLock?.request('screen').catch(() => null); // a battery that is low, or no such thing
    if (this.over) void lock?.release().catch(() => undefined);
    else this.lock = lock ?? null;
  }
}
