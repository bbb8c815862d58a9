// Pictures of the pages for media, search and what is made, beside those of screenshots.mjs.

import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { kAllowed, makeMediaScene, visitAll } from './media_pages.mjs';
import { World } from './world.mjs';

const kFolder = fileURLToPath(new URL('../../build/web-screenshots/', import.meta.url));
const kLooks = [360, 1280].flatMap((width) => ['light', 'dark'].flatMap((theme) => ['en', 'ru'].map((language) => ({ width, theme, language }))));
const kWanted = process.argv.slice(2);

const world = new World();
try {
  mkdirSync(kFolder, { recursive: true });
  const scene = await makeMediaScene(world);
  for (const look of kLooks) {
    const name = `${look.width}-${look.theme}-${look.language}`;
    if (!kWanted.every((each) => name.split('-').includes(each))) continue;
    const page = await world.page(scene.anna, { ...look, height: look.width < 500 ? 740 : 800, ...kAllowed });
    await visitAll(page, scene, async (step) => {
      await page.waitForTimeout(250);
      await page.screenshot({ path: `${kFolder}media-${step}-${name}.png` });
    });
    if (page.problems.length > 0) {
      console.log(name, page.problems);
      process.exitCode = 1;
    }
    await page.context().close();
  }
  console.log(`look at ${kFolder}`);
} finally {
  await world.end();
}
