// Pictures as the page shows and sends them. Nothing is decoded whose header is not believed (picture_header.ts).

import type { Media } from '../api/types';
import { base64url, fromBase64url } from '../text/base64url';
import { headerOf, isDecodable, type PictureHeader } from './picture_header';

/** The longest side of a picture in a bubble, in pixels of the device. */
const kShownSide = 1280;
const kViewedSide = 4096;
const kThumbnailSide = 48;
const kThumbnailBytesMax = 16 * 1024;
/** A small picture that comes inside of something is one. */
const kSmallSideMax = 320;

let decoding: Promise<unknown> = Promise.resolve();

/** Decodes one picture after the other: each may take hundreds of megabytes while it is. */
export function decodeInTurn(blob: Blob, options?: ImageBitmapOptions): Promise<ImageBitmap> {
  const work = decoding.then(() => createImageBitmap(blob, options));
  decoding = work.catch(() => undefined);
  return work;
}

async function decoded(blob: Blob, header: PictureHeader, side: number): Promise<ImageBitmap> {
  const factor = Math.min(1, side / Math.max(header.width, header.height));
  return decodeInTurn(blob, {
    resizeWidth: Math.max(1, Math.round(header.width * factor)),
    resizeHeight: Math.max(1, Math.round(header.height * factor)),
    resizeQuality: 'high',
    imageOrientation: 'from-image',
  });
}

/** Draws a picture into a canvas of its size; false: it is none, or none that may be decoded. */
export async function drawPicture(blob: Blob, canvas: HTMLCanvasElement, large = false): Promise<boolean> {
  const header = await headerOf(blob);
  if (!header || !isDecodable(header)) return false;
  let bitmap: ImageBitmap;
  try {
    bitmap = await decoded(new Blob([blob], { type: header.mime }), header, large ? kViewedSide : kShownSide);
  } catch {
    return false;
  }
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  bitmap.close();
  return true;
}

/** Draws a small picture that came inside of a message or of a channel; one that is large is not small, and false. */
export async function drawSmall(text: string, canvas: HTMLCanvasElement, sideMax = kSmallSideMax): Promise<boolean> {
  const blob = new Blob([fromBase64url(text) ?? new Uint8Array()]);
  const header = await headerOf(blob);
  if (!header || header.width > sideMax || header.height > sideMax) return false;
  return drawPicture(blob, canvas);
}

/** A small JPEG of what a picture or a frame of a video shows, as it goes inside of a message; undefined if it is not to be made. */
export async function thumbnailOf(source: CanvasImageSource, width: number, height: number, side = kThumbnailSide): Promise<string | undefined> {
  const factor = Math.min(1, side / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * factor));
  canvas.height = Math.max(1, Math.round(height * factor));
  canvas.getContext('2d')?.drawImage(source, 0, 0, canvas.width, canvas.height);
  const small = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.6));
  if (!small || small.size > kThumbnailBytesMax) return undefined;
  return base64url(new Uint8Array(await small.arrayBuffer()));
}

/** A picture without what a camera wrote beside it (place, time, device). The engine does that for JPEG, PNG and films; a WebP is drawn
 * anew. An animated one stands still then. */
export async function withoutCameraNotes(file: File): Promise<File> {
  const header = await headerOf(file);
  if (header?.mime !== 'image/webp' || !isDecodable(header)) return file;
  const bitmap = await decodeInTurn(file).catch(() => null);
  if (!bitmap) return file; // it is no picture, and is not sent as one (describePicture)
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  bitmap.close();
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/webp', 0.92));
  return blob ? new File([blob], file.name, { type: blob.type }) : file;
}

/** What is said of a picture that is sent; null: it is sent as a file like any other. */
export async function describePicture(file: Blob): Promise<Media | null> {
  const header = await headerOf(file);
  if (!header || !isDecodable(header)) return null;
  try {
    const bitmap = await decoded(file, header, kThumbnailSide);
    const turned = bitmap.width > bitmap.height !== header.width > header.height; // by what the camera wrote
    const thumbnail = await thumbnailOf(bitmap, bitmap.width, bitmap.height);
    bitmap.close();
    const [width, height] = turned ? [header.height, header.width] : [header.width, header.height];
    const media: Media = { kind: 'picture', width, height, ...(thumbnail ? { thumbnail } : {}) };
    return media;
  } catch {
    return null;
  }
}
