// The title of the page's tab. While it rings the tab says so every other second: a page that nobody has touched may not be heard.

const kBlinkMs = 1000;

/** Shows it; `rings`: what it says in turn with it, or empty. Gives how to stop. */
export function showTitle(title: string, rings: string): () => void {
  document.title = rings || title;
  if (!rings) return () => undefined;
  const timer = setInterval(() => (document.title = document.title === rings ? title : rings), kBlinkMs);
  return () => clearInterval(timer);
}
