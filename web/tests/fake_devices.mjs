// A browser with a microphone that beeps and a camera that shows a pattern, as Chromium brings them for tests, and media that it
// makes itself.

export async function withFakeDevices(world) {
  world.browserOptions = { args: ['--use-fake-device-for-media-stream', '--autoplay-policy=no-user-gesture-required'] };
}

/** Some seconds of a moving square, as WebM. */
export async function recordVideo(world, milliseconds = 1500) {
  const page = await (await world.browser()).newPage();
  const text = await page.evaluate(async (length) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 });
    const context = canvas.getContext('2d');
    let step = 0;
    const timer = setInterval(() => {
      context.fillStyle = '#2f6db0';
      context.fillRect(0, 0, 320, 180);
      context.fillStyle = '#f2c48d';
      context.fillRect((step += 4) % 280, 60, 50, 50);
    }, 30);
    const recorder = new MediaRecorder(canvas.captureStream(30), { mimeType: 'video/webm;codecs=vp8' });
    const parts = [];
    recorder.ondataavailable = (event) => parts.push(event.data);
    const ended = new Promise((resolve) => (recorder.onstop = resolve));
    recorder.start();
    await new Promise((resolve) => setTimeout(resolve, length));
    recorder.stop();
    await ended;
    clearInterval(timer);
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    let out = '';
    for (const each of bytes) out += String.fromCharCode(each);
    return btoa(out);
  }, milliseconds);
  await page.close();
  return Buffer.from(text, 'base64');
}

/** A picture of two colours, as PNG, with a size of its own. */
export async function drawPicture(world, width, height) {
  const page = await (await world.browser()).newPage();
  const url = await page.evaluate(
    ([w, h]) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: w, height: h });
      const context = canvas.getContext('2d');
      context.fillStyle = '#b4582a';
      context.fillRect(0, 0, w, h);
      context.fillStyle = '#0d6e78';
      context.fillRect(0, h / 2, w, h / 2);
      return canvas.toDataURL('image/png');
    },
    [width, height],
  );
  await page.close();
  return Buffer.from(url.split(',')[1], 'base64');
}
