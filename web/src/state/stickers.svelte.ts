// Packs of stickers that this account has, and their pictures as far as they were looked at. Nothing is asked before somebody wants to
// see them.

import { SvelteMap } from 'svelte/reactivity';
import type { Notice } from '../api/client';
import type { MessageId, StickerPack } from '../api/types';
import { fromBase64url } from '../text/base64url';
import type { Follower, Session } from './session.svelte';

const kAskedAtOnce = 4;

export class Stickers implements Follower {
  packs = $state.raw<readonly StickerPack[]>([]);
  /** Which pack a message has brought, of those that were added since the page is open. */
  readonly added = new SvelteMap<MessageId, string>();
  private wanted = false;
  private readonly pictures = new Map<string, Promise<Blob>>();
  private asking = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly session: Session) {
    session.follow(this);
  }

  onReady(): void {
    this.pictures.clear();
    if (this.wanted) void this.read();
  }

  onNotice(notice: Notice): void {
    if (notice.method === 'sticker_packs_changed' && this.wanted) void this.read();
  }

  /** They are to be shown from now on. */
  want(): void {
    if (this.wanted) return;
    this.wanted = true;
    if (this.session.attached) void this.read();
  }

  /** One that is here, by its name as a sticker says it. */
  named(name: string): StickerPack | undefined {
    return name === '' ? undefined : this.packs.find((each) => each.name === name && !each.coming);
  }

  byId(pack: string | undefined): StickerPack | undefined {
    return this.packs.find((each) => each.pack === pack);
  }

  picture(pack: string, number: number): Promise<Blob> {
    const key = `${pack} ${number}`;
    const known = this.pictures.get(key);
    if (known) return known;
    const asked = this.inTurn(() => this.session.call('read_sticker', { pack, number }))
      .then(({ picture, sticker }) => new Blob([fromBase64url(picture) ?? new Uint8Array()], { type: sticker.mime }));
    this.pictures.set(key, asked);
    asked.catch(() => this.pictures.delete(key));
    return asked;
  }

  // A panel shows hundreds at once, and what waits for a page has bounds: so many are asked for at a time.
  private async inTurn<T>(ask: () => Promise<T>): Promise<T> {
    while (this.asking >= kAskedAtOnce) await new Promise<void>((go) => this.waiting.push(go));
    this.asking += 1;
    try {
      return await ask();
    } finally {
      this.asking -= 1;
      this.waiting.shift()?.();
    }
  }

  async add(chat: string, message: MessageId): Promise<StickerPack> {
    const { pack } = await this.session.call('add_sticker_pack', { chat, message });
    await this.read();
    this.added.set(message, pack.pack);
    return pack;
  }

  async remove(pack: string): Promise<void> {
    await this.session.call('remove_sticker_pack', { pack });
    for (const key of [...this.pictures.keys()]) if (key.startsWith(`${pack} `)) this.pictures.delete(key);
    await this.read();
  }

  async read(): Promise<void> {
    const { packs } = await this.session.call('list_sticker_packs', {}).catch(() => ({ packs: null }));
    if (packs) this.packs = packs;
  }
}
