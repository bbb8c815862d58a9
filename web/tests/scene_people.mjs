// People and groups in every state that their pages have, so that these can be looked at.

import { until } from './world.mjs';

export const kPasscode = 'tulips-on-the-dyke';

export async function makePeopleScene(world) {
  const home = await world.home();
  const names = ['Анна Береговая', 'Boris', 'Clara Nováková', 'דוד', 'Eva with a name that is far longer than any column is wide', 'Stranger', 'Newcomer'];
  const [anna, boris, clara, david, eva, stranger, newcomer] = await Promise.all(names.map((name) => world.person(name, home)));
  const direct = await world.pair(anna, boris);
  for (const each of [clara, david, eva]) await world.pair(anna, each);
  const { chat: { chat: group } } = await anna.call('new_group', { name: 'Wader count 2026' });
  const accounts = [];
  for (const each of [boris, clara, david, eva]) accounts.push((await each.call('read_account')).account);
  await anna.call('add_members', { chat: group, accounts });
  await until(async () => (await anna.call('list_members', { chat: group })).members.length === 5, 'all are members');
  await anna.call('set_role', { chat: group, account: accounts[1], role: 'admin' });
  await anna.call('set_role', { chat: group, account: accounts[2], role: 'reader' });
  await anna.call('set_group_settings', { chat: group, slow_mode_seconds: 60 });
  await anna.call('make_group_link', { chat: group, approval: false, uses: 10, days: 30 });
  const { text } = await anna.call('make_group_link', { chat: group, approval: true });
  await until(async () => (await boris.call('list_chats')).chats.some((each) => each.chat === group), 'Boris is in');
  await stranger.call('join_group', { link: text, greeting: 'Good morning! I count at the north dyke every Sunday, Clara told me of you.' });
  await anna.call('claim_name', { name: 'anna_k', passcode: kPasscode });
  const { name } = await anna.call('read_name');
  const { link } = await stranger.call('resolve_name', { name, passcode: kPasscode });
  for (const each of [stranger, newcomer]) await each.call('send_contact_request', { link, greeting: 'Hello, we have met at the lighthouse. May I write to you?' });
  await anna.call('make_open_invite', { uses: 10, days: 30 });
  await until(async () => (await anna.call('list_contact_requests')).requests.length === 2, 'two requests wait');
  await until(async () => (await anna.call('list_join_requests', { chat: group })).requests.length === 1, 'one waits to be let in');
  await anna.call('block_account', { account: accounts[3] });
  return { anna, newcomer, direct, group, link: text, name };
}
