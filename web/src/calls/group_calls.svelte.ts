// The calls of groups as the page knows them (docs/protocol/calls.md): which go on, and the one that this device is in. As calls.svelte.ts does for
// two; what both need of the browser is asked for there.

import { CallFailed, type Notice } from '../api/client';
import type { CallId, CallMedia, Chat, ChatId, GroupCall } from '../api/types';
import type { KeptWords } from '../state/browser_storage';
import type { Follower, Session } from '../state/session.svelte';
import type { Calls, CallWords } from './calls.svelte';
import type { GroupMedia } from './group_media.svelte';
import type { Rooms } from './group_unit';
import { HungUp } from './hung_up';
import type { PeerEnd } from './peer_call';
import { Ring } from './ring';

const kMineKey = 'godwit-group-call'; // of this tab: which call it takes part in, and "direct" behind it if that was allowed
const kHungUpKey = 'godwit-group-hung-up'; // of this tab, too
const kThereEveryMs = 10_000;
const kOverShownMs = 6_000;
const kEarlyMax = 64;

export class GroupCalls implements Follower {
  /** Those that go on, by group. */
  going = $state.raw<ReadonlyMap<ChatId, GroupCall>>(new Map());
  /** The one that this device is in. */
  call = $state.raw<GroupCall | null>(null);
  /** This page takes part in it; else another one of this device does. */
  mine = $state(false);
  media = $state.raw<GroupMedia | null>(null);
  /** The view takes the whole page. */
  full = $state(true);
  /** How it ended, for as long as that is shown. */
  over = $state.raw<{ call: GroupCall; why: PeerEnd | null } | null>(null);
  busy = $state(false);
  /** The engine knows calls of groups: one of an earlier version does not, and nothing is offered. */
  known = $state(false);

  private readonly ring = new Ring();
  private why: PeerEnd | null = null;
  private early: { call: CallId; from: string; data: string }[] = [];
  private readonly hungUp: HungUp;
  private beginning: CallId | null = null;
  private hasRoom = false;
  private takesOver: CallId | null = null;
  private handedOn: CallId | null = null;
  private prepared: Awaited<ReturnType<Calls['readyFor']>> = null;
  private thereTimer: ReturnType<typeof setInterval> | undefined;
  private overTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly session: Session,
    private readonly calls: Calls,
    private readonly tab: KeptWords,
    private readonly words: Pick<CallWords, 'refused' | 'failed'> & { rings(call: GroupCall | null): void },
  ) {
    this.hungUp = new HungUp(session, tab, kHungUpKey);
    session.follow(this);
  }

  /** The one that rings here. */
  get ringing(): GroupCall | null {
    return [...this.going.values()].find((each) => each.state === 'ringing' && !each.full) ?? null;
  }

  async onReady(): Promise<void> {
    const read = await this.session.call('read_calls', { count: 1 }).catch(() => null);
    const groups = read?.groups;
    this.known = groups !== undefined;
    if (!groups) return;
    this.going = new Map(groups.filter((each) => each.state !== 'here').map((each) => [each.chat, each]));
    this.sound();
    const here = groups.find((each) => each.state === 'here');
    // Left while the engine could not be told: it is not taken up again.
    const hung = this.hungUp.tellAgain(here?.call ?? null, this.onUntold);
    if (!here || hung) return void (this.call && this.letGo());
    const [mine, direct] = (this.tab.get(kMineKey) ?? '').split(' ');
    if (mine === here.call) this.mine = true;
    await this.take(here, this.media === null, direct === 'direct');
  }

  onNotice(notice: Notice): void {
    if (notice.method === 'group_call_changed') void this.take(notice.params.call, false, false);
    else if (notice.method === 'call_changed') this.sound(); // a call of two is heard alone; Calls follows first, and has it
    else if (notice.method === 'call_signal' && notice.params.from !== null) this.hear(notice.params.call, notice.params.from, notice.params.data);
  }

  /** Whether a group can be called at all. */
  canCall(chat: Chat): boolean {
    return this.known && chat.group && !chat.kept && !chat.saved && chat.member && chat.ready && chat.members > 1;
  }

  /** Begins one, or joins the one that goes on. */
  start(chat: ChatId, media: CallMedia): Promise<void> {
    this.takesOver = null;
    return this.enter(chat, media, () => this.session.call('start_group_call', { chat, media: this.wished(), rooms: true }));
  }

  /** `takesOver`: another own device is in it, and leaves once media flow here. */
  join(call: GroupCall, media: CallMedia, takesOver = false): Promise<void> {
    this.takesOver = takesOver ? call.call : null;
    return this.enter(call.chat, media, () => this.session.call('join_group_call', { call: call.call, media: this.wished(), rooms: true }));
  }

  /** An own device is in it. */
  isOwn(call: GroupCall): boolean {
    return call.peers.some((each) => each.account === this.session.account?.account);
  }

  ignore(call: GroupCall): void {
    void this.session.call('ignore_group_call', { call: call.call }).catch((error: unknown) => this.words.failed(error));
  }

  /** Media end here and now, whatever the engine says to it. */
  leave(): void {
    const { call } = this;
    if (!call) return;
    this.closeMedia();
    this.hungUp.tell(call.call, this.onUntold);
  }

  // The engine could not be told: to the person it is over; onReady() tells it.
  private readonly onUntold = (id: CallId): void => {
    const { call, why } = this;
    if (call?.call !== id) return;
    this.letGo();
    if (why !== null) this.showOver(call, why);
  };

  dismiss(): void {
    clearTimeout(this.overTimer);
    this.over = null;
  }

  /** Nothing goes on in a page that shows another profile, or is locked. */
  end(): void {
    this.going = new Map();
    this.sound();
    this.letGo();
  }

  private wished(): CallMedia {
    return this.prepared?.devices.camera ? 'video' : 'voice';
  }

  private async enter(chat: ChatId, media: CallMedia, ask: () => Promise<{ call: GroupCall }>): Promise<void> {
    if (this.busy || this.call || this.calls.call) return;
    this.busy = true;
    try {
      this.prepared = await this.calls.readyFor(chat, media, true);
      if (this.prepared) {
        this.hungUp.forget();
        this.mine = true;
        this.full = true;
        const { call } = await ask();
        await this.take(call, false, false);
      }
    } catch (error) {
      this.words.failed(error);
      if (!this.media) {
        this.closeMedia();
        this.mine = false;
      }
    }
    this.busy = false;
  }

  // ---- what the engine says ----

  private async take(call: GroupCall, begunAnew: boolean, direct: boolean): Promise<void> {
    if (call.state === 'over') return this.onOver(call);
    const going = new Map(this.going);
    if (call.state === 'here') going.delete(call.chat);
    else going.set(call.chat, call);
    this.going = going;
    this.sound();
    if (call.state !== 'here') return void (this.hungUp.has(call.call) && this.hungUp.forget());
    if (!this.call && this.hungUp.has(call.call)) return;
    this.dismiss();
    if (this.call && this.call.call !== call.call) this.early = [];
    this.call = call;
    if (this.mine) this.tab.set(kMineKey, this.prepared?.relayOnly === false || direct ? `${call.call} direct` : call.call);
    this.media?.take(call.peers);
    if (!this.mine || this.media || this.hungUp.has(call.call) || this.beginning === call.call) return;
    this.beginning = call.call;
    await this.begin(call, begunAnew).catch((error: unknown) => {
      this.words.failed(error);
      this.leave();
    });
    this.beginning = null;
  }

  private onOver(call: GroupCall): void {
    const going = new Map(this.going);
    if (going.get(call.chat)?.call === call.call) going.delete(call.chat);
    if (this.hungUp.has(call.call)) this.hungUp.forget();
    this.going = going;
    this.sound();
    if (this.call?.call !== call.call) return;
    const { mine, why } = this;
    const moved = this.handedOn === call.call;
    this.handedOn = null;
    // Two have begun one at once: the other one follows, with what is prepared here.
    if (call.outcome === 'merged' && mine) {
      clearInterval(this.thereTimer);
      this.media?.close(true);
      this.media = null;
      this.call = null;
      return;
    }
    this.letGo();
    if (!mine || (why === null && !moved && (call.outcome === 'answered' || call.outcome === 'no_answer'))) return;
    this.showOver(moved ? { ...call, outcome: 'moved' } : call, why);
  }

  private showOver(call: GroupCall, why: PeerEnd | null): void {
    this.over = { call, why };
    this.overTimer = setTimeout(() => this.dismiss(), kOverShownMs);
  }

  private letGo(): void {
    this.closeMedia();
    this.call = null;
    this.mine = false;
    this.why = null;
    this.early = [];
    this.tab.remove(kMineKey);
  }

  private closeMedia(): void {
    clearInterval(this.thereTimer);
    this.media?.close();
    this.media = null;
    this.prepared?.devices.close();
    this.prepared = null;
  }

  private sound(): void {
    const rings = this.call || this.calls.call ? null : this.ringing;
    this.words.rings(rings);
    if (rings) this.ring.start('incoming');
    else this.ring.stop();
  }

  // ---- media ----

  private async begin(call: GroupCall, begunAnew: boolean): Promise<void> {
    const { GroupMedia } = await import('./group_media.svelte');
    this.prepared ??= await this.calls.readyFor(call.chat, call.media, true);
    const now = this.call;
    if (!this.prepared) return this.leave();
    const hung = this.hungUp.has(call.call);
    if (now?.call !== call.call || hung) return void (hung && this.closeMedia());
    const { devices, iceServers, relayOnly } = this.prepared;
    this.media = new GroupMedia({
      devices, iceServers, relayOnly, begunAnew,
      account: this.session.account!.account,
      takesOver: this.takesOver === call.call && !begunAnew,
      onHanded: () => {
        this.handedOn = call.call;
        this.leave();
      },
      renewRelays: (lost) => this.calls.renewRelays(lost),
      datagrams: this.calls.datagrams(() => ({ call: call.call, flowing: true, room: this.hasRoom })),
      rooms: this.roomsOf(call.call),
      send: (to, data) => void this.session.call('send_call_signal', { call: call.call, data, to }).catch(() => undefined), // what matters is said again
      onEnd: (why) => {
        this.why = why;
        this.leave();
      },
      onRefused: (refusal, what) => this.words.refused(refusal, what),
    });
    this.media.take(now.peers);
    for (const each of this.early.splice(0)) if (each.call === call.call) this.media.hear(each.from, each.data);
    this.sayThere(call.call);
    clearInterval(this.thereTimer);
    this.thereTimer = setInterval(() => this.sayThere(call.call), kThereEveryMs);
  }

  private sayThere(call: CallId): void {
    void this.session.call('say_call_media', { call, flowing: true, room: this.hasRoom }).catch(() => undefined);
  }

  // A room of a unit, for when there are more than a few.
  private roomsOf(call: CallId): Rooms {
    this.hasRoom = false;
    return {
      open: async () => {
        try {
          return { home: this.session.account!.account, room: (await this.session.call('open_call_room', { call })).room };
        } catch (error) {
          if (error instanceof CallFailed && error.action !== 'retry_later') return null; // the home has no unit
          throw error;
        }
      },
      ask: (place, wish) => this.session.call('ask_call_room', { call, ...place, ...wish }),
      onRoom: (has) => {
        this.hasRoom = has;
        this.sayThere(call);
      },
    };
  }

  private hear(call: CallId, from: string, data: string): void {
    if (this.media && this.call?.call === call) this.media.hear(from, data);
    else if ((this.mine || this.busy) && this.early.length < kEarlyMax) this.early.push({ call, from, data });
  }
}
