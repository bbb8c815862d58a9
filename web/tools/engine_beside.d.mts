import type { Plugin } from 'vite';

/** For vite.config.ts. */
export function engineBeside(): Plugin;
