// What the page and the worker that seals its frames say to each other.

export type Side = 'sent' | 'received';
export type Kind = 'audio' | 'video';

/** What a transform is for. */
export interface Attached {
  side: Side;
  kind: Kind;
}

/** A base key for one direction. The worker makes those that seal, so that no counter comes twice when a worker is started anew. */
export interface SaidKey {
  kid: number;
  key: Uint8Array<ArrayBuffer>;
  /** In a call of a group: the public half of a P-256 key made for this once, 65 bytes. What the two make of their halves goes into both keys, so
   *  that nobody else in the group has them, though all could read what is said. */
  share?: Uint8Array<ArrayBuffer>;
}

export interface Count {
  /** Frames that have come to the worker. */
  seen: number;
  /** Frames that were sealed, or opened, and went on. */
  passed: number;
  /** Frames that went nowhere: not authentic, replayed, cut off; and those without a key. */
  dropped: number;
  /** Of these, frames for which there was no key (yet). */
  keyless: number;
  /** Of these, doubles and what is too old to tell: a browser resends whole frames to measure a line. */
  replayed: number;
}
export type Counts = Record<Side, Record<Kind, Count>>;

export type ToFrames =
  /** Before all else: keys are agreed upon, as in a call of a group. */
  | { do: 'agree' }
  | { do: 'make_key'; request: number }
  /** Seals with a key that was made, from now on. The first one needs no word. */
  | { do: 'use_key'; kid: number }
  | { do: 'take_key'; key: SaidKey }
  | { do: 'count'; request: number }
  /** Where the browser has no RTCRtpScriptTransform: the streams of createEncodedStreams(). */
  | { do: 'attach'; to: Attached; readable: ReadableStream; writable: WritableStream };

export type FromFrames =
  | { said: 'key'; request: number; key: SaidKey }
  | { said: 'counts'; request: number; counts: Counts }
  /** The first frame of this kind has gone through; of what a unit forwards (many_frames.ts), of that device. */
  | { said: 'first'; of: Attached; device?: string };
