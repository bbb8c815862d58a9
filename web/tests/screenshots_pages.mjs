// Pictures of channels, devices, ways and settings: build/web-screenshots. `npm run screenshots` runs it after the others.

import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { until, World } from './world.mjs';

const kFolder = fileURLToPath(new URL('../../build/web-screenshots/', import.meta.url));
const kLooks = [360, 1280].flatMap((width) => ['light', 'dark'].flatMap((theme) => ['en', 'ru'].map((language) => ({ width, theme, language }))));
const nameOf = ({ width, theme, language }) => `${width}-${theme}-${language}`;

async function makeChannels(anna, boris) {
  const picture = readFileSync(new URL('../public/icons/godwit-192.png', import.meta.url)).toString('base64url');
  const { channel } = await anna.call('new_channel', { name: 'Приливы косы', description: 'High and low water at the spit, every morning. https://tides.example' });
  await anna.call('describe_channel', { channel: channel.channel, name: 'Приливы косы', description: 'High and low water at the spit, every morning. https://tides.example', picture });
  for (const text of ['High water today at 6:10 and 18:34.', 'The car park at the dyke is closed until Friday.\n\nCome by bike, or take the bus at 5:40.', 'Отлив в 12:20. Куликов сегодня около 1200.']) {
    await anna.call('post', { channel: channel.channel, text });
  }
  const theirs = (await boris.call('new_channel', { name: 'Bar-tailed godwits of the Wadden Sea', is_public: true })).channel;
  await boris.call('post', { channel: theirs.channel, text: 'First flocks have left for the north. Thank you all for the counts: https://counts.example/2026' });
  const { chat } = await boris.call('new_group', { name: 'Godwit talk' });
  await boris.call('set_discussion', { channel: theirs.channel, link: (await boris.call('make_group_link', { chat: chat.chat })).text });
  await anna.call('follow_channel', { link: theirs.link });
  await boris.call('post', { channel: theirs.channel, text: 'The ringed female BYWR is in Iceland.' });
  return { own: channel.channel, theirs: theirs.channel };
}

async function makeScene(world) {
  const home = await world.home();
  const [anna, boris] = [await world.person('Anna', home), await world.person('Boris', home)];
  const chat = await world.pair(anna, boris);
  await boris.call('send_text', { chat, text: 'See you at the dyke' });
  const channels = await makeChannels(anna, boris);
  await anna.call('add_route', { route: 'bridge://bridge.example' });
  await anna.call('add_route', { route: 'obfs4://192.0.2.7:443?cert=8bnc1TBfPZ7TvzT0OPmLkzJhRPHAnM8cJtvUv&iat-mode=0' });
  return { home, anna, boris, chat, ...channels };
}

class Look {
  constructor(world, scene, look) {
    Object.assign(this, { world, scene, look });
  }

  async shot(step) {
    await this.page.waitForTimeout(350);
    await this.page.screenshot({ path: `${kFolder}pages-${step}-${nameOf(this.look)}.png` });
  }

  async open(person) {
    const { width, theme, language } = this.look;
    this.page = await this.world.page(person, { width, height: width < 500 ? 740 : 800, theme, language });
  }

  /** Goes where the page itself would lead, by its own state. */
  async go(place) {
    await this.page.evaluate((each) => {
      history.pushState({ place: { chat: null, channel: null, left: null, right: null, ...each } }, '');
      dispatchEvent(new PopStateEvent('popstate', { state: history.state }));
    }, place);
    await this.page.waitForTimeout(300);
  }

  async beginning() {
    await this.open(this.scene.stranger);
    await this.page.locator('form').waitFor();
    await this.shot('60-first-minute');
    await this.page.locator('.instead button').first().click();
    await this.shot('61-link-device');
    await this.page.locator('form > button').nth(-1).click();
    await this.page.locator('.instead button').last().click();
    await this.shot('62-recover');
    await this.page.context().close();
  }

  async channels() {
    const { own, theirs } = this.scene;
    await this.page.locator('[data-row]').first().waitFor();
    await this.shot('63-list');
    await this.go({ channel: own });
    await this.shot('64-own-channel');
    await this.go({ channel: theirs });
    await this.shot('65-followed-channel');
    await this.page.locator('article button[aria-haspopup]').last().click();
    await this.shot('66-post-menu');
    await this.page.getByRole('menuitem').last().click();
    await this.shot('67-report');
    await this.page.keyboard.press('Escape');
    await this.page.locator('.channel header button[aria-haspopup]').click();
    await this.page.getByRole('menuitem').nth(1).click();
    await this.shot('68-share');
    await this.page.keyboard.press('Escape');
    await this.go({ channel: own, right: 'channel_info' });
    await this.shot('69-channel-info');
    await this.page.locator('.right section.section button').nth(1).click();
    await this.shot('70-describe');
    await this.page.keyboard.press('Escape');
    for (const [step, left] of [['71-new-channel', 'new_channel'], ['72-follow-channel', 'follow_channel']]) {
      await this.go({ left });
      await this.shot(step);
    }
  }

  async settings() {
    const pages = ['settings', 'account', 'devices', 'connection', 'mail', 'bundles', 'privacy', 'appearance', 'storage', 'moving', 'about'];
    for (const [index, left] of pages.entries()) {
      await this.go({ left });
      await this.shot(`${80 + index}-${left}`);
    }
    await this.go({ left: 'devices' });
    await this.page.locator('section.section button').first().click();
    await this.page.locator('.offer svg[role=img]').waitFor();
    await this.shot('91-link-offer');
    await this.page.locator('.offer > button').nth(-2).click();
    await this.page.locator('.digits').waitFor();
    await this.shot('92-link-code');
    const { code, home_link } = await this.page.evaluate(() => ({ code: document.querySelector('.digits').innerText, home_link: document.querySelector('.link').innerText }));
    const asked = this.scene.stranger.call('link_device', { name: 'Phone', code, home_link }).catch(() => undefined);
    await this.page.getByRole('dialog').waitFor();
    await this.shot('93-ask');
    await this.page.getByRole('dialog').getByRole('button').first().click();
    await asked;
    await this.page.locator('.ended').waitFor();
    await this.shot('94-refused');
  }
}

async function shootPages(world, wanted) {
  mkdirSync(kFolder, { recursive: true });
  const scene = await makeScene(world);
  scene.stranger = await world.stranger('nobody');
  await until(() => scene.anna.call('share_bulletin').then(() => true, () => false), 'the home has told its bulletin');
  for (const look of kLooks) {
    if (!wanted.every((each) => nameOf(look).split('-').includes(each))) continue;
    const one = new Look(world, scene, look);
    await one.beginning();
    await one.open(scene.anna);
    await one.channels();
    await one.settings();
    if (one.page.problems.length > 0) {
      console.log(nameOf(look), one.page.problems);
      process.exitCode = 1;
    }
    await one.page.context().close();
  }
}

const world = new World();
try {
  await shootPages(world, process.argv.slice(2));
  console.log(`look at ${kFolder}`);
} finally {
  await world.end();
}
