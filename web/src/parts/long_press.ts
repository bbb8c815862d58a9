// A finger that rests on something: what the right button is for a mouse. Browsers of Android tell it as `contextmenu`; those of
// iOS tell nothing, so it is measured here for all fingers alike.

import type { Attachment } from 'svelte/attachments';

const kRestMs = 450;
const kLiftMs = 350;
const kMovesPx = 10;

export function longPress(onrest: (at: { x: number; y: number }) => void): Attachment<HTMLElement> {
  return (element) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let from = { x: 0, y: 0 };
    let rested = false;

    // What opened may lie under the finger by now: when it is lifted it presses nothing, wherever it is.
    const swallow = (event: Event) => {
      event.preventDefault();
      event.stopPropagation();
    };
    const lifted = () => {
      stop();
      if (rested) setTimeout(letGo, kLiftMs);
      rested = false;
    };
    const stop = () => clearTimeout(timer);
    const letGo = () => window.removeEventListener('click', swallow, { capture: true });
    const down = (event: PointerEvent) => {
      stop();
      letGo(); // the finger before may have been lifted elsewhere
      rested = false;
      if (event.pointerType !== 'touch' || !event.isPrimary) return;
      from = { x: event.clientX, y: event.clientY };
      timer = setTimeout(() => {
        rested = true;
        window.addEventListener('click', swallow, { capture: true });
        onrest(from);
      }, kRestMs);
    };
    const move = (event: PointerEvent) => {
      if (Math.hypot(event.clientX - from.x, event.clientY - from.y) > kMovesPx) stop();
    };
    // Android's own word for the same: it came first, or comes for nothing.
    const menu = (event: Event) => {
      if (rested) event.stopImmediatePropagation();
      if (rested) event.preventDefault();
      stop();
    };
    const all = { pointerdown: down, pointermove: move, pointerup: lifted, pointercancel: lifted } as const;
    for (const [name, handler] of Object.entries(all)) element.addEventListener(name, handler as EventListener);
    element.addEventListener('contextmenu', menu, { capture: true });
    return () => {
      stop();
      setTimeout(letGo, kLiftMs);
      for (const [name, handler] of Object.entries(all)) element.removeEventListener(name, handler as EventListener);
      element.removeEventListener('contextmenu', menu, { capture: true });
    };
  };
}
