import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { violations } from './axe.mjs';
import { drawPicture, recordVideo, takePhoto, withFakeDevices } from './fake_devices.mjs';
import { inBrowser, until, World } from './either_world.mjs';

const kMedia = ['microphone', 'clipboard-read', 'clipboard-write'];
// What is broken or held up on purpose is the HTTP by which files pass between the page and its program.
const nativeOnly = { skip: inBrowser && 'files pass by HTTP only where the engine is a program' };
const world = new World();
let anna, boris, chat, page, other;

before(async () => {
  await withFakeDevices(world);
  const home = await world.home();
  [anna, boris] = [await world.person('Anna', home), await world.person('Boris', home)];
  chat = await world.pair(anna, boris);
  page = await world.page(anna, { permissions: kMedia });
  other = await world.page(boris);
  for (const [each, name] of [[page, 'Boris'], [other, 'Anna']]) await each.locator('[data-row]', { hasText: name }).click();
});
after(() => world.end());

const record = () => page.getByRole('button', { name: 'Record a voice message' });
const discard = () => page.getByRole('button', { name: 'Discard' });
/** Whether the browser would ask before the page is closed. */
const asks = (on) => on.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true })));
const newest = async (person) => (await person.call('read_history', { chat, count: 1 })).messages[0];

async function arrives(id) {
  return until(async () => (await boris.call('read_history', { chat, count: 20 })).messages.find((each) => each.id === id), 'it arrives');
}

async function speak(milliseconds) {
  const earlier = (await newest(anna))?.id;
  await record().click();
  await page.locator('.strip .dot.live').waitFor();
  await page.waitForTimeout(milliseconds);
  await page.getByRole('button', { name: 'Send' }).click();
  return until(async () => {
    const message = await newest(anna);
    return message && message.id !== earlier && message;
  }, 'the note is on its way');
}

test('a voice note goes with its length and its waveform, and the other plays it', async () => {
  const sent = await speak(1700);
  assert.equal(sent.file.media.kind, 'voice');
  assert.ok(sent.file.media.duration_ms >= 1500 && sent.file.media.duration_ms < 8000, `${sent.file.media.duration_ms} ms`);
  const bars = Buffer.from(sent.file.media.waveform, 'base64url');
  assert.ok(bars.length > 10 && Math.max(...bars) === 255, 'the beeps are heard, and the loudest fills the height');
  await page.locator('textarea').waitFor(); // one writes again

  await arrives(sent.id);
  const note = other.locator(`[data-message="${sent.id}"]`);
  await note.getByRole('button', { name: 'Play Voice message' }).click();
  await note.getByRole('button', { name: 'Pause Voice message' }).waitFor();
  await until(async () => Number(await note.locator('.played').evaluate((each) => each.style.inlineSize.replace('%', ''))) > 5, 'it moves on');
  const rate = note.locator('.rate');
  for (const wanted of ['1.5×', '2×', '1×']) {
    await rate.click();
    assert.equal((await rate.textContent()).trim(), wanted);
  }
  await note.getByRole('button', { name: 'Play Voice message' }).waitFor(); // it has come to its end
});

test('one plays at a time', async () => {
  const [first, second] = [await speak(2500), await speak(2500)];
  await arrives(second.id);
  const [a, b] = [first, second].map((each) => other.locator(`[data-message="${each.id}"]`));
  await a.getByRole('button', { name: 'Play' }).click();
  await a.getByRole('button', { name: 'Pause' }).waitFor();
  await b.getByRole('button', { name: 'Play' }).click();
  await b.getByRole('button', { name: 'Pause' }).waitFor();
  assert.equal(await a.getByRole('button', { name: 'Pause' }).count(), 0);
  // By keyboard to another place in it.
  await b.getByRole('slider').press('ArrowRight');
  await b.getByRole('button', { name: 'Pause' }).or(b.getByRole('button', { name: 'Play' })).waitFor();
});

test('a note is held up, goes on, and is listened to before it is sent', async () => {
  const before = (await newest(anna)).id;
  await record().click();
  await page.locator('.strip .dot.live').waitFor();
  await page.waitForTimeout(900);
  await page.getByRole('button', { name: 'Pause the recording' }).click();
  await page.locator('.strip .dot.live').waitFor({ state: 'detached' });
  const time = () => page.locator('.strip .time').textContent();
  const held = await time();
  await page.waitForTimeout(1300);
  assert.equal(await time(), held, 'it stands still');
  await page.getByRole('button', { name: 'Go on recording' }).click();
  await page.locator('.strip .dot.live').waitFor();
  await page.waitForTimeout(700);
  await page.getByRole('button', { name: 'Stop and listen' }).click();
  await page.getByText('Recorded, not yet sent').last().waitFor();
  assert.equal(await asks(page), true, 'it is not lost by closing the page');
  await page.getByRole('button', { name: 'Play Voice message' }).last().click();
  await until(async () => Number(await page.locator('.strip .played').evaluate((each) => each.style.inlineSize.replace('%', ''))) > 5, 'it is heard');
  assert.equal((await newest(anna)).id, before, 'nothing was sent');
  await page.getByRole('button', { name: 'Send' }).click();
  const sent = await until(async () => {
    const message = await newest(anna);
    return message.id !== before && message;
  }, 'it has gone');
  await page.locator('textarea').waitFor();
  await arrives(sent.id);
});

test('Escape and sliding away discard a note, holding sends it', async () => {
  const before = (await newest(anna)).id;
  await record().click();
  await page.locator('.strip .dot.live').waitFor();
  await page.waitForTimeout(700);
  await page.keyboard.press('Escape');
  await page.locator('textarea').waitFor();

  const box = await record().boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.locator('.strip .dot.live').waitFor();
  await page.waitForTimeout(700);
  await page.mouse.move(x - 150, y, { steps: 5 });
  await page.locator('textarea').waitFor();
  await page.mouse.up();
  assert.equal((await newest(anna)).id, before, 'nothing was sent');

  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.locator('.strip .dot.live').waitFor();
  await page.waitForTimeout(900);
  await page.mouse.up();
  await until(async () => (await newest(anna)).id !== before, 'what was held is sent');
});

test('a note that cannot be sent stays, and goes at the next try', nativeOnly, async () => {
  const before = (await newest(anna)).id;
  await page.route('**/files/*', (route) => (route.request().method() === 'PUT' ? route.abort() : route.continue()));
  await record().click();
  await page.locator('.strip .dot.live').waitFor();
  await page.waitForTimeout(800);
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('Recorded, not yet sent').last().waitFor();
  page.problems = page.problems.filter((each) => !each.includes('ERR_FAILED')); // what was broken on purpose
  await page.unroute('**/files/*');
  assert.ok(await discard().isEnabled());
  await page.getByRole('button', { name: 'Send' }).click();
  await until(async () => (await newest(anna)).id !== before, 'it has gone');
});

test('a note whose chat is left ends there, and waits to be sent', async () => {
  const before = (await newest(anna)).id;
  await record().click();
  await page.locator('.strip .dot.live').waitFor();
  await page.waitForTimeout(900);
  await page.goBack();
  await page.getByText('Choose a chat').waitFor();
  await page.locator('[data-row]', { hasText: 'Boris' }).click();
  await page.getByText('Recorded, not yet sent').last().waitFor();
  await page.getByRole('button', { name: 'Send' }).click();
  await until(async () => (await newest(anna)).id !== before, 'it has gone');
  await page.locator('textarea').waitFor();
});

test('a microphone that is denied is said, and one can write on', async () => {
  const denied = await world.page(anna);
  await denied.locator('[data-row]', { hasText: 'Boris' }).click();
  await denied.getByRole('button', { name: 'Record a voice message' }).click();
  await denied.getByText('This page is not allowed to use the microphone').waitFor();
  await denied.locator('textarea').fill('then in writing');
  assert.deepEqual(denied.problems, []);
  await denied.locator('textarea').fill('');
  await world.close(denied);
});

test('a video goes with its size and a frame, and plays on the other side', async () => {
  const video = await recordVideo(world);
  await page.locator('input[type=file]').setInputFiles([{ name: 'square.webm', mimeType: 'video/webm', buffer: video }]);
  await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
  const sent = await until(async () => {
    const message = await newest(anna);
    return message.file?.media.kind === 'video' && message;
  }, 'it is on its way');
  assert.deepEqual([sent.file.media.width, sent.file.media.height], [320, 180]);
  const frame = Buffer.from(sent.file.media.thumbnail, 'base64url');
  assert.ok(frame[0] === 0xff && frame[1] === 0xd8 && frame.length < 16_384, 'a small JPEG');
  await arrives(sent.id);
  await other.getByRole('button', { name: 'Play video square.webm' }).click();
  await until(() => other.locator('dialog video').evaluate((each) => each.currentTime > 0.2 || each.ended, null).catch(() => false), 'it plays');
  await other.keyboard.press('Escape');
  await other.locator('dialog').waitFor({ state: 'detached' });
});

test('a video that is too large to be held is offered to be saved', nativeOnly, async () => {
  const path = join(world.folder, 'long.mp4');
  const file = openSync(path, 'w');
  ftruncateSync(file, 201 * 1024 * 1024);
  closeSync(file);
  const { message } = await anna.call('send_file', { chat, source: path, mime: 'video/mp4', media: { kind: 'video', width: 640, height: 360 } });
  await page.reload(); // what a program beside the page sends is not told to it
  const own = page.locator(`[data-message="${message.id}"]`);
  await own.getByText('This video is too large to be played here').waitFor();
  assert.equal(await own.getByRole('button', { name: /Play video/ }).count(), 0);
  await anna.call('delete_message', { chat, message: message.id, for_everyone: false });
});

test('what is sent is held up, also over a reload, and goes on', nativeOnly, async () => {
  const path = join(world.folder, 'long.bin');
  const file = openSync(path, 'w');
  ftruncateSync(file, 400 * 1024 * 1024);
  closeSync(file);
  const { message } = await anna.call('send_file', { chat, source: path });
  await page.reload();
  const own = page.locator(`[data-message="${message.id}"]`);
  await own.getByRole('button', { name: /^Pause/ }).click();
  await own.getByText(/^Paused, .* of 419/).waitFor();
  await page.reload();
  await own.getByText(/^Paused, .* of 419/).waitFor();
  assert.equal((await newest(anna)).file.paused, true);
  await own.getByRole('button', { name: /^Go on/ }).click();
  await arrives(message.id);
  await own.getByRole('button', { name: /^Save/ }).waitFor();
  await anna.call('delete_message', { chat, message: message.id, for_everyone: true });
});

test('a picture goes with a small one of itself, which is seen before the picture is there', nativeOnly, async () => {
  const picture = await drawPicture(world, 900, 600);
  await page.locator('input[type=file]').setInputFiles([{ name: 'two.png', mimeType: 'image/png', buffer: picture }]);
  await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
  const sent = await until(async () => {
    const message = await newest(anna);
    return message.file?.media.kind === 'picture' && message;
  }, 'it is on its way');
  assert.deepEqual([sent.file.media.width, sent.file.media.height], [900, 600]);
  assert.ok(Buffer.from(sent.file.media.thumbnail, 'base64url').length < 4096, 'a few kB');
  // The way of the picture itself is cut: what is seen is what came with the message.
  await other.route('**/files/**', (route) => (route.request().method() === 'GET' ? new Promise(() => undefined) : route.continue()));
  await arrives(sent.id);
  const small = other.locator(`[data-message="${sent.id}"] canvas.thumbnail`);
  await until(async () => (await small.evaluate((each) => [...each.getContext('2d').getImageData(5, 5, 1, 1).data])).some((each) => each > 0), 'it is drawn');
  await other.unroute('**/files/**');
});

test('pictures are gone through, made larger, saved, and say what is wrong with them', nativeOnly, async () => {
  const send = async (name, source, text) => {
    const path = join(world.folder, name);
    writeFileSync(path, source);
    const { message } = await anna.call('send_file', { chat, source: `as-is:${path}`, name, caption: text, media: { kind: 'picture', width: 900, height: 600 } });
    await arrives(message.id);
    return message.id;
  };
  const png = await drawPicture(world, 900, 600);
  await send('near.png', png, 'the near one');
  await send('bomb.png', Buffer.from('89504e470d0a1a0a0000000d494844527fffffff7fffffff08020000000000000000000049454e44ae426082', 'hex'), 'a bomb');
  const far = await send('far.png', png, 'the far **one**');
  await other.route('**/files/*/near.png', (route) => (route.request().method() === 'GET' ? route.abort() : route.continue()));
  await other.reload();
  const dialog = other.locator('dialog[open]');
  const shown = other.locator(`[data-message="${far}"] canvas.shown`);
  await shown.click();
  await dialog.getByText('the far').waitFor();
  assert.deepEqual(await violations(other, 'a picture'), []);
  const scale = () => dialog.locator('.seen').evaluate((each) => Math.round(new DOMMatrix(getComputedStyle(each).transform).a * 10) / 10);
  const canvas = dialog.locator('canvas').first();
  await canvas.click();
  await until(async () => (await scale()) === 1 && dialog.isVisible(), 'a press on the picture leaves it open');
  await other.waitForTimeout(400); // else the next press would be the second of two
  await canvas.dblclick();
  assert.equal(await scale(), 2.5);
  await other.keyboard.press('0');
  await other.keyboard.press('+');
  assert.equal(await scale(), 1.6);
  await dialog.getByRole('button', { name: 'Smaller' }).click();
  assert.equal(await scale(), 1);
  await canvas.hover();
  await other.mouse.wheel(0, -400);
  await until(async () => (await scale()) > 1.5, 'the wheel makes it larger');
  const [download] = await Promise.all([other.waitForEvent('download'), dialog.getByRole('button', { name: 'Save' }).click()]);
  assert.equal(download.suggestedFilename(), 'far.png');
  await other.keyboard.press('ArrowLeft');
  await dialog.getByText('This picture is not shown here').waitFor();
  assert.equal(await scale(), 1);
  await other.keyboard.press('ArrowLeft');
  await dialog.getByText('the near one').waitFor();
  await dialog.getByRole('alert').waitFor();
  await other.unroute('**/files/*/near.png');
  await dialog.getByRole('button', { name: 'Try again' }).click();
  await dialog.getByRole('img', { name: 'Picture near.png' }).waitFor();
  await dialog.getByRole('button', { name: 'Next picture' }).click();
  await dialog.getByText('a bomb').waitFor();
  // A finger that goes to the left leads on, one that goes to the right leads back.
  const box = await dialog.locator('.stage').boundingBox();
  await other.mouse.move(box.x + 500, box.y + 60);
  await other.mouse.down();
  await other.mouse.move(box.x + 300, box.y + 60, { steps: 4 });
  await other.mouse.up();
  await dialog.getByText('the far').waitFor();
  for (let count = 0; count < 8; count++) await other.keyboard.press('Tab');
  assert.ok(await other.evaluate(() => document.activeElement === document.body || document.querySelector('dialog').contains(document.activeElement)), 'the focus stays inside');
  await other.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  other.problems = other.problems.filter((each) => !each.includes('ERR_FAILED')); // what was broken on purpose
});

test('a GIF moves, unless one has asked for less of that', async () => {
  const frame = (colour) => [0x21, 0xf9, 4, 0, 20, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, colour, 1, 0];
  const gif = Buffer.from([...Buffer.from('GIF89a'), 1, 0, 1, 0, 0x80, 0, 0, 13, 110, 120, 180, 88, 42, ...frame(0x44), ...frame(0x4c), 0x3b]);
  const earlier = (await newest(anna)).id;
  await page.locator('input[type=file]').setInputFiles([{ name: 'blink.gif', mimeType: 'image/gif', buffer: gif }]);
  await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
  const sent = await until(async () => {
    const message = await newest(anna);
    return message.id !== earlier && message;
  }, 'it is on its way');
  await arrives(sent.id);
  const moves = (on) => on.locator(`[data-message="${sent.id}"] img[src^="blob:"]`);
  await until(() => moves(other).evaluate((each) => each.complete && each.naturalWidth === 1).catch(() => false), 'it is given to the browser whole');
  const calm = await world.page(boris, { reducedMotion: 'reduce' });
  await calm.locator('[data-row]', { hasText: 'Anna' }).click();
  await calm.locator(`[data-message="${sent.id}"] canvas.shown`).waitFor();
  await calm.locator(`[data-message="${sent.id}"]`).getByTitle('It moves when it is opened').click();
  await calm.locator('dialog img[src^="blob:"]').waitFor();
  assert.equal(await moves(calm).count(), 0);
  assert.deepEqual(calm.problems, []);
  await world.close(calm);
});

const asText = (name, text) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });

test('when one of several files fails, it and the rest are asked about again, with what stood under them', nativeOnly, async () => {
  const count = (await anna.call('read_history', { chat, count: 50 })).messages.length;
  const fail = (name) => page.route(`**/files/${name}`, (route) => (route.request().method() === 'PUT' ? route.abort() : route.continue()));
  await fail('second.txt');
  await page.locator('input[type=file]').setInputFiles([asText('first.txt', '1'), asText('second.txt', '2'), asText('third.txt', '3')]);
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Caption').fill('three of them');
  await dialog.getByRole('button', { name: 'Send' }).click();
  await dialog.getByText(/^second.txt was not sent: /).waitFor();
  assert.deepEqual(await dialog.locator('li .name').allTextContents(), ['second.txt', 'third.txt']);
  assert.equal(await dialog.getByLabel('Caption').inputValue(), '', 'it stands under the first');
  assert.equal((await newest(anna)).text, 'three of them');
  await dialog.getByLabel('Caption').fill('two of them');
  await dialog.getByRole('button', { name: 'Send' }).click();
  await dialog.getByText(/^second.txt was not sent: /).waitFor();
  assert.equal(await dialog.getByLabel('Caption').inputValue(), 'two of them');
  await page.unroute('**/files/second.txt');
  await dialog.getByRole('button', { name: 'Send' }).click();
  await until(async () => (await newest(anna)).file?.name === 'third.txt', 'all have gone');
  const { messages } = await anna.call('read_history', { chat, count: 50 });
  assert.deepEqual(messages.slice(-2).map((each) => [each.file.name, each.text]), [['second.txt', 'two of them'], ['third.txt', '']]);
  assert.equal(messages.length, Math.min(50, count + 3));
  assert.equal(await page.locator('textarea').inputValue(), '');
  page.problems = page.problems.filter((each) => !each.includes('ERR_FAILED')); // what was broken on purpose
});

test('an upload is seen and cancelled also after its chat was left, and is not lost by closing the page', nativeOnly, async () => {
  let held;
  await page.route('**/files/slow.txt', (route) => (route.request().method() === 'PUT' ? void (held = route) : route.continue()));
  await page.locator('input[type=file]').setInputFiles([asText('slow.txt', '1'), asText('after.txt', '2')]);
  assert.equal(await asks(page), false);
  await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
  await until(() => held, 'it is on its way');
  assert.equal(await asks(page), true, 'the browser asks');
  await page.goBack();
  await page.getByText('Choose a chat').waitFor();
  await page.locator('[data-row]', { hasText: 'Boris' }).click();
  await page.getByLabel('slow.txt is on its way').waitFor();
  await page.locator('.about', { hasText: 'slow.txt' }).getByRole('button', { name: 'Cancel' }).click();
  await until(async () => (await newest(anna)).file?.name === 'after.txt', 'the other one goes, into the same chat');
  await page.getByLabel('slow.txt is on its way').waitFor({ state: 'detached' });
  assert.equal(await asks(page), false);
  await held.abort().catch(() => undefined);
  await page.unroute('**/files/slow.txt');
  // One that fails while its chat is closed waits there.
  await page.route('**/files/late.txt', (route) => (route.request().method() === 'PUT' ? void (held = route) : route.continue()));
  held = undefined;
  await page.locator('input[type=file]').setInputFiles([asText('late.txt', '1')]);
  await page.getByLabel('Caption').fill('better late');
  await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
  await until(() => held, 'it is on its way');
  await page.goBack();
  await page.getByText('Choose a chat').waitFor();
  await held.abort();
  await page.getByText(/late.txt was not sent/).waitFor();
  assert.equal(await asks(page), true);
  await page.unroute('**/files/late.txt');
  await page.locator('[data-row]', { hasText: 'Boris' }).click();
  assert.equal(await page.getByRole('dialog').getByLabel('Caption').inputValue(), 'better late');
  await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
  await until(async () => (await newest(anna)).text === 'better late', 'it has gone');
  page.problems = page.problems.filter((each) => !each.includes('ERR_FAILED'));
});

test('a photo is made smaller and upright, and goes in its own size if that is wanted', async () => {
  const photo = await takePhoto(world, 3000, 2250);
  const dialog = page.getByRole('dialog');
  const send = async (original) => {
    const earlier = (await newest(anna)).id;
    await page.locator('input[type=file]').setInputFiles([{ name: 'shore.jpg', mimeType: 'image/jpeg', buffer: photo }]);
    await dialog.getByText(/, sent as /).waitFor();
    if (original) await dialog.getByLabel('Original size').check();
    assert.equal(await dialog.getByText(/, sent as /).count(), original ? 0 : 1);
    await dialog.getByRole('button', { name: 'Send' }).click();
    return until(async () => {
      const message = await newest(anna);
      return message.id !== earlier && message;
    }, 'it is on its way');
  };
  const small = await send(false);
  assert.deepEqual([small.file.name, small.file.media.width, small.file.media.height], ['shore.jpg', 1536, 2048]);
  assert.ok(small.file.size < photo.length / 1.5, `${photo.length} bytes became ${small.file.size}`);
  const drawn = page.locator(`[data-message="${small.id}"] canvas.shown`);
  await drawn.waitFor();
  const colours = await drawn.evaluate((each) => {
    const { data } = each.getContext('2d').getImageData(each.width / 2, 0, 1, each.height);
    return [0.1, 0.9].map((part) => 4 * Math.floor(each.height * part)).map((at) => (data[at] > data[at + 2] ? 'red' : 'blue'));
  });
  assert.deepEqual(colours, ['red', 'blue'], 'the right way up');
  const own = await send(true);
  assert.deepEqual([own.file.media.width, own.file.media.height], [2250, 3000], 'as it is seen');
  assert.ok(Math.abs(own.file.size - photo.length) < 200);
  // As a file it goes as it is, and is none to be seen.
  await page.getByRole('button', { name: 'Attach' }).click();
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('menuitem', { name: 'File', exact: true }).click()]);
  assert.equal(await page.locator('input[type=file]').getAttribute('accept'), '');
  await chooser.setFiles([{ name: 'raw.jpg', mimeType: 'image/jpeg', buffer: photo }]);
  await dialog.getByRole('button', { name: 'Send' }).click();
  const file = await until(async () => (await newest(anna)).file?.name === 'raw.jpg' && newest(anna), 'it is on its way');
  assert.equal(file.file.media.kind, 'file');
  await page.getByRole('button', { name: 'Attach' }).click();
  const [media] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('menuitem', { name: 'Photo or video' }).click()]);
  assert.equal(await media.element().getAttribute('accept'), 'image/*,video/*');
});

test('nothing was said against the page', () => {
  assert.deepEqual([...page.problems, ...other.problems], []);
});

test('a pack of stickers is made of pictures, shared, added by the other, and a sticker shows it', async () => {
  const pictures = [await drawPicture(world, 300, 200), await drawPicture(world, 1600, 1600)];
  await page.getByRole('button', { name: 'Emoji', exact: true }).click();
  await page.getByRole('tab', { name: 'Stickers' }).click();
  await page.getByRole('button', { name: 'New pack of stickers' }).click();
  const dialog = page.getByRole('dialog', { name: 'New pack of stickers' });
  await dialog.getByRole('textbox', { name: 'Name of the pack' }).fill('Shores');
  await dialog.locator('input[type=file]').setInputFiles(pictures.map((buffer, n) => ({ name: `shore${n}.png`, mimeType: 'image/png', buffer })));
  await dialog.getByRole('textbox', { name: 'Emoji of shore1.png' }).fill('🌊');
  assert.deepEqual(await violations(page, 'making stickers'), []);
  await dialog.getByRole('button', { name: 'Make it' }).click();
  await dialog.waitFor({ state: 'detached' });
  const { packs } = await anna.call('list_sticker_packs', {});
  assert.deepEqual(packs.map((each) => [each.name, each.stickers.map((one) => [one.emoji, one.width, one.height])]), [
    ['Shores', [['⭐', 300, 200], ['🌊', 512, 512]]],
  ], 'what is too large is drawn smaller');
  await page.getByRole('button', { name: 'Send sticker 2: 🌊' }).waitFor();
  assert.deepEqual(await violations(page, 'stickers'), []);

  await page.getByRole('button', { name: 'Send Shores into this chat' }).click();
  const shared = await until(async () => (await newest(anna))?.file?.media.kind === 'sticker_pack' && newest(anna), 'the pack is on its way');
  await arrives(shared.id);
  const bubble = other.locator(`[data-message="${shared.id}"]`);
  await bubble.getByText('Shores').waitFor();
  assert.deepEqual(await violations(other, 'a pack in a chat'), []);
  await bubble.getByRole('button', { name: 'Add' }).click();
  await bubble.getByRole('button', { name: 'Show' }).waitFor();
  assert.equal((await boris.call('list_sticker_packs', {})).packs[0].pack, packs[0].pack);

  await page.getByRole('button', { name: 'Send sticker 2: 🌊' }).click();
  const sticker = await until(async () => (await newest(anna))?.file?.media.kind === 'sticker' && newest(anna), 'a sticker is on its way');
  await arrives(sticker.id);
  await other.locator(`[data-message="${sticker.id}"] canvas.shown`).waitFor();
  await other.locator(`[data-message="${sticker.id}"] button`, { hasText: '' }).first().click();
  const pack = other.getByRole('dialog', { name: 'Shores' });
  await pack.getByRole('button', { name: 'Send sticker 1: ⭐' }).waitFor();
  assert.deepEqual(await violations(other, 'a pack'), []);
  await pack.getByRole('button', { name: 'Remove' }).click();
  const sure = other.getByRole('dialog', { name: 'Remove Shores' });
  await sure.getByRole('button', { name: 'Remove' }).click();
  await sure.waitFor({ state: 'detached' });
  assert.deepEqual((await boris.call('list_sticker_packs', {})).packs, []);
  // axe looks for icons by what a canvas of its own has drawn.
  assert.deepEqual([...page.problems, ...other.problems].filter((each) => !each.startsWith('Canvas2D: Multiple readback')), []);
});
