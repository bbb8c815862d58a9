import type { Plugin } from 'vite';

export function namePublisher(): Plugin;
