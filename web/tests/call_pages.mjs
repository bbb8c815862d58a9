// Two pages of a real Chromium that call each other without an engine: the sources of src/calls, served by vite, and a test that
// carries their signals. Media pass over loopback.

import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';

const kRoot = fileURLToPath(new URL('..', import.meta.url));
const kArgs = [
  ...['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required'],
  '--allow-loopback-in-peer-connection', // no other network is needed, and none is used
];
const kPage = '<!doctype html><title>call</title><video autoplay playsinline></video><script type="module" src="/call_page.js"></script>';

// What a page of the test can do. `sabotage` takes away what the call relies on.
const kScript = `
import { PeerCall } from '/src/calls/peer_call.ts';
import { FramePort } from '/src/calls/frame_port.ts';
import { decodeSignal, encodeSignal } from '/src/calls/signals.ts';

// A worker that lets frames by as they are, and counts none of them, or only the first.
const kBypass = (counted) => \`let n = 0, first = true; const none = () => ({ audio: { seen: n, passed: n, dropped: 0 }, video: { seen: n, passed: n, dropped: 0 } });
  onrtctransform = ({ transformer: { options, readable, writable } }) => readable.pipeThrough(new TransformStream({ transform(frame, controller) {
    if (first && \${counted}) { first = false; n = 1; for (const kind of ['audio', 'video']) postMessage({ said: 'first', of: { side: options.side, kind } }); }
    controller.enqueue(frame); } })).pipeTo(writable);
  onmessage = ({ data }) => { if (data.do === 'make_key') postMessage({ said: 'key', request: data.request, key: { kid: 0, key: new Uint8Array(32) } });
    if (data.do === 'count') postMessage({ said: 'counts', request: data.request, counts: { sent: none(), received: none() } }); };\`;

class Sabotaged extends FramePort {
  constructor(how) {
    Sabotaged.how = how;
    super();
    this.how = how;
  }
  startWorker() {
    const code = Sabotaged.how === 'worker_counts_nothing' ? kBypass(false) : Sabotaged.how === 'worker_stops_counting' ? kBypass(true) : null;
    return code ? new Worker(URL.createObjectURL(new Blob([code]))) : super.startWorker();
  }
  attach(target, to) {
    if (this.how === 'no_transform' || (this.how === 'no_transform_of_sender' && to.side === 'sent')) return;
    if (this.how === 'late_transform') return void setTimeout(() => super.attach(target, to), 3000);
    super.attach(target, to);
  }
  takeKey(key) {
    // Who keeps to the key that he had: all later ones lie under numbers that no frame has.
    if (this.how === 'old_key' && (this.took = (this.took ?? 0) + 1) > 1) return super.takeKey({ ...key, kid: key.kid + 1000 });
    super.takeKey(this.how === 'wrong_key' ? { ...key, key: key.key.map((each) => each ^ 1) } : key);
  }
}

window.begin = async ({ offers, sabotage, camera, legacy, agrees = false, iceServers = [], size = { width: 320, height: 240, frameRate: 20 } }) => {
  if (legacy) delete window.RTCRtpScriptTransform;
  window.sent = [];
  window.enabledEarly = window.everEnabled = false;
  window.call?.close();
  const call = new PeerCall({
    offers, agrees, relayOnly: iceServers.length > 0, iceServers,
    send: (signal) => { window.sent.push(signal.type); carry([...encodeSignal(signal)]); },
    onChange: () => undefined,
    ...(sabotage ? { port: new Sabotaged(sabotage) } : {}),
  });
  window.call = call;
  document.querySelector('video').srcObject = call.remote;
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: camera ? size : false });
  window.tracks = stream.getTracks();
  // Seen at each change whether a track is open before its kind was sealed.
  for (const track of tracks) {
    const of = Object.getOwnPropertyDescriptor(MediaStreamTrack.prototype, 'enabled');
    Object.defineProperty(track, 'enabled', { get: () => of.get.call(track), set: (value) => { if (value) window.everEnabled = true; if (value && !call.sealed.has(track.kind)) window.enabledEarly = true; of.set.call(track, value); } });
  }
  await call.setTrack('audio', stream.getAudioTracks()[0], 'microphone');
  if (camera) await call.setTrack('video', stream.getVideoTracks()[0], 'camera');
  window.begunAt = performance.timeOrigin + performance.now();
  call.start();
};
window.hear = (bytes) => { const signal = decodeSignal(Uint8Array.from(bytes)); if (signal) window.call?.hear(signal); };
// How colourful and how varied the shown picture is: the device's one is green with things that move.
window.picture = () => {
  const video = document.querySelector('video');
  if (!video.videoWidth) return null;
  const canvas = new OffscreenCanvas(32, 24), context = canvas.getContext('2d');
  context.drawImage(video, 0, 0, 32, 24);
  const { data } = context.getImageData(0, 0, 32, 24);
  let green = 0; const colours = new Set();
  for (let at = 0; at < data.length; at += 4) { if (data[at + 1] > data[at] + 20 && data[at + 1] > data[at + 2] + 20) green++; colours.add(data[at] >> 5 | (data[at + 1] >> 5) << 3 | (data[at + 2] >> 5) << 6); }
  return { green: green / 768, colours: colours.size };
};
window.state = async () => ({ phase: call.phase, ended: call.ended, stats: call.stats, counts: call.phase === 'ended' ? null : await call.port.counts().catch(() => null), there: call.there, enabledEarly, everEnabled, quality: call.quality,
  shown: call.remote.getTracks().map((each) => each.kind).sort(), enabled: window.tracks.map((each) => each.enabled) });
window.ready = true;
`;

/** A server of the sources, a browser, and two pages: the first one offers. */
export class CallPages {
  /** `env`: of the browser. */
  async start(env = process.env) {
    this.server = await createServer({
      root: kRoot, configFile: false, logLevel: 'error', appType: 'custom', optimizeDeps: { noDiscovery: true, include: [] },
      server: { host: '127.0.0.1', port: 0, hmr: false, ws: false },
      plugins: [{ name: 'call-page', configureServer: (server) => void server.middlewares.use(servePage) }],
    });
    await this.server.listen();
    this.url = `http://127.0.0.1:${this.server.httpServer.address().port}/call.html`;
    this.browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: kArgs, env });
    const context = await this.browser.newContext({ permissions: ['microphone', 'camera'] });
    this.pages = [await context.newPage(), await context.newPage()];
    this.problems = [];
    this.lose = () => false;
    for (const [at, page] of this.pages.entries()) {
      page.on('pageerror', (error) => this.problems.push(String(error.stack ?? error)));
      await page.exposeFunction('carry', (bytes) => this.carry(at, bytes));
      await page.goto(this.url);
      await page.waitForFunction(() => window.ready);
    }
  }

  // As the engine does: in order, a little later; `lose` says which do not arrive.
  carry(from, bytes) {
    const signal = JSON.parse(Buffer.from(bytes).toString());
    if (this.lose(from, signal)) return;
    const said = this.line ? [...Buffer.from(JSON.stringify(this.line.change(from, signal)))] : bytes; // call_line.mjs
    this.pages[1 - from].evaluate((each) => window.hear(each), said).catch(() => undefined);
  }

  /** A call between the two; what differs for one of them stands in `first` or `second`. */
  async call({ first = {}, second = {}, ...both } = {}) {
    const [offering, other] = this.pages;
    await other.evaluate((each) => window.begin(each), { camera: true, ...both, ...second, offers: false });
    await offering.evaluate((each) => window.begin(each), { camera: true, ...both, ...first, offers: true });
  }

  states() {
    return Promise.all(this.pages.map((page) => page.evaluate(() => window.state())));
  }

  async end() {
    await this.browser?.close();
    await this.server?.close();
  }
}

function servePage(request, response, next) {
  if (request.url === '/call.html') return void response.setHeader('content-type', 'text/html').end(kPage);
  if (request.url === '/call_page.js') return void response.setHeader('content-type', 'text/javascript').end(kScript);
  next();
}
