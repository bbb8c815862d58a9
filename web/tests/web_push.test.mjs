// A browser that is woken: one yes, a home that tells a push service of this test's own over TLS, and the notification that the service
// worker shows. This browser's maker's service is not asked: what the push manager says is the test's, and pushes come by DevTools.

import assert from 'node:assert/strict';
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { violations } from './axe.mjs';
import { servedPage, ServedWorld } from './served_home.mjs';
import { until } from './world.mjs';

const skip = servedPage ? false : 'SKIPPED: the engine for browsers was not built (make wasm, web/build)';
const kBin = process.env.GODWIT_BIN ?? fileURLToPath(new URL('../../build/release/bin', import.meta.url));
const world = new ServedWorld();
const ecdh = createECDH('prime256v1');
const auth = randomBytes(16);
const pushes = [];
let service, status = 201;
let nora, context, page, blank, chat;

/** RFC 8291: what only this browser opens. */
function opened(body) {
  const [salt, sender] = [body.subarray(0, 16), body.subarray(21, 86)];
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), ecdh.getPublicKey(), sender]);
  const material = Buffer.from(hkdfSync('sha256', ecdh.computeSecret(sender), auth, info, 32));
  const [key, nonce] = [['aes128gcm', 16], ['nonce', 12]].map(([name, size]) => Buffer.from(hkdfSync('sha256', material, salt, `Content-Encoding: ${name}\0`, size)));
  const open = createDecipheriv('aes-128-gcm', key, nonce);
  open.setAuthTag(body.subarray(-16));
  return Buffer.concat([open.update(body.subarray(86, -16)), open.final()]);
}

/** RFC 8292: the claims, if they are signed with the key that stands beside them. */
function claims(header) {
  const [, token, key] = /^vapid t=(\S+), k=(\S+)$/.exec(header);
  const point = Buffer.from(key, 'base64url');
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((each) => each.toString('base64url'));
  const [head, body, signature] = token.split('.');
  const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  assert.ok(verify('sha256', Buffer.from(`${head}.${body}`), { key: publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url')));
  return JSON.parse(Buffer.from(body, 'base64url'));
}

before(async () => {
  if (skip) return;
  await world.begin();
  const { folder } = world.served;
  await world.served.stop();
  world.served.configure('web_push_private', 'true');
  world.served.configure('web_push_authorities', '"certificate.pem"');
  await world.served.resume();
  const [cert, key] = ['certificate.pem', 'certificate.key'].map((name) => readFileSync(join(folder, name)));
  service = createServer({ cert, key }, async (request, answer) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    pushes.push({ path: request.url, headers: request.headers, body: Buffer.concat(parts) });
    answer.writeHead(status).end();
  });
  await new Promise((resolve) => service.listen(0, '127.0.0.1', resolve));
  nora = await world.person('Nora', world.served);
  context = await world.profile('anna');
  await context.grantPermissions(['notifications'], { origin: new URL(world.origin).origin });
  const given = { endpoint: `https://127.0.0.1:${service.address().port}/wake/anna`, p256dh: [...ecdh.generateKeys()], auth: [...auth] };
  await context.addInitScript(({ endpoint, ...keys }) => {
    const kept = 'test-subscription';
    const made = () => {
      const key = JSON.parse(localStorage.getItem(kept) ?? 'null');
      if (!key) return null;
      return {
        endpoint,
        options: { userVisibleOnly: true, applicationServerKey: new Uint8Array(key).buffer },
        getKey: (name) => new Uint8Array(keys[name]).buffer,
        unsubscribe: async () => (localStorage.removeItem(kept), true),
      };
    };
    PushManager.prototype.getSubscription = async () => made();
    PushManager.prototype.subscribe = async ({ applicationServerKey }) => (localStorage.setItem(kept, JSON.stringify([...applicationServerKey])), made());
  }, given);
  blank = context.pages()[0];
  const { link } = await nora.call('make_invite');
  page = await world.tab(context, `${world.origin}#home=${encodeURIComponent(await world.served.link())}&invite=${encodeURIComponent(link)}`);
  await page.getByLabel('Your name').fill('Anna');
  await page.keyboard.press('Enter');
  await page.locator('textarea').waitFor();
  chat = (await nora.chatWith('Anna')).chat;
  await until(() => page.evaluate(() => navigator.serviceWorker.controller !== null), 'the service worker has the page');
});
after(async () => {
  service?.close();
  await world.end();
});

async function notifications() {
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Notifications' }).click();
}

/** Whether the home has a subscription: it says so itself. */
async function homeHasIt() {
  const { stdout } = await promisify(execFile)(join(kBin, 'godwit-home'), ['audit', '--folder', world.served.folder, '--line']);
  return stdout.includes(' web push');
}

async function sessions() {
  const { stdout } = await promisify(execFile)(join(kBin, 'godwit-home'), ['status', '--folder', world.served.folder]);
  return Number(/^sessions: (\d+)$/m.exec(stdout)[1]);
}

/** Until the home knows it: a page that has just been closed may still be there for a moment, and take what comes. */
async function closePage() {
  const before = await sessions();
  await page.close();
  await until(async () => (await sessions()) < before, 'the home knows that it is closed');
}

const wakes = () => page.getByRole('switch', { name: 'Tell me that something came' });

// What the system is given to show.
async function shown() {
  const worker = context.serviceWorkers().at(-1);
  return worker.evaluate(async () => (await self.registration.getNotifications()).map(({ title, body }) => ({ title, body })));
}

test('it is off until somebody has read what it tells to whom, and says yes', { skip }, async () => {
  await notifications();
  assert.equal(await wakes().isChecked(), false);
  await wakes().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('learns that something came for this browser').waitFor();
  await dialog.getByText('Your home learns an address').waitFor();
  await page.setViewportSize({ width: 360, height: 740 });
  assert.deepEqual(await violations(page, 'the question'), []);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), 'nothing is wider than a phone');
  await page.setViewportSize({ width: 1280, height: 800 });
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  assert.equal(await wakes().isChecked(), false);
  await wakes().click();
  await dialog.getByRole('button', { name: 'Allow', exact: true }).click();
  await until(() => wakes().isChecked(), 'it is on');
  await until(homeHasIt, 'the home has it');
  assert.deepEqual(context.problems, []);
});

test('with the page closed the home tells the push service once, and only the browser can read that', { skip }, async () => {
  await closePage();
  await nora.call('send_text', { chat, text: 'a secret' });
  await until(() => pushes.length > 0, 'the push service is told');
  await nora.call('send_text', { chat, text: 'another' });
  const [push] = pushes;
  assert.equal(push.path, '/wake/anna');
  assert.equal(push.headers['content-encoding'], 'aes128gcm');
  assert.equal(push.headers.topic, 'godwit');
  assert.equal(push.headers['content-length'], '167');
  assert.equal(opened(push.body).subarray(0, 8).toString(), 'godwit 1');
  assert.equal(claims(push.headers.authorization).aud, `https://127.0.0.1:${service.address().port}`);
  assert.equal(pushes.length, 1);
});

test('the service worker shows one notification, and none to who looks at the page', { skip }, async () => {
  const devtools = await context.newCDPSession(blank);
  let registrationId = null;
  devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
    registrationId = registrations.find((each) => each.scopeURL === world.origin && !each.isDeleted)?.registrationId ?? registrationId;
  });
  await devtools.send('ServiceWorker.enable');
  await until(() => registrationId, 'DevTools knows the service worker');
  const deliver = () => devtools.send('ServiceWorker.deliverPushMessage', { origin: new URL(world.origin).origin, registrationId, data: 'godwit 1' });
  // A page that has just been closed may count as seen for a moment.
  await until(async () => {
    await deliver();
    return (await shown()).length > 0;
  }, 'it is shown');
  await deliver();
  await blank.waitForTimeout(500);
  assert.deepEqual(await shown(), [{ title: 'Godwit', body: 'Something new came' }]);
  page = await world.tab(context);
  await page.locator('[data-row]', { hasText: 'Nora' }).waitFor();
  await until(async () => (await shown()).length === 0, 'who sees the page needs it no more');
  await deliver();
  await page.waitForTimeout(500);
  assert.deepEqual(await shown(), []);
});

test('a subscription that the service does not know any more is asked for anew when the page is opened', { skip }, async () => {
  status = 410;
  pushes.length = 0;
  await closePage();
  await nora.call('send_text', { chat, text: 'into the void' });
  await until(() => pushes.length === 1, 'the push service is told', 90_000);
  await until(async () => !(await homeHasIt()), 'the home has forgotten it');
  status = 201;
  page = await world.tab(context);
  await until(homeHasIt, 'the home has it again');
  await notifications();
  assert.equal(await wakes().isChecked(), true);
  await closePage();
  await nora.call('send_text', { chat, text: 'and now?' });
  await until(() => pushes.length === 2, 'the push service is told', 90_000);
});

test('turned off, nobody is told anything', { skip }, async () => {
  page = await world.tab(context);
  await notifications();
  await wakes().click();
  await until(async () => !(await wakes().isChecked()), 'it is off');
  await until(async () => (await page.evaluate(() => localStorage.getItem('test-subscription'))) === null, 'the browser has given its address back');
  await until(async () => !(await homeHasIt()), 'the home has forgotten it');
  assert.deepEqual(context.problems, []);
});
