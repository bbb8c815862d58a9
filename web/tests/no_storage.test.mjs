// A browser that keeps nothing for pages, as one sets it who forbids "cookies and other data of sites".

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { violations } from './axe.mjs';
import { servedPage, ServedWorld, trustingHome } from './served_home.mjs';
import { World } from './world.mjs';

const kForbidden = 2; // of Chromium's content settings
const skip = servedPage ? false : 'SKIPPED: the engine for browsers was not built (make wasm, web/build)';
let world, context;

before(async () => {
  world = servedPage ? new ServedWorld() : new World();
  let home = null;
  if (servedPage) await world.begin();
  else home = await world.home();
  const profile = join(world.folder, 'profile-forbids');
  mkdirSync(join(profile, 'Default'), { recursive: true });
  writeFileSync(join(profile, 'Default/Preferences'), JSON.stringify({ profile: { default_content_setting_values: { cookies: kForbidden } } }));
  context = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium', headless: true, args: ['--no-sandbox', '--disable-quic'], locale: 'en-GB',
    env: servedPage ? { ...process.env, HOME: await trustingHome(join(world.folder, 'user2'), join(world.served.folder, 'certificate.pem')) } : process.env,
  });
  context.setDefaultTimeout(60_000);
  world.anna = await world.person('Anna', world.served ?? home);
});
after(async () => {
  await context?.close();
  await world?.end();
});

test('the page of a program works there, and what is set holds until it is closed', async () => {
  const page = await context.newPage();
  const problems = [];
  page.on('pageerror', (error) => problems.push(String(error.stack ?? error)));
  await page.goto(world.anna.link);
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  const refused = await page.evaluate(() => {
    try {
      return window.localStorage === null;
    } catch {
      return true;
    }
  });
  assert.ok(refused, 'this browser forbids it');
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Appearance and language' }).click();
  await page.getByLabel('Dark').check();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
  assert.deepEqual(problems, []);
  await page.close();
});

test('where the engine would have to be in the browser, it says why that cannot be', { skip }, async () => {
  const page = await context.newPage();
  await page.goto(world.origin);
  await page.getByRole('heading', { name: 'Godwit cannot run here' }).waitFor();
  await page.getByText('keeps nothing for this page').waitFor();
  assert.deepEqual(await violations(page, 'cannot run here'), []);
  await page.close();
});
