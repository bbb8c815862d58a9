// Pictures of every page, in both themes and languages, wide and narrow: build/web-screenshots. They are made to be looked at.
//
//   npm run screenshots                 all of them
//   npm run screenshots -- 360 dark ru  only those whose names have all of these words

import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { makeScene } from './scene.mjs';
import { World } from './world.mjs';

const kFolder = fileURLToPath(new URL('../../build/web-screenshots/', import.meta.url));
const kLooks = [360, 1280].flatMap((width) => ['light', 'dark'].flatMap((theme) => ['en', 'ru'].map((language) => ({ width, theme, language }))));
const kWanted = process.argv.slice(2);

function nameOf({ width, theme, language }) {
  return `${width}-${theme}-${language}`;
}

class Look {
  constructor(world, scene, look) {
    Object.assign(this, { world, scene, look });
  }

  async shot(step) {
    await this.page.waitForTimeout(250);
    await this.page.screenshot({ path: `${kFolder}${step}-${nameOf(this.look)}.png` });
  }

  async open(person, query = '') {
    const { width, theme, language } = this.look;
    this.page = await this.world.page(person, { width, height: width < 500 ? 740 : 800, theme, language, query });
  }

  /** Goes where the page itself would lead, by its own state. */
  async go(place) {
    await this.page.evaluate((each) => {
      history.pushState({ place: { chat: null, left: null, right: null, ...each } }, '');
      dispatchEvent(new PopStateEvent('popstate', { state: history.state }));
    }, place);
    await this.page.waitForTimeout(150);
  }

  async message(text) {
    return this.page.locator('article', { hasText: text }).last();
  }

  async beginning() {
    await this.open(this.scene.stranger, `&home=${encodeURIComponent('godwit-home:AAAA')}`);
    await this.page.waitForTimeout(400);
    await this.shot('01-first-minute');
    await this.page.evaluate(() => sessionStorage.clear());
    await this.page.goto(this.scene.stranger.url);
    await this.shot('02-no-token');
    await this.page.context().close();
    await this.open(this.scene.newcomer);
    await this.page.locator('.list').waitFor();
    await this.shot('03-empty-list');
    await this.scene.newcomer.stop();
    await this.page.locator('.lost').waitFor();
    await this.shot('04-lost-engine');
    await this.scene.newcomer.start();
    await this.page.locator('.lost input').waitFor();
    await this.shot('05-lost-new-link');
    await this.page.context().close();
  }

  async chats() {
    const { direct, group, withClara } = this.scene;
    await this.open(this.scene.anna);
    await this.page.locator('[data-row]').first().waitFor();
    await this.shot('10-list');
    await this.go({ chat: direct });
    await this.page.waitForTimeout(700);
    await this.shot('11-direct');
    await this.page.locator('.scroller').evaluate((each) => each.scrollTo(0, 0));
    await this.page.waitForTimeout(300);
    await this.shot('12-direct-above');
    await this.go({ chat: group });
    await this.page.waitForTimeout(500);
    await this.shot('13-group');
    await this.go({ chat: group, right: 'chat_info' });
    await this.page.waitForTimeout(200);
    await this.shot('14-group-info');
    await this.page.locator('.right .body').evaluate((each) => each.scrollTo(0, each.scrollHeight));
    await this.shot('14-group-info-below');
    await this.go({ chat: withClara });
    await this.shot('15-short-chat');
    const kept = (await this.scene.anna.call('list_chats')).chats.find((each) => each.kept);
    await this.go({ chat: kept.chat });
    await this.shot('16-imported');
  }

  async writing() {
    await this.go({ chat: this.scene.direct });
    await this.page.waitForTimeout(500);
    const own = await this.message('half past five');
    await own.locator('.bubble').click({ button: 'right' });
    await this.shot('20-message-menu');
    await this.page.getByRole('menuitem').nth(7).press('Enter');
    await this.page.locator('textarea').fill('**Great** news, and `code`\nsecond line');
    await this.page.locator('textarea').selectText();
    await this.shot('21-reply-and-format');
    await this.page.locator('.field button').first().click();
    await this.page.waitForTimeout(300);
    await this.shot('22-emoji');
    await this.page.locator('textarea').fill('');
    await this.page.locator('.field button').first().click();
    await this.page.locator('.about button').last().click();
    for (const [step, at] of [['23-forward', 4], ['24-message-info', 7], ['25-delete', 8]]) {
      await own.locator('.bubble').click({ button: 'right' });
      await this.page.locator('.menu > button').nth(at - 1).click();
      await this.page.waitForTimeout(300);
      await this.shot(step);
      await this.page.keyboard.press('Escape');
    }
    await this.page.locator('input[type=file]').setInputFiles([
      { name: 'shore.jpg', mimeType: 'image/jpeg', buffer: this.scene.picture },
      { name: 'counts of November.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n') },
    ]);
    await this.page.waitForTimeout(300);
    await this.shot('26-send-files');
    await this.page.keyboard.press('Escape');
  }

  /** What opens over a chat. */
  async overChats() {
    await this.go({ chat: this.scene.direct });
    await this.page.locator('.scroller').evaluate((each) => each.scrollTo(0, 0));
    await this.page.locator('article button canvas.shown').first().click();
    await this.page.locator('dialog[open] canvas').waitFor();
    await this.page.waitForTimeout(400);
    await this.shot('27-picture');
    await this.page.keyboard.press('Escape');
    await this.page.locator('.middle header button[aria-haspopup]').click();
    const words = JSON.parse(readFileSync(new URL(`../src/messages/${this.look.language}.json`, import.meta.url), 'utf8'));
    await this.page.locator('.menu > button', { hasText: words['disappearing.title'] }).click();
    await this.page.locator('dialog[open]').waitFor();
    await this.shot('28-disappearing');
    await this.page.keyboard.press('Escape');
    await this.go({ chat: this.scene.direct, right: 'chat_info' });
    await this.page.locator('.right .actions').last().scrollIntoViewIfNeeded();
    await this.shot('29-person-info');
    await this.page.locator('.right').getByRole('button', { name: words['chat.mute'], exact: true }).click();
    await this.page.locator('dialog[open]').waitFor();
    await this.shot('29-mute');
    await this.page.keyboard.press('Escape');
  }

  /** No language of the page is written from right to left yet: its layout is ready for one. */
  async rightToLeft() {
    await this.page.evaluate(() => (document.documentElement.dir = 'rtl'));
    await this.go({ chat: this.scene.group });
    await this.page.waitForTimeout(500);
    await this.shot('40-right-to-left');
    await this.page.evaluate(() => (document.documentElement.dir = 'ltr'));
  }

  async leftPages() {
    for (const [step, left] of [['30-settings', 'settings'], ['31-invite', 'invite'], ['32-take-invite', 'take_invite'], ['33-archived', 'archived']]) {
      await this.go({ left });
      await this.page.waitForTimeout(500);
      await this.shot(step);
    }
    await this.go({});
    await this.page.locator('header button').first().click();
    await this.shot('34-menu');
    await this.page.keyboard.press('Escape');
  }
}

const world = new World();
try {
  mkdirSync(kFolder, { recursive: true });
  const scene = await makeScene(world);
  scene.stranger = await world.stranger('nobody');
  scene.newcomer = await world.person('Newcomer', scene.home);
  const { shorePicture } = await import('./scene.mjs');
  scene.picture = await shorePicture(world, 900, 1200);
  for (const look of kLooks) {
    if (!kWanted.every((each) => nameOf(look).split('-').includes(each))) continue;
    const one = new Look(world, scene, look);
    await one.beginning();
    await one.chats();
    await one.writing();
    await one.overChats();
    await one.leftPages();
    await one.rightToLeft();
    if (one.page.problems.length > 0) {
      console.log(nameOf(look), one.page.problems);
      process.exitCode = 1;
    }
    await one.page.context().close();
  }
  console.log(`look at ${kFolder}`);
} finally {
  await world.end();
}
