// What is known of a video before it is sent: its size, its length, and one frame as a small picture.

import type { Media } from '../api/types';
import { kSideMax } from '../files/picture_header';
import { thumbnailOf } from '../files/pictures';

/** A browser that cannot decode it may say nothing at all. */
const kLookMs = 8000;
/** The frame is all that is seen of it until it is played, so it is larger than that of a picture. */
const kFrameSide = 160;

function happened(video: HTMLVideoElement, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    video.addEventListener(event, () => resolve(), { once: true });
    video.addEventListener('error', () => reject(new Error(event)), { once: true });
    setTimeout(() => reject(new Error(event)), kLookMs);
  });
}

export function isVideo(file: Blob): boolean {
  return file.type.startsWith('video/');
}

/** Null: this browser cannot play it, so it is sent as a file like any other. */
export async function describeVideo(file: Blob): Promise<Media | null> {
  const url = URL.createObjectURL(file);
  const video = document.createElement('video');
  video.muted = true;
  video.preload = 'auto';
  try {
    video.src = url;
    await happened(video, 'loadeddata');
    const { videoWidth: width, videoHeight: height } = video;
    if (width <= 0 || height <= 0 || width > kSideMax || height > kSideMax) return null;
    if (Number.isFinite(video.duration) && video.duration > 2) {
      video.currentTime = 1; // the first frame is often black
      await happened(video, 'seeked');
    }
    const thumbnail = await thumbnailOf(video, width, height, kFrameSide);
    const known = Number.isFinite(video.duration) ? { duration_ms: Math.round(video.duration * 1000) } : {};
    return { kind: 'video', width, height, ...known, ...(thumbnail ? { thumbnail } : {}) };
  } catch {
    return null;
  } finally {
    video.removeAttribute('src');
    URL.revokeObjectURL(url);
  }
}
