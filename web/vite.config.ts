import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { describeBuild } from './tools/describe_build';
import { engineBeside } from './tools/engine_beside.mjs';
import { writePolicy } from './tools/policy.mjs';
import { precache } from './tools/precache.mjs';
import { namePublisher } from './tools/publisher.mjs';

const kEngine = process.env['GODWIT_WEB'] ?? 'http://127.0.0.1:8377';

const kParts = {
  input: { index: 'index.html', sw: 'src/pwa/sw.ts' },
  // The service worker's address stays: it is how browsers find out what is new.
  output: { entryFileNames: (chunk: { name: string }) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
};

// The page is served by `godwit web` and by homes, and is one file (tools/make_single.mjs): so all addresses in it are relative.
export default defineConfig(({ mode }) => ({
  base: './',
  plugins: [svelte(), namePublisher(), ...(mode === 'single' ? [] : [writePolicy(), engineBeside(), precache()])],
  // What imports is a part of its own of the engine's worker; a worker that stands in the page has no other parts.
  worker: { format: mode === 'single' ? 'iife' : 'es' },
  define: { __GODWIT_BUILD__: JSON.stringify(describeBuild()) },
  build: {
    target: ['es2022', 'chrome120', 'firefox125', 'safari17'] /* public/old_browser.js tells all others */,
    assetsInlineLimit: 0, // the page's policy allows no data: addresses but for pictures
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    // The page as one file has no other parts; tools/make_single.mjs puts in what is left.
    ...(mode === 'single'
      ? { copyPublicDir: false, cssCodeSplit: false, rolldownOptions: { input: { index: 'index.html' }, output: { codeSplitting: false } } }
      : { rolldownOptions: kParts }),
  },
  server: {
    host: '127.0.0.1',
    // `godwit web --port 8377 --page dist` beside it; it answers to its own page only.
    proxy: {
      '/api': { target: kEngine, ws: true, changeOrigin: true, headers: { origin: kEngine } },
      '/files': { target: kEngine, changeOrigin: true, headers: { origin: kEngine } },
    },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
}));
