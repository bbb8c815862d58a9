import { mount } from 'svelte';
import App from './App.svelte';
import { SocketTransport } from './api/socket_transport';
import { languageFor, setLanguage } from './messages/t.svelte';
import { App as AppState } from './state/app.svelte';
import './style/base.css';

async function main(): Promise<void> {
  if (!('popover' in HTMLElement.prototype)) return; // public/old_browser.js has said why
  const socketUrl = new URL('api', window.location.href);
  socketUrl.protocol = socketUrl.protocol === 'https:' ? 'wss:' : 'ws:';
  socketUrl.hash = '';
  const app: AppState = new AppState(window, new SocketTransport(socketUrl.href, () => app.brought.token ?? ''));
  await setLanguage(languageFor(app.preferences.language, navigator.languages));
  app.session.start();
  const target = document.getElementById('app')!;
  target.replaceChildren(); // what index.html shows until now, Starting.svelte goes on showing
  mount(App, { target, props: { app } });
  if (import.meta.env.PROD) setTimeout(() => void app.installed.start(), 1000);
}

void main();
