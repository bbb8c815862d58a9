// A dialog of the browser over everything. It keeps the focus inside by itself, but does not give it back when it is taken out of the page.

/** Opens it; what is returned closes it, and puts the focus where it was. */
export function openModal(dialog: HTMLDialogElement): () => void {
  const before = document.activeElement;
  dialog.showModal();
  return () => {
    dialog.close();
    if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
  };
}

/** Lets "back" of the browser close what is not a dialog, as it closes those (state/navigation.svelte.ts): by `cancel`. */
export function closesOnBack(close: () => void): (element: HTMLElement) => () => void {
  return (element) => {
    element.dataset.over = '';
    element.addEventListener('cancel', close);
    return () => element.removeEventListener('cancel', close);
  };
}
