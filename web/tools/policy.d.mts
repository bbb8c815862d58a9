import type { Plugin } from 'vite';

/** For vite.config.ts. */
export function writePolicy(): Plugin;
