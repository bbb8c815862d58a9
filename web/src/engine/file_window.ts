// A file that is looked through from its beginning to its end: read in large pieces, asked for in small ones.

const kWindow = 256 * 1024;

type Bytes = Uint8Array<ArrayBuffer>;

export class FileWindow {
  private bytes: Bytes = new Uint8Array(0);
  private begin = 0;

  constructor(readonly file: Blob) {}

  /** So many bytes from there on, fewer at the end of the file. They live until it is asked again. */
  async read(at: number, size: number): Promise<Bytes> {
    const end = Math.min(at + size, this.file.size);
    if (at >= end) return new Uint8Array(0);
    if (at < this.begin || end > this.begin + this.bytes.length) {
      this.bytes = new Uint8Array(await this.file.slice(at, at + Math.max(size, kWindow)).arrayBuffer());
      this.begin = at;
    }
    return this.bytes.subarray(at - this.begin, end - this.begin);
  }

  /** True if the file has bytes up to there. */
  hasUpTo(end: number): boolean {
    return end <= this.file.size;
  }
}
