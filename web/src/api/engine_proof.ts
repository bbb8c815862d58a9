// Who answers on the port of `godwit web` may be another program that took it when Godwit ended. Before this page says anything, the
// other side shows that it knows the token of the page's link, without saying it.

/** 32 random bytes in hex, new for each connection. */
export function newNonce(): string {
  return [...crypto.getRandomValues(new Uint8Array(32))].map((each) => each.toString(16).padStart(2, '0')).join('');
}

/** Whether `line` proves it: HMAC-SHA256, its key the token and its message the nonce, both as they are written. */
export async function provesEngine(line: string, token: string, nonce: string): Promise<boolean> {
  try {
    const { method, params } = JSON.parse(line) as { method?: unknown; params?: { proof?: unknown } };
    const proof = params?.proof;
    if (method !== 'engine_proof' || typeof proof !== 'string' || !/^[0-9a-f]{64}$/.test(proof)) return false;
    const bytes = Uint8Array.from(proof.match(/../g)!, (each) => parseInt(each, 16));
    const encoder = new TextEncoder();
    const key = await crypto.subtle.importKey('raw', encoder.encode(token), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
    return await crypto.subtle.verify('HMAC', key, bytes, encoder.encode(nonce));
  } catch {
    return false; // no JSON, or a page that has no WebCrypto
  }
}
