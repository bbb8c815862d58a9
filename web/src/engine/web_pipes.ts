// Pipes of the engine by the browser's WebSocket. What a page cannot do, other than a native client (docs/protocol/carrier-wss.md):
// see or pin the certificate, choose what TLS shows, send early bytes before the upgrade is answered, pad with pongs, keep TLS
// tickets of different chats apart. The session inside authenticates the home all the same.

import type { PipeListener, Pipes } from './host';

/** From the dial until the upgrade is accepted; as natively. The engine's own patience is often shorter. */
const kConnectTimeout = 20_000;
/** RFC 6455 §7.4.1 */
const kNormal = 1000;
const kGoingAway = 1001;
/** A page may close with 1000 or with a number of its own only; this stands for 1003 (unsupported data). */
const kTextRefused = 4003;
const kAbnormal = 1006;

export interface PipeOptions {
  /** Dial homes on this machine without TLS, as a home behind a proxy listens there: for tests and for development. */
  plainLoopback?: boolean;
  /** False: what fails now fails because there is no network. */
  online?: () => boolean;
}

export class WebPipes implements Pipes {
  private readonly sockets = new Map<number, WebSocket>();

  constructor(private readonly options: PipeOptions = {}) {}

  open(pipe: number, url: string, early: Uint8Array<ArrayBuffer>, pinned: boolean, listener: PipeListener): void {
    let socket: WebSocket;
    try {
      socket = new WebSocket(this.address(url));
    } catch {
      // The page's own policy forbids it, or the browser does not take this port. Not at once: the engine is in the middle of its word.
      setTimeout(() => listener.onClose(pipe, 'unknown_failure'), 0);
      return;
    }
    socket.binaryType = 'arraybuffer';
    this.sockets.set(pipe, socket);
    let opened = false;
    let ending = ''; // why we end it ourselves
    const timeout = setTimeout(() => {
      this.end(socket);
      this.tellClosed(pipe, socket, 'generic_timeout_error', listener);
    }, kConnectTimeout);
    socket.onopen = () => {
      opened = true;
      clearTimeout(timeout);
      if (early.length > 0) socket.send(early);
      listener.onOpen(pipe);
    };
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data instanceof ArrayBuffer) return listener.onBytes(pipe, new Uint8Array(data));
      ending = 'websocket_protocol_error';
      socket.close(kTextRefused);
    };
    socket.onclose = ({ code, wasClean }: CloseEvent) => {
      clearTimeout(timeout);
      const error = ending || (opened ? endOf(code, wasClean) : this.whyNever(pinned));
      this.tellClosed(pipe, socket, error, listener);
    };
  }

  send(pipe: number, bytes: Uint8Array<ArrayBuffer>): void {
    const socket = this.sockets.get(pipe);
    // Closed already: the engine has been told, or is about to be.
    if (socket?.readyState === WebSocket.OPEN) socket.send(bytes);
  }

  close(pipe: number): void {
    const socket = this.sockets.get(pipe);
    this.sockets.delete(pipe);
    if (socket) this.end(socket);
  }

  closeAll(): void {
    for (const pipe of [...this.sockets.keys()]) this.close(pipe);
  }

  private address(url: string): string {
    if (!this.options.plainLoopback) return url;
    const { hostname } = new URL(url);
    const here = hostname === '127.0.0.1' || hostname === '[::1]' || hostname === 'localhost';
    return here ? url.replace(/^wss:/, 'ws:') : url;
  }

  // A page is never told why. If the network is there and the certificate is one that the home's link pins, the likeliest reason
  // is that the browser does not trust it, and a person can do something about it; the name says no more than that.
  private whyNever(pinned: boolean): string {
    if (this.options.online?.() === false) return 'network_unreachable';
    return pinned ? 'ssl_browser_cannot_pin' : 'unknown_failure';
  }

  private end(socket: WebSocket): void {
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(); // also of one that is still being dialled
  }

  private tellClosed(pipe: number, socket: WebSocket, error: string, listener: PipeListener): void {
    if (this.sockets.get(pipe) !== socket) return;
    this.sockets.delete(pipe);
    listener.onClose(pipe, error);
  }
}

function endOf(code: number, wasClean: boolean): string {
  if (wasClean && (code === kNormal || code === kGoingAway)) return 'pipe_closed_by_peer';
  return code === kAbnormal ? 'eof_error' : 'websocket_protocol_error';
}
