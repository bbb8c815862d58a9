// Places of the page, gone to as the browser's own history does it.

/** Goes to a place of the page: what is not named is closed. */
export async function go(page, place) {
  await page.evaluate((each) => {
    history.pushState({ place: { chat: null, left: null, right: null, ...each } }, '');
    dispatchEvent(new PopStateEvent('popstate', { state: history.state }));
  }, place);
  await page.waitForTimeout(500); // what glides in has arrived
}
