// The worker of one call: the browser hands it each encoded frame before it leaves and before it is decoded.

import type { Frame } from './frames';
import { ManyFrames, type AttachedLine, type ToManyFrames } from './many_frames';

interface Transformer {
  readonly options: AttachedLine;
  readonly readable: ReadableStream<Frame>;
  readonly writable: WritableStream<Frame>;
}
interface Scope {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent<ToManyFrames>) => void) | null;
  onrtctransform: ((event: { transformer: Transformer }) => void) | null;
}

const scope = self as unknown as Scope;
const frames = new ManyFrames((message) => scope.postMessage(message));

function attach({ options, readable, writable }: Transformer): void {
  const through = new TransformStream<Frame, Frame>({
    async transform(frame, controller) {
      const out = await frames.pass(options, frame);
      if (out) controller.enqueue(out);
    },
  });
  // It ends with the call; what breaks it is seen by its counts.
  readable.pipeThrough(through).pipeTo(writable).catch(() => undefined);
}

scope.onrtctransform = ({ transformer }) => attach(transformer);
let turn: Promise<void> = Promise.resolve(); // one after the other: a key is met before the next is made
scope.onmessage = ({ data }) => {
  if (data.do === 'attach') attach({ options: data.to, readable: data.readable, writable: data.writable });
  else turn = turn.then(() => frames.hear(data)).catch(() => undefined); // no answer is an answer: the page waits only so long
};
