// Files between the page and the engine in this browser.

import { CallFailed, kConnectionLost } from '../api/client';
import { isHeldUp, type FetchTo, type FileWays, type Place } from '../files/file_ways';
import { FileFailure, type EngineTransport } from './connect';

export class EngineFiles implements FileWays {
  constructor(private readonly engine: EngineTransport) {}

  async give(file: Blob, name: string, _onProgress: (part: number) => void, signal?: AbortSignal): Promise<string> {
    const source = await failing(this.engine.giveFile(file, name));
    if (!signal?.aborted) return source;
    this.engine.takeBackFile(source);
    throw new DOMException('', 'AbortError');
  }

  /** The worker reads it where it is. */
  lend(file: Blob, name: string): Promise<string> {
    return Promise.resolve(this.engine.lendFile(file, name));
  }

  takeBack(source: string): void {
    this.engine.takeBackFile(source);
  }

  /** It stays in the page's memory, as with the native engine: a message that goes away leaves nothing of its file on the disk. */
  async get(fetchTo: FetchTo, place: Place = {}): Promise<Blob> {
    let path = (place.destination ??= this.engine.newDestination());
    let heldUp = false;
    try {
      path = await fetchTo(path);
      return await failing(this.engine.takeFile(path));
    } catch (error) {
      heldUp = isHeldUp(error);
      throw error;
    } finally {
      if (!heldUp) this.takeBack(path);
    }
  }
}

/** As a call of the API fails, so that the page has one way to say it. */
async function failing<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof FileFailure)) throw error;
    const lost = error.errorName === 'engine_lost';
    throw new CallFailed(0, lost ? kConnectionLost : error.errorName, '', lost ? 'retry_later' : 'fix');
  }
}
