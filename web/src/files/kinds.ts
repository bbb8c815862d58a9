// The kinds of files that the page lets a browser play. A file's kind is said by whoever has sent it: with another one, text/html
// for example, a browser might open it as a page of this origin.

/** What is only ever saved. */
export const kUnknown = 'application/octet-stream';

const kPlayed: ReadonlySet<string> = new Set([
  ...['aac', 'flac', 'mp4', 'mpeg', 'ogg', 'wav', 'webm', 'x-m4a', 'x-wav'].map((each) => `audio/${each}`),
  ...['mp4', 'ogg', 'quicktime', 'webm', 'x-m4v', 'x-matroska'].map((each) => `video/${each}`),
]);

/** The same bytes, of the kind that was said if it is one of sound or video. Pictures are known by their first bytes (picture_header.ts). */
export function asPlayed(blob: Blob, said: string): Blob {
  const kind = said.split(';')[0]!.trim().toLowerCase();
  return new Blob([blob], { type: kPlayed.has(kind) ? kind : kUnknown });
}
