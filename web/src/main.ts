import { mount } from 'svelte';
import App from './App.svelte';
import { hearFromFirstTouch } from './calls/ring';
import { languageFor, setLanguage, t } from './messages/t.svelte';
import { App as AppState } from './state/app.svelte';
import { BrowserStorage } from './state/browser_storage';
import { Engine } from './state/engine.svelte';
import './style/base.css';

async function main(): Promise<void> {
  if (document.documentElement.classList.contains('too-old')) return; // public/old_browser.js says why
  hearFromFirstTouch(window);
  let app: AppState | null = null;
  const storage = new BrowserStorage(window);
  const engine = await Engine.find(window, storage, () => app?.brought.token ?? '');
  app = new AppState(window, storage, engine);
  // Without the words of another language it goes on in English.
  await setLanguage(languageFor(app.preferences.language, navigator.languages)).catch(() => undefined);
  if (engine.trouble) app.session.end();
  app.session.start();
  const target = document.getElementById('app')!;
  target.replaceChildren(); // what index.html shows until now, Starting.svelte goes on showing
  mount(App, { target, props: { app } });
  if (import.meta.env.PROD && import.meta.env.MODE !== 'single') setTimeout(() => void app.installed.start(), 1000);
  else app.installed.none();
}

// Nobody is left before a picture that stays: what comes here nobody has foreseen, so it is said as it is.
main().catch((failure: unknown) => {
  const place = document.getElementById('app')!;
  place.textContent = `${t('trouble.unstarted')} (${String(failure)})`;
  place.setAttribute('role', 'alert');
});
