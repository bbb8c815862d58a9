// The frames of a call of many, which a unit forwards: sealed once for all who take part, and opened by who has sent them. A unit that hands the
// frames of one as those of another finds no key for them: each line of its offer belongs to a device, as the page has said, and is opened with
// that device's keys alone. No DOM, no worker, as frames.ts.

import type { Attached, Counts, FromFrames, ToFrames } from './frame_protocol';
import { Frames, type Frame } from './frames';

/** What a transform is for: of what comes from the unit, by the "mid" of its section. */
export interface AttachedLine extends Attached {
  line?: string;
}

export type ToManyFrames =
  | ToFrames
  /** What comes on a line is of this device from now on; null: of nobody. */
  | { do: 'whose'; line: string; device: string | null }
  /** A key of that device. */
  | { do: 'take_key_of'; device: string; key: Parameters<typeof keyMessage>[0] }
  /** It has left: nothing of it is opened any more. */
  | { do: 'forget'; device: string };

function keyMessage(key: { kid: number; key: Uint8Array<ArrayBuffer> }): ToFrames {
  return { do: 'take_key', key };
}

export class ManyFrames {
  private readonly own: Frames;
  private readonly others = new Map<string, Frames>();
  private readonly lines = new Map<string, string>();
  /** Of lines that were nobody's, and of those who have left: what was counted stays counted, and what is under way is. */
  private readonly past: Counts;
  private readonly gone: Counts[] = [];

  constructor(private readonly say: (message: FromFrames) => void) {
    this.own = new Frames((message) => this.sayOwn(message));
    this.past = structuredClone(this.own.counts);
  }

  async hear(message: ToManyFrames): Promise<void> {
    if (message.do === 'whose') {
      if (message.device === null) this.lines.delete(message.line);
      else this.lines.set(message.line, message.device);
    } else if (message.do === 'take_key_of') await this.framesOf(message.device).hear(keyMessage(message.key));
    else if (message.do === 'forget') this.forget(message.device);
    else await this.own.hear(message);
  }

  /** As Frames.pass(). */
  async pass<Any extends Frame>(of: AttachedLine, frame: Any): Promise<Any | null> {
    if (of.side === 'sent' || of.line === undefined) return this.own.pass(of, frame);
    const device = this.lines.get(of.line);
    const frames = device === undefined ? undefined : this.others.get(device);
    if (frames) {
      const passed = await frames.pass(of, frame);
      return device !== undefined && this.others.get(device) === frames ? passed : null; // he has left meanwhile
    }
    const count = this.past.received[of.kind];
    count.seen++;
    count.dropped++;
    count.keyless++;
    return null;
  }

  get counts(): Counts {
    const out = structuredClone(this.past);
    for (const each of [this.own.counts, ...this.gone, ...[...this.others.values()].map((other) => other.counts)]) add(out, each);
    return out;
  }

  private framesOf(device: string): Frames {
    const known = this.others.get(device);
    if (known) return known;
    const made = new Frames((message) => message.said === 'first' && this.say({ ...message, device }));
    this.others.set(device, made);
    return made;
  }

  private forget(device: string): void {
    const gone = this.others.get(device);
    if (gone) this.gone.push(gone.counts);
    this.others.delete(device);
    for (const [line, of] of this.lines) if (of === device) this.lines.delete(line);
  }

  private sayOwn(message: FromFrames): void {
    this.say(message.said === 'counts' ? { ...message, counts: this.counts } : message);
  }
}

function add(to: Counts, more: Counts): void {
  for (const side of ['sent', 'received'] as const) {
    for (const kind of ['audio', 'video'] as const) {
      const [sum, part] = [to[side][kind], more[side][kind]];
      for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += part[name];
    }
  }
}
