import { describe, expect, test } from 'vitest';
import { KeptWords } from './browser_storage';

class OneStorage {
  readonly values = new Map<string, string>();
  full = false;
  getItem = (key: string) => this.values.get(key) ?? null;
  removeItem = (key: string) => void this.values.delete(key);
  setItem = (key: string, value: string) => {
    if (this.full) throw new DOMException('', 'QuotaExceededError');
    this.values.set(key, value);
  };
}

describe('KeptWords', () => {
  test('a browser that refuses its storage altogether: the page remembers', () => {
    const kept = new KeptWords(() => {
      throw new DOMException('', 'SecurityError');
    });
    expect(kept.get('a')).toBe(null);
    kept.set('a', '1');
    expect(kept.get('a')).toBe('1');
    kept.remove('a');
    expect(kept.get('a')).toBe(null);
  });

  test('one that is full: what was put in last counts, and is put in when there is room', () => {
    const storage = new OneStorage();
    const kept = new KeptWords(() => storage as unknown as Storage);
    kept.set('a', '1');
    storage.full = true;
    kept.set('a', '2');
    expect([kept.get('a'), storage.values.get('a')]).toEqual(['2', '1']);
    storage.full = false;
    kept.set('a', '3');
    expect([kept.get('a'), storage.values.get('a')]).toEqual(['3', '3']);
    storage.values.set('a', '4'); // another tab
    expect(kept.get('a')).toBe('4');
    kept.remove('a');
    expect([kept.get('a'), storage.values.size]).toEqual([null, 0]);
  });
});
