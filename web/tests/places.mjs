// Places of the page, gone to as the browser's own history does it.

const kQuietMs = 100;
const kPatienceMs = 3_000; // something plays: it is looked at as it is

/** Until what glides in has arrived, and nothing has changed for a moment. */
export async function rests(page) {
  await page.evaluate(
    ([quiet, patience]) =>
      new Promise((resolve) => {
        const end = performance.now() + patience;
        const moves = (each) => each.playState === 'running' && each.effect?.getComputedTiming().endTime !== Infinity;
        let timer;
        const again = () => {
          clearTimeout(timer);
          timer = setTimeout(look, quiet);
        };
        const observer = new MutationObserver(again);
        const look = () => {
          if (performance.now() < end && document.getAnimations().some(moves)) return again();
          observer.disconnect();
          resolve();
        };
        observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
        again();
        setTimeout(() => (observer.disconnect(), clearTimeout(timer), resolve()), patience);
      }),
    [kQuietMs, kPatienceMs],
  );
}

/** Goes to a place of the page: what is not named is closed. */
export async function go(page, place) {
  await page.evaluate((each) => {
    history.pushState({ place: { chat: null, left: null, right: null, ...each } }, '');
    dispatchEvent(new PopStateEvent('popstate', { state: history.state }));
  }, place);
  const wanted = place.left ? '.over h2' : place.right ? '.right h2' : place.chat || place.channel ? '.middle header' : '[data-row], .list';
  await page.locator(wanted).first().waitFor({ state: 'attached' });
  await rests(page);
}
