// Every dialog that can be opened without a second device or a fault: axe-core finds nothing in it, light or dark, it stays within a phone
// when it is laid out from the right, the keyboard does not leave it, and when it is closed the focus is where it was before.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { violations } from './axe.mjs';
import { go, rests } from './places.mjs';
import { makeScene } from './scene.mjs';
import { until, World } from './world.mjs';

const kWords = JSON.parse(readFileSync(new URL('../src/messages/ru.json', import.meta.url), 'utf8'));
const kWidth = 360;
const world = new World();
let scene, page;

const w = (key) => kWords[key];
const named = (key) => page.getByRole('button', { name: w(key), exact: true }).last();
const focused = (locator) => locator.evaluate((each) => each === document.activeElement);

/** By the menu that `opener` opens, if `key` is given: what stands in it under that name. */
const opens = (opener, key) => async () => {
  await opener().click();
  if (key) await page.getByRole('menuitem', { name: w(key), exact: true }).click();
  return opener();
};
const ofChat = (key) => opens(() => named('chat.menu'), key);
const attach = (key) => opens(() => named('composer.attach'), key);
const ofChannel = (key) => opens(() => named('channel.menu'), key);
const button = (key) => opens(() => named(key));
/** By the keyboard, as a message is. */
const ofMessage = (text, key) => async () => {
  const article = page.locator('article', { hasText: text }).last();
  await article.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: w(key), exact: true }).click();
  return article;
};

/** Where one is, and what is opened there. */
const places = () => [
  [{ chat: scene.direct }, {
    forward: ofMessage('Look at our page', 'action.forward'),
    'message info': ofMessage('Look at our page', 'action.info'),
    'delete a message': ofMessage('Look at our page', 'action.delete'),
    'another reaction': ofMessage('Look at our page', 'action.react_other'),
    'report a message': ofMessage('said by Boris', 'report.message'),
    disappearing: ofChat('disappearing.title'),
    mute: ofChat('chat.mute'),
    'clear a history': ofChat('delete_chat.history'),
    'delete a chat': ofChat('delete_chat.do'),
    poll: attach('attach.poll'),
    place: attach('attach.location'),
    contact: attach('attach.contact'),
    later: attach('later.title'),
    'end a poll': ofMessage('Tea or coffee?', 'poll.end'),
    'a link of others': async () => {
      const link = page.locator('article', { hasText: 'Look at our page' }).getByRole('button', { name: 'our page' });
      await link.click();
      return link;
    },
  }],
  [{ chat: scene.direct, right: 'chat_info' }, { export: button('export.do'), block: button('block.do') }],
  [{ chat: scene.group, right: 'chat_info' }, {
    'leave a group': button('leave.do'),
    'move a log': button('move_log.do'),
    'remove a member': opens(() => page.locator('.right li', { hasText: 'Boris' }).getByRole('button').last(), 'member.remove'),
  }],
  [{ chat: scene.group, right: 'group_links' }, {
    'a link as a code': opens(() => page.locator('.right li button').first()),
    'revoke a link': opens(() => page.locator('.right li button').last()),
  }],
  [{ left: 'account' }, { rename: button('account.rename'), 'move home': button('account.move') }],
  [{ left: 'devices' }, { 'rename a device': opens(() => page.locator('.over li button[aria-haspopup]').first(), 'device.rename') }],
  [{ left: 'reach' }, { 'release a name': button('name.release') }],
  [{ left: 'connection' }, {
    'share a way': opens(() => page.locator('.over li', { hasText: 'bridge.example' }).locator('button[aria-haspopup]'), 'way.share'),
    'remove a way': opens(() => page.locator('.over li', { hasText: 'bridge.example' }).locator('button[aria-haspopup]'), 'way.remove'),
  }],
  [{ channel: scene.channel }, {
    'share a channel': ofChannel('channel.share'),
    'describe a channel': ofChannel('channel.describe'),
    discussion: ofChannel('channel.set_discussion'),
    'end a channel': ofChannel('channel.end'),
    'delete a post': opens(() => page.locator('article button[aria-haspopup]').last(), 'action.delete'),
  }],
];

before(async () => {
  scene = await makeScene(world);
  const { anna, boris, direct, group } = scene;
  scene.channel = (await anna.call('new_channel', { name: 'Tides', description: 'High water' })).channel.channel;
  await anna.call('post', { channel: scene.channel, text: 'High water at 6:10' });
  await anna.call('make_group_link', { chat: group, approval: true });
  await anna.call('claim_name', { name: 'anna_k', passcode: 'tulips-on-the-dyke' });
  await anna.call('add_route', { route: 'bridge://bridge.example' });
  await anna.call('send_poll', { chat: direct, question: 'Tea or coffee?', options: ['Tea', 'Coffee'] });
  await anna.call('send_message', { chat: direct, text: 'Look at our page', spans: [{ start: 8, length: 8, style: 'link', link: 'https://counts.example/' }] });
  await boris.call('send_text', { chat: direct, text: 'said by Boris' });
  await until(async () => (await anna.call('read_history', { chat: direct })).messages.some((each) => each.text === 'said by Boris'), 'it has come');
  const { last } = await anna.chatWith('Boris');
  await anna.call('mark_read', { chat: direct, through: last }); // so that the chat opens at its end
  page = await world.page(anna, { width: kWidth, height: 740, language: 'ru', permissions: ['geolocation'], geolocation: { latitude: 55.7, longitude: 37.6 } });
  await page.locator('[data-row]').first().waitFor();
});
after(() => world.end());

/** What of the dialog reaches beyond the page's sides. */
function beyond(width) {
  const out = [];
  for (const each of document.querySelectorAll('dialog[open], dialog[open] *')) {
    const box = each.getBoundingClientRect();
    if (box.width > 1 && box.height > 1 && !each.closest('.spoken, svg') && (box.left < -1 || box.right > width + 1)) out.push(`${each.tagName} ${each.className} ${Math.round(box.left)}..${Math.round(box.right)}`);
  }
  return out;
}

/** Tab goes round in it, and reaches all that can be pressed. */
async function keepsKeyboard() {
  const wanted = await page.evaluate(() => [...document.querySelectorAll('dialog[open] :is(button, a[href], input, textarea, select)')].filter((each) => !each.disabled && each.tabIndex >= 0 && each.offsetParent !== null && each.type !== 'radio').length);
  const seen = await page.evaluateHandle(() => new Set());
  for (let count = 0; count < wanted + 12; count++) {
    await page.keyboard.press('Tab');
    await page.evaluate((all) => document.activeElement && document.activeElement !== document.body && all.add(document.activeElement), seen);
  }
  return page.evaluate((all) => {
    const inside = [...all].filter((each) => each.closest('dialog[open]'));
    return [all.size - inside.length, inside.filter((each) => each.type !== 'radio' && each.tagName !== 'DIALOG').length];
  }, seen).then(([outside, reached]) => [...(outside ? [`Tab leaves it (${outside})`] : []), ...(reached < wanted ? [`Tab reaches ${reached} of ${wanted}`] : [])]);
}

async function lookAt(name, open) {
  const wrong = [];
  const opener = await open();
  await page.getByRole('dialog').first().waitFor();
  await rests(page);
  for (const theme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: theme });
    await rests(page);
    wrong.push(...(await violations(page, theme, 'dialog[open]')));
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.evaluate(() => (document.documentElement.dir = 'rtl'));
  wrong.push(...(await page.evaluate(beyond, kWidth)));
  await page.evaluate(() => (document.documentElement.dir = 'ltr'));
  wrong.push(...(await keepsKeyboard()));
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').first().waitFor({ state: 'detached' });
  if (!(await until(() => focused(opener), 'the focus is back', 10_000).catch(() => false))) {
    wrong.push(`the focus is on ${await page.evaluate(() => `${document.activeElement?.tagName} ${document.activeElement?.getAttribute('aria-label') ?? ''}`)}`);
  }
  return wrong.map((each) => `${name}: ${each}`);
}

test('every dialog', async () => {
  const all = [];
  for (const [place, dialogs] of places()) {
    await go(page, place);
    for (const [name, open] of Object.entries(dialogs)) all.push(...(await lookAt(name, open).catch((error) => [`${name}: ${error.message.slice(0, 400)}`])));
  }
  assert.deepEqual(all, []);
  assert.deepEqual(page.problems, []);
});
