// A finger that draws something towards its line's end and lets go: a short way for what else its menu has.

import type { Attachment } from 'svelte/attachments';

const kBeginsPx = 12;
const kFarPx = 64;
const kFurthestPx = 84;

/** `may`: asked when a finger comes down. `onswipe`: it was drawn far enough, and let go. The element is moved by --swiped. */
export function swipe(may: () => boolean, onswipe: () => void): Attachment<HTMLElement> {
  return (element) => {
    let from: { x: number; y: number } | null = null;
    let drawn = 0;

    const show = (by: number) => {
      drawn = by;
      const rtl = getComputedStyle(element).direction === 'rtl';
      if (by > 0) element.style.setProperty('--swiped', `${rtl ? -by : by}px`);
      else element.style.removeProperty('--swiped');
      element.toggleAttribute('data-swiping', by > 0);
      element.toggleAttribute('data-swiped', by >= kFarPx);
    };
    const down = (event: PointerEvent) => {
      from = event.pointerType === 'touch' && event.isPrimary && may() ? { x: event.clientX, y: event.clientY } : null;
    };
    const move = (event: PointerEvent) => {
      if (!from) return;
      const rtl = getComputedStyle(element).direction === 'rtl';
      const along = (event.clientX - from.x) * (rtl ? -1 : 1);
      // It goes another way first: it is none.
      if (drawn === 0 && Math.abs(event.clientY - from.y) > Math.max(kBeginsPx, along)) from = null;
      else if (along > kBeginsPx || drawn > 0) show(Math.min(kFurthestPx, Math.max(0, along - kBeginsPx)));
    };
    const up = () => {
      const far = from !== null && drawn >= kFarPx;
      from = null;
      if (drawn > 0) show(0);
      if (far) onswipe();
    };
    const cancel = () => {
      from = null;
      if (drawn > 0) show(0);
    };
    const all = { pointerdown: down, pointermove: move, pointerup: up, pointercancel: cancel } as const;
    for (const [name, handler] of Object.entries(all)) element.addEventListener(name, handler as EventListener);
    return () => {
      for (const [name, handler] of Object.entries(all)) element.removeEventListener(name, handler as EventListener);
    };
  };
}
