// Up and down go through what was found, from the field in which the words are written and back into it.

/** True: the key was meant for this. `around` has the field and the rows ([data-row]). */
export function moveAmongRows(event: KeyboardEvent, around: HTMLElement): boolean {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return false;
  if (event.altKey || event.ctrlKey || event.metaKey) return false;
  const rows = [...around.querySelectorAll<HTMLElement>('[data-row]')];
  const field = around.querySelector<HTMLElement>('input[type=search]');
  const now = rows.indexOf(document.activeElement as HTMLElement);
  const inField = document.activeElement === field;
  if (!inField && now < 0) return false;
  const next = event.key === 'ArrowDown' ? now + 1 : now - 1;
  if (next < 0) field?.focus();
  else rows[Math.min(next, rows.length - 1)]?.focus();
  event.preventDefault();
  return true;
}
