// Another version of the page comes while tabs are open: a home that serves it, real Chromium.

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { engineIn } from '../tools/engine_beside.mjs';
import { servedPage, ServedWorld } from './served_home.mjs';
import { until } from './world.mjs';

const skip = servedPage ? false : 'SKIPPED: the engine for browsers was not built (make wasm, web/build)';
const world = new ServedWorld();
let nora, context, one, two, chat;

const shown = (of, text) => of.locator('article', { hasText: text }).last();

/** Puts in the place of the page one in which every part has another name, as if all of it had been changed. */
function anotherVersion(mark) {
  const next = join(world.folder, `next-${mark}`);
  mkdirSync(next);
  cpSync(servedPage, next, { recursive: true });
  const names = readdirSync(join(next, 'assets')).map((each) => [`assets/${each}`, each, each.replace(/-[^.]+(?=\.\w+$)/, (hash) => hash.slice(0, -2) + mark)]);
  const engine = engineIn(next);
  const renamed = [...names, [engine, engine, engine.replace(/..(?=\.wasm)/, mark)]];
  for (const [path, before, now] of renamed) renameSync(join(next, path), join(next, path.replace(before, now)));
  for (const each of readdirSync(next, { recursive: true, withFileTypes: true })) {
    if (!each.isFile() || !/^(index\.html|sw\.js|.*\.(js|css))$/.test(each.name)) continue;
    const path = join(each.parentPath ?? each.path, each.name);
    let text = readFileSync(path, 'utf8');
    for (const [, before, now] of renamed) text = text.replaceAll(before, now);
    if (each.name === 'sw.js') text = text.replace(/(["']?hash["']?\s*:\s*["'`])\w\w/, `$1${mark}`);
    writeFileSync(path, text);
  }
  for (const each of readdirSync(world.site)) rmSync(join(world.site, each), { recursive: true });
  cpSync(next, world.site, { recursive: true });
  return renamed.map(([, , now]) => now);
}

async function takeVersion(of) {
  await of.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
  await of.getByText('There is a new version').waitFor();
  await of.getByRole('button', { name: 'Reload' }).click();
}

const scripts = (of) => of.evaluate(() => performance.getEntriesByType('resource').map((each) => each.name).join(' '));

before(async () => {
  if (skip) return;
  await world.begin();
  nora = await world.person('Nora', world.served);
  context = await world.profile('anna');
  const { link } = await nora.call('make_invite');
  one = await world.tab(context, `${world.origin}#home=${encodeURIComponent(await world.served.link())}&invite=${encodeURIComponent(link)}`);
  await one.getByLabel('Your name').fill('Anna');
  await one.keyboard.press('Enter');
  await one.locator('textarea').waitFor();
  chat = (await nora.chatWith('Anna')).chat;
  await until(() => one.evaluate(() => navigator.serviceWorker.controller !== null), 'the service worker has the page');
  two = await world.tab(context);
  await two.locator('[data-row]', { hasText: 'Nora' }).click();
});
after(() => world.end());

test('one tab takes the new version, and with it the engine; the other goes on', { skip }, async () => {
  const [, , ...rest] = anotherVersion('qq');
  assert.ok(rest.length > 5);
  await takeVersion(one);
  await until(() => scripts(one).then((each) => /qq\.js/.test(each), () => false), 'it is the new one');
  await one.locator('[data-row]', { hasText: 'Nora' }).first().waitFor();
  // The engine was run by the first tab, and is by it again: of the new version.
  await two.locator('textarea').fill('from the tab of the version before');
  // While the engine goes from one tab to the other, what is sent comes back into the field.
  await until(async () => {
    if ((await two.locator('textarea').inputValue()) !== '') await two.locator('textarea').press('Enter');
    await two.waitForTimeout(500);
    return shown(two, 'from the tab of the version before').isVisible();
  }, 'it is sent');
  await until(async () => (await nora.call('read_history', { chat })).messages.some((each) => each.text.startsWith('from the tab')), 'Nora has it');
});

test('its pages open, although the home has other files now', { skip }, async () => {
  await two.getByRole('button', { name: 'Menu', exact: true }).click();
  await two.getByRole('menuitem', { name: 'Settings' }).click();
  await two.getByRole('button', { name: 'Privacy' }).click();
  await two.getByRole('switch', { name: /That you are writing/ }).waitFor();
  await two.goBack();
  await two.goBack();
  await two.getByText('There is a new version').waitFor();
});

test('when even that is gone, it says so and loads again', { skip }, async () => {
  anotherVersion('zz');
  await takeVersion(one);
  await until(() => scripts(one).then((each) => /zz\.js/.test(each), () => false), 'it is the new one');
  await one.locator('[data-row]', { hasText: 'Nora' }).first().waitFor();
  await two.getByRole('button', { name: 'Menu', exact: true }).click();
  await two.getByRole('menuitem', { name: 'Settings' }).click();
  await two.getByRole('button', { name: 'About Godwit' }).click(); // not opened before
  await two.getByText('A part of the page could not be loaded').waitFor();
  await two.getByRole('dialog').getByRole('button', { name: 'Load again' }).click();
  await two.locator('[data-row]', { hasText: 'Nora' }).first().waitFor();
  assert.match(await scripts(two), /zz\.js/);
});

test('a tab that is left behind does not run an engine of its own on what a newer one has written', { skip }, async () => {
  anotherVersion('kk');
  const third = await world.tab(context);
  await third.locator('[data-row]', { hasText: 'Nora' }).first().waitFor();
  await takeVersion(third);
  await until(() => scripts(third).then((each) => /kk\.js/.test(each), () => false), 'it is the new one');
  await third.locator('[data-row]', { hasText: 'Nora' }).first().waitFor();
  await one.close();
  await third.close();
  await two.getByText('A newer version of Godwit was here').waitFor();
  await two.getByRole('button', { name: 'Load again' }).click();
  await two.locator('[data-row]', { hasText: 'Nora' }).first().waitFor();
  await nora.call('send_text', { chat, text: 'after all of it' });
  await shown(two, 'after all of it').waitFor();
});
