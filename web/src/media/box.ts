// How large a picture or video stands in a bubble. The place is kept before anything is there, so that nothing jumps.

import type { Media } from '../api/types';

const kBox = 340;
const kLeast = 120;

/** In pixels of the page; a size that cannot be is none. */
export function boxOf(media: Media): { width: number; height: number } {
  const [width, height] = [media.width ?? 0, media.height ?? 0];
  if (width <= 0 || height <= 0) return { width: 240, height: 180 };
  const ratio = Math.min(3, Math.max(1 / 2.2, width / height));
  const factor = Math.min(1, kBox / Math.max(ratio, 1) / height, kBox / width);
  const wide = Math.max(kLeast, Math.min(kBox, Math.round(width * factor), Math.round(kBox * Math.min(1, ratio))));
  return { width: wide, height: Math.round(wide / ratio) };
}
