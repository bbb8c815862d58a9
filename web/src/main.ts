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
  const app = new AppState(window, new SocketTransport(socketUrl.href));
  await setLanguage(languageFor(app.preferences.language, navigator.languages));
  app.session.start();
  mount(App, { target: document.getElementById('app')!, props: { app } });
}

void main();
