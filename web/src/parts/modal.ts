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
