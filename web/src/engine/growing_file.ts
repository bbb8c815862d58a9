// A file that is made piece by piece and given away when it is whole. What there is of it belongs to the browser, which lays it on its disk
// when it grows large; nothing of it is stored, so nothing is left when the page goes.

import { HostFailure } from './host_failure';

/** So much is gathered before the browser gets it. */
const kPartSize = 4 * 1024 * 1024;

type Bytes = Uint8Array<ArrayBuffer>;

export class GrowingFile {
  private parts: Blob[] = [];
  private waiting: Bytes[] = [];
  private waitingSize = 0;

  /** Goes on with these. Fails with store_disk_full. */
  async append(bytes: Bytes): Promise<void> {
    this.waiting.push(bytes);
    this.waitingSize += bytes.length;
    if (this.waitingSize >= kPartSize) await this.settle();
  }

  /** Goes on with a part of a file of the person, which is not copied. */
  async appendFile(file: Blob): Promise<void> {
    await this.settle();
    this.parts.push(file);
  }

  /** Cuts off what stands behind its first `size` bytes. */
  cut(size: number): void {
    const all = [...this.parts, ...this.waiting];
    this.parts = [];
    this.waiting = [];
    this.waitingSize = 0;
    for (const each of all) {
      const part = new Blob([each]).slice(0, size);
      if (part.size > 0) this.parts.push(part);
      size -= part.size;
    }
  }

  /** All of it. Fails with store_disk_full. */
  async whole(): Promise<Blob> {
    await this.settle();
    return new Blob(this.parts);
  }

  // A browser that has no room for it says so only to whoever reads it.
  private async settle(): Promise<void> {
    if (this.waitingSize === 0) return;
    const part = new Blob(this.waiting);
    this.waiting = [];
    this.waitingSize = 0;
    try {
      await part.slice(-1).arrayBuffer();
    } catch {
      throw new HostFailure('store_disk_full');
    }
    this.parts.push(part);
  }
}
