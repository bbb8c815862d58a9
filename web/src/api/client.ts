// Calls of the JSON API over one connection. Not here: what notices mean (state/), and when to connect again (state/session).

import type { Connection, Listener, Transport } from './transport';
import type { ErrorName, ErrorRecord, Methods, Notices } from './types';

export type MethodName = keyof Methods;
export type Notice = { [Name in keyof Notices]: { method: Name; params: Notices[Name] } }[keyof Notices];

/** A call was refused, or the connection ended before it was answered (`name` is kConnectionLost then). */
export class CallFailed extends Error {
  constructor(
    readonly code: number,
    readonly errorName: ErrorName | typeof kConnectionLost | string,
    sentence: string,
    readonly action: string = 'fix',
  ) {
    super(sentence);
  }
}

export const kConnectionLost = 'connection_lost';

/** True: it is not known whether the engine has done what it was asked. */
export function isLost(error: unknown): boolean {
  return error instanceof CallFailed && error.errorName === kConnectionLost;
}

// JSON-RPC's own numbers carry no name; they mean that this page asks for something that this engine does not have.
const kUnfitRequest = 'unfit_request';

// Half of a surrogate pair, as a cut text or a file's name may have, is no text for anybody else: an engine cannot read such a line.
function wellFormed(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/\p{Cs}/gu, '\ufffd') : value;
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: CallFailed): void;
}

export interface ClientEvents {
  onOpen(): void;
  onNotice(notice: Notice): void;
  onStranger?(): void;
  onClose(): void;
}

/** One connection's calls. Before it is open and once it is closed, every call fails with kConnectionLost; make another client then. */
export class Client implements Listener {
  private readonly connection: Connection;
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;
  private open = false;
  private closed = false;

  constructor(
    transport: Transport,
    private readonly events: ClientEvents,
  ) {
    this.connection = transport.connect(this);
  }

  call<Name extends MethodName>(method: Name, params: Methods[Name]['params']): Promise<Methods[Name]['result']> {
    return new Promise((resolve, reject) => {
      // Transports pass over what comes too early, and nobody would ever answer it.
      if (!this.open || this.closed) return reject(lost());
      const id = ++this.lastId;
      this.pending.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.connection.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }, wellFormed));
    });
  }

  close(): void {
    this.connection.close();
  }

  onOpen(): void {
    this.open = true;
    this.events.onOpen();
  }

  onLine(line: string): void {
    let message: Record<string, unknown>;
    try {
      message = JSON.parse(line) as Record<string, unknown>;
    } catch {
      return this.close(); // this engine speaks something else
    }
    if (typeof message['method'] === 'string') return this.events.onNotice(message as unknown as Notice);
    const pending = this.pending.get(message['id'] as number);
    if (!pending) return;
    this.pending.delete(message['id'] as number);
    if (message['error']) pending.reject(failure(message['error'] as WireError));
    else pending.resolve(message['result']);
  }

  onStranger(): void {
    this.events.onStranger?.();
  }

  onClose(): void {
    if (this.closed) return;
    this.closed = true;
    const waiting = [...this.pending.values()];
    this.pending.clear();
    for (const each of waiting) each.reject(lost());
    this.events.onClose();
  }
}

interface WireError {
  code: number;
  message: string;
  data?: Partial<ErrorRecord>;
}

function failure(error: WireError): CallFailed {
  return new CallFailed(error.code, error.data?.name ?? kUnfitRequest, error.data?.message ?? error.message, error.data?.action);
}

function lost(): CallFailed {
  return new CallFailed(0, kConnectionLost, '', 'retry_later');
}
