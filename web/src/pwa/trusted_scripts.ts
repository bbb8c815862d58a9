// The page's policy lets no text become the address of a script, but what has passed here: a script of this page's own folder.
// There is one policy of this name, and it is made once.

interface Policy {
  createScriptURL(input: string): string;
}
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(input: string): string }): Policy;
}

function ownScript(address: string): string {
  if (!/^\.\/[\w-]+(\/[\w-]+)*\.js$/.test(address)) throw new TypeError('not a script of this page');
  return address;
}

let policy: Policy | undefined;

/** An address such as "./sw.js", as workers and service workers take it. */
export function trustedScript(address: string): string {
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  policy ??= types?.createPolicy('godwit', { createScriptURL: ownScript }) ?? { createScriptURL: ownScript };
  return policy.createScriptURL(address);
}
