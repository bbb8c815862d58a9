// The call that this page's person has hung up last, until the engine has heard it. The page has let go of its media at once, whether the engine
// answers or not; the engine is told when it does, also by a page that was loaded anew meanwhile.

import { CallFailed } from '../api/client';
import type { CallId } from '../api/types';
import type { KeptWords } from '../state/browser_storage';
import type { Session } from '../state/session.svelte';

/** There is nothing to end. */
const kGone = 'engine_no_such_call';

export class HungUp {
  constructor(
    private readonly session: Session,
    private readonly tab: KeptWords,
    private readonly key: string,
  ) {}

  /** It was hung up here: whatever is said of it begins nothing. */
  has(call: CallId): boolean {
    return this.tab.get(this.key) === call;
  }

  /** Tells the engine. `onUntold`: it cannot be told now, or knows no such call. */
  tell(call: CallId, onUntold: (call: CallId) => void): void {
    this.tab.set(this.key, call);
    this.session.call('end_call', { call }).catch((error: unknown) => {
      if (error instanceof CallFailed && error.errorName === kGone && this.has(call)) this.forget();
      onUntold(call);
    });
  }

  /** The connection to the engine is new: true if this call goes on there though it was hung up; it is told again. */
  tellAgain(call: CallId | null, onUntold: (call: CallId) => void): boolean {
    const hung = call !== null && this.has(call);
    if (hung) this.tell(call, onUntold);
    else this.forget();
    return hung;
  }

  /** It is wished for again, or the engine says that it is over. */
  forget(): void {
    this.tab.remove(this.key);
  }
}
