import { describe, expect, test } from 'vitest';
import { FakeEngine, kAccount, readySession, settled } from './fake_engine';
import type { WordsKept } from './kept_by_token';
import { RecoveryWords } from './recovery_words.svelte';

/** A place that seals under a token, as kept_by_token.ts does. */
class Place implements WordsKept {
  token = 'one';
  lying: { token: string; words: string } | null = null;
  refuses = false;

  async keepWords(words: string): Promise<void> {
    if (this.refuses) throw new Error('full');
    this.lying = { token: this.token, words };
  }
  async readWords(): Promise<string | null> {
    if (this.lying && this.lying.token !== this.token) throw new Error('sealed under another token');
    return this.lying?.words ?? null;
  }
  async forgetWords(): Promise<void> {
    this.lying = null;
  }
}

async function begun() {
  const engine = new FakeEngine({
    read_account: () => {
      throw new Error('engine_no_account');
    },
    new_account: () => ({ account: kAccount.account, recovery_key: 'AAAA-BBBB' }),
  });
  const place = new Place();
  const { session, stores } = await readySession(engine, (each) => new RecoveryWords(each, place, new EventTarget() as Document));
  engine.answers.read_account = () => kAccount;
  return { session, recovery: stores, place };
}

describe('RecoveryWords', () => {
  test('the key lies safe before the account is read, and so before a page could be loaded anew', async () => {
    const { session, place, recovery } = await begun();
    let safe = () => undefined as void;
    place.keepWords = async (words) => {
      await new Promise<void>((resolve) => (safe = resolve));
      place.lying = { token: place.token, words };
    };
    const making = session.newAccount('Anna', 'godwit-home:#A');
    await settled();
    expect([session.phase, recovery.words]).toEqual(['no_account', 'AAAA-BBBB']);
    safe();
    await making;
    expect([session.phase, place.lying?.token]).toEqual(['ready', 'one']);
  });

  test('with a new token of the program a key that is not on paper is sealed anew, also one that could not be kept before', async () => {
    for (const refuses of [false, true]) {
      const { session, place, recovery } = await begun();
      place.refuses = refuses;
      await session.newAccount('Anna', 'godwit-home:#A');
      await settled();
      place.token = 'two';
      place.refuses = false;
      await recovery.onReady();
      await settled();
      expect([recovery.words, place.lying?.token]).toEqual(['AAAA-BBBB', 'two']);
    }
  });

  test('a key that another tab has put on paper is shown no longer', async () => {
    const { session, place, recovery } = await begun();
    await session.newAccount('Anna', 'godwit-home:#A');
    place.lying = null;
    recovery.onReady();
    await settled();
    expect(recovery.words).toBe(null);
  });
});
