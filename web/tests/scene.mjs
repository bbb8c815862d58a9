// Some people and what they have said to each other: enough of everything that a chat can have, so that pages can be looked at.

import { request } from 'node:http';
import { until } from './world.mjs';

/** Brings a file into the reach of a person's engine, as the page does; gives its path there. */
export function upload(person, name, bytes) {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${person.token}`, Origin: person.url.slice(0, -1), 'Content-Length': bytes.length };
    const options = { host: '127.0.0.1', port: person.port, method: 'PUT', path: `/files/${encodeURIComponent(name)}`, headers };
    const sent = request(options, (response) => {
      let text = '';
      response.on('data', (each) => (text += each));
      response.on('end', () => (response.statusCode === 201 ? resolve(JSON.parse(text).path) : reject(new Error(`${response.statusCode}`))));
    });
    sent.on('error', reject);
    sent.end(bytes);
  });
}

/** A picture of a shore, drawn by the browser of the world: bytes of a JPEG. */
export async function shorePicture(world, width, height) {
  const page = await (await world.browser()).newPage();
  const url = await page.evaluate(
    ([w, h]) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: w, height: h });
      const context = canvas.getContext('2d');
      const sky = context.createLinearGradient(0, 0, 0, h);
      for (const [at, colour] of [[0, '#f2c48d'], [0.45, '#e79f86'], [0.55, '#6b8fa3'], [0.75, '#3f6478'], [1, '#c9b391']]) sky.addColorStop(at, colour);
      context.fillStyle = sky;
      context.fillRect(0, 0, w, h);
      context.fillStyle = '#fff1d0';
      context.beginPath();
      context.arc(w * 0.68, h * 0.4, h * 0.07, 0, 7);
      context.fill();
      context.strokeStyle = '#2a3a42';
      context.lineWidth = Math.max(2, h / 140);
      for (let bird = 0; bird < 9; bird++) {
        const [x, y, s] = [w * (0.12 + 0.08 * bird), h * (0.16 + 0.05 * Math.abs(4 - bird)), h * 0.025];
        context.beginPath();
        context.moveTo(x - s, y - s);
        context.quadraticCurveTo(x - s / 3, y - s, x, y);
        context.quadraticCurveTo(x + s / 3, y - s, x + s, y - s);
        context.stroke();
      }
      return canvas.toDataURL('image/jpeg', 0.8);
    },
    [width, height],
  );
  await page.close();
  return Buffer.from(url.split(',')[1], 'base64');
}

async function say(person, chat, text, more = {}) {
  const { message } = await person.call('send_message', { chat, text, ...more });
  return message;
}

async function arrived(person, chat, id) {
  await until(() => person.call('read_message', { chat, message: id }).then(() => true, () => false), 'it has arrived');
}

async function directChat(world, anna, boris, chat) {
  await say(boris, chat, 'Привет, Аня! Я уже на косе, годвиты прилетели сегодня утром.');
  const question = await say(anna, chat, 'How many did you count?');
  await arrived(boris, chat, question.id);
  const answer = await say(boris, chat, 'About 1,200 on the first sandbank alone. They look thin after eleven thousand kilometres, but they are all eating.', {
    reply_to: question.id,
  });
  const bytes = await shorePicture(world, 1200, 800);
  const source = await upload(boris, 'shore.jpg', bytes);
  const picture = await boris.call('send_file', { chat, source, name: 'shore.jpg', caption: 'Low tide, six o’clock', media: { kind: 'picture', width: 1200, height: 800 } });
  const list = await upload(boris, 'counts-2026-11.csv', Buffer.from('site,count\nspit,1200\n'.repeat(900)));
  await boris.call('send_file', { chat, source: list, name: 'counts-2026-11.csv' });
  await until(async () => (await anna.call('read_history', { chat, count: 3 })).messages.filter((each) => each.file).length === 2, 'both files have come');
  await arrived(anna, chat, picture.message.id);
  await anna.call('react', { chat, message: picture.message.id, reaction: '❤️' });
  await anna.call('react', { chat, message: answer.id, reaction: '👍' });
  await say(anna, chat, 'Beautiful. Read this before tomorrow: https://en.wikipedia.org/wiki/Bar-tailed_godwit — and bring the scope!', {
    spans: [{ start: 11, length: 4, style: 'bold' }],
  });
  const edited = await say(anna, chat, 'I come at five');
  await anna.call('edit_message', { chat, message: edited.id, text: 'I come at half past five' });
  const taken = await say(boris, chat, 'wrong chat, sorry');
  await boris.call('delete_message', { chat, message: taken.id, for_everyone: true });
  await say(boris, chat, '👌');
  await boris.call('send_poll', { chat, question: 'Which sandbank first?', options: ['The spit', 'Long bank', 'Wherever the coffee is'] });
  await boris.call('send_location', { chat, latitude: 54_331_000, longitude: 8_602_000, accuracy_m: 12, name: 'Car park at the dyke' });
  const polls = await until(async () => (await anna.call('read_history', { chat, count: 5 })).messages.filter((each) => each.poll)[0], 'the poll has come');
  await anna.call('vote', { chat, message: polls.id, choices: [2] });
  await say(anna, chat, 'Прекрасно, до завтра!');
}

async function groupChat(anna, others, name) {
  const { chat } = await anna.call('new_group', { name });
  const members = [];
  for (const each of others) members.push((await each.call('read_account')).account);
  await anna.call('add_members', { chat: chat.chat, accounts: members });
  for (const each of others) await until(async () => (await each.call('list_chats')).chats.some((one) => one.chat === chat.chat), `${each.name} is in the group`);
  await until(async () => (await anna.call('list_members', { chat: chat.chat })).members.length === others.length + 1, 'all are members');
  return chat.chat;
}

async function groupTalk(anna, [boris, clara, david], chat) {
  await say(boris, chat, 'Who drives on Saturday?');
  const offer = await say(clara, chat, 'I can take three people and two scopes. Start at 4:30 from the station?');
  await say(clara, chat, 'Coffee is in the car');
  await arrived(david, chat, offer.id);
  await say(david, chat, '4:30 is very early 😴');
  await arrived(anna, chat, offer.id);
  await arrived(boris, chat, offer.id);
  for (const each of [anna, boris, david]) await each.call('react', { chat, message: offer.id, reaction: '🔥' });
  await boris.call('react', { chat, message: offer.id, reaction: '🙏' });
  await say(david, chat, 'שלום לכולם, אני מביא את המשקפת', {});
  await say(clara, chat, `Long words wrap: ${'Vogelschutzgebietsverordnung'.repeat(6)}`);
  const account = (await anna.call('read_account')).account;
  await say(boris, chat, '@Anna can you bring the keys of the hut? The code is in the note below', {
    mentions: [{ start: 0, length: 5, account }],
    spans: [{ start: 59, length: 4, style: 'italic' }],
  });
  await say(clara, chat, 'if tide < 1.2:\n    walk_out()\nelse:\n    drink_coffee()', { spans: [{ start: 0, length: 54, style: 'pre' }] });
  const pinned = await say(clara, chat, 'Meeting point: station, north exit, 4:30. Who is late takes the bus.');
  await clara.call('pin_message', { chat, message: pinned.id });
  await say(anna, chat, 'I have the keys, and I will be there. See you all on Saturday; if the wind turns we go to the other side, as last year.', { reply_to: offer.id });
}

async function imported(anna) {
  const day = 86_400_000;
  const begin = Date.now() - 9 * day;
  const message = (at, sender, text, more = {}) => ({
    sender, own: sender === 'Anna', sent_at: begin + at * day, text, media: '', forwarded_from: '', omitted: false, notice: false, edited: false, deleted: false, ...more,
  });
  await anna.call('import_messages', {
    source: 'scene', name: 'Grandmother (WhatsApp)',
    messages: [
      message(0, 'Grandmother', 'Did you eat?'),
      message(0.01, 'Anna', 'Yes, twice'),
      message(1, '', 'Grandmother changed her number', { notice: true }),
      message(7, 'Grandmother', 'Good. Send a picture of the birds', {}),
      message(7.2, 'Anna', '', { omitted: true }),
    ],
  });
}

/** Anna's world: a home, five people, chats of all kinds. */
export async function makeScene(world) {
  const home = await world.home();
  const [anna, boris, clara, david] = await Promise.all(['Anna', 'Boris', 'Clara Nováková', 'דוד'].map((name) => world.person(name, home)));
  const direct = await world.pair(anna, boris);
  const withClara = await world.pair(anna, clara);
  await world.pair(anna, david);
  await directChat(world, anna, boris, direct);
  const group = await groupChat(anna, [boris, clara, david], 'Wader count 2026');
  await groupTalk(anna, [boris, clara, david], group);
  await say(clara, withClara, 'Have you seen the ringed one? Left leg, yellow flag');
  await say(clara, withClara, 'It was on the Long bank at 6:10');
  await anna.call('set_chat', { chat: group, pinned: true });
  await anna.call('set_chat', { chat: withClara, draft: '' });
  await imported(anna);
  return { home, anna, boris, clara, david, direct, group, withClara };
}
