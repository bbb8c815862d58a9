import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lookUp } from './list';

const folder = mkdtempSync(join(tmpdir(), 'godwit-published-'));
const list = join(folder, 'list.txt');
const publish = (...args: string[]) => execFileSync(process.execPath, ['tools/publish.mjs', ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
let publisher = '';
let other = '';
const hashes: string[] = [];

beforeAll(() => {
  publisher = publish('key', join(folder, 'key.pem'));
  other = publish('key', join(folder, 'other.pem'));
  for (const version of ['0.1.0', '0.2.0']) {
    writeFileSync(join(folder, 'godwit.html'), version);
    publish('add', join(folder, 'key.pem'), list, version, join(folder, 'godwit.html'));
    hashes.push(createHash('sha256').update(version).digest('hex'));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the list of published files', () => {
  const text = () => readFileSync(list, 'utf8');

  it('tells each file that is in it, with its version and day', async () => {
    for (const [i, version] of ['0.1.0', '0.2.0'].entries()) {
      expect(await lookUp(text(), hashes[i]!, publisher)).toEqual({ kind: 'published', version, day: new Date().toISOString().slice(0, 10) });
    }
    expect(await lookUp(text().replaceAll('\n', '\r\n'), hashes[0]!, publisher)).toMatchObject({ kind: 'published' });
  });

  it('does not know another file, and names the newest', async () => {
    expect(await lookUp(text(), '0'.repeat(64), publisher)).toEqual({ kind: 'unknown', latest: '0.2.0' });
  });

  it('is believed only as its publisher signed it', async () => {
    expect(await lookUp(text(), hashes[0]!, other)).toEqual({ kind: 'other_publisher' });
    for (const changed of [text().replace('0.1.0', '0.1.1'), text().replace(hashes[0]!, '0'.repeat(64)), text().replace('signature ', `2026-01-01 0.3.0 ${'0'.repeat(64)}\nsignature `)]) {
      expect(await lookUp(changed, hashes[1]!, publisher)).toEqual({ kind: 'other_publisher' });
    }
    for (const none of ['', 'signature ', text().split('\nsignature')[0]!, text().slice(10), text().replace(/signature .*/, 'signature ???')]) {
      expect((await lookUp(none, hashes[1]!, publisher)).kind).not.toBe('published');
    }
  });

  it('is not written over a key or a file that is something else', () => {
    expect(() => publish('key', join(folder, 'key.pem'))).toThrow();
    writeFileSync(join(folder, 'letter.txt'), 'Dear Anna');
    expect(() => publish('add', join(folder, 'key.pem'), join(folder, 'letter.txt'), '0.3.0', list)).toThrow();
    expect(() => publish('add', join(folder, 'key.pem'), list, '0.2.0', join(folder, 'godwit.html'))).toThrow();
  });
});
