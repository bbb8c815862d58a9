// What comes into a chat is fetched unasked only so far: whoever writes into it decides how much comes.

/** For one chat or channel, as long as it is open. */
const kBytesMax = 100 * 1024 * 1024;
/** One file that is larger is fetched when it is asked for. */
const kFileBytesMax = 10 * 1024 * 1024;

export class Unasked {
  private left = kBytesMax;

  /** True: it may be fetched now, and is counted. */
  take(bytes: number): boolean {
    if (bytes > kFileBytesMax || bytes > this.left) return false;
    this.left -= bytes;
    return true;
  }
}
