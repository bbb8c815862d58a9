import { mount } from 'svelte';
import App from './App.svelte';
import { languageFor, setLanguage } from './messages/t.svelte';
import { App as AppState } from './state/app.svelte';
import { Engine } from './state/engine.svelte';
import './style/base.css';

async function main(): Promise<void> {
  if (!('popover' in HTMLElement.prototype)) return; // public/old_browser.js has said why
  let app: AppState | null = null;
  const engine = await Engine.find(window, () => app?.brought.token ?? '');
  app = new AppState(window, engine);
  await setLanguage(languageFor(app.preferences.language, navigator.languages));
  if (engine.trouble) app.session.end();
  app.session.start();
  const target = document.getElementById('app')!;
  target.replaceChildren(); // what index.html shows until now, Starting.svelte goes on showing
  mount(App, { target, props: { app } });
  if (import.meta.env.PROD && import.meta.env.MODE !== 'single') setTimeout(() => void app.installed.start(), 1000);
}

void main();
