/** Why something could not be done, by a name that the engine knows (src/wasm/host_errors.h). */
export class HostFailure extends Error {
  constructor(readonly errorName: string) {
    super(errorName);
  }
}

/** The line of the API that answers a request with the error that has this name. */
export function refusal(id: unknown, name: string): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code: 0, message: '', data: { name, action: 'fix' } } });
}
