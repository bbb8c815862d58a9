import { expect, test } from 'vitest';
import type { Message } from '../api/types';
import { aMessage } from '../state/fake_engine';
import type { Conversation } from './conversation.svelte';
import { canSendAgain, sendAgain } from './send_again';

function opened(send: () => Promise<{ message: Message }>) {
  let asked = 0;
  const session = { call: () => (asked++, send()) };
  const storing = { track: (_chat: string, _text: string, work: Promise<unknown>) => work };
  const conversation = { app: { session, storing }, chat: { chat: 'c' }, history: { saidAnew: new Set<string>() }, onSent: () => undefined };
  return { conversation: conversation as unknown as Conversation, asked: () => asked };
}

const kFailed = aMessage(1, { own: true, delivery: 'failed' });

test('what is said anew goes once, however often it is pressed, and is offered no longer', async () => {
  const { conversation, asked } = opened(() => Promise.resolve({ message: aMessage(2) }));
  expect(canSendAgain(conversation, kFailed)).toBe(true);
  await Promise.all([sendAgain(conversation, kFailed), sendAgain(conversation, kFailed)]);
  await sendAgain(conversation, kFailed);
  expect([asked(), canSendAgain(conversation, kFailed)]).toEqual([1, false]);
});

test('what failed again may be tried again', async () => {
  const { conversation, asked } = opened(() => Promise.reject(new Error('store_disk_full')));
  await expect(sendAgain(conversation, kFailed)).rejects.toThrow('store_disk_full');
  expect(canSendAgain(conversation, kFailed)).toBe(true);
  await expect(sendAgain(conversation, kFailed)).rejects.toThrow();
  expect(asked()).toBe(2);
});
