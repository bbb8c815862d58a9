import { describe, expect, test } from 'vitest';
import { numberCode, numberGroups, parseNumber } from './safety_number';

const kNumber = '0451612345'.repeat(6);

describe('safety number', () => {
  test('is read as people hand it on', () => {
    expect(parseNumber(numberCode(kNumber))).toBe(kNumber);
    expect(parseNumber(numberGroups(kNumber).join(' '))).toBe(kNumber);
    expect(parseNumber(` ${numberGroups(kNumber).join('\n')}\n`)).toBe(kNumber);
  });
  test('nothing else is one', () => {
    for (const text of ['', kNumber.slice(1), kNumber + '1', kNumber.replace('0', 'o'), 'godwit:i#AAAA', '٠'.repeat(60)]) expect(parseNumber(text)).toBeNull();
  });
  test('has twelve groups', () => {
    expect(numberGroups(kNumber)).toHaveLength(12);
  });
});
