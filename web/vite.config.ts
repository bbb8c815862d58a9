import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { precache } from './tools/precache.mjs';
import { describeBuild } from './tools/describe_build';

const kEngine = process.env['GODWIT_WEB'] ?? 'http://127.0.0.1:8377';

// The page is served by `godwit web`, later also by a home and from one file: so all addresses in it are relative.
export default defineConfig({
  base: './',
  plugins: [svelte(), precache()],
  define: { __GODWIT_BUILD__: JSON.stringify(describeBuild()) },
  build: {
    target: ['es2022', 'chrome120', 'firefox125', 'safari17'] /* public/old_browser.js tells all others */,
    assetsInlineLimit: 0, // the page's policy allows no data: addresses but for pictures
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    rolldownOptions: {
      input: { index: 'index.html', sw: 'src/pwa/sw.ts' },
      // The service worker's address stays: it is how browsers find out what is new.
      output: { entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
    },
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
});
