import { HostFailure } from './host_failure';

/** Fails with engine_bad_media: a file that begins as a picture, a film or a sound is broken, so nobody can say what is in it. */
export function requireMedia(condition: boolean): asserts condition {
  if (!condition) throw new HostFailure('engine_bad_media');
}
