// Two people talk: real homes, real engines, real pages.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { violations } from './axe.mjs';
import { until, World } from './world.mjs';

const world = new World();
let home;

before(async () => {
  home = await world.home();
});
// Each test has people of its own: pages that stay would work on beside those of the next.
afterEach(async () => {
  for (const each of (await world.browser()).contexts()) await each.close();
});
after(() => world.end());

const shown = (page, text) => page.locator('article', { hasText: text }).last();

async function write(page, text) {
  await page.locator('textarea').fill(text);
  await page.keyboard.press('Enter');
}

/** Two who know each other, each with the chat open. */
async function twoPages(nameA, nameB, more = {}) {
  const [a, b] = await Promise.all([world.person(nameA, home), world.person(nameB, home)]);
  const chat = await world.pair(a, b);
  const [pageA, pageB] = await Promise.all([world.page(a, more), world.page(b, more)]);
  for (const page of [pageA, pageB]) await page.locator('[data-row]').first().click();
  return { a, b, chat, pageA, pageB };
}

test('from an invite to the first answer: a name, and nothing else is asked', async () => {
  const anna = await world.person('Anna', home);
  const { link } = await anna.call('make_invite');
  const boris = await world.stranger('Boris');
  const query = `&home=${encodeURIComponent(await home.link())}&invite=${encodeURIComponent(link)}`;
  const page = await world.page(boris, { query });
  await page.getByLabel('Your name').fill('Boris');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Boris' }).waitFor({ state: 'detached' });
  await page.locator('textarea').waitFor();
  await write(page, 'Hello Anna');
  const chat = await anna.chatWith('Boris');
  await until(async () => (await anna.call('read_history', { chat: chat.chat })).messages.some((each) => each.text === 'Hello Anna'), 'Anna has it');
  await anna.call('send_text', { chat: chat.chat, text: 'Hello Boris, so fast!' });
  await shown(page, 'so fast!').waitFor();
  await anna.call('mark_read', { chat: chat.chat, through: 9 });
  await shown(page, 'Hello Anna').locator('.delivery.read').waitFor();
  assert.equal(new URL(page.url()).hash, '', 'neither token nor links stay in the address');
  await page.reload();
  await shown(page, 'so fast!').waitFor();
  assert.deepEqual(page.problems, []);
});

test('who shows an invite is led to the chat when it is taken', async () => {
  const [vera, wim] = [await world.person('Vera', home), await world.person('Wim', home)];
  const page = await world.page(vera);
  await page.getByRole('button', { name: 'New chat' }).click();
  await page.getByRole('menuitem', { name: 'Invite somebody' }).click();
  const code = page.getByRole('img', { name: 'The invite as a QR code' });
  await code.waitFor();
  const count = async () => (await vera.call('list_invites')).invites.length;
  for (let look = 0; look < 2; look++) {
    await page.goBack();
    await code.waitFor({ state: 'detached' });
    await page.goForward();
    await code.waitFor();
  }
  assert.equal(await count(), 1, 'looking in makes no more of them');
  await page.getByRole('button', { name: 'Copy the link' }).click();
  await page.getByText('Copied').waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await page.goBack();
  await page.goForward();
  await until(async () => (await count()) === 2, 'who was handed one has it alone');
  await wim.call('add_contact', { link });
  await page.locator('.middle header', { hasText: 'Wim' }).waitFor();
  assert.equal(await code.count(), 0);
  assert.deepEqual(page.problems, []);
});

test('"back" closes what lies over a chat, and then leaves the chat', async () => {
  const { pageA } = await twoPages('Ulf', 'Una', { width: 360, height: 740 });
  const list = pageA.getByRole('list', { name: 'Chats' });
  await pageA.getByRole('button', { name: 'Emoji' }).click();
  const panel = pageA.getByRole('region', { name: 'Emoji' });
  await panel.waitFor();
  await pageA.goBack();
  await panel.waitFor({ state: 'detached' });
  await pageA.getByRole('button', { name: 'What to do with this chat' }).click();
  await pageA.getByRole('menuitem', { name: 'Disappearing messages' }).click();
  await pageA.getByRole('dialog').waitFor();
  await pageA.goBack();
  await pageA.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await pageA.locator('textarea').isVisible(), true, 'the chat is still there');
  await pageA.goBack();
  await list.waitFor();
  assert.equal(await pageA.locator('textarea').isVisible(), false);
});

/** What lies where the page of a program keeps words, as texts of Latin-1 letters. */
const keptWords = (of) =>
  of.evaluate(async () => {
    const database = await new Promise((resolve) => (indexedDB.open('godwit-recovery').onsuccess = (event) => resolve(event.target.result)));
    const all = await new Promise((resolve) => (database.transaction('keys').objectStore('keys').getAll().onsuccess = (event) => resolve(event.target.result)));
    database.close();
    return all.map(({ sealed }) => String.fromCharCode(...new Uint8Array(sealed)));
  });

test('the recovery key waits in a row until it was written down, also when the tab was ended, and never as it is', async () => {
  const greta = await world.stranger('Greta');
  const page = await world.page(greta, { query: `&home=${encodeURIComponent(await home.link())}` });
  await page.getByLabel('Your name').fill('Greta');
  await page.keyboard.press('Enter');
  const row = page.getByRole('button', { name: /Write down your recovery key/ });
  await row.click();
  const groups = page.getByRole('list', { name: 'Your recovery key' });
  await groups.waitFor();
  const words = (await groups.getByRole('listitem').allTextContents()).join(' ');
  await until(async () => (await keptWords(page)).length === 1, 'it is kept');
  const plain = await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));
  for (const each of words.split(' ')) {
    assert.ok(!plain.includes(each), 'not as it is');
    assert.ok(!(await keptWords(page))[0].includes(each), 'nor there');
  }
  await page.reload();
  await groups.waitFor();
  assert.equal((await groups.getByRole('listitem').allTextContents()).join(' '), words);
  // Another tab has nothing of this one: as when a telephone has ended it.
  const other = await page.context().newPage();
  await other.goto(greta.link);
  await other.getByRole('button', { name: /Write down your recovery key/ }).click();
  const again = other.getByRole('list', { name: 'Your recovery key' });
  await again.waitFor();
  assert.equal((await again.getByRole('listitem').allTextContents()).join(' '), words);
  await other.getByRole('button', { name: 'I wrote it down' }).click();
  await until(async () => (await keptWords(other)).length === 0, 'nothing is kept');
  await other.close();
  await page.reload();
  await page.locator('.list').waitFor();
  await page.waitForTimeout(500);
  assert.equal(await row.count(), 0);
  assert.deepEqual(page.problems, []);
});

test('a page without the token shows nothing but how to get one', async () => {
  const carol = await world.person('Carol', home);
  const page = await world.page({ ...carol, link: carol.url, url: carol.url });
  await page.getByRole('heading', { name: 'Open Godwit by its link' }).waitFor();
  assert.deepEqual(await violations(page, 'without the token'), []);
  await page.goto(`${carol.url}#token=${'0'.repeat(64)}`);
  await page.getByText('Close this page, start godwit web again').waitFor(); // whoever answers does not know this token
  assert.deepEqual(await violations(page, 'a stranger answers'), []);
  await page.goto(carol.link);
  await page.locator('.list').waitFor();
});

test('a page says that the program has ended, and asks for the new link after it was started anew', async () => {
  const dora = await world.person('Dora', home);
  const page = await world.page(dora);
  await page.locator('.list').waitFor();
  await dora.stop();
  await page.getByText('does not answer').waitFor();
  await dora.start();
  await page.getByText('What answers here is not the Godwit').waitFor();
  await page.goto(dora.link);
  await page.locator('.list').waitFor();
});

test('reply, edit, react, pin and delete are seen on the other side', async () => {
  const { pageA, pageB } = await twoPages('Eva', 'Filip');
  await write(pageA, 'First words');
  await shown(pageB, 'First words').waitFor();

  await shown(pageB, 'First words').locator('.bubble').click({ button: 'right' });
  await pageB.getByRole('menuitem', { name: 'Reply' }).click();
  await write(pageB, 'An answer');
  await shown(pageA, 'An answer').getByText('First words').waitFor();

  await pageA.locator('textarea').press('ArrowUp');
  await pageA.locator('textarea').fill('First words, said **better**');
  await pageA.keyboard.press('Enter');
  const better = (page) => page.locator('article', { hasText: 'said better' }).first(); // the second one quotes it
  await better(pageB).getByText('edited').waitFor();
  assert.equal(await better(pageB).locator('.bold').textContent(), 'better');

  await better(pageB).locator('.bubble').click({ button: 'right' });
  await pageB.getByRole('menuitem', { name: 'React with 👍' }).click();
  await better(pageA).locator('.reactions').getByText('👍').waitFor();
  await better(pageA).locator('.reactions button').click();
  await better(pageB).locator('.reactions').getByText('2').waitFor();

  await shown(pageB, 'An answer').locator('.bubble').click({ button: 'right' });
  await pageB.getByRole('menuitem', { name: 'Pin' }).click();
  await pageA.getByText('Pinned message').waitFor();

  await shown(pageB, 'An answer').locator('.bubble').click({ button: 'right' });
  await pageB.getByRole('menuitem', { name: 'Delete' }).click();
  await pageB.getByRole('button', { name: 'Delete for everyone' }).click();
  await shown(pageA, 'Message deleted').waitFor();
  assert.deepEqual([...pageA.problems, ...pageB.problems], []);
});

test('who types is shown, what was begun is kept across a reload, what was read is told', async () => {
  const { a, b, chat, pageA, pageB } = await twoPages('Gina', 'Hugo');
  await pageA.locator('textarea').pressSequentially('half a mess');
  await pageB.getByText('is writing…').first().waitFor();
  await until(async () => (await a.call('list_chats')).chats[0].settings.draft === 'half a mess', 'the draft is kept');
  await pageA.locator('textarea').fill('half a mess of it');
  await pageA.reload(); // at once
  await pageA.locator('textarea').waitFor();
  assert.equal(await pageA.locator('textarea').inputValue(), 'half a mess of it');
  await pageA.locator('textarea').fill('half a mess');
  await pageA.reload();
  await pageA.locator('textarea').waitFor();
  assert.equal(await pageA.locator('textarea').inputValue(), 'half a mess');
  await pageA.keyboard.press('Enter');
  await shown(pageB, 'half a mess').waitFor();
  await shown(pageA, 'half a mess').locator('.delivery.read').waitFor();
  assert.equal((await a.call('list_chats')).chats[0].settings.draft, '');
  await pageB.goto('about:blank');
  await b.call('send_text', { chat, text: 'from elsewhere' });
  await shown(pageA, 'from elsewhere').waitFor();
});

test('unread messages are counted, and none is left once they were seen', async () => {
  const ida = await world.person('Ida', home);
  const [jan, kim] = [await world.person('Jan', home), await world.person('Kim', home)];
  const chat = await world.pair(ida, jan);
  await world.pair(ida, kim);
  const page = await world.page(ida);
  await page.locator('[data-row]', { hasText: 'Kim' }).click();
  for (const text of ['one', 'two', 'three']) await jan.call('send_text', { chat, text });
  const row = page.locator('[data-row]', { hasText: 'Jan' });
  await row.getByText('3 unread messages').waitFor({ state: 'attached' });
  assert.match(await page.title(), /^\(3\)/);
  await row.click();
  const line = page.getByText('Unread messages');
  await line.waitFor();
  assert.ok(await line.evaluate((each) => each.getBoundingClientRect().top < innerHeight / 2 || document.querySelectorAll('article').length < 9));
  await row.locator('.badge').waitFor({ state: 'detached' });
  await until(async () => (await jan.call('read_history', { chat })).messages.every((each) => each.delivery === 'read' || !each.own), 'Jan knows');
});

test('a chat with much that is unread opens at the line above it', async () => {
  const [a, b] = [await world.person('Sara', home), await world.person('Timo', home)];
  const chat = await world.pair(a, b);
  for (let number = 0; number < 60; number++) await b.call('send_text', { chat, text: `unseen ${number}` });
  await until(async () => (await a.call('list_chats')).chats[0].newest?.text === 'unseen 59', 'all have come');
  const pageA = await world.page(a);
  await pageA.locator('[data-row]').getByText('60 unread messages').waitFor({ state: 'attached' });
  await pageA.locator('[data-row]').click();
  await pageA.getByText('Unread messages', { exact: true }).waitFor();
  await pageA.waitForTimeout(500);
  await shown(pageA, 'unseen 0').waitFor();
  assert.equal(await pageA.locator('article', { hasText: 'unseen 59' }).count(), 0, 'the newest is far below');
  await pageA.getByRole('button', { name: 'To the newest message' }).click();
  await shown(pageA, 'unseen 59').waitFor();
});

test('while the home is away messages wait, and go out when it is back', async () => {
  const { pageA, pageB } = await twoPages('Lea', 'Max');
  await home.stop();
  await write(pageA, 'said in the dark');
  await shown(pageA, 'said in the dark').locator('.delivery.queued').waitFor();
  await pageA.getByText(/No way to your home|Looking for a way/).waitFor();
  await home.resume();
  await shown(pageB, 'said in the dark').waitFor({ timeout: 60_000 });
});

test('who is at the bottom stays there: when the field grows, when a message comes, when the window changes', async () => {
  const { b, chat, pageA } = await twoPages('Nora', 'Otto');
  for (let number = 0; number < 40; number++) await b.call('send_text', { chat, text: `line ${number} ${'and more words '.repeat(number % 9)}` });
  await shown(pageA, 'line 39').waitFor();
  const distance = () => pageA.locator('.scroller').evaluate((each) => Math.round(each.scrollHeight - each.scrollTop - each.clientHeight));
  const bottom = (what) => until(async () => (await distance()) <= 1, what);
  await bottom('after messages came');
  await pageA.locator('textarea').fill('one\ntwo\nthree\nfour\nfive');
  await bottom('after the field has grown');
  await pageA.locator('textarea').fill('');
  await bottom('after it is small again');
  await pageA.setViewportSize({ width: 700, height: 500 });
  await bottom('after the window has become small');
  await pageA.reload();
  await shown(pageA, 'line 39').waitFor();
  await bottom('after the page was loaded anew');
  // Who reads above is left alone.
  await pageA.locator('.scroller').hover();
  let before = 0;
  await until(async () => {
    const now = await distance();
    if (now > 300 && now === before) return true;
    before = now;
    if (now <= 300) await pageA.mouse.wheel(0, -900);
    await pageA.waitForTimeout(150);
    return false;
  }, 'the person has scrolled up, and the list rests');
  await b.call('send_text', { chat, text: 'while you read above' });
  await pageA.getByRole('button', { name: 'To the newest message' }).getByText('1').waitFor();
  assert.ok((await distance()) > before, 'nothing has moved');
});

test('on a phone: a finger that rests on a message opens its menu, and "back" leads to the list', async () => {
  const { pageA } = await twoPages('Pia', 'Rolf', { width: 360, height: 740 });
  await pageA.locator('textarea').fill('press me long');
  await pageA.getByRole('button', { name: 'Send' }).click();
  const box = await shown(pageA, 'press me long').locator('.bubble').boundingBox();
  const session = await pageA.context().newCDPSession(pageA);
  const touch = { x: box.x + 20, y: box.y + 10 };
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [touch] });
  await pageA.getByRole('menuitem', { name: 'Reply' }).waitFor();
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await pageA.waitForTimeout(600); // what is pressed right after the finger was lifted is taken for its end
  await pageA.getByRole('menuitem', { name: 'Reply' }).click();
  await pageA.getByText('Reply to yourself').waitFor();
  await pageA.goBack();
  await pageA.locator('[data-row]').first().waitFor();
  assert.equal(await pageA.locator('textarea').isVisible(), false);
  assert.deepEqual(pageA.problems, []);
});

test('a double click chooses a word; beside the bubble it answers; what cannot be copied is not called copied', async () => {
  const { pageA } = await twoPages('Ruth', 'Sven');
  await write(pageA, 'choose this word');
  const row = shown(pageA, 'choose this word');
  await row.locator('.plain').dblclick({ position: { x: 12, y: 8 } });
  assert.equal(await pageA.evaluate(() => getSelection().toString().trim()), 'choose');
  assert.equal(await pageA.getByText('Reply to yourself').count(), 0);
  await row.dblclick({ position: { x: 20, y: 10 } });
  await pageA.getByText('Reply to yourself').waitFor();
  await pageA.evaluate(() => {
    getSelection().removeAllRanges();
    navigator.clipboard.writeText = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
  });
  await row.locator('.bubble').click({ button: 'right' });
  await pageA.getByRole('menuitem', { name: 'Copy text' }).click();
  await pageA.getByText('It could not be copied').waitFor();
  assert.equal(await pageA.getByText('Copied', { exact: true }).count(), 0);
  assert.deepEqual(pageA.problems, []);
});

test('several messages are chosen, copied, forwarded to two chats, and deleted for both', async () => {
  const { a, b, chat, pageA } = await twoPages('Tara', 'Ugo');
  const [vita, wolf] = [await world.person('Vita', home), await world.person('Wolf', home)];
  const others = [[vita, await world.pair(a, vita)], [wolf, await world.pair(a, wolf)]];
  for (const text of ['first of three', 'second of three']) await write(pageA, text);
  await shown(pageA, 'second of three').waitFor();
  await b.call('send_text', { chat, text: 'third of three' });
  await shown(pageA, 'third of three').locator('.bubble').click({ button: 'right' });
  await pageA.getByRole('menuitem', { name: 'Select' }).click();
  const bar = pageA.getByRole('toolbar', { name: 'Chosen messages' });
  await bar.getByText('1 selected').waitFor();
  await pageA.keyboard.press('ArrowUp');
  await pageA.keyboard.press('ArrowUp');
  await pageA.keyboard.press('Space');
  await bar.getByText('2 selected').waitFor();
  await pageA.getByRole('article', { name: /^Selected Your message first of three/ }).waitFor();
  await bar.getByRole('button', { name: 'Copy the texts' }).click();
  assert.equal(await pageA.evaluate(() => navigator.clipboard.readText()), 'You: first of three\nUgo: third of three');
  await bar.waitFor({ state: 'detached' });

  const choose = async (...texts) => {
    await shown(pageA, texts[0]).locator('.bubble').click({ button: 'right' });
    await pageA.getByRole('menuitem', { name: 'Select' }).click();
    for (const text of texts.slice(1)) await shown(pageA, text).locator('.bubble').click();
  };
  await choose('second of three', 'first of three');
  await bar.getByRole('button', { name: 'Forward' }).click();
  const dialog = pageA.getByRole('dialog', { name: 'Forward' });
  for (const name of ['Vita', 'Wolf']) await dialog.getByRole('button', { name }).click();
  await dialog.getByRole('button', { name: 'Forward', exact: true }).click();
  await pageA.getByText('Forwarded to Vita and Wolf').waitFor();
  for (const [who, where] of others) {
    await until(async () => {
      const { messages } = await who.call('read_history', { chat: where });
      const forwarded = messages.filter((each) => each.forwarded).map((each) => each.text);
      return forwarded.join() === 'first of three,second of three';
    }, `both have come to ${who.name}, in their order`);
  }

  await choose('first of three', 'second of three');
  await bar.getByRole('button', { name: 'Delete' }).click();
  await pageA.getByRole('dialog', { name: 'Delete 2 messages?' }).getByRole('button', { name: 'Delete for everyone' }).click();
  await until(async () => (await b.call('read_history', { chat })).messages.filter((each) => each.deleted).length === 2, 'both are gone there');
  await choose('third of three');
  await pageA.keyboard.press('Escape');
  await bar.waitFor({ state: 'detached' });
  assert.deepEqual(pageA.problems, []);
});

test('what could not be delivered says why beneath it and in its info, and is sent again with its reply', async () => {
  const { a, b, chat, pageA } = await twoPages('Wera', 'Xaver');
  const { message } = await b.call('send_text', { chat, text: 'a question' });
  await shown(pageA, 'a question').waitFor();
  await a.call('send_message', { chat, text: 'an answer in bold', reply_to: message.id, spans: [{ start: 13, length: 4, style: 'bold' }] });
  // A home keeps messages for 30 days: so the page is told what the engine would say then.
  await pageA.routeWebSocket(/./, (socket) => {
    const server = socket.connectToServer();
    const late = (line) => line.replace(/("text":"an answer in bold".*?"delivery":)"\w+"/, '$1"expired"');
    server.onMessage((bytes) => socket.send(Buffer.from(late(bytes.toString()))));
  });
  await pageA.reload();
  const row = shown(pageA, 'an answer in bold');
  await pageA.getByText('Not fetched for 30 days').first().waitFor();
  await row.locator('.bubble').click({ button: 'right' });
  await pageA.getByRole('menuitem', { name: 'Message info' }).click();
  await pageA.getByRole('dialog').getByText('Not fetched for 30 days').waitFor();
  await pageA.keyboard.press('Escape');
  await row.locator('.bubble').click({ button: 'right' });
  await pageA.getByRole('menuitem', { name: 'Send again' }).click();
  const again = await until(async () => {
    const same = (await b.call('read_history', { chat })).messages.filter((each) => each.text === 'an answer in bold');
    return same.length === 2 && same[1];
  }, 'it came once more');
  assert.equal(again.reply_to, message.id);
  assert.equal(again.spans[0].style, 'bold');
  assert.deepEqual(pageA.problems, []);
});

test('on a phone: who reacted stands in the info of the message', async () => {
  const { b, chat, pageA } = await twoPages('Yara', 'Zeno', { width: 360, height: 740 });
  const { message } = await b.call('send_text', { chat, text: 'draw me aside' });
  await b.call('react', { chat, message: message.id, reaction: '🐦' });
  const row = shown(pageA, 'draw me aside');
  await row.locator('.reactions').waitFor();
  await row.locator('.bubble').click({ button: 'right' });
  await pageA.getByRole('menuitem', { name: 'Message info' }).click();
  const given = pageA.getByRole('dialog').getByRole('listitem').filter({ hasText: '🐦' });
  assert.match(await given.textContent(), /🐦\s*Zeno/);
  assert.deepEqual(pageA.problems, []);
});
