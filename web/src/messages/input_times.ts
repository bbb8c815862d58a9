// Times as an <input type="datetime-local"> or "date" has them: of this device's clock, without a zone.

function two(n: number): string {
  return String(n).padStart(2, '0');
}

export function inputDay(time: number): string {
  const date = new Date(time);
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function inputTime(time: number): string {
  const date = new Date(time);
  return `${inputDay(time)}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Null: nothing was given, or no time. A day alone is its first moment. */
export function timeOfInput(value: string): number | null {
  if (value === '') return null;
  const time = new Date(value.includes('T') ? value : `${value}T00:00`).getTime();
  return Number.isFinite(time) ? time : null;
}
