// Gives a file of a message to the person: the browser saves it.

import type { Message } from '../api/types';
import type { App } from '../state/app.svelte';
import { harmlessFileName } from '../text/harmless';
import { kUnknown } from './kinds';

export async function saveFile(app: App, chat: string, message: Message): Promise<void> {
  if (!message.file) return;
  saveBlob(await app.transfers.get(chat, message.id), message.file.name);
}

/** The browser saves what the page has made or fetched. */
export function saveBlob(blob: Blob, name: string): void {
  // Its kind is not told: a browser that is asked to save does not open it.
  const url = URL.createObjectURL(new Blob([blob], { type: kUnknown }));
  const link = document.createElement('a');
  link.href = url;
  link.download = harmlessFileName(name) || 'file';
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
