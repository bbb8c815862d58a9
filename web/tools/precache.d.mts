import type { Plugin } from 'vite';

export function filesOf(folder: string): string[];
export function writePrecache(folder: string): number;
export function precache(): Plugin;
