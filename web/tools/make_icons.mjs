// Makes the icons in public/icons from art/godwit.svg, with Debian's Chromium. They are checked in, so that a build needs none.

import { readFileSync, writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const svg = readFileSync(new URL('../art/godwit.svg', import.meta.url), 'utf8');
// A maskable icon is cut to any shape: colour to its edges, and the bird within the inner four fifths.
const maskable = svg.replace(' rx="116"', '').replace('<g id="bird">', '<g id="bird" transform="translate(64 58) scale(0.75)">');
const kIcons = [
  ['godwit-180', maskable, 180],
  ['godwit-192', svg, 192],
  ['godwit-512', svg, 512],
  ['godwit-maskable-512', maskable, 512],
];

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium' });
const page = await browser.newPage();
for (const [name, source, size] of kIcons) {
  await page.setViewportSize({ width: size, height: size });
  const sized = source.replace('<svg ', `<svg width="${size}" height="${size}" `);
  await page.setContent(`<body style="margin:0">${sized.replace('<svg', '<svg style="display:block"')}</body>`);
  writeFileSync(new URL(`../public/icons/${name}.png`, import.meta.url), await page.screenshot({ omitBackground: true }));
}
await browser.close();
writeFileSync(new URL('../public/icons/godwit.svg', import.meta.url), svg);
