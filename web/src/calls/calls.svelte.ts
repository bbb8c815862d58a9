// The call of this device as the page knows it (docs/protocol/calls.md): the engine says where it stands, this page's person says what
// he wants, and LiveMedia carries voice and picture. What does that (WebRTC, the sealing of frames) is loaded with the first call.

import type { Notice } from '../api/client';
import type { Call, CallElsewhere, CallId, CallMedia, CallWay, Chat, DeviceId, SayCallMediaParams } from '../api/types';
import type { KeptWords } from '../state/browser_storage';
import type { Preferences } from '../state/preferences.svelte';
import type { Follower, Session } from '../state/session.svelte';
import type { CallDevices, Refusal } from './call_devices';
import { CallWindow } from './call_window';
import { HungUp } from './hung_up';
import type { LiveMedia } from './live_media.svelte';
import type { WaitingMedia } from './own_media.svelte';
import type { PeerEnd } from './peer_call';
import { CallRelays, type Datagrams } from './relays';
import { Ring } from './ring';

/** Told by the app: what is said beside the call. */
export interface CallWords {
  refused(refusal: Refusal | 'not_sealed', what: 'microphone' | 'camera' | 'screen'): void;
  failed(error: unknown): void;
  /** It rings here: whoever looks elsewhere is told. Null: no more. */
  rings(call: Call | null): void;
}

const kMineKey = 'godwit-call'; // of this tab: which call it takes part in, and "direct" behind it if that was allowed
const kHungUpKey = 'godwit-hung-up'; // of this tab, too
const kMediaEveryMs = 10_000;
const kOverShownMs = 5_000;
const kEarlyMax = 64;
const kLiveStates: readonly Call['state'][] = ['answering', 'connecting', 'active', 'reconnecting'];
const kGoingOn: readonly Call['outcome'][] = ['elsewhere', 'merged', 'moved', 'stays'];
/** Of these the person has known by what he did. */
const kQuietOutcomes: readonly (Call['outcome'] | null)[] = ['answered', 'cancelled', 'merged', 'missed', null];

interface Prepared {
  devices: CallDevices;
  iceServers: RTCIceServer[];
}

export class Calls implements Follower {
  /** The engine knows calls: one of an earlier version does not, and nothing is offered. */
  known = $state(false);
  /** The call of this device that is not over. */
  call = $state.raw<Call | null>(null);
  /** This page takes part in it; else another one of this device does, or it still rings. */
  mine = $state(false);
  /** The window that took part in it is gone: this one can. */
  free = $state(false);
  media = $state.raw<LiveMedia | null>(null);
  /** What this side will send, while nobody has answered. */
  waiting = $state.raw<WaitingMedia | null>(null);
  /** The view takes the whole page. */
  full = $state(true);
  /** How the last call ended, for as long as that is shown. */
  over = $state.raw<{ call: Call; why: PeerEnd | null; device: string } | null>(null);
  /** What other own devices are in. */
  elsewhere = $state.raw<readonly CallElsewhere[]>([]);
  /** There is no relay: the person is asked whether it may go directly; `hindered`: it may not, since it would be recognised. */
  asks = $state.raw<{ chat: string; hindered: boolean; answer: (go: boolean) => void } | null>(null);
  /** Something was pressed and is not done. */
  busy = $state(false);

  private readonly ring = new Ring();
  private readonly window = new CallWindow((free) => (this.free = free));
  private readonly relays: CallRelays;
  private readonly hungUp: HungUp;
  private prepared: Prepared | null = null;
  private why: PeerEnd | null = null;
  private early: { call: CallId; data: string }[] = [];
  private adopts = false;
  private beginning: CallId | null = null;
  private directOnce = false;
  private flow: { flowing: boolean; way: CallWay; device: DeviceId | null } | null = null;
  private flowTimer: ReturnType<typeof setInterval> | undefined;
  private overTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly session: Session,
    private readonly preferences: Preferences,
    private readonly tab: KeptWords,
    private readonly words: CallWords,
  ) {
    this.relays = new CallRelays(() => session.call('read_call_relays', {}));
    this.hungUp = new HungUp(session, tab, kHungUpKey);
    session.follow(this);
  }

  async onReady(): Promise<void> {
    const read = await this.session.call('read_calls', { count: 1 }).catch(() => null);
    this.known = read !== null;
    if (!read) return;
    this.elsewhere = read.elsewhere ?? []; // an earlier engine does not say
    // Hung up while the engine could not be told: it is not taken up again.
    const hung = this.hungUp.tellAgain(read.live?.call ?? null, this.onUntold);
    if (!read.live || hung) return void (this.call && this.letGo(null));
    const [mine, direct] = (this.tab.get(kMineKey) ?? '').split(' ');
    if (mine === read.live.call) {
      this.mine = true;
      this.directOnce ||= direct === 'direct'; // the person has said so before the page was loaded anew
    }
    await this.take(read.live, this.media === null);
  }

  onNotice(notice: Notice): void {
    if (notice.method === 'call_changed') void this.take(notice.params.call, false);
    else if (notice.method === 'calls_elsewhere') this.elsewhere = notice.params.calls;
    else if (notice.method === 'call_signal' && !notice.params.from) this.hear(notice.params.call, notice.params.data);
  }

  /** Whether a chat can be called at all. */
  canCall(chat: Chat): boolean {
    return this.known && !chat.group && !chat.kept && !chat.saved && chat.member && chat.ready;
  }

  /** Calls the other person of a chat of two. */
  async start(chat: string, media: CallMedia): Promise<void> {
    if (this.busy || this.call) return;
    await this.doing(async () => {
      if (!(await this.prepare(chat, media)) || !this.prepared) return;
      this.mine = true;
      this.full = true;
      const { WaitingMedia } = await import('./own_media.svelte');
      this.waiting = new WaitingMedia({ devices: this.prepared.devices, onRefused: (refusal, what) => this.words.refused(refusal, what) });
      const { call } = await this.session.call('start_call', { chat, media: this.prepared?.devices.camera ? 'video' : 'voice' });
      await this.take(call, false);
    });
  }

  async accept(media: CallMedia): Promise<void> {
    const ringing = this.call;
    if (this.busy || ringing?.state !== 'ringing_here') return;
    await this.doing(async () => {
      if (!(await this.prepare(ringing.chat, media))) return;
      // Over, or answered in another window, while the person was asked.
      if (this.call?.call !== ringing.call || this.call.state !== 'ringing_here') return this.closeMedia();
      this.mine = true;
      this.full = true;
      const { call } = await this.session.call('accept_call', { call: ringing.call, media: this.prepared?.devices.camera ? 'video' : 'voice' });
      await this.take(call, false);
    });
  }

  /** Goes on here with a call that another own device is in, with the voice alone at first. */
  async takeOver(there: CallElsewhere): Promise<void> {
    if (this.busy || this.call) return;
    await this.doing(async () => {
      if (!(await this.prepare(there.chat, 'voice'))) return;
      // Over while the person was asked.
      if (this.call || !this.elsewhere.some((each) => each.call === there.call)) return this.closeMedia();
      this.mine = true;
      this.full = true;
      this.hungUp.forget(); // it may have been asked for before, in vain
      const { call } = await this.session.call('take_over_call', { call: there.call, media: 'voice' });
      await this.take(call, false);
    });
  }

  decline(): void {
    this.ring.stop(); // also if the engine cannot be told
    if (this.call) void this.session.call('decline_call', { call: this.call.call }).catch((error: unknown) => this.words.failed(error));
  }

  /** Media end here and now, whatever the engine says to it. */
  hangUp(): void {
    const { call } = this;
    if (!call) return;
    this.closeMedia();
    this.ring.stop();
    this.hungUp.tell(call.call, this.onUntold);
  }

  // The engine could not be told: to the person it is over; onReady() tells it.
  private readonly onUntold = (id: CallId): void => {
    const { call, why } = this;
    if (call?.call !== id) return;
    this.letGo(null);
    if (why !== null) this.showOver({ ...call, state: 'over', outcome: 'answered' }, why);
  };

  /** Goes on with it in this window, as one that was loaded anew does. */
  async continueHere(): Promise<void> {
    const { call } = this;
    if (!call || this.mine || !this.free || this.busy) return;
    await this.doing(async () => {
      this.mine = true;
      this.full = true;
      await this.take(call, true);
    });
  }

  hold(held: boolean): void {
    if (this.call) void this.session.call('hold_call', { call: this.call.call, held }).catch((error: unknown) => this.words.failed(error));
  }

  /** The same for a call of a group: what the person and the browser have to allow. Null: they do not, and it was said. */
  async readyFor(chat: string, media: CallMedia, small: boolean): Promise<(Prepared & { relayOnly: boolean }) | null> {
    if (this.busy || this.call) return null;
    this.busy = true; // one at a time is asked for devices
    try {
      this.directOnce = false;
      const ready = (await this.prepare(chat, media, small)) && this.prepared;
      this.prepared = null;
      return ready ? { ...ready, relayOnly: !this.goesDirect } : null;
    } finally {
      this.busy = false;
    }
  }

  /** The same for one that goes on: relays from now on; null: those that it has are good still. */
  renewRelays(lost: boolean): Promise<RTCIceServer[] | null> {
    return this.relays.renew(lost);
  }

  /** Of a call; `stands`: what say_call_media says of it. */
  datagrams(stands: () => SayCallMediaParams | null): Datagrams {
    return {
      ask: async () => {
        if (this.relays.udp.length === 0) return [];
        const { clear } = await this.session.call('list_routes', {}); // as it is now
        return clear ? [...this.relays.udp] : [];
      },
      spoilt: () => {
        this.relays.isHindered();
        const said = stands();
        if (said) void this.session.call('say_call_media', { ...said, spoilt: true }).catch(() => undefined);
      },
    };
  }

  dismiss(): void {
    clearTimeout(this.overTimer);
    this.over = null;
  }

  /** Nothing goes on in a page that shows another profile, or is locked. */
  end(): void {
    this.letGo(null);
  }

  // ---- what the engine says ----

  private async take(call: Call, begunAnew: boolean): Promise<void> {
    if (call.state === 'over') return this.onOver(call);
    if (!this.call && this.hungUp.has(call.call)) return;
    if (this.call && this.call.call !== call.call) this.letGo(null);
    if (this.adopts) this.mine = true;
    this.adopts = false;
    const known = this.call !== null;
    this.call = call;
    if (!known) this.dismiss();
    if (this.mine) this.window.hold(call.call);
    else if (call.state !== 'ringing_here') this.window.watch(call.call);
    if (this.mine) this.tab.set(kMineKey, this.directOnce ? `${call.call} direct` : call.call);
    this.sound(call);
    this.media?.hold(call.held_here || call.held_there);
    this.media?.turnTo(call.device ?? null);
    if (!this.mine || !kLiveStates.includes(call.state) || this.media || this.hungUp.has(call.call) || this.beginning === call.call) return;
    this.beginning = call.call;
    await this.begin(call, begunAnew).catch((error: unknown) => {
      this.words.failed(error);
      this.hangUp();
    });
    this.beginning = null;
  }

  private onOver(call: Call): void {
    if (this.call && this.call.call !== call.call) return;
    const shown = this.mine || call.outcome === 'elsewhere';
    const givenUp = this.hungUp.has(call.call);
    if (givenUp) this.hungUp.forget();
    this.adopts = call.outcome === 'merged' && this.mine; // the other one's call goes on here
    const { why } = this;
    const [kept, waits] = this.adopts ? [this.prepared, this.waiting] : [null, null];
    if (kept) this.prepared = this.waiting = null;
    this.letGo(shown ? call : null);
    this.prepared = kept;
    this.waiting = waits;
    const known = kQuietOutcomes.includes(call.outcome) || (call.outcome === 'stays' && givenUp);
    if (!shown || (why === null && known)) return;
    this.showOver(call, why);
  }

  private showOver(call: Call, why: PeerEnd | null): void {
    this.over = { call, why, device: this.elsewhere.find((each) => each.call === call.call)?.device_name ?? '' };
    this.overTimer = setTimeout(() => this.dismiss(), kOverShownMs);
  }

  private letGo(ended: Call | null): void {
    this.closeMedia();
    this.ring.stop();
    if (ended && !kGoingOn.includes(ended.outcome)) this.ring.start('ended');
    this.words.rings(null);
    this.call = null;
    this.mine = false;
    this.why = null;
    this.directOnce = false;
    this.early = [];
    this.tab.remove(kMineKey);
    this.window.letGo();
    this.asks?.answer(false);
  }

  private closeMedia(): void {
    clearInterval(this.flowTimer);
    this.flow = null;
    this.media?.close();
    this.media = null;
    this.waiting?.end();
    this.waiting = null;
    this.prepared?.devices.close();
    this.prepared = null;
  }

  private sound(call: Call): void {
    if (call.state === 'ringing_here') {
      this.words.rings(call);
      return this.ring.start('incoming');
    }
    this.words.rings(null);
    if (call.state === 'ringing_there' && this.mine) this.ring.start('outgoing');
    else this.ring.stop();
  }

  // ---- media ----

  // What the person and the browser have to allow, before anybody is called.
  private async prepare(chat: string, media: CallMedia, small = false): Promise<boolean> {
    const [{ canSeal }, { CallDevices }] = await Promise.all([import('./frame_port'), import('./call_devices')]);
    if (!canSeal()) return this.refuse('not_sealed', 'microphone');
    const devices = new CallDevices(small, { read: () => this.preferences.devices, keep: (chosen) => this.preferences.set({ devices: chosen }) });
    const refusal = await devices.openMicrophone();
    if (refusal) return this.refuse(refusal, 'microphone');
    const without = media === 'video' ? await devices.openCamera() : null;
    if (without) this.refuse(without, 'camera'); // it goes on with the voice alone
    this.prepared = { devices, iceServers: await this.relays.ask() };
    if (this.prepared.iceServers.length > 0 || this.goesDirect || (await this.askDirect(chat))) return true;
    this.closeMedia();
    return false;
  }

  private refuse(refusal: Refusal | 'not_sealed', what: 'microphone' | 'camera'): false {
    this.words.refused(refusal, what);
    return false;
  }

  private get direct(): boolean {
    return this.preferences.callsDirect || this.directOnce;
  }

  // Also what is allowed is not done where it would be recognised, and spoilt.
  private get goesDirect(): boolean {
    return this.direct && this.relays.clear;
  }

  private async askDirect(chat: string): Promise<boolean> {
    const hindered = !this.relays.clear;
    this.directOnce = (await new Promise<boolean>((answer) => (this.asks = { chat, hindered, answer }))) && !hindered;
    this.asks = null;
    return this.directOnce;
  }

  private async begin(call: Call, begunAnew: boolean): Promise<void> {
    const { LiveMedia } = await import('./live_media.svelte');
    if (!this.prepared && !(await this.prepare(call.chat, call.media))) return this.hangUp();
    const hung = this.hungUp.has(call.call);
    if (this.call?.call !== call.call || hung) return this.call === null || hung ? this.closeMedia() : undefined;
    if (this.media || !this.prepared) return;
    const { devices, iceServers } = this.prepared;
    const muted = this.waiting?.muted ?? false;
    this.waiting?.end();
    this.waiting = null;
    const media = new LiveMedia({
      devices, iceServers, begunAnew,
      offers: call.offers,
      device: this.call.device ?? null,
      relayOnly: !this.goesDirect,
      renewRelays: (lost) => this.relays.renew(lost),
      datagrams: this.datagrams(() => this.flow && { call: call.call, ...this.flow }),
      send: (data) => void this.session.call('send_call_signal', { call: call.call, data }).catch(() => undefined), // what matters is said again
      onFlow: (flowing, way, device) => this.tellFlow(call.call, { flowing, way, device }),
      onEnd: (why) => {
        this.why = why;
        this.hangUp();
      },
      onRefused: (refusal, what) => this.words.refused(refusal, what),
    });
    if (muted) media.mute(true);
    this.media = media;
    const now = this.call;
    media.hold(now.held_here || now.held_there);
    for (const each of this.early.splice(0)) if (each.call === call.call) media.hear(each.data);
  }

  private hear(call: CallId, data: string): void {
    if (this.call && this.call.call !== call) return;
    if (this.media) this.media.hear(data);
    else if (this.mine && this.early.length < kEarlyMax) this.early.push({ call, data });
  }

  private tellFlow(call: CallId, flow: { flowing: boolean; way: CallWay; device: DeviceId | null }): void {
    this.flow = flow;
    clearInterval(this.flowTimer);
    const tell = () => this.flow && void this.session.call('say_call_media', { call, ...this.flow }).catch(() => undefined);
    tell();
    if (flow.flowing) this.flowTimer = setInterval(tell, kMediaEveryMs);
  }

  private async doing(work: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.directOnce = false; // what was allowed for another call is not for this one
    try {
      await work();
    } catch (error) {
      this.words.failed(error);
      // Nothing runs: no device stays open, and no yes is left for the next call.
      if (!this.media) {
        this.closeMedia();
        this.mine = false;
        this.directOnce = false;
      }
    }
    this.busy = false;
  }
}
