// Links into calls, each with his own program and page in one Chromium. Media go over loopback. GODWIT_SHOTS: a folder for pictures.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './axe.mjs';
import { overflows } from './call_fits.mjs';
import { until, World } from './world.mjs';

const kDevices = { permissions: ['microphone', 'camera', 'clipboard-read', 'clipboard-write'] };
const world = new World();
let home, anna, boris, vera, annaPage, borisPage, link, chat;

before(async () => {
  world.browserOptions = { args: ['--use-fake-device-for-media-stream', '--autoplay-policy=no-user-gesture-required', '--allow-loopback-in-peer-connection'] };
  home = await world.home();
  [anna, boris, vera] = await Promise.all(['Anna', 'Boris', 'Vera'].map((name) => world.person(name, home)));
  annaPage = await open(anna, {});
});
after(() => world.end());

// A page of his, in which a link was opened.
async function open(person, options, link = '') {
  const page = await world.page(person, { ...kDevices, ...options });
  await page.evaluate(() => localStorage.setItem('godwit-preferences', JSON.stringify({ ...JSON.parse(localStorage.getItem('godwit-preferences') ?? '{}'), callsDirect: true })));
  await page.reload();
  await page.locator('input[data-search]').waitFor();
  if (link) await bring(page, link);
  return page;
}
const bring = (page, link) => page.evaluate((given) => (location.hash = `invite=${encodeURIComponent(given)}`), link);

const button = (on, name) => on.getByRole('button', { name, exact: true });
const shot = async (on, name) => process.env.GODWIT_SHOTS && on.screenshot({ path: `${process.env.GODWIT_SHOTS}/${name}.png` });
const levels = (on) => on.locator('.grid .tile:not(.own) .ring').evaluateAll((rings) => rings.map((each) => Number(each.style.getPropertyValue('--level'))));
const hear = async (page, others) => {
  const heard = new Set(); // each beeps once a second, seldom two of them in one moment
  const all = async () => {
    (await levels(page)).forEach((level, at) => level > 0.01 && heard.add(at));
    return heard.size === others;
  };
  await until(all, 'the beeps are heard', 90_000).catch(async (error) => {
    throw new Error(`${error.message}: ${await page.locator('body').innerText()}`); // what stands there says why
  });
};
const copied = async (page) => {
  await button(page.getByRole('dialog'), 'Copy the link').click();
  return page.evaluate(() => navigator.clipboard.readText());
};

test('Anna makes a call link, Boris opens it and is in the call, and both hear each other', async () => {
  await button(annaPage, 'New chat').click();
  await annaPage.getByRole('menuitem', { name: 'Call link' }).click();
  assert.deepEqual(await violations(annaPage, 'making it'), []);
  await annaPage.getByRole('textbox', { name: 'What the call is called' }).fill('Dyke watch');
  await shot(annaPage, 'call-link-make-1280-light');
  await button(annaPage, 'Make a link').click();
  link = await copied(annaPage);
  assert.match(link, /^godwit:g#[\w-]+~call$/);
  await shot(annaPage, 'call-link-made-1280-light');
  await annaPage.keyboard.press('Escape');
  await annaPage.locator('.middle header', { hasText: 'Dyke watch' }).waitFor();
  chat = (await anna.call('list_chats')).chats.find((each) => each.name === 'Dyke watch').chat;
  borisPage = await open(boris, { width: 360, height: 740, language: 'ru', theme: 'dark' }, link);
  await borisPage.getByText('Эта ссылка ведёт в звонок.').waitFor();
  await until(async () => (await overflows(borisPage)).length === 0, 'it has slid in, and fits');
  assert.deepEqual(await violations(borisPage, 'it was opened'), []);
  await shot(borisPage, 'call-link-opened-360-dark');
  await button(borisPage, 'Войти в звонок').click();
  const card = annaPage.getByRole('alertdialog', { name: 'Dyke watch' });
  await card.getByText('Boris calls the group').waitFor();
  await button(card, 'Join').click();
  for (const each of [annaPage, borisPage]) await hear(each, 1);
});

test('who opens it again and is in already comes into the same call', async () => {
  const { call } = (await boris.call('read_calls')).groups[0];
  await until(async () => (await levels(annaPage)).length === 1, 'he is seen');
  await button(borisPage, 'Выйти из звонка').click();
  await until(async () => (await levels(annaPage)).length === 0, 'he is gone');
  await bring(borisPage, link);
  await borisPage.getByText('Вы уже в этой группе, и звонок идёт.').waitFor();
  await shot(borisPage, 'call-link-in-already-360-dark');
  await button(borisPage, 'Войти в звонок').click();
  for (const each of [annaPage, borisPage]) await hear(each, 1);
  assert.equal((await boris.call('read_calls')).groups[0].call, call);
});

test('who is let in by hand, also after a reload, is offered the call and comes into it by a click', async () => {
  const { text } = await anna.call('make_group_link', { chat, approval: true });
  const page = await open(vera, {}, `${text}~call`);
  await button(page, 'Join the call').click();
  await page.getByText('You wait to be let in.').waitFor();
  await shot(page, 'call-link-waits-1280-light');
  await page.reload();
  await annaPage.locator('.call [role=status]').getByText('1 person waits to be let in').waitFor();
  await shot(annaPage, 'call-link-asked-1280-light');
  await button(annaPage, 'Requests to join').click();
  await button(annaPage, 'Let in').click();
  const card = page.getByRole('alertdialog', { name: 'Dyke watch' });
  await card.getByText('You were let in: you can join the call now').waitFor();
  assert.deepEqual(await violations(page, 'let in'), []);
  await shot(page, 'call-link-let-in-1280-light');
  assert.equal(await page.locator('.call').count(), 0, 'nothing opens by itself');
  await button(card, 'Join').click();
  await hear(page, 2);
  await button(page, 'Leave the call').click();
  assert.deepEqual(page.problems, []);
  await world.close(page);
});

test('a link that was revoked, and one that was cut short, lead nowhere and say so', async () => {
  for (const each of (await anna.call('list_group_links', { chat })).links) await anna.call('revoke_group_link', { chat, link: each.link });
  const page = await open(await world.person('Gleb', home), {}, link);
  await button(page, 'Join the call').click();
  await page.getByText(/does not lead in any more|not let into/).first().waitFor();
  await page.getByRole('textbox', { name: 'Link or name' }).fill(link.replace(/.{4}~call$/, '~call'));
  await button(page, 'Join the call').click();
  await page.getByRole('alert').getByText('was changed on the way').waitFor();
  assert.equal(await page.locator('.call').count(), 0);
  assert.deepEqual([...page.problems, ...annaPage.problems, ...borisPage.problems], []);
});
