// Notifications while the page lives. Nothing is asked of the browser but after a click of the person.

import type { Notice } from '../api/client';
import type { Call, Channel, ChannelId, Chat, ChatId, Message, PostShown } from '../api/types';
import { channelName, postPreview } from '../channels/words';
import { previewOf } from '../chat/preview';
import { t } from '../messages/t.svelte';
import { chatName } from '../pages/taking';
import type { Installed } from '../pwa/installed.svelte';
import { harmlessName } from '../text/harmless';
import type { Channels } from './channels.svelte';
import type { Chats } from './chats.svelte';
import type { Navigation } from './navigation.svelte';
import type { Preferences } from './preferences.svelte';
import type { Follower, Session } from './session.svelte';

const kBodyMax = 180;
const kCloseMs = 500;
const kIcon = './icons/godwit-192.png';
const kRingTag = 'godwit-call';
const kTone = { hertz: [660, 880], seconds: 0.09, loudness: 0.08 };

/** Of two, in a group, or one that a link has led to. */
type RingKind = 'two' | 'group' | 'link';
export type Permission = 'default' | 'granted' | 'denied' | 'none';

function currentPermission(): Permission {
  return typeof Notification === 'undefined' ? 'none' : Notification.permission;
}

export class Notifications implements Follower {
  permission = $state<Permission>(currentPermission());
  /** That it rings here, in words; empty: it does not. */
  ringWords = $state('');
  private readonly shown = new Map<string, Notification>(); // by tag
  private ringing: string | null = null;
  private readonly rings: Record<RingKind, (Pick<Call, 'call' | 'chat' | 'peer_name'> & { words: string }) | null> = { two: null, group: null, link: null };

  constructor(
    session: Session,
    private readonly chats: Chats,
    private readonly channels: Channels,
    private readonly navigation: Navigation,
    private readonly preferences: Preferences,
    private readonly installed: Installed,
  ) {
    session.follow(this);
    // A click on one that the service worker shows comes back from there.
    navigator.serviceWorker?.addEventListener('message', (event: MessageEvent<{ open?: ChatId | ChannelId } | null>) => {
      if (typeof event.data?.open === 'string') this.open(event.data.open);
    });
  }

  get on(): boolean {
    return this.preferences.notify && this.permission === 'granted';
  }

  onReady(): void {
    this.permission = currentPermission();
  }

  /** To be called by a click only. False: the person, or the browser, has said no. */
  async turnOn(): Promise<boolean> {
    if (currentPermission() === 'default') await Notification.requestPermission();
    this.permission = currentPermission();
    this.preferences.set({ notify: this.permission === 'granted', notifyHinted: true });
    return this.on;
  }

  turnOff(): void {
    this.preferences.set({ notify: false });
  }

  onNotice(notice: Notice): void {
    if (!this.on) return;
    if (notice.method === 'message_received') this.onMessage(notice.params.chat, notice.params.message);
    if (notice.method === 'channel_posted' && notice.params.news) this.onPost(notice.params.channel, notice.params.post);
  }

  private onMessage(id: ChatId, message: Message): void {
    const chat = this.chats.byId.get(id);
    if (chat && this.isNews(chat, message)) this.tell(id, this.words(chat, message));
  }

  private onPost(id: ChannelId, post: PostShown): void {
    const channel = this.channels.byId.get(id);
    if (!channel || this.channels.isMuted(channel) || post.post <= channel.read || this.looksAt(this.navigation.place.channel === id)) return;
    this.tell(id, this.wordsOfPost(channel, post));
  }

  private tell(id: ChatId | ChannelId, words: { title: string; body: string }): void {
    void this.show(id, words);
    if (this.preferences.notifySound) this.beep();
  }

  private looksAt(open: boolean): boolean {
    return open && document.visibilityState === 'visible' && document.hasFocus();
  }

  private isNews(chat: Chat, message: Message): boolean {
    if (message.own || message.deleted || message.kind === 'settings' || chat.kept || chat.settings.archived) return false;
    if (message.position <= chat.read || this.chats.isMuted(chat)) return false;
    return !this.looksAt(this.navigation.place.chat === chat.chat);
  }

  private words(chat: Chat, message: Message): { title: string; body: string } {
    if (!this.preferences.notifyText) return { title: t('app.title'), body: t('notify.new_message') };
    const who = harmlessName(message.author_name);
    const text = previewOf(message).slice(0, kBodyMax);
    return { title: chatName(chat), body: chat.group && who ? t('notify.from', { who, text }) : text };
  }

  private wordsOfPost(channel: Channel, post: PostShown): { title: string; body: string } {
    if (!this.preferences.notifyText) return { title: t('app.title'), body: t('notify.new_post') };
    return { title: channelName(channel), body: postPreview(post).slice(0, kBodyMax) };
  }

  /** A call rings, or does no more (null). `words`: others than that somebody calls. */
  ring(kind: RingKind, call: Pick<Call, 'call' | 'chat' | 'peer_name'> | null, words = ''): void {
    this.rings[kind] = call && { ...call, words };
    const now = this.rings.two ?? this.rings.group ?? this.rings.link;
    if ((now?.call ?? null) === this.ringing) return;
    this.ringing = now?.call ?? null;
    const who = harmlessName(now?.peer_name ?? '');
    this.ringWords = !now ? '' : now.words ? now.words : this.preferences.notifyText && who ? t('calls.rings', { who }) : t('calls.rings_somebody');
    if (!now) return this.hush();
    if (!this.on || (document.visibilityState === 'visible' && document.hasFocus())) return;
    void this.put(this.ringWords, { tag: kRingTag, icon: kIcon, requireInteraction: true, data: now.chat }, now.chat);
  }

  private hush(): void {
    this.shown.get(kRingTag)?.close();
    this.shown.delete(kRingTag);
    const ofWorker = this.installed.registration?.getNotifications({ tag: kRingTag }) ?? Promise.resolve([]);
    ofWorker.then((all) => all.forEach((each) => each.close())).catch(() => undefined);
  }

  private async show(id: ChatId | ChannelId, { title, body }: { title: string; body: string }): Promise<void> {
    await this.put(title, { body, tag: id, icon: kIcon, silent: true, data: id }, id);
  }

  private async put(title: string, options: NotificationOptions & { tag: string }, id: ChatId | ChannelId): Promise<void> {
    try {
      // On phones only a service worker may show one; it also takes the click when another tab is in front.
      if (this.installed.registration?.active) return await this.installed.registration.showNotification(title, options);
      const shown = new Notification(title, options);
      this.shown.set(options.tag, shown);
      shown.onclick = () => {
        window.focus();
        shown.close();
        this.open(id);
      };
    } catch {
      // The browser does not show it just now: the title and the list say it too.
    }
  }

  /** Takes away what the system still shows: nothing of it is for whoever comes next. Never waits long. */
  async closeAll(): Promise<void> {
    for (const each of this.shown.values()) each.close();
    const ofWorker = this.installed.registration?.getNotifications() ?? Promise.resolve([]);
    const late = new Promise<Notification[]>((resolve) => setTimeout(() => resolve([]), kCloseMs));
    for (const each of await Promise.race([ofWorker, late]).catch(() => [])) each.close();
  }

  private open(id: ChatId | ChannelId): void {
    if (this.chats.byId.has(id)) this.navigation.openChat(id);
    else if (this.channels.byId.has(id)) this.navigation.openChannel(id);
  }

  // Two short tones, made here: no file, and no question to anybody.
  private beep(): void {
    const audio = new AudioContext();
    const { hertz, seconds, loudness } = kTone;
    hertz.forEach((each, at) => {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      tone.frequency.value = each;
      volume.gain.setValueAtTime(loudness, audio.currentTime + at * seconds);
      volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + (at + 1) * seconds + 0.1);
      tone.connect(volume).connect(audio.destination);
      tone.start(audio.currentTime + at * seconds);
      tone.stop(audio.currentTime + (at + 1) * seconds + 0.1);
      if (at === hertz.length - 1) tone.onended = () => void audio.close();
    });
  }
}
