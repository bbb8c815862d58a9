// Keys that work wherever the person is: Ctrl+K (Cmd+K) looks for something in all chats, Ctrl+F in the one that is open.

import { tick } from 'svelte';
import type { App } from '../state/app.svelte';

/** Within this a page of the search has been loaded, or is not. */
const kComesMs = 10_000;

// The page with the field may still have to be loaded; and once it is there, it takes the focus first.
async function toField(selector: string): Promise<void> {
  await tick();
  for (const end = Date.now() + kComesMs; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 30))) {
    const field = document.querySelector<HTMLInputElement>(selector);
    if (!field) continue;
    await tick();
    field.focus();
    field.select();
    return;
  }
}

export function onShortcut(app: App, event: KeyboardEvent): void {
  if (event.defaultPrevented || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || document.querySelector('dialog[open]')) return;
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
    void toField('[role=search] input');
  }
}
