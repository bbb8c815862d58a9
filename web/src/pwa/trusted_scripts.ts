// The page's policy lets no text become the address of a script, but what has passed here: a script of this page's own folder.
// There is one policy of this name, and it is made once.

import { ownWorker } from '../engine/worker_address';

interface Policy {
  createScriptURL(input: string): string;
}
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(input: string): string }): Policy;
}

function ownScript(address: string): string {
  if (/^\.\/[\w-]+(\/[\w-]+)*\.js$/.test(address)) return address;
  return ownWorker(address, globalThis.location?.href ?? 'about:blank');
}

let policy: Policy | undefined;

/** An address such as "./sw.js", as workers and service workers take it; also a whole one, if it lies with the page. */
export function trustedScript(address: string): string {
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  policy ??= types?.createPolicy('godwit', { createScriptURL: ownScript }) ?? { createScriptURL: ownScript };
  return policy.createScriptURL(address);
}

/** The address of a worker as the build knows it. While developing it is one of the sources. */
export function trustedWorker(address: string): string {
  return import.meta.env.DEV ? address : trustedScript(address);
}
