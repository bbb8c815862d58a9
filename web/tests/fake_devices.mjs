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

/** A noisy JPEG, red on its left and blue on its right, whose camera has lain on its side: it is seen red above, blue beneath. */
export async function takePhoto(world, width, height) {
  const page = await (await world.browser()).newPage();
  const url = await page.evaluate(
    ([w, h]) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: w, height: h });
      const context = canvas.getContext('2d');
      const image = context.createImageData(w, h);
      for (let at = 0; at < image.data.length; at += 4) {
        const right = (at / 4) % w >= w / 2;
        const noise = ((at * 2654435761) >>> 24) / 4;
        image.data.set([right ? noise : 200 - noise, noise, right ? 200 - noise : noise, 255], at);
      }
      context.putImageData(image, 0, 0);
      return canvas.toDataURL('image/jpeg', 0.95);
    },
    [width, height],
  );
  await page.close();
  const plain = Buffer.from(url.split(',')[1], 'base64');
  const exif = Buffer.from('ffe1002245786966000 04d4d002a000000080001011200030000000100060000 00000000'.replaceAll(' ', ''), 'hex');
  return Buffer.concat([plain.subarray(0, 2), exif, plain.subarray(2)]);
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
