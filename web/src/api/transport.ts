// How the page reaches an engine: one stream of lines each way. The native engine is behind a WebSocket (socket_transport.ts);
// an engine in a worker is another implementation of the same two interfaces.

/** One connection. After onClose nothing comes any more, and it is of no use. */
export interface Connection {
  /** Sends one line, without its end. */
  send(line: string): void;
  /** Ends the connection; onClose is called as well. */
  close(): void;
}

/** What a connection tells. */
export interface Listener {
  /** The connection can be used. */
  onOpen(): void;
  /** One line came, without its end. */
  onLine(line: string): void;
  /** Something else than the engine answers there. onClose follows; it is of no use to try again. */
  onStranger?(): void;
  /** It is over. */
  onClose(): void;
}

export interface Transport {
  connect(listener: Listener): Connection;
}
