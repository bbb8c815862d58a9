// Calls between two people, each with his own program and page: ringing, talking, looking, and how it ends. Media go over loopback.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './axe.mjs';
import { overflows } from './call_fits.mjs';
import { inBrowser, until, World } from './either_world.mjs';

const kDevices = { permissions: ['microphone', 'camera', 'clipboard-read', 'clipboard-write'] };
const world = new World();
let anna, boris, page, other;

before(async () => {
  world.browserOptions = { args: ['--use-fake-device-for-media-stream=device-count=3', '--autoplay-policy=no-user-gesture-required', '--allow-loopback-in-peer-connection'] };
  const home = await world.home();
  [anna, boris] = [await world.person('Anna', home), await world.person('Boris', home)];
  await world.pair(anna, boris);
  page = await world.page(anna, kDevices);
  // The other one looks at all of it on a phone, in the dark, in Russian.
  other = await world.page(boris, { ...kDevices, width: 360, height: 740, language: 'ru', theme: 'dark' });
  await page.locator('[data-row]', { hasText: 'Boris' }).click();
  await other.locator('[data-row]', { hasText: 'Anna' }).waitFor();
});
after(() => world.end());

const button = (on, name) => on.getByRole('button', { name, exact: true });
const live = async (person) => (await person.call('read_calls')).live;
/** How loud the other one is shown to be. */
const level = (on) => on.locator('.call .ring').evaluate((each) => Number(each.style.getPropertyValue('--level')));
const green = (on) =>
  on.locator('.call video').first().evaluate((video) => {
    if (!video.videoWidth) return 0;
    const canvas = Object.assign(document.createElement('canvas'), { width: 32, height: 24 });
    const context = canvas.getContext('2d');
    context.drawImage(video, 0, 0, 32, 24);
    const { data } = context.getImageData(0, 0, 32, 24);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) if (data[at + 1] > data[at] + 20 && data[at + 1] > data[at + 2] + 20) count++;
    return count / 768;
  });

async function gone() {
  await page.locator('.call').waitFor({ state: 'detached' });
  await other.locator('.call').waitFor({ state: 'detached' });
  assert.equal(await live(anna), null);
  await until(async () => (await live(boris)) === null, 'it is over for both');
}

test('a call rings, is answered, and both are heard', async () => {
  // The microphones that the page is given, so that one can be unplugged.
  await page.evaluate(() => {
    window.voices = [];
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (how) => {
      const stream = await ask(how);
      window.voices.push(...stream.getAudioTracks());
      return stream;
    };
  });
  await button(page, 'Call').click();
  const asked = page.getByRole('dialog', { name: 'This call would go directly' });
  await asked.waitFor();
  assert.equal(await live(anna), null, 'nobody is called before it is answered');
  assert.deepEqual(await violations(page, 'asked'), []);
  await button(asked, 'Call directly').click();
  const view = page.getByRole('dialog', { name: 'Call with Boris' });
  await view.getByText('Ringing…').waitFor();
  assert.deepEqual(await violations(page, 'ringing there'), []);
  const card = other.getByRole('alertdialog', { name: 'Anna' });
  await card.getByText('Звонит вам').waitFor();
  for (const title of ['Вам звонит Anna', 'Godwit']) await until(async () => (await other.title()) === title, `the tab says in turn: ${title}`);
  assert.deepEqual(await overflows(other), []);
  assert.deepEqual(await violations(other, 'ringing here'), []);
  await button(card, 'Ответить').click();
  await button(other, 'Позвонить напрямую').click();
  await until(async () => (await live(anna))?.state === 'active' && (await live(boris))?.state === 'active', 'media flow');
  await until(async () => (await live(anna)).way === 'direct', 'its way is known');
  await view.locator('.time').waitFor();
  assert.equal(await other.title(), 'Godwit');
  for (const each of [page, other]) await until(async () => (await level(each)) > 0.01, 'the beeps are heard');
  assert.deepEqual([...(await violations(page, 'active')), ...(await violations(other, 'active'))], []);
  assert.deepEqual(await overflows(other), []);
});

test('the microphone, the picture and holding are seen by the other', async () => {
  await button(page, 'Mute the microphone').click();
  await other.getByText('Anna: микрофон выключен').waitFor();
  await button(page, 'Switch the microphone on').click();
  await other.getByText('Anna: микрофон выключен').waitFor({ state: 'detached' });
  await button(page, 'Switch the camera on').click();
  await page.locator('.own video').waitFor();
  await until(async () => (await green(other)) > 0.2, 'the picture of the device is seen there');
  assert.deepEqual(await violations(other, 'picture'), []);
  assert.deepEqual(await overflows(other), []);
  await button(page, 'Switch the camera off').click();
  await other.locator('.call .ring').waitFor(); // no picture any more
  await button(page, 'Hold').click();
  await other.getByText('Вас поставили на удержание').waitFor();
  await page.getByText('On hold').waitFor();
  await until(async () => (await level(other)) === 0, 'nothing is heard');
  await button(page, 'Go on').click();
  await until(async () => (await level(other)) > 0.01, 'it is heard again');
});

test('of two microphones and two cameras one is chosen, and stays so', async () => {
  await button(page, 'Switch the camera on').click();
  const own = () => page.locator('.own video').evaluate((each) => each.srcObject.getVideoTracks()[0].label);
  const first = await own();
  await button(page, 'Microphone, camera, loudspeaker').click();
  assert.deepEqual(await violations(page, 'devices'), []);
  const cameras = page.getByRole('menuitemradio', { name: /^Camera: fake/ });
  assert.equal(await cameras.count(), 3);
  // Chromium's second one gives depths, which nobody can send.
  const second = (await cameras.allTextContents()).map((each) => each.trim()).find((each) => each !== first && each !== 'fake_device_1');
  await page.getByRole('menuitemradio', { name: `Camera: ${second}` }).click();
  await until(async () => (await own()) === second, 'the other one is seen');
  const frames = () => other.locator('.call video').first().evaluate((video) => video.getVideoPlaybackQuality().totalVideoFrames);
  const before = await frames();
  await until(async () => (await frames()) > before + 20, 'and by the other side');
  await button(page, 'Switch the camera off').click();
  await button(page, 'Switch the camera on').click();
  await until(async () => (await own()) === second, 'it is the one still');
  assert.equal(await button(page, 'Other camera').count(), 0, 'this is no phone');
  await button(page, 'Switch the camera off').click();
});

test('a microphone that is unplugged is missed by both, and comes back when it is plugged in', async () => {
  await page.evaluate(() => {
    window.asked = navigator.mediaDevices.getUserMedia;
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'));
    const [track] = window.voices;
    track.stop();
    track.dispatchEvent(new Event('ended'));
  });
  await page.getByText('No free microphone was found').waitFor();
  await page.getByRole('dialog').getByText('No microphone: nobody hears you').waitFor();
  await other.getByText('Anna: микрофон выключен').waitFor();
  assert.deepEqual(await violations(page, 'no microphone'), []);
  await button(page, 'No microphone: look for one again').click(); // there is none still
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = window.asked;
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
  });
  await other.getByText('Anna: микрофон выключен').waitFor({ state: 'detached' });
  await button(page, 'Mute the microphone').waitFor();
  await until(async () => (await level(other)) > 0.01, 'it is heard again');
});

test('one writes beside a call in its small window, and goes back by keyboard', async () => {
  await page.keyboard.press('Escape');
  const small = page.getByRole('region', { name: 'Call with Boris' });
  await small.waitFor();
  await page.locator('footer textarea').fill('I hear you well');
  await page.keyboard.press('Enter');
  await page.locator('[data-message]', { hasText: 'I hear you well' }).waitFor();
  assert.deepEqual(await violations(page, 'small window'), []);
  await button(small, 'Full screen').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Call with Boris' }).waitFor();
  assert.equal(await page.locator('main').evaluate((each) => each.inert), true);
});

test('a page that is loaded anew goes on with its call', async () => {
  for (const each of [other, page]) {
    await each.reload();
    await until(async () => (await level(each).catch(() => 0)) > 0.01, 'it is heard again', 60_000);
    await until(async () => (await level(each === page ? other : page)) > 0.01, 'and so is the other');
    await until(async () => (await live(anna))?.state === 'active' && (await live(boris))?.state === 'active', 'media flow');
  }
});

test('another window shows the call and leaves it alone, and goes on with it when its own is closed', async () => {
  const second = await page.context().newPage();
  await second.goto(anna.link);
  await second.getByText('In another window').waitFor();
  await second.locator('[data-row]', { hasText: 'Boris' }).click();
  // The window that has it is closed, and this one takes its place.
  second.problems = page.problems;
  await page.close();
  page = second;
  await button(page, 'Continue here').click();
  await button(page, 'Call directly').click();
  await page.getByText('Direct: the other side sees your address').waitFor({ timeout: 60_000 });
  for (const each of [page, other]) await until(async () => (await level(each).catch(() => 0)) > 0.01, 'it is heard again', 60_000);
});

test('hanging up ends it for both, and leaves a line in both chats', async () => {
  await button(page, 'Hang up').click();
  await gone();
  await page.getByRole('log').getByText(/Outgoing call, \d+:\d\d/).waitFor();
  await other.locator('[data-row]', { hasText: 'Anna' }).click();
  await other.getByText(/Входящий звонок, \d+:\d\d/).last().waitFor();
});

test('a call that is declined says so, and one that is given up was missed', async () => {
  await button(page, 'Call').click();
  await button(page, 'Call directly').click();
  await button(other, 'Отклонить').click();
  await page.getByRole('dialog').getByText('Declined').waitFor();
  assert.deepEqual(await violations(page, 'declined'), []);
  await button(page, 'Close').click();
  await gone();
  await other.getByText('Вы отклонили звонок').last().waitFor();
  await button(page, 'Call').click();
  await button(page, 'Call directly').click();
  await other.getByRole('alertdialog').waitFor();
  await button(page, 'Hang up').click();
  await gone();
  await other.getByText('Пропущенный звонок').last().waitFor();
});

test('who is called with video answers with video, and both see each other', async () => {
  for (const each of [page, other]) await each.evaluate(() => localStorage.setItem('godwit-preferences', JSON.stringify({ ...JSON.parse(localStorage.getItem('godwit-preferences') ?? '{}'), callsDirect: true })));
  await page.addInitScript(() => {
    window.connections = [];
    const Real = RTCPeerConnection;
    window.RTCPeerConnection = class extends Real {
      constructor(...how) {
        super(...how);
        window.connections.push(this);
      }
    };
  });
  for (const each of [page, other]) await each.reload();
  await button(page, 'Video call').click(); // and nobody is asked any more
  const card = other.getByRole('alertdialog');
  await card.getByText('Видеозвонок').waitFor();
  // Before the answer she sees herself, and can be silent from the first word on.
  const sees = () => page.locator('.own video').evaluate((video) => video.videoWidth > 0 && video.srcObject.getVideoTracks()[0].enabled);
  await until(sees, 'her own picture');
  await button(page, 'Mute the microphone').click();
  await button(card, 'Ответить с видео').click();
  await other.getByText('Anna: микрофон выключен').waitFor();
  for (const each of [page, other]) await until(async () => (await green(each)) > 0.2, 'the picture is seen');
  // Nothing of her picture leaves, and nobody says so: it is not taken for one that lives.
  const sends = (what) => page.evaluate(async (go) => {
    const sender = window.connections.at(-1).getSenders().find((each) => (each.track ?? window.held)?.kind === 'video');
    window.held ??= sender.track;
    await sender.replaceTrack(go ? window.held : null);
  }, what);
  await sends(false);
  await other.getByText('Картинка застыла').waitFor();
  assert.deepEqual(await violations(other, 'frozen'), []);
  await sends(true);
  await other.getByText('Картинка застыла').waitFor({ state: 'detached' });
  await button(other, 'Завершить звонок').click();
  await gone();
});

test('the program beside the page answers nothing: muting and hanging up are done at once, and said when it does', { skip: inBrowser && 'the engine is in the page' }, async () => {
  await button(page, 'Call').click();
  await button(other.getByRole('alertdialog'), 'Ответить').click();
  await until(async () => (await level(other)) > 0.01, 'she is heard');
  const sent = () => page.evaluate(() => {
    const connection = window.connections.at(-1);
    return { open: connection.connectionState !== 'closed', voices: connection.getSenders().filter((each) => each.track?.kind === 'audio' && each.track.enabled && each.track.readyState === 'live').length };
  });
  assert.deepEqual(await sent(), { open: true, voices: 1 });
  anna.process.kill('SIGSTOP');
  try {
    await button(page, 'Mute the microphone').click();
    assert.deepEqual(await sent(), { open: true, voices: 0 });
    await until(async () => (await level(other)) < 0.001, 'and is heard no more');
    await button(page, 'Hang up').click();
    assert.deepEqual(await sent(), { open: false, voices: 0 });
  } finally {
    anna.process.kill('SIGCONT');
  }
  await gone();
});

test('without a microphone nobody is called, and it is said why', async () => {
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));
  });
  await button(page, 'Call').click();
  await page.getByText('There is no microphone that this page may use.').waitFor();
  assert.equal(await live(anna), null);
  assert.deepEqual([...page.problems, ...other.problems], []);
});
