// Sounds with an ID3 tag before them (MP3, AAC) and perhaps one behind: without the tags, as natively (src/cli/tagged_sound.h).

import { requireMedia } from './require_media';

const kHead = 10;
const kTail = 128;
const kTagsMax = 64;

/** What to send of such a sound; null: it has no tag, and goes as it is. Fails with engine_bad_media: the tag is longer than the file. */
export async function taggedSoundToSend(file: Blob): Promise<Blob | null> {
  let begin = 0;
  for (let tags = 0; ; ++tags) {
    const head = new Uint8Array(await file.slice(begin, begin + kHead).arrayBuffer());
    if (head.length < kHead || String.fromCharCode(...head.subarray(0, 3)) !== 'ID3') break;
    requireMedia(tags < kTagsMax);
    begin += tagSize(head);
  }
  if (begin === 0) return null;
  requireMedia(begin < file.size);
  const tail = file.size - begin >= kTail && (await file.slice(-kTail, 3 - kTail).text()) === 'TAG' ? kTail : 0;
  return file.slice(begin, file.size - tail, file.type);
}

// Seven bits in each byte (ID3v2.4 §6.2), and a footer of ten bytes if the flags say so.
function tagSize(head: Uint8Array): number {
  let size = 0;
  for (const byte of head.subarray(6)) {
    requireMedia(byte < 0x80);
    size = size * 128 + byte;
  }
  return kHead + size + (((head[5] ?? 0) & 0x10) !== 0 ? kHead : 0);
}
