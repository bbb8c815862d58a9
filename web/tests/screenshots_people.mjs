// Pictures of the pages about people and groups, beside those of screenshots.mjs, and chosen by the same words.

import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { kPasscode, makePeopleScene } from './scene_people.mjs';
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

  async open(person) {
    const { width, theme, language } = this.look;
    this.page = await this.world.page(person, { width, height: width < 500 ? 740 : 800, theme, language });
    await this.page.locator('.list').waitFor();
  }

  async go(place) {
    await this.page.evaluate((each) => {
      history.pushState({ place: { chat: null, left: null, right: null, ...each } }, '');
      dispatchEvent(new PopStateEvent('popstate', { state: history.state }));
    }, place);
    await this.page.waitForTimeout(400);
  }

  async shot(step) {
    await this.page.waitForTimeout(200);
    await this.page.screenshot({ path: `${kFolder}people-${step}-${nameOf(this.look)}.png` });
  }

  async left() {
    await this.open(this.scene.anna);
    await this.shot('50-list-with-requests');
    await this.go({ left: 'new_group' });
    await this.page.locator('form input').first().fill('Shore walks');
    await this.page.locator('input[type=checkbox]:not([role])').nth(1).check();
    await this.shot('51-new-group');
    await this.go({ left: 'requests' });
    await this.page.locator('.over .answers .main').first().click();
    await this.shot('52-requests');
    await this.page.locator('.over .all button').click();
    await this.shot('53-decline-all');
    await this.page.keyboard.press('Escape');
    await this.go({ left: 'reach' });
    await this.shot('54-reach');
    await this.page.locator('.over .body').evaluate((each) => each.scrollTo(0, 10_000));
    await this.shot('55-reach-below');
    await this.go({ left: 'blocked' });
    await this.shot('56-blocked');
  }

  async taking() {
    await this.go({ left: 'take_invite' });
    await this.shot('60-take');
    await this.page.locator('.over form input').first().fill('https://example.org/not-a-link');
    await this.shot('61-take-no-link');
    await this.page.locator('.over form input').first().fill(this.scene.name);
    await this.page.locator('.over input[type=password]').fill(kPasscode);
    await this.shot('62-find');
    await this.page.context().close();
    await this.open(this.scene.newcomer);
    await this.go({ left: 'take_invite' });
    await this.page.locator('.over form input').first().fill(this.scene.name);
    await this.page.locator('.over input[type=password]').fill(kPasscode);
    await this.page.locator('.over form .main').click();
    await this.page.locator('.over .who').waitFor();
    await this.shot('63-ask');
    await this.page.locator('.over form input').first().fill(this.scene.link);
    await this.shot('64-join');
    await this.page.locator('.over form .main').click();
    await this.page.locator('.over .waits').waitFor();
    await this.shot('65-join-waits');
    await this.go({});
    await this.shot('66-list-waits');
    await this.page.context().close();
  }

  async right() {
    const { direct, group } = this.scene;
    await this.open(this.scene.anna);
    for (const [step, right] of [['70-group-info', 'chat_info'], ['71-add-members', 'add_members'], ['72-group-settings', 'group_settings'], ['73-group-links', 'group_links'], ['74-join-requests', 'join_requests']]) {
      await this.go({ chat: group, right });
      await this.shot(step);
    }
    await this.go({ chat: group, right: 'chat_info' });
    await this.page.locator('.right .body').evaluate((each) => each.scrollTo(0, 10_000));
    await this.shot('75-group-members');
    await this.page.locator('.right li .small').first().click();
    await this.shot('76-member-menu');
    await this.page.keyboard.press('Escape');
    await this.go({ chat: group, right: 'group_links' });
    await this.page.locator('.right li button').first().click();
    await this.shot('77-group-link');
    await this.page.keyboard.press('Escape');
    await this.go({ chat: group, right: 'chat_info' });
    await this.page.locator('.right .bad').first().click();
    await this.shot('78-leave');
    await this.page.keyboard.press('Escape');
    await this.go({ chat: direct, right: 'chat_info' });
    await this.shot('80-person-info');
    await this.go({ chat: direct, right: 'verify' });
    await this.shot('81-verify');
    await this.page.locator('.right form input').fill('1'.repeat(60));
    await this.page.keyboard.press('Enter');
    await this.page.locator('.right .body').evaluate((each) => each.scrollTo(0, 0));
    await this.shot('82-verify-other');
  }
}

const world = new World();
try {
  mkdirSync(kFolder, { recursive: true });
  const scene = await makePeopleScene(world);
  for (const look of kLooks) {
    if (!kWanted.every((each) => nameOf(look).split('-').includes(each))) continue;
    const one = new Look(world, scene, look);
    await one.left();
    await one.taking();
    await one.right();
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
