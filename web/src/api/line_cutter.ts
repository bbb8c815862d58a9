// Cuts a stream of bytes into lines. The borders of what comes in mean nothing: a line may come in pieces, even a letter may.

import { kLineSizeMax } from './types';

export class LineCutter {
  private readonly decoder = new TextDecoder('utf-8');
  private rest = '';

  constructor(private readonly onLine: (line: string) => void) {}

  /** Takes bytes; false if a line is longer than any may be: the connection is of no use then. */
  take(bytes: Uint8Array): boolean {
    const parts = this.decoder.decode(bytes, { stream: true }).split('\n');
    parts[0] = this.rest + parts[0];
    this.rest = parts.pop() ?? '';
    for (const line of parts) if (line !== '') this.onLine(line);
    return this.rest.length <= kLineSizeMax;
  }
}
