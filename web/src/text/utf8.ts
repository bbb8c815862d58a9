// Places in a text: the API counts bytes of UTF-8, a browser counts units of UTF-16.

function bytesOf(point: number): number {
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

/** For each place in bytes that begins a letter, the place in units; the end is one too. */
export function unitsByByte(text: string): Map<number, number> {
  const places = new Map<number, number>();
  let bytes = 0;
  let units = 0;
  for (const letter of text) {
    places.set(bytes, units);
    bytes += bytesOf(letter.codePointAt(0)!);
    units += letter.length;
  }
  return places.set(bytes, units);
}

/** How many bytes the first `units` units of `text` have. */
export function byteLength(text: string, units = text.length): number {
  let bytes = 0;
  for (const letter of text.slice(0, units)) bytes += bytesOf(letter.codePointAt(0)!);
  return bytes;
}

/** How many letters have to go from the end of `text` so that it has at most `max` bytes. */
export function lettersOver(text: string, max: number): number {
  if (text.length * 3 <= max) return 0;
  let bytes = 0;
  let over = 0;
  for (const letter of text) {
    bytes += bytesOf(letter.codePointAt(0)!);
    if (bytes > max) over++;
  }
  return over;
}
