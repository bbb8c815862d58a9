// Bytes as the API writes them in JSON: base64url without padding.

export function toBase64url(bytes: Uint8Array): string {
  let text = '';
  const kPart = 0x8000; // what one call takes
  for (let at = 0; at < bytes.length; at += kPart) text += String.fromCharCode(...bytes.subarray(at, at + kPart));
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** The bytes of a text; null: it is none of base64url. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return Uint8Array.from(plain, (each) => each.charCodeAt(0));
  } catch {
    return null;
  }
}
