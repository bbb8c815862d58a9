import { expect, test } from 'vitest';
import { trustedScript } from './trusted_scripts';

test('only a script of the page itself is trusted', () => {
  expect(trustedScript('./sw.js')).toBe('./sw.js');
  for (const each of ['https://evil.example/sw.js', '//evil.example/a.js', 'data:text/javascript,1', './../sw.js', './sw.js?x', 'sw.js', './files/a.txt']) {
    expect(() => trustedScript(each), each).toThrow();
  }
});
