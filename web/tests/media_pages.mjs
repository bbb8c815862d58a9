// A way through the pages for media, search and what is made: looked at (screenshots_media.mjs) and checked (accessibility.test.mjs).

import { makeScene } from './scene.mjs';
import { recordVideo, withFakeDevices } from './fake_devices.mjs';
import { go, rests } from './places.mjs';

export const kAllowed = { permissions: ['microphone', 'geolocation'], geolocation: { latitude: 55.751244, longitude: 37.618423, accuracy: 18 } };

/** The people of the scene, who have also spoken and filmed. */
export async function makeMediaScene(world) {
  await withFakeDevices(world);
  const scene = await makeScene(world);
  const page = await world.page(scene.anna, kAllowed);
  await go(page, { chat: scene.direct });
  await page.getByRole('button', { name: 'Record a voice message' }).click();
  await page.locator('.strip .dot.live').waitFor();
  await page.waitForTimeout(3200);
  await page.getByRole('button', { name: 'Send' }).click();
  await page.locator('.voice').last().waitFor();
  const video = await recordVideo(world, 1200);
  await page.locator('input[type=file]').setInputFiles([{ name: 'shore.webm', mimeType: 'video/webm', buffer: video }]);
  await page.getByRole('dialog').locator('footer button').last().click();
  await page.getByRole('button', { name: /Play video/ }).last().waitFor();
  await page.waitForTimeout(800);
  await page.context().close();
  const at = (days) => Date.now() + days * 86_400_000;
  await scene.anna.call('schedule_message', { chat: scene.direct, at: at(1), text: 'Happy birthday! 🎉' });
  await scene.anna.call('schedule_message', { chat: scene.direct, at: at(3), text: 'Do not forget the telescope: we meet at the harbour at seven, the boat leaves with the tide.' });
  return scene;
}

async function dialogs(page, visit) {
  const attach = async (item) => {
    await page.locator('.field > button[aria-haspopup]').click();
    await page.getByRole('menuitem').nth(item).click();
    await page.locator('dialog').waitFor();
    await rests(page);
  };
  await page.locator('.field > button[aria-haspopup]').click();
  await visit('51-attach');
  await page.keyboard.press('Escape');
  await attach(2);
  await page.locator('dialog textarea').fill('When shall we count the waders?');
  await page.locator('dialog li input').nth(0).fill('Saturday at low tide');
  await page.locator('dialog li input').nth(1).fill('Sunday');
  await page.locator('dialog .choice input').nth(1).check();
  await visit('52-poll');
  await page.keyboard.press('Escape');
  await attach(3);
  await visit('53-place-before');
  await page.locator('dialog footer button').last().click();
  await page.locator('dialog .where').waitFor();
  await visit('54-place');
  await page.keyboard.press('Escape');
  await attach(4);
  await visit('55-contact');
  await page.locator('dialog li button').first().click();
  await visit('56-contact-chosen');
  await page.keyboard.press('Escape');
  await page.locator('footer textarea').fill('See you at the harbour');
  await attach(5);
  await visit('57-later');
  await page.keyboard.press('Escape');
  await page.locator('footer textarea').fill('');
}

async function sound(page, visit) {
  await page.locator('.row > button').last().click();
  await page.locator('.strip .dot.live').waitFor();
  await page.waitForTimeout(1600);
  await visit('58-recording');
  await page.keyboard.press('Escape');
  await page.locator('.voice .play').last().click();
  await page.waitForTimeout(900);
  await visit('59-playing');
  await page.locator('.voice .play').last().click();
  await page.locator('article button:has(.length)').last().click();
  await page.locator('dialog video').waitFor();
  await page.waitForTimeout(600);
  await visit('60-video');
  await page.keyboard.press('Escape');
}

/** `visit(name)` is called at each place. */
export async function visitAll(page, scene, visit) {
  // Without a window a browser has said no from the beginning: so nothing would be offered.
  await page.addInitScript(() => Object.defineProperty(Notification, 'permission', { get: () => 'default' }));
  await page.reload();
  await page.locator('[data-row]').first().waitFor();
  await page.locator('p > button.quiet').first().waitFor();
  await visit('45-hint');
  await page.locator('[data-search]').fill('count');
  await page.locator('.found').first().waitFor();
  await visit('46-search');
  await page.locator('.chips button[aria-expanded]').click();
  await visit('47-search-filters');
  await page.locator('[data-search]').fill('zzz');
  await page.locator('.note').waitFor();
  await visit('48-search-nothing');
  await page.locator('[data-search]').fill('');
  await go(page, { chat: scene.group, right: 'search' });
  await page.locator('[role=search] input[type=search]').fill('the');
  await page.locator('.right .found').first().waitFor();
  await rests(page);
  await visit('49-search-in-chat');
  await go(page, { chat: scene.direct, right: 'scheduled' });
  await visit('50-scheduled');
  await go(page, { chat: scene.direct });
  await dialogs(page, visit);
  await sound(page, visit);
  await go(page, { left: 'notifications' });
  await visit('61-notifications');
}
