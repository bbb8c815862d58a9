// How files pass between the page and its engine: `godwit web` takes and gives them by HTTP beside the API, an engine in this
// browser by itself (engine/engine_files.ts).

import { CallFailed } from '../api/client';
import { dropFolder } from './drop_folder';

/** Asks the engine for a file (get_file), to be left at `destination`; gives its path there. */
export type FetchTo = (destination: string) => Promise<string>;

/** Where the engine leaves a file. It stays the same while the fetching is held up, since the engine goes on where it was. */
export interface Place {
  destination?: string;
}

/** True if a person has held up the fetching. */
export function isHeldUp(error: unknown): boolean {
  return error instanceof CallFailed && error.errorName === 'engine_file_paused';
}

export interface FileWays {
  /** Brings a file to where the engine reads it; gives what to name as `source`. AbortError if `signal` has stopped it. */
  give(file: Blob, name: string, onProgress: (part: number) => void, signal?: AbortSignal): Promise<string>;
  /** The same for what is only read, and once: where the engine can read it in its place, it is not copied. */
  lend(file: Blob, name: string, onProgress: (part: number) => void): Promise<string>;
  /** What was given has gone out, or never will. What reads it now ends. */
  takeBack(source: string): void;
  /** A file that the engine fetches. What was held up is at `place` and goes on with the next call. */
  get(fetchTo: FetchTo, place?: Place): Promise<Blob>;
}

export class HttpFiles implements FileWays {
  constructor(private readonly token: () => string) {}

  give(file: Blob, name: string, onProgress: (part: number) => void, signal?: AbortSignal): Promise<string> {
    // fetch() tells nothing of how far an upload is.
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open('PUT', `./files/${encodeURIComponent(name)}`);
      request.setRequestHeader('Authorization', `Bearer ${this.token()}`);
      request.upload.onprogress = (event) => onProgress(event.total > 0 ? event.loaded / event.total : 0);
      request.onload = () => {
        const path = request.status === 201 ? pathOf(request.responseText) : null;
        if (path) resolve(path);
        else reject(new CallFailed(request.status, 'file_not_taken', '', 'fix'));
      };
      request.onerror = () => reject(new CallFailed(0, 'file_not_taken', '', 'retry_later'));
      request.onabort = () => reject(new DOMException('', 'AbortError'));
      signal?.addEventListener('abort', () => request.abort());
      request.send(file);
    });
  }

  lend(file: Blob, name: string, onProgress: (part: number) => void): Promise<string> {
    return this.give(file, name, onProgress);
  }

  takeBack(source: string): void {
    void dropFolder(source, this.token());
  }

  async get(fetchTo: FetchTo, place: Place = {}): Promise<Blob> {
    const headers = { Authorization: `Bearer ${this.token()}` };
    let path = (place.destination ??= await this.newFolder(headers));
    let heldUp = false;
    try {
      path = await fetchTo(path);
      const [folder, name] = path.split('/').slice(-2);
      const answer = await fetch(`./files/${encodeURIComponent(folder!)}/${encodeURIComponent(name!)}`, { headers });
      if (!answer.ok) throw new CallFailed(answer.status, 'file_not_taken', '', 'retry_later');
      return await answer.blob();
    } catch (error) {
      heldUp = isHeldUp(error);
      throw error;
    } finally {
      if (!heldUp) this.takeBack(path);
    }
  }

  private async newFolder(headers: Record<string, string>): Promise<string> {
    const made = await fetch('./files', { method: 'POST', headers });
    const path = made.status === 201 ? pathOf(await made.text()) : null;
    if (!path) throw new CallFailed(made.status, 'file_not_taken', '', 'fix');
    return path;
  }
}

function pathOf(text: string): string | null {
  try {
    const path = (JSON.parse(text) as { path?: unknown }).path;
    return typeof path === 'string' ? path : null;
  } catch {
    return null;
  }
}
