// The native engine, behind the WebSocket of `godwit web`: binary messages, whose contents are the lines. The first of them proves
// that it is this engine (engine_proof.ts); until then nothing is said, and nothing of it is believed.

import { newNonce, provesEngine } from './engine_proof';
import { LineCutter } from './line_cutter';
import type { Connection, Listener, Transport } from './transport';

// A piece of what is sent: the program at the other side takes no larger messages.
const kPieceSize = 32 * 1024;
const kProofMs = 10_000;

export class SocketTransport implements Transport {
  /** `token` is asked for with each connection: the page may get another one. */
  constructor(
    private readonly url: string,
    private readonly token: () => string,
  ) {}

  connect(listener: Listener): Connection {
    const nonce = newNonce();
    const socket = new WebSocket(`${this.url}?nonce=${nonce}`);
    socket.binaryType = 'arraybuffer';
    const encoder = new TextEncoder();
    let phase: 'unproven' | 'checking' | 'proven' | 'over' = 'unproven';
    let timer: ReturnType<typeof setTimeout> | undefined;
    const early: string[] = []; // what came behind the proof while it was checked
    const end = (stranger: boolean) => {
      if (phase === 'over') return;
      phase = 'over';
      clearTimeout(timer);
      if (stranger) listener.onStranger?.();
      socket.close();
      // Not when the other side has agreed: somebody else may never do that, and whoever waits for an answer would wait with it.
      queueMicrotask(() => listener.onClose());
    };
    const check = async (line: string) => {
      phase = 'checking';
      const right = await provesEngine(line, this.token(), nonce);
      if (phase !== 'checking') return; // it has ended meanwhile
      if (!right) return end(true);
      clearTimeout(timer);
      phase = 'proven';
      listener.onOpen();
      for (const each of early) listener.onLine(each);
    };
    const cutter = new LineCutter((line) => {
      if (phase === 'proven') listener.onLine(line);
      else if (phase === 'checking') early.push(line);
      else if (phase === 'unproven') void check(line);
    });
    socket.onopen = () => (timer = setTimeout(() => end(true), kProofMs));
    socket.onclose = () => {
      if (phase === 'over') return;
      phase = 'over';
      clearTimeout(timer);
      listener.onClose();
    };
    socket.onmessage = (event) => {
      if (phase === 'over') return;
      if (!(event.data instanceof ArrayBuffer) || !cutter.take(new Uint8Array(event.data))) end(phase !== 'proven');
    };
    return {
      send(line) {
        if (phase !== 'proven') return;
        const bytes = encoder.encode(line + '\n');
        for (let at = 0; at < bytes.length; at += kPieceSize) socket.send(bytes.subarray(at, at + kPieceSize));
      },
      close: () => end(false),
    };
  }
}
