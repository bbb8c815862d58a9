// How files pass between the page and its engine: `godwit web` takes and gives them by HTTP beside the API, an engine in this
// browser by itself (engine/engine_files.ts).

import { CallFailed } from '../api/client';
import { dropFolder } from './drop_folder';

/** Asks the engine for a file (get_file), to be left at `destination`; gives its path there. */
export type FetchTo = (destination: string) => Promise<string>;

export interface FileWays {
  /** Brings a file to where the engine reads it; gives what to name as `source`. AbortError if `signal` has stopped it. */
  give(file: Blob, name: string, onProgress: (part: number) => void, signal?: AbortSignal): Promise<string>;
  /** What was given has gone out, or never will. */
  takeBack(source: string): void;
  /** A file that the engine fetches. */
  get(fetchTo: FetchTo): Promise<Blob>;
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

  takeBack(source: string): void {
    void dropFolder(source, this.token());
  }

  async get(fetchTo: FetchTo): Promise<Blob> {
    const headers = { Authorization: `Bearer ${this.token()}` };
    const made = await fetch('./files', { method: 'POST', headers });
    const destination = made.status === 201 ? pathOf(await made.text()) : null;
    if (!destination) throw new CallFailed(made.status, 'file_not_taken', '', 'fix');
    let path = destination;
    try {
      path = await fetchTo(destination);
      const [folder, name] = path.split('/').slice(-2);
      const answer = await fetch(`./files/${encodeURIComponent(folder!)}/${encodeURIComponent(name!)}`, { headers });
      if (!answer.ok) throw new CallFailed(answer.status, 'file_not_taken', '', 'retry_later');
      return await answer.blob();
    } finally {
      this.takeBack(path);
    }
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
