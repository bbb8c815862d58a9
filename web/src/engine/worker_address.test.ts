import { expect, test } from 'vitest';
import { ownWorker } from './worker_address';

test('only a worker of the page itself is started', () => {
  const page = 'https://home.example/godwit/index.html?x#y';
  for (const each of ['./assets/worker-Ab_1.js', 'https://home.example/godwit/assets/worker-x.js', 'blob:https://home.example/0b0e-11']) {
    expect(ownWorker(each, page)).toBe(each);
  }
  for (const each of [
    ...['https://evil.example/assets/worker.js', '//evil.example/a.js', 'data:text/javascript,1', '../worker.js', './worker.js?x=1', './files/a.txt'],
    ...['blob:https://evil.example/0b0e', 'blob:null/0b0e', 'javascript:1', 'https://home.example/godwit.js'],
  ]) {
    expect(() => ownWorker(each, page), each).toThrow();
  }
  expect(ownWorker('blob:null/0b0e', 'file:///home/anna/godwit.html')).toBe('blob:null/0b0e');
});
