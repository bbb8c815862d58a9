// Files as they are sent: without what cameras and programs write beside the picture, the film or the sound.

import { gifToSend } from './gif';
import { movieToSend } from './movie';
import { oggToSend } from './ogg';
import { pictureToSend } from './picture';
import { requireMedia } from './require_media';
import { stillToSend } from './still';
import { taggedSoundToSend } from './tagged_sound';
import { webmToSend } from './webm';

/** What to send of a file; of a kind that nobody here knows, the file itself. Fails with engine_bad_media: it begins as a kind that is
    known, and is broken. */
export async function withoutNotes(file: Blob): Promise<Blob> {
  const sound = await taggedSoundToSend(file);
  // A picture behind a tag would go with what is in it.
  if (sound) requireMedia((await shownToSend(sound)) === null);
  return sound ?? (await shownToSend(file)) ?? file;
}

async function shownToSend(file: Blob): Promise<Blob | null> {
  for (const toSend of [pictureToSend, gifToSend, oggToSend, webmToSend, stillToSend, movieToSend]) {
    const found = await toSend(file);
    if (found) return found;
  }
  return null;
}
