/** Why something could not be done, by a name that the engine knows (src/wasm/host_errors.h). */
export class HostFailure extends Error {
  constructor(readonly errorName: string) {
    super(errorName);
  }
}
