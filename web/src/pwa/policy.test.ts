import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

interface Rules {
  policy(of?: { scripts?: string; styles?: string; workers?: string }): string;
  hashSource(text: string): string;
}
const kRoot = join(import.meta.dirname, '../..');
const rules = (await import(join(kRoot, 'tools/policy.mjs'))) as Rules;

function directives(text: string): Map<string, string> {
  return new Map(text.split(';').map((each) => each.trim()).filter(Boolean).map((each) => [each.split(' ')[0]!, each.slice(each.indexOf(' ') + 1)]));
}

/** What `godwit web` sends with every reply. */
function ofProgram(): Map<string, string> {
  const source = readFileSync(join(kRoot, '../src/net/local_web.cc'), 'utf8');
  const literal = /kSafety =\n([\s\S]*?)\\r\\n"/.exec(source)![1]!;
  const text = [...literal.matchAll(/"([^"\n]*)"?\n?/g)].map((match) => match[1]).join('');
  return directives(text.replace('Content-Security-Policy: ', ''));
}

test('the page allows itself what godwit web allows it, and besides only what the engine for browsers needs', () => {
  const program = ofProgram();
  const page = directives(rules.policy());
  expect(program.size).toBeGreaterThan(10);
  expect([...program.keys()].filter((each) => !page.has(each))).toEqual(['frame-ancestors']); // which a page cannot say of itself
  const other = [...page].filter(([name, value]) => program.get(name) !== value);
  expect(other).toEqual([
    ['connect-src', "'self' wss:"],
    ['trusted-types', 'svelte-trusted-html godwit godwit-worker'],
  ]);
});

test('every policy of trusted types that the page makes is named', () => {
  const named = directives(rules.policy()).get('trusted-types')!.split(' ');
  const made = ['src/pwa/trusted_scripts.ts', 'src/engine/connect.ts'].map((each) => /createPolicy\('([\w-]+)'/.exec(readFileSync(join(kRoot, each), 'utf8'))![1]!);
  expect(named).toEqual(['svelte-trusted-html', ...made]);
});

test('the page as one file runs what its hashes name, and nothing of its own address', () => {
  const script = rules.hashSource('alert(1)');
  expect(script).toBe(`'sha256-${createHash('sha256').update('alert(1)').digest('base64')}'`);
  const single = directives(rules.policy({ scripts: script, styles: rules.hashSource(''), workers: 'blob:' }));
  expect(single.get('script-src')).toBe(`${script} 'wasm-unsafe-eval'`);
  expect(single.get('script-src')).not.toContain("'self'");
});
