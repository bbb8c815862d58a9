// Whether a picture that moves does so by itself: not for those who have asked their system for less of it.

const kLess = typeof matchMedia === 'function' ? matchMedia('(prefers-reduced-motion: reduce)') : null;

export function movesByItself(): boolean {
  return !kLess?.matches;
}

/** What of a picture moves, once it is known. */
export class Motion {
  blob = $state.raw<Blob | null>(null);
}
