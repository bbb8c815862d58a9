// What this page was built of: put in by vite.config.ts.

export interface Part {
  name: string;
  version: string;
  licence: string;
}

export interface Build {
  version: string;
  licence: string;
  /** Its name, which ends with -dirty if something was changed since, and its day (2026-11-28). Both empty: it is not known. */
  commit: { name: string; day: string };
  /** Code of others that is in the page. */
  parts: Part[];
  /** And in the engine for browsers. */
  engineParts: Part[];
}

declare const __GODWIT_BUILD__: Build;
export const kBuild: Build = __GODWIT_BUILD__;
