// A home that has turned against who lives at it, and a person whose engine is in the browser: whatever it answers, the page stays
// usable, says that the home makes no sense or is not there, and nothing is lost when it is an honest one again.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { servedPage, ServedWorld } from './served_home.mjs';
import { kBin, until } from './world.mjs';

const kProgram = join(kBin, 'hostile_home');
const skip = servedPage && existsSync(kProgram) ? false : 'SKIPPED: the engine for browsers or hostile_home was not built (make wasm, web/build)';
const kWords = JSON.parse(readFileSync(new URL('../src/messages/ru.json', import.meta.url), 'utf8'));
const kErrors = JSON.parse(readFileSync(new URL('../src/messages/errors.ru.json', import.meta.url), 'utf8'));
const world = new ServedWorld();
let nora, context, page, chat, liar;

const shown = (text) => page.locator('article', { hasText: text }).last();

async function write(text) {
  await page.locator('textarea').fill(text);
  await page.keyboard.press('Enter');
  await shown(text).waitFor();
}

/** In the place of the home, with its key and its certificate. */
async function lie(name) {
  await world.served.stop();
  liar = spawn(kProgram, [world.served.folder, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  liar.answered = 0;
  liar.stdout.on('data', (text) => (liar.answered = Number(/(\d+)\s*$/.exec(text)?.[1] ?? liar.answered)));
  await until(() => new Promise((resolve) => {
    const socket = connect(world.served.port, '127.0.0.1', () => (socket.destroy(), resolve(true)));
    socket.on('error', () => resolve(false));
  }), 'it listens');
}

async function honestAgain() {
  if (!liar) return;
  const ended = new Promise((resolve) => liar.on('exit', resolve));
  liar.kill('SIGTERM');
  await ended;
  liar = null;
  await world.served.resume();
}

before(async () => {
  if (skip) return;
  await world.begin();
  nora = await world.person('Nora', world.served);
  context = await world.profile('anna', { language: 'ru' });
  const { link } = await nora.call('make_invite');
  page = await world.tab(context, `${world.origin}#home=${encodeURIComponent(await world.served.link())}&invite=${encodeURIComponent(link)}`);
  await page.getByLabel(kWords['first.name']).fill('Anna');
  await page.keyboard.press('Enter');
  await page.locator('textarea').waitFor();
  // The home serves the page too, and is about to be no home any more.
  await until(() => page.evaluate(() => navigator.serviceWorker.controller !== null), 'the service worker has the page');
  chat = (await nora.chatWith('Anna')).chat;
});
afterEach(honestAgain);
after(() => world.end());

for (const name of ['garbage', 'another', 'impossible', 'refusal', 'huge']) {
  test(`a home that answers with what cannot be: ${name}`, { skip }, async () => {
    const text = `written during ${name}`;
    await lie(name);
    await nora.stop(); // she is told no lies
    await until(() => liar.answered > 0, 'it was asked');
    await write(text);
    if (name === 'garbage' || name === 'another') await page.getByRole('status').getByText(kErrors.wire_malformed).waitFor();
    // One goes through the page as ever.
    await page.getByRole('button', { name: kWords['list.menu'], exact: true }).click();
    await page.getByRole('menuitem', { name: kWords['settings.title'] }).click();
    await page.getByRole('button', { name: kWords['privacy.title'] }).click();
    await page.getByRole('switch', { name: kWords['privacy.typing'] }).waitFor();
    await page.goBack();
    await page.goBack();
    await honestAgain();
    await nora.start();
    const has = async () => (await nora.call('read_history', { chat })).messages.filter((each) => each.text === text).length;
    if (name === 'refusal') {
      // What was refused is not sent by itself: that is said, and it is not lost. Whatever else was answered was no answer.
      const failed = shown(text).locator('.delivery.failed');
      await until(async () => (await has()) > 0 || (await failed.isVisible()), 'it has gone out, or it is said that it has not');
      if ((await has()) === 0) {
        await shown(text).locator('.bubble').click({ button: 'right' });
        await page.getByRole('menuitem', { name: kWords['action.send_again'] }).click();
      }
    }
    await until(async () => (await has()) === 1, 'Nora has it, once');
    if (name === 'huge') return; // its events had numbers that the honest home has yet to give: a home can always keep things back
    await nora.call('send_text', { chat, text: `after ${name}` });
    await shown(`after ${name}`).waitFor();
  });
}

test('nothing was logged as an error', { skip }, () => {
  assert.deepEqual(context.problems.filter((each) => !/WebSocket|ERR_CONNECTION|ERR_INTERNET/.test(each)), []);
});
