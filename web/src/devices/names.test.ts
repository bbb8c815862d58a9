import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { setLanguage } from '../messages/t.svelte';
import { deviceName } from './names';

test('the name that the engine gives the first device is said in the language of the page', async () => {
  const engine = readFileSync(join(import.meta.dirname, '../../../src/engine/devices.h'), 'utf8');
  const given = /kFirstDeviceName = "([^"]+)"/.exec(engine)![1]!;
  await setLanguage('ru');
  expect(deviceName(given)).toBe('Первое устройство');
  expect(deviceName('Anna’s phone')).toBe('Anna’s phone');
  expect(deviceName('\u202e')).not.toBe('');
  await setLanguage('en');
});
