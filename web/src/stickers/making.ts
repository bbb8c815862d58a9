// Makes stickers of pictures: what fits goes as it is, everything else is drawn smaller.

import { headerOf, isDecodable } from '../files/picture_header';
import { decodeInTurn } from '../files/pictures';
import type { Transfers } from '../files/transfers.svelte';
import type { Session } from '../state/session.svelte';

export const kStickersMax = 60;
const kSideMax = 512;
const kBytesMax = 512 * 1024;
/** A pack has 8 MiB: of sixty stickers each a bit more than this. */
const kBytesOfMany = 128 * 1024;

export interface Chosen {
  file: File;
  emoji: string;
}

/** A picture of a kind and size that a sticker may have; null: it cannot be shown. */
export async function stickerOf(file: File, many: boolean): Promise<Blob | null> {
  const header = await headerOf(file);
  if (!header || !isDecodable(header)) return null;
  const fits = Math.max(header.width, header.height) <= kSideMax && file.size <= (many ? kBytesOfMany : kBytesMax);
  // What is drawn anew stands still.
  if (fits && header.mime !== 'image/jpeg') return file;
  const bitmap = await decodeInTurn(file, { imageOrientation: 'from-image' }).catch(() => null);
  if (!bitmap) return null;
  const factor = Math.min(1, kSideMax / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * factor));
  canvas.height = Math.max(1, Math.round(bitmap.height * factor));
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/webp', 0.85)); // a browser that cannot makes a PNG of it
}

/** Fails as uploads and new_sticker_pack do. `onBad` gets a picture that cannot be one; then nothing is made. */
export async function makePack(session: Session, transfers: Transfers, name: string, chosen: readonly Chosen[], onBad: (file: File) => void): Promise<boolean> {
  const sources: string[] = [];
  try {
    const stickers = [];
    for (const { file, emoji } of chosen) {
      const blob = await stickerOf(file, chosen.length > 16);
      if (!blob) return onBad(file), false;
      const source = await transfers.upload(blob, 'sticker', () => undefined);
      sources.push(source);
      stickers.push({ source, emoji });
    }
    await session.call('new_sticker_pack', { name, stickers });
    return true;
  } finally {
    for (const each of sources) transfers.takeBack(each);
  }
}
