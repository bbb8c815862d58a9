import { describe, expect, test } from 'vitest';
import { hasMotion, isMoving, movingOf, readAnimation, webpWithoutNotes } from './animation';

const hex = (text: string) => Uint8Array.from(text.replace(/\s/g, '').match(/../g) ?? [], (each) => parseInt(each, 16));
const number = (value: number, bytes: number) => Array.from({ length: bytes }, (_, index) => (value >>> (8 * index)) & 255);
const letters = (text: string) => [...new TextEncoder().encode(text)];

function gif(width: number, height: number, frames: number[][], more: number[] = [0x3b]) {
  const each = frames.flatMap(([x, y, w, h]) => [0x21, 0xf9, 4, 0, 0, 0, 0, 0, 0x2c, ...[x!, y!, w!, h!].flatMap((one) => number(one, 2)), 0, 2, 2, 0x44, 1, 0]);
  return Uint8Array.from([...letters('GIF89a'), ...number(width, 2), ...number(height, 2), 0x80, 0, 0, 0, 0, 0, 255, 255, 255, ...each, ...more]);
}

const chunk = (kind: string, data: number[]) => [...letters(kind), ...number(data.length, 4), ...data, ...(data.length & 1 ? [0] : [])];

/** `said`: what a frame says of its size; `is`: of which size it is. */
function webp(width: number, height: number, frames: { x?: number; said: [number, number]; is?: [number, number]; lossless?: boolean }[], more: number[] = []) {
  const all = frames.flatMap(({ x = 0, said: [w, h], is: [u, v] = [w, h], lossless }) => {
    const inner = lossless
      ? chunk('VP8L', [0x2f, ...number((u - 1) | ((v - 1) << 14), 4), ...new Array<number>(8).fill(0)])
      : chunk('VP8 ', [0, 0, 0, 0x9d, 1, 0x2a, ...number(u, 2), ...number(v, 2), 0, 0]);
    return chunk('ANMF', [...number(x / 2, 3), 0, 0, 0, ...number(w - 1, 3), ...number(h - 1, 3), ...number(40, 3), 0, ...inner]);
  });
  const body = [...letters('WEBP'), ...chunk('VP8X', [0x02 | 0x08, 0, 0, 0, ...number(width - 1, 3), ...number(height - 1, 3)]), ...chunk('ANIM', [0, 0, 0, 0, 0, 0]), ...all, ...more];
  return Uint8Array.from([...letters('RIFF'), ...number(body.length, 4), ...body]);
}

describe('readAnimation', () => {
  test('counts the frames of a GIF and of a WebP', () => {
    expect(readAnimation(gif(8, 6, [[0, 0, 8, 6], [2, 1, 3, 3], [0, 0, 1, 1]]))).toEqual({ frames: 3, width: 8, height: 6 });
    expect(readAnimation(webp(64, 48, [{ said: [64, 48] }, { x: 2, said: [10, 10], lossless: true }]))).toEqual({ frames: 2, width: 64, height: 48 });
  });
  test('a frame that is larger than the picture is not believed', () => {
    expect(readAnimation(gif(8, 6, [[0, 0, 8, 6], [0, 0, 60000, 60000]]))).toBeNull();
    expect(readAnimation(gif(8, 6, [[7, 0, 2, 1]]))).toBeNull();
    expect(readAnimation(webp(64, 48, [{ said: [64, 48] }, { said: [65, 48] }]))).toBeNull();
    expect(readAnimation(webp(64, 48, [{ x: 2, said: [64, 48] }]))).toBeNull();
    expect(readAnimation(webp(64, 48, [{ said: [64, 48], is: [16000, 16000] }]))).toBeNull();
    expect(readAnimation(webp(64, 48, [{ said: [64, 48], is: [16000, 16000], lossless: true }]))).toBeNull();
  });
  test('what is cut off anywhere or has another byte somewhere is read or not, and nothing else', () => {
    for (const whole of [gif(8, 6, [[0, 0, 8, 6], [0, 0, 8, 6]]), webp(64, 48, [{ said: [64, 48] }, { said: [64, 48], lossless: true }])]) {
      for (let size = 0; size < whole.length; size++) expect(readAnimation(whole.slice(0, size))).toBeNull();
      for (let at = 0; at < whole.length; at++) {
        for (const value of [0, 1, 0x7f, 0xff]) {
          const changed = readAnimation(Uint8Array.from(whole, (each, index) => (index === at ? value : each)));
          if (changed) expect(changed.frames).toBeLessThanOrEqual(2);
        }
      }
    }
  });
  test('too many frames, or too much of all of them, do not move', () => {
    expect(readAnimation(gif(1, 1, new Array<number[]>(2001).fill([0, 0, 1, 1])))).toBeNull();
    expect(isMoving({ frames: 1, width: 10, height: 10 })).toBe(false);
    expect(isMoving({ frames: 200, width: 800, height: 600 })).toBe(true);
    expect(isMoving({ frames: 2, width: 8000, height: 8000 })).toBe(false);
  });
});

test('only what moves is given to the browser as it is, and as what it is', async () => {
  const moving = await movingOf(new Blob([gif(8, 6, [[0, 0, 8, 6], [0, 0, 8, 6]])], { type: 'text/html' }));
  expect(moving?.type).toBe('image/gif');
  expect(await movingOf(new Blob([gif(8, 6, [[0, 0, 8, 6]])]))).toBeNull();
  expect(await movingOf(new Blob([gif(20000, 20000, [[0, 0, 1, 1], [0, 0, 1, 1]])]))).toBeNull();
  expect((await movingOf(new Blob([webp(64, 48, [{ said: [64, 48] }, { said: [64, 48] }])])))?.type).toBe('image/webp');
  expect(await movingOf(new Blob(['<svg xmlns="http://www.w3.org/2000/svg"/>'], { type: 'image/gif' }))).toBeNull();
});

test('what says that it moves is not drawn anew', async () => {
  expect(await hasMotion(new Blob([webp(64, 48, [{ said: [64, 48] }])]))).toBe(true);
  const png = '89504e470d0a1a0a 0000000d 49484452 00000280 000001e0 0802000000 00000000';
  expect(await hasMotion(new Blob([hex(`${png} 00000008 6163544c 00000002 00000000 00000000`)]))).toBe(true);
  expect(await hasMotion(new Blob([hex(`${png} 00000001 49444154 00 00000000 00000008 6163544c`)]))).toBe(false);
  expect(await hasMotion(new Blob([hex(`${png} ffffffff 74455874`)]))).toBe(false);
  expect(await hasMotion(new Blob(['']))).toBe(false);
});

test('a WebP that moves goes without what a camera wrote, and moves as before', () => {
  const notes = [...chunk('EXIF', letters('at home')), ...chunk('XMP ', letters('at home')), ...chunk('????', letters('at home'))];
  const whole = webp(64, 48, [{ said: [64, 48] }, { said: [64, 48] }], notes);
  const clean = webpWithoutNotes(Uint8Array.from([...whole, ...letters('at home')]))!;
  expect(new TextDecoder('latin1').decode(clean)).not.toContain('at home');
  expect(clean[20]! & 0x0c).toBe(0);
  expect(readAnimation(clean)).toEqual(readAnimation(whole));
  expect(webpWithoutNotes(whole.slice(0, -1))).toBeNull();
});
