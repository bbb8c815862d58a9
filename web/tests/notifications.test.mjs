import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until, World } from './world.mjs';

const world = new World();
let anna, boris, clara, chat, page;

before(async () => {
  const home = await world.home();
  [anna, boris, clara] = [await world.person('Anna', home), await world.person('Boris', home), await world.person('Clara', home)];
  chat = await world.pair(anna, boris);
  await world.pair(anna, clara);
  page = await world.page(anna, { permissions: ['notifications'] });
  await page.locator('[data-row]', { hasText: 'Boris' }).waitFor();
  // What is shown leaves the page for the system: it is noted on its way.
  await page.evaluate(() => {
    globalThis.told = [];
    globalThis.Notification = class extends Notification {
      constructor(title, options) {
        super(title, options);
        const same = globalThis.told.findIndex((each) => each.tag === options?.tag);
        if (same >= 0) globalThis.told.splice(same, 1); // one with the same tag takes its place
        globalThis.told.push({ title, body: options?.body ?? '', tag: options?.tag });
      }
    };
  });
});
after(() => world.end());

const shown = () => page.evaluate(() => globalThis.told.map(({ title, body }) => ({ title, body })));
const clear = () => page.evaluate(() => void (globalThis.told.length = 0));

async function say(text) {
  await boris.call('send_text', { chat, text });
  await until(async () => (await anna.call('read_history', { chat, count: 1 })).messages[0]?.text === text, 'it has come');
  await page.waitForTimeout(400);
}

async function settings() {
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Notifications' }).click();
}

async function back(times = 2) {
  for (let step = 0; step < times; step++) await page.getByRole('button', { name: 'Back' }).first().click();
}

test('nothing is asked and nothing shown before a click', async () => {
  const fresh = await world.page(anna, { permissions: [] });
  const asked = await fresh.evaluate(() => {
    globalThis.asked = 0;
    Notification.requestPermission = () => ((globalThis.asked += 1), Promise.resolve('denied'));
    return Notification.permission;
  });
  if (asked === 'default') {
    await fresh.getByText('Do you want to be told of new messages?').waitFor();
    assert.equal(await fresh.evaluate(() => globalThis.asked), 0);
    await fresh.getByRole('button', { name: 'Turn on' }).click();
    assert.equal(await fresh.evaluate(() => globalThis.asked), 1);
    await fresh.reload();
    await fresh.locator('[data-row]').first().waitFor();
    assert.equal(await fresh.getByText('Do you want to be told').count(), 0, 'it is said once');
  } else {
    // A browser that has said no from the beginning is not asked.
    await fresh.locator('[data-row]').first().waitFor();
    assert.equal(await fresh.getByText('Do you want to be told').count(), 0);
  }
  assert.deepEqual(fresh.problems, []);
  await fresh.context().close();
  await say('before it was turned on');
  assert.deepEqual(await shown(), []);
});

test('turned on, a message is shown with name and text, and the title counts', async () => {
  await settings();
  await page.getByRole('switch', { name: 'Show notifications' }).click();
  await until(() => page.getByRole('switch', { name: 'Show notifications' }).isChecked(), 'they are on');
  assert.equal(await page.getByRole('switch', { name: 'With a sound' }).isChecked(), false, 'no sound unless wanted');
  await back();
  await say('hello & <b>welcome</b>');
  assert.deepEqual(await shown(), [{ title: 'Boris', body: 'hello & <b>welcome</b>' }]);
  await until(async () => (await page.title()) === '(2) Godwit', 'two are unread');
  await say('and another');
  assert.deepEqual(await shown(), [{ title: 'Boris', body: 'and another' }], 'one for each chat');
});

test('the open chat and a muted one are quiet', async () => {
  await clear();
  await page.locator('[data-row]', { hasText: 'Boris' }).click();
  await page.locator('article', { hasText: 'and another' }).waitFor();
  await say('you see it anyway');
  assert.deepEqual(await shown(), []);
  await until(async () => (await page.title()) === 'Godwit', 'all is read');
  await page.locator('[data-row]', { hasText: 'Clara' }).click();
  const row = page.locator('[data-row]', { hasText: 'Boris' });
  await row.click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Mute' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'For 8 hours' }).click();
  await row.getByTitle(/^Muted until/).waitFor();
  const { muted_until: until8 } = (await anna.chatWith('Boris')).settings;
  assert.ok(Math.abs(until8 - Date.now() - 8 * 3_600_000) < 60_000);
  await say('psst');
  assert.deepEqual(await shown(), []);
  assert.equal(await page.title(), 'Godwit', 'a muted chat is not counted');
  await row.click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Unmute' }).click();
  await row.getByTitle(/^Muted until/).waitFor({ state: 'detached' });
});

test('a post of a followed channel is shown, and one of a muted channel is not', async () => {
  const { channel } = await boris.call('new_channel', { name: 'Tides' });
  await anna.call('follow_channel', { link: channel.link });
  // The page reads anew what is followed.
  await boris.call('post', { channel: channel.channel, text: 'The first post' });
  const row = page.locator('[data-row]', { hasText: 'Tides' });
  await row.waitFor();
  await clear();
  const post = async (text) => {
    await boris.call('post', { channel: channel.channel, text });
    await row.getByText(text).waitFor();
    await page.waitForTimeout(400);
  };
  await post('High water at six');
  assert.deepEqual(await shown(), [{ title: 'Tides', body: 'High water at six' }]);
  await clear();
  await anna.call('set_channel', { channel: channel.channel, muted_until: 8_000_000_000_000 });
  await row.getByTitle('Muted', { exact: true }).waitFor();
  await post('Low water at noon');
  assert.deepEqual(await shown(), []);
  await anna.call('unfollow_channel', { channel: channel.channel });
});

test('without text it says only that there is something', async () => {
  await settings();
  await page.getByRole('switch', { name: 'With name and text' }).click();
  await back();
  await say('a secret');
  assert.deepEqual(await shown(), [{ title: 'Godwit', body: 'New message' }]);
  await clear();
});

test('where no page can be woken that is said, and there is nothing to press', async () => {
  await settings();
  await page.getByText('This does not work here').waitFor();
  assert.equal(await page.getByRole('switch', { name: 'Tell me that something came' }).isDisabled(), true);
  await back();
});

test('turned off it is quiet again', async () => {
  await settings();
  await page.getByRole('switch', { name: 'Show notifications' }).click();
  await say('nobody is told');
  assert.deepEqual(await shown(), []);
  assert.deepEqual(page.problems, []);
});
