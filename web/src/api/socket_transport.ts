// The native engine, behind the WebSocket of `godwit web`: binary messages, whose contents are the lines.

import { LineCutter } from './line_cutter';
import type { Connection, Listener, Transport } from './transport';

// A piece of what is sent: the program at the other side takes no larger messages.
const kPieceSize = 32 * 1024;

export class SocketTransport implements Transport {
  constructor(private readonly url: string) {}

  connect(listener: Listener): Connection {
    const socket = new WebSocket(this.url);
    socket.binaryType = 'arraybuffer';
    const encoder = new TextEncoder();
    const cutter = new LineCutter((line) => listener.onLine(line));
    socket.onopen = () => listener.onOpen();
    socket.onclose = () => listener.onClose();
    socket.onmessage = (event) => {
      if (!(event.data instanceof ArrayBuffer) || !cutter.take(new Uint8Array(event.data))) socket.close();
    };
    return {
      send(line) {
        const bytes = encoder.encode(line + '\n');
        for (let at = 0; at < bytes.length; at += kPieceSize) socket.send(bytes.subarray(at, at + kPieceSize));
      },
      close: () => socket.close(),
    };
  }
}
