// The page that `godwit web` serves: nothing of it stays at its port when the program has ended, and it talks with no other one.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { until, World } from './world.mjs';

const world = new World();
let anna, page;

before(async () => {
  const home = await world.home();
  anna = await world.person('Anna', home);
  const boris = await world.person('Boris', home);
  await world.pair(anna, boris);
  page = await world.page(anna);
  await page.locator('[data-row]', { hasText: 'Boris' }).click();
});
after(() => world.end());

const workers = () => page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length);

test('a service worker that is there goes, and none comes', async () => {
  await page.evaluate(() => navigator.serviceWorker.register(window.trustedTypes.createPolicy('svelte-trusted-html', { createScriptURL: (each) => each }).createScriptURL('./sw.js'))).catch(() => undefined);
  await page.reload();
  await page.locator('[data-row]', { hasText: 'Boris' }).waitFor();
  await page.waitForTimeout(1500); // the page looks a second after its start
  await until(async () => (await workers()) === 0, 'there is none');
});

test('who takes the port is told nothing, and the page says so', async () => {
  const port = Number(new URL(anna.url).port);
  await anna.stop();
  const taken = [];
  let connections = 0;
  const other = createServer((_, answer) => answer.writeHead(404).end());
  other.on('upgrade', (request, socket) => {
    connections++;
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => (bytes[0] & 15) !== 8 && taken.push(bytes)); // all but the end of the connection
    socket.write(`HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    const line = Buffer.from('{"jsonrpc":"2.0","method":"engine_proof","params":{"proof":"' + '0'.repeat(64) + '"}}\n');
    socket.write(Buffer.concat([Buffer.from([0x82, 126, line.length >> 8, line.length & 255]), line]));
  });
  await new Promise((resolve) => other.listen(port, '127.0.0.1', resolve));
  try {
    await page.getByText('What answers here is not the Godwit').waitFor();
    await page.locator('textarea').fill('the code is 4711');
    await page.keyboard.press('Enter');
    await page.waitForTimeout(6000); // longer than any pause between tries
    assert.equal(connections, 1);
    assert.deepEqual(taken, []);
    assert.equal(await page.locator('textarea').inputValue(), 'the code is 4711');
  } finally {
    other.closeAllConnections();
    other.close();
  }
});
