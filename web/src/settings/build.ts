// What this page was built of: put in by vite.config.ts.

export interface Part {
  name: string;
  version: string;
  licence: string;
}

export interface Build {
  version: string;
  licence: string;
  /** Code of others that is in the page. */
  parts: Part[];
}

declare const __GODWIT_BUILD__: Build;
export const kBuild: Build = __GODWIT_BUILD__;
