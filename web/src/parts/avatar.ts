// The colour of somebody: the same for the same account or chat, on every device.

export const kColours = 8;

export function colourOf(id: string): number {
  let sum = 0;
  for (let at = 0; at < Math.min(id.length, 16); at++) sum = (sum * 31 + id.charCodeAt(at)) >>> 0;
  return sum % kColours;
}
