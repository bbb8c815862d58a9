// Short words at the edge of the page: what was done, what went wrong. They are read out as well.

export interface Toast {
  id: number;
  text: string;
  bad: boolean;
}

const kLastsMs = 6000;
const kShownMax = 3;

export class Toasts {
  shown = $state.raw<readonly Toast[]>([]);
  private lastId = 0;

  say(text: string, bad = false): void {
    const id = ++this.lastId;
    const others = this.shown.filter((each) => each.text !== text);
    this.shown = [...others, { id, text, bad }].slice(-kShownMax);
    setTimeout(() => this.dismiss(id), kLastsMs);
  }

  dismiss(id: number): void {
    this.shown = this.shown.filter((each) => each.id !== id);
  }
}
