// Pictures as the page shows and sends them. Nothing is decoded whose header is not believed (picture_header.ts).

import type { Media } from '../api/types';
import { base64url, fromBase64url } from '../text/base64url';
import { hasMotion, webpWithoutNotes } from './animation';
import { headerOf, isDecodable, type PictureHeader } from './picture_header';

/** The longest side of a picture in a bubble, in pixels of the device. */
const kShownSide = 1280;
const kViewedSide = 4096;
/** A photo that is sent is made no larger than that, unless it is to go as it is. */
const kSentSide = 2048;
const kThumbnailSide = 48;
const kSentQuality = 0.87;
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
 * anew, or loses the pieces that say so if it moves. */
export async function withoutCameraNotes(file: File): Promise<File> {
  const header = await headerOf(file);
  if (header?.mime !== 'image/webp' || !isDecodable(header)) return file;
  if (await hasMotion(file)) {
    const clean = webpWithoutNotes(new Uint8Array(await file.arrayBuffer()));
    if (clean) return new File([clean], file.name, { type: header.mime });
  }
  const bitmap = await decodeInTurn(file).catch(() => null);
  if (!bitmap) return file; // it is no picture, and is not sent as one (describePicture)
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  bitmap.close();
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/webp', 0.92));
  return blob ? new File([blob], file.name, { type: blob.type }) : file;
}

const made = new WeakMap<File, Promise<File>>();

/** A picture as it is seen in a chat: drawn anew, no larger than that needs, without notes of a camera. The file itself if it is small
 * enough, moves, is none that may be decoded, or would only grow. */
export function smaller(file: File): Promise<File> {
  const work = made.get(file) ?? makeSmaller(file).catch(() => file);
  made.set(file, work);
  return work;
}

async function makeSmaller(file: File): Promise<File> {
  const header = await headerOf(file);
  if (!header || !isDecodable(header) || Math.max(header.width, header.height) <= kSentSide) return file;
  if (header.mime === 'image/gif' || (await hasMotion(file))) return file;
  const bitmap = await decoded(new Blob([file], { type: header.mime }), header, kSentSide);
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
  const context = canvas.getContext('2d', { willReadFrequently: header.mime !== 'image/jpeg' });
  context?.drawImage(bitmap, 0, 0);
  bitmap.close();
  // What one can see through has to stay so; all else is a JPEG.
  const mime = header.mime !== 'image/jpeg' && context && isSeenThrough(context.getImageData(0, 0, canvas.width, canvas.height)) ? header.mime : 'image/jpeg';
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, mime, kSentQuality));
  canvas.width = canvas.height = 0; // its memory, at once
  if (!blob || blob.type !== mime || blob.size >= file.size) return file;
  const name = mime === header.mime ? file.name : `${file.name.replace(/\.\w{1,5}$/, '')}.jpg`;
  return new File([blob], name, { type: mime });
}

function isSeenThrough({ data }: ImageData): boolean {
  for (let at = 3; at < data.length; at += 4) if (data[at]! < 255) return true;
  return false;
}

/** What is said of a picture that is sent; null: it is sent as a file like any other. */
export async function describePicture(file: Blob): Promise<Media | null> {
  const header = await headerOf(file);
  if (!header || !isDecodable(header)) return null;
  try {
    const bitmap = await decoded(file, header, kThumbnailSide);
    const thumbnail = await thumbnailOf(bitmap, bitmap.width, bitmap.height);
    bitmap.close();
    const { width, height } = header;
    const media: Media = { kind: 'picture', width, height, ...(thumbnail ? { thumbnail } : {}) };
    return media;
  } catch {
    return null;
  }
}
