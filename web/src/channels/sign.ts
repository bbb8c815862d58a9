// The small picture of a channel: a square of what was chosen, small enough for the API.

import { headerOf, isDecodable } from '../files/picture_header';
import { decodeInTurn } from '../files/pictures';
import { toBase64url } from '../text/base64';

const kSide = 256;
const kBytesMax = 64 * 1024;

/** As the API takes it; null: it is no picture, or none that may be decoded. */
export async function signOf(file: Blob): Promise<string | null> {
  const header = await headerOf(file);
  if (!header || !isDecodable(header)) return null;
  try {
    const bitmap = await decodeInTurn(new Blob([file], { type: header.mime }), { imageOrientation: 'from-image' });
    const side = Math.min(bitmap.width, bitmap.height);
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = kSide;
    canvas.getContext('2d')?.drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side, 0, 0, kSide, kSide);
    bitmap.close();
    for (const quality of [0.85, 0.6, 0.3]) {
      const made = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality));
      if (made && made.size <= kBytesMax) return toBase64url(new Uint8Array(await made.arrayBuffer()));
    }
  } catch {
    // damaged
  }
  return null;
}
