// Keys that work wherever the person is: Ctrl+K (Cmd+K) looks for something in all chats, Ctrl+F in the one that is open.

import { tick } from 'svelte';
import type { App } from '../state/app.svelte';

async function toField(selector: string): Promise<void> {
  await tick();
  const field = document.querySelector<HTMLInputElement>(selector);
  field?.focus();
  field?.select();
}

export function onShortcut(app: App, event: KeyboardEvent): void {
  if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || document.querySelector('dialog[open]')) return;
  const { place } = app.navigation;
  if (event.code === 'KeyK') {
    event.preventDefault();
    // The list lies beneath a page, or on a phone beneath the chat.
    if (place.left || (place.chat && matchMedia('(max-width: 720px)').matches)) app.navigation.go({ left: null, chat: null, right: null });
    void toField('[data-search]');
  } else if (event.code === 'KeyF' && place.chat) {
    // Asked twice, the browser's own search comes.
    if ((event.target as Element).closest('[role=search]')) return;
    event.preventDefault();
    app.navigation.go({ right: 'search' });
    setTimeout(() => void toField('[role=search] input'), 80);
  }
}
