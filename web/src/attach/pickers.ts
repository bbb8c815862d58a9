// The browser's own dialog in which files are chosen.

/** What it offers of photos and videos. */
export const kMediaKinds = 'image/*,video/*';

/** Opens the dialog of an `<input type=file>`; with anything but media its `accept` is empty afterwards, until the next time. */
export function openPicker(input: HTMLInputElement, as: 'media' | 'files'): void {
  input.accept = as === 'media' ? kMediaKinds : '';
  input.click();
}
