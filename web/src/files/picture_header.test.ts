import { describe, expect, test } from 'vitest';
import { isDecodable, readPictureHeader } from './picture_header';

const hex = (text: string) => Uint8Array.from(text.replace(/\s/g, '').match(/../g) ?? [], (each) => parseInt(each, 16));

describe('readPictureHeader', () => {
  test('knows the four formats', () => {
    expect(readPictureHeader(hex('89504e470d0a1a0a 0000000d 49484452 00000280 000001e0 0802000000'))).toEqual({ mime: 'image/png', width: 640, height: 480 });
    expect(readPictureHeader(hex('ffd8 ffe0 0004 0000 ffc2 0011 08 01e0 0280 03 012200'))).toEqual({ mime: 'image/jpeg', width: 640, height: 480 });
    expect(readPictureHeader(hex('474946383961 8002 e001 000000 2c 0000 0000 8002 e001 00'))).toEqual({ mime: 'image/gif', width: 640, height: 480 });
    const webp = '52494646 24000000 57454250 56503858 0a000000 00000000 7f0200 df0100';
    expect(readPictureHeader(hex(webp))).toEqual({ mime: 'image/webp', width: 640, height: 480 });
  });
  test('a picture that claims an absurd size is not decoded', () => {
    const bomb = readPictureHeader(hex('89504e470d0a1a0a 0000000d 49484452 7fffffff 7fffffff 0802000000'))!;
    expect(isDecodable(bomb)).toBe(false);
    expect(isDecodable({ mime: 'image/png', width: 20000, height: 20000 })).toBe(false);
    expect(isDecodable({ mime: 'image/png', width: 0, height: 5 })).toBe(false);
    expect(isDecodable({ mime: 'image/png', width: 8000, height: 6000 })).toBe(true);
  });
  test('a GIF is as large as its first frame, whatever it says of its screen', () => {
    const frame = '2c 0000 0000 204e 204e 00';
    for (const between of ['', '21f904 00000000 00', '21fe 03616263 0261 62 00 21f904 00000000 00']) {
      const bomb = readPictureHeader(hex(`474946383961 0100 0100 000000 ${between} ${frame}`))!;
      expect(bomb).toEqual({ mime: 'image/gif', width: 20000, height: 20000 });
      expect(isDecodable(bomb)).toBe(false);
    }
    const colours = '000000'.repeat(4);
    expect(readPictureHeader(hex(`474946383961 0100 0100 810000 ${colours} 2c 0500 0000 0300 0200 00`))).toMatchObject({ width: 8, height: 2 });
    expect(readPictureHeader(hex('474946383961 0100 0100 000000 3b'))).toBeNull();
    expect(readPictureHeader(hex('474946383961 0100 0100 000000 21f904'))).toBeNull();
  });
  test('a JPEG with a mark that has no length before its frame is none', () => {
    const frame = 'ffc0 0011 08 0001 0001 03 01220000000000000000';
    expect(readPictureHeader(hex(`ffd8 ffe0 0004 0000 ${frame}`))).not.toBeNull();
    for (const mark of ['ff00', 'ff01', 'ffd0', 'ffd7', 'ffd8', 'ffd9']) expect(readPictureHeader(hex(`ffd8 ${mark} 0004 0000 ${frame}`))).toBeNull();
  });
  test('whatever is cut off or something else is no picture', () => {
    const jpeg = hex('ffd8 ffe0 0004 0000 ffc2 0011 08 01e0 0280 03 012200');
    for (let size = 0; size < 14; size++) expect(readPictureHeader(jpeg.slice(0, size))).toBeNull();
    expect(readPictureHeader(hex('ffd8 ffe0 0000 0000 0000 0000 0000 0000'))).toBeNull();
    expect(readPictureHeader(new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'))).toBeNull();
  });
});
