// The address of the engine's worker, which is the only other script that the page starts: one that lies with the page, or one that
// the page has made of what stands in it (single_file.ts).

/** Gives `address` back, or fails: it is of somebody else. `page` is where the page itself lies. */
export function ownWorker(address: string, page: string): string {
  const url = new URL(address, page);
  const folder = new URL('.', page).href;
  const isOwn =
    url.protocol === 'blob:'
      ? url.href.startsWith(`blob:${new URL(page).protocol === 'file:' ? 'null' : new URL(page).origin}/`)
      : url.href.startsWith(folder) && /^[\w-]+(\/[\w-]+)*\.js$/.test(url.href.slice(folder.length));
  if (!isOwn) throw new TypeError('not a script of this page');
  return address;
}
