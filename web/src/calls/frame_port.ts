// The page's end of the worker that seals a call's frames.

import { inlinedFrameWorker } from '../engine/single_file';
import { trustedWorker } from '../pwa/trusted_scripts';
import type { Attached, Counts, FromFrames, SaidKey, ToFrames } from './frame_protocol';
import type { ToManyFrames } from './many_frames';
import workerUrl from './frame_worker.ts?worker&url';

type Target = RTCRtpSender | RTCRtpReceiver;
interface Streams {
  createEncodedStreams?(): { readable: ReadableStream; writable: WritableStream };
}

/** A worker that says nothing for so long is lost. */
const kSilentMs = 5_000;

/** True: this browser lets frames be sealed. There is no call without. */
export function canSeal(): boolean {
  return typeof RTCPeerConnection !== 'undefined' && (hasTransform() || 'createEncodedStreams' in RTCRtpSender.prototype);
}

function hasTransform(): boolean {
  return typeof RTCRtpScriptTransform !== 'undefined';
}

/** What a connection whose frames are sealed is made with. */
export function sealedConfiguration(): object {
  return hasTransform() ? {} : { encodedInsertableStreams: true };
}

/** Not an answer in time, or the worker has failed. */
export class FramesLost extends Error {}

export class FramePort {
  /** Told once of each side and kind: its first frame has gone through. */
  onFirst: (of: Attached, device?: string) => void = () => undefined;
  protected readonly worker: Worker;
  private readonly waiting = new Map<number, { resolve(message: FromFrames): void; reject(error: FramesLost): void }>();
  private lastRequest = 0;
  private lost = false;

  constructor() {
    this.worker = this.startWorker();
    this.worker.onmessage = ({ data }: MessageEvent<FromFrames>) => this.hear(data);
    this.worker.onerror = () => this.lose();
  }

  protected startWorker(): Worker {
    const inlined = inlinedFrameWorker();
    return inlined ? new Worker(trustedWorker(inlined)) : new Worker(trustedWorker(workerUrl), { type: 'module' });
  }

  /** To be called in the task in which the sender or receiver was made: Chromium passes over one that is set later, and says nothing. */
  attach(target: Target, to: Attached): void {
    if (hasTransform()) {
      target.transform = new RTCRtpScriptTransform(this.worker, to);
      return;
    }
    const streams = (target as Streams).createEncodedStreams?.();
    if (!streams) throw new FramesLost('no transform in this browser');
    const message: ToFrames = { do: 'attach', to, ...streams };
    this.worker.postMessage(message, [streams.readable, streams.writable]);
  }

  /** Before the first key: keys are agreed upon, as in a call of a group. */
  agree(): void {
    this.post({ do: 'agree' });
  }

  /** A new key for what is sent from here. The first seals at once, each later one after useKey(). */
  async makeKey(): Promise<SaidKey> {
    const said = await this.ask((request) => ({ do: 'make_key', request }));
    if (said.said !== 'key') throw new FramesLost('another answer');
    return said.key;
  }

  useKey(kid: number): void {
    this.post({ do: 'use_key', kid });
  }

  takeKey(key: SaidKey): void {
    this.post({ do: 'take_key', key });
  }

  /** What has gone through until now. Fails (FramesLost) when the worker does not answer. */
  async counts(): Promise<Counts> {
    const said = await this.ask((request) => ({ do: 'count', request }));
    if (said.said !== 'counts') throw new FramesLost('another answer');
    return said.counts;
  }

  close(): void {
    this.worker.terminate();
    this.lose();
  }

  protected post(message: ToManyFrames): void {
    this.worker.postMessage(message);
  }

  private ask(question: (request: number) => ToFrames): Promise<FromFrames> {
    if (this.lost) return Promise.reject(new FramesLost('closed'));
    const request = ++this.lastRequest;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => this.waiting.delete(request) && reject(new FramesLost('silent')), kSilentMs);
      const settle = () => (clearTimeout(late), this.waiting.delete(request));
      this.waiting.set(request, { resolve: (message) => (settle(), resolve(message)), reject: (error) => (settle(), reject(error)) });
      this.post(question(request));
    });
  }

  private hear(message: FromFrames): void {
    if (message.said === 'first') this.onFirst(message.of, message.device);
    else this.waiting.get(message.request)?.resolve(message);
  }

  private lose(): void {
    this.lost = true;
    for (const each of [...this.waiting.values()]) each.reject(new FramesLost('failed'));
  }
}
