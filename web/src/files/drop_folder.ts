// A file that passes between the page and `godwit web` lies on the disk as it is meanwhile, in a folder of its own. It goes as soon
// as nobody needs it.

/** `path`: where a file is or was to be, as the program has said it; the folder goes with all that is in it. */
export async function dropFolder(path: string, token: string): Promise<void> {
  const folder = path.split('/').at(-2);
  if (!folder) return;
  // keepalive: also when the page is closed at once. If it fails, the program removes it when it ends.
  await fetch(`./files/${encodeURIComponent(folder)}`, { method: 'DELETE', headers: { Authorization: `Bearer ${token}` }, keepalive: true }).catch(() => undefined);
}
