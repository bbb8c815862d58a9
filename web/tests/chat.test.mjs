// What a chat can hold: files, formatting, many messages, and what hostile people send.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { shorePicture, upload } from './scene.mjs';
import { until, World } from './world.mjs';

const world = new World();
let anna, boris, chat, page;

before(async () => {
  const home = await world.home();
  [anna, boris] = [await world.person('Anna', home), await world.person('Boris', home)];
  chat = await world.pair(anna, boris);
  page = await world.page(anna);
  await page.locator('[data-row]').first().click();
});
after(() => world.end());

const shown = (text, on = page) => on.locator('article', { hasText: text }).last();

test('a picture goes out with its size and a small one inside, is drawn on the other side, and can be saved', async () => {
  const other = await world.page(boris);
  await other.locator('[data-row]').first().click();
  const picture = await shorePicture(world, 1600, 1000);
  await page.locator('input[type=file]').setInputFiles({ name: 'shore.jpg', mimeType: 'image/jpeg', buffer: picture });
  await page.getByLabel('Caption').fill('low tide');
  await page.getByRole('button', { name: 'Send', exact: true }).last().click();
  await shown('low tide').locator('canvas.shown').waitFor();
  await shown('low tide', other).locator('canvas.shown').waitFor();
  const { messages } = await boris.call('read_history', { chat });
  const { media } = messages.at(-1).file;
  assert.deepEqual([media.kind, media.width, media.height], ['picture', 1600, 1000]);
  assert.ok(media.thumbnail.length > 100);
  const drawn = await shown('low tide', other).locator('canvas.shown').evaluate((canvas) => [canvas.width, canvas.getContext('2d').getImageData(9, 9, 1, 1).data[0]]);
  assert.equal(drawn[0], 1280, 'no larger than it is shown');
  assert.ok(drawn[1] > 150, 'it is the sky of the picture');
  await shown('low tide', other).locator('.bubble').click({ button: 'right', position: { x: 40, y: 40 } });
  const [download] = await Promise.all([other.waitForEvent('download'), other.getByRole('menuitem', { name: 'Save' }).click()]);
  assert.equal(download.suggestedFilename(), 'shore.jpg');
  await shown('low tide', other).locator('canvas.shown').click();
  await other.locator('dialog canvas').waitFor();
  assert.deepEqual(other.problems, []);
  await other.context().close();
});

test('a picture that claims an absurd size is not decoded but offered to be saved', async () => {
  const bomb = Buffer.from('89504e470d0a1a0a0000000d494844527fffffff7fffffff08020000000000000000000049454e44ae426082', 'hex');
  const source = await upload(boris, 'bomb.png', bomb);
  await boris.call('send_file', { chat, source: `as-is:${source}`, name: 'bomb.png', media: { kind: 'picture', width: 40, height: 40 } });
  await page.getByText('This picture is not shown here').waitFor();
});

test('names and texts of hostile people stay what they are: text', async () => {
  const html = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
  await boris.call('send_text', { chat, text: html });
  await shown('<img src=x').waitFor();
  await boris.call('send_text', { chat, text: `${'W'.repeat(5000)}` });
  await boris.call('send_text', { chat, text: '😀'.repeat(100) });
  await boris.call('send_text', { chat, text: 'javascript:alert(1) https://аpple.com/login https://bank.example@evil.example/' });
  const last = shown('javascript:alert');
  await last.waitFor();
  assert.deepEqual(await last.locator('a').evaluateAll((all) => all.map((each) => [each.href, each.textContent])), [
    ['https://xn--pple-43d.com/login', 'https://xn--pple-43d.com/login'],
  ]);
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  const wide = await page.locator('.scroller').evaluate((each) => [each.scrollWidth - each.clientWidth, document.documentElement.scrollWidth - innerWidth]);
  assert.deepEqual(wide, [0, 0], 'nothing is wider than the page');
});

test('a very long text is folded until somebody wants to read it', async () => {
  const text = `A long letter. ${'The tide comes in, and goes out. '.repeat(900)}So it ends.`;
  await boris.call('send_text', { chat, text });
  const bubble = shown('A long letter.').locator('.bubble');
  await bubble.waitFor();
  const more = bubble.getByRole('button', { name: 'Read more' });
  const height = async () => (await bubble.boundingBox()).height;
  const folded = await height();
  assert.ok(folded < 500, `${folded} px`);
  await more.click();
  await until(async () => (await height()) > 3 * folded, 'it is shown whole');
  assert.equal(await more.count(), 0);
  assert.match(await bubble.innerText(), /So it ends\./);
});

test('a link whose words are not its address says where it leads first', async () => {
  await boris.call('send_message', { chat, text: 'your bank', spans: [{ start: 0, length: 9, style: 'link', link: 'https://evil.example/' }] });
  const words = shown('your bank').getByRole('button', { name: 'your bank' });
  assert.equal(await shown('your bank').locator('[href]').count(), 0);
  await words.click({ button: 'middle' });
  await words.click();
  await page.getByRole('dialog').getByText('https://evil.example/').waitFor();
  await page.keyboard.press('Escape');
  assert.equal(page.context().pages().length, 1, 'nothing was opened');
});

test('a preview says what the sender says of a link, under the host that it leads to, and asks nobody', async () => {
  const asked = [];
  page.on('request', (request) => request.url().includes('bank.example') && asked.push(request.url()));
  const link = 'https://bank.example/a?b=1';
  const title = '<img src=x onerror=hacked=1>\u200b My bank';
  const thumbnail = (await shorePicture(world, 96, 60)).toString('base64url');
  await boris.call('send_message', { chat, text: `Have a look: ${link}`, preview: { link, title, text: 'Log in here', thumbnail } });
  const preview = shown('Have a look').locator('a.preview');
  await preview.waitFor();
  assert.equal(await preview.getAttribute('href'), link);
  assert.match(await preview.getAttribute('rel'), /noopener.*noreferrer/);
  assert.equal(await preview.locator('.host').innerText(), 'bank.example');
  assert.equal(await preview.locator('.title').innerText(), '<img src=x onerror=hacked=1> My bank');
  assert.equal(await preview.locator('.text').innerText(), 'Log in here');
  await until(() => preview.locator('canvas').evaluate((each) => each.width === 96), 'the small picture is drawn');
  await boris.call('send_text', { chat, text: `Nothing is said of ${link}` });
  await shown('Nothing is said').waitFor();
  assert.equal(await shown('Nothing is said').locator('a.preview').count(), 0);
  const spans = [{ start: 0, length: 6 + link.length, style: 'spoiler' }];
  await boris.call('send_message', { chat, text: `Guess ${link}`, spans, preview: { link, title: 'The murderer' } });
  await page.getByRole('button', { name: 'Show what is hidden' }).or(page.locator('.reveal')).last().waitFor();
  assert.equal(await page.getByText('The murderer').count(), 0, 'what is hidden is not told');
  assert.equal(await page.evaluate(() => globalThis.hacked), undefined);
  assert.deepEqual(asked, []);
});

test('an address stands as it is, whatever turns the direction of what is before it', async () => {
  await boris.call('send_text', { chat, text: '\u202Eturned https://evil.example/moc.knab//:sptth' });
  await boris.call('send_text', { chat, text: 'שלום https://evil.example/a' });
  for (const words of ['turned', 'שלום']) {
    const link = shown(words).locator('a');
    await link.waitFor();
    // Its first letter is at its left.
    const [first, last] = await link.evaluate((each) => {
      const text = document.createTreeWalker(each, NodeFilter.SHOW_TEXT).nextNode();
      const at = (start) => {
        const range = document.createRange();
        range.setStart(text, start);
        range.setEnd(text, start + 1);
        return range.getBoundingClientRect().left;
      };
      return [at(0), at(20)];
    });
    assert.ok(first < last, words);
  }
});

test('100,000 messages: few are in the page, both ends are reached, and it is scrolled through', async () => {
  const begin = Date.now() - 100_000 * 60_000;
  for (let part = 0; part < 100; part++) {
    const messages = Array.from({ length: 1000 }, (_, index) => {
      const number = part * 1000 + index;
      const text = `number ${number} ${'and some words more '.repeat(number % 7)}`;
      return { sender: number % 3 ? 'Greta' : 'Anna', own: number % 3 === 0, sent_at: begin + number * 60_000, text, media: '', forwarded_from: '', omitted: false, notice: false, edited: false, deleted: false };
    });
    await anna.call('import_messages', { source: 'many', name: 'Many', messages });
  }
  await page.reload(); // an import is told to nobody but who asked for it
  await page.locator('[data-row]', { hasText: 'Many' }).click();
  await shown('number 99999').waitFor();
  const count = await page.locator('article').count();
  assert.ok(count < 80, `${count} messages are in the page`);

  // As a finger flings: a screen every few frames, upwards through thousands of messages.
  const frames = await page.locator('.scroller').evaluate(async (scroller) => {
    const times = [];
    let last = performance.now();
    while (times.length < 240) {
      scroller.dispatchEvent(new WheelEvent('wheel', { deltaY: -220 }));
      scroller.scrollTop -= 220;
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      times.push(now - last);
      last = now;
    }
    return times.sort((a, b) => a - b);
  });
  const worst = frames[Math.floor(frames.length * 0.95)];
  const first = await page.locator('article').first().textContent();
  const seconds = frames.reduce((sum, each) => sum + each, 0) / 1000;
  console.log(`# scrolled to ${first.slice(0, 20)}: ${Math.round(frames.length / seconds)} frames/s, 95 % within ${Math.round(worst)} ms, longest ${Math.round(frames.at(-1))} ms`);
  assert.ok(Number(/number (\d+)/.exec(first)[1]) < 99_600, 'it has come far');
  const there = await page.locator('article').count();
  assert.ok(there < 120, `${there} messages are in the page after scrolling`);
  await page.getByRole('button', { name: 'To the newest message' }).click();
  await shown('number 99999').waitFor();
});

test('what a message answers is jumped to, far above, and from there one reads on downwards to the newest', async () => {
  const first = await boris.call('send_text', { chat, text: 'the very first of many' });
  for (let number = 0; number < 500; number++) await boris.call('send_text', { chat, text: `between ${number}` });
  await boris.call('send_message', { chat, text: 'back to the beginning', reply_to: first.message.id });
  await page.locator('[data-row]', { hasText: 'Boris' }).click();
  await until(async () => (await anna.call('list_chats')).chats.find((each) => each.chat === chat).newest.text === 'back to the beginning', 'all have come');
  await page.getByRole('button', { name: 'To the newest message' }).click().catch(() => undefined);
  await shown('back to the beginning').getByText('the very first of many').click();
  await page.locator('article.highlighted', { hasText: 'the very first of many' }).waitFor();
  await page.locator('.scroller').hover();
  // Whatever is drawn on the way down, if only for a moment.
  await page.evaluate(() => {
    window.seen = new Set();
    const look = () => {
      for (const each of document.querySelectorAll('article')) {
        const match = /between (\d+)/.exec(each.textContent);
        if (match) window.seen.add(Number(match[1]));
      }
    };
    look();
    new MutationObserver(look).observe(document.querySelector('.scroller'), { childList: true, subtree: true });
  });
  await until(async () => {
    await page.mouse.wheel(0, 700);
    return page.locator('article', { hasText: 'back to the beginning' }).isVisible();
  }, 'the newest message is reached by scrolling down', 60_000);
  const missing = await page.evaluate(() => Array.from({ length: 500 }, (_, index) => index).filter((each) => !window.seen.has(each)));
  assert.deepEqual(missing, [], 'no message is left out on the way');
});

test('the page has asked nobody but its own origin, and broke no rule of its policy', async () => {
  await until(() => page.problems, 'collected');
  assert.deepEqual(page.problems, []);
});

test('a WebP goes out without what a camera wrote into it', async () => {
  const plain = await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
    canvas.getContext('2d', { alpha: false }).fillRect(0, 0, 30, 30);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/webp', 0.9));
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  // The same as an extended file (VP8X) with a chunk of EXIF behind it.
  const chunk = (name, data) => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(data.length);
    return Buffer.concat([Buffer.from(name), size, data, Buffer.alloc(data.length & 1)]);
  };
  const chunks = Buffer.from(plain).subarray(12);
  if (chunks.subarray(0, 4).equals(Buffer.from('VP8X'))) chunks[8] |= 0x08;
  const head = chunks[8] & 0x08 ? Buffer.alloc(0) : chunk('VP8X', Buffer.from([0x08, 0, 0, 0, 63, 0, 0, 47, 0, 0]));
  const body = Buffer.concat([Buffer.from('WEBP'), head, chunks, chunk('EXIF', Buffer.from('Exif\0\0 at home, 54.331 8.602'))]);
  assert.ok(body.includes('at home'));
  await page.locator('[data-row]', { hasText: 'Boris' }).click();
  await page.locator('input[type=file]').setInputFiles({ name: 'home.webp', mimeType: 'image/webp', buffer: chunk('RIFF', body) });
  await page.getByLabel('Caption').fill('a webp');
  await page.getByRole('button', { name: 'Send', exact: true }).last().click();
  await shown('a webp').locator('canvas.shown').waitFor();
  const other = await world.page(boris);
  await other.locator('[data-row]', { hasText: 'Anna' }).click();
  await shown('a webp', other).locator('.bubble').click({ button: 'right', position: { x: 40, y: 30 } });
  const [download] = await Promise.all([other.waitForEvent('download'), other.getByRole('menuitem', { name: 'Save' }).click()]);
  const got = await readFile(await download.path());
  assert.ok(got.subarray(8, 12).equals(Buffer.from('WEBP')));
  assert.ok(!got.includes('at home'), 'the place has gone');
});
