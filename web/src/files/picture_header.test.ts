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
  test('a photo that the camera says is upright is as high as it is seen, in both orders of bytes', () => {
    const exif = (turn: number, little: boolean) => {
      const two = (value: number) => (little ? [value & 255, value >> 8] : [value >> 8, value & 255]);
      const four = (value: number) => (little ? [...two(value), 0, 0] : [0, 0, ...two(value)]);
      const tiff = [...(little ? [0x49, 0x49] : [0x4d, 0x4d]), ...two(42), ...four(8), ...two(1), ...two(0x0112), ...two(3), ...four(1), ...two(turn), 0, 0];
      const body = [...new TextEncoder().encode('Exif\0\0'), ...tiff];
      return Uint8Array.from([0xff, 0xd8, 0xff, 0xe1, 0, body.length + 2, ...body, ...hex('ffc0 0011 08 01e0 0280 03 012200 00000000')]);
    };
    for (const little of [true, false]) {
      for (const turn of [1, 2, 3, 4, 9, 0]) expect(readPictureHeader(exif(turn, little))).toMatchObject({ width: 640, height: 480 });
      for (const turn of [5, 6, 7, 8]) expect(readPictureHeader(exif(turn, little))).toMatchObject({ width: 480, height: 640 });
      // Whatever stands in it instead, it is read or not, and nothing else.
      const whole = exif(6, little);
      for (let at = 4; at < whole.length; at++) for (const value of [0, 0x7f, 0xff]) expect(() => readPictureHeader(Uint8Array.from(whole, (each, index) => (index === at ? value : each)))).not.toThrow();
      for (let size = 0; size < whole.length; size++) expect(() => readPictureHeader(whole.slice(0, size))).not.toThrow();
    }
  });
  test('whatever is cut off or something else is no picture', () => {
    const jpeg = hex('ffd8 ffe0 0004 0000 ffc2 0011 08 01e0 0280 03 012200');
    for (let size = 0; size < 14; size++) expect(readPictureHeader(jpeg.slice(0, size))).toBeNull();
    expect(readPictureHeader(hex('ffd8 ffe0 0000 0000 0000 0000 0000 0000'))).toBeNull();
    expect(readPictureHeader(new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'))).toBeNull();
  });
});
