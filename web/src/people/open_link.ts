// A link of Godwit that stands in a message, or that the page was opened with: looked at where links are taken.

import type { App } from '../state/app.svelte';

// On a phone a chat lies over the pages of the list.
const kNarrow = '(max-width: 720px)';

export function openGodwitLink(app: App, link: string): void {
  app.joining.link = link;
  app.navigation.go({ left: 'take_invite', right: null, ...(matchMedia(kNarrow).matches ? { chat: null } : {}) });
}
