// What a program around an engine does for `godwit web` (src/cli/program_jobs.h), for an engine in a browser: taking in what another
// messenger has exported. One job after the other; the engine goes on meanwhile.

import { HostFailure, refusal } from './host_failure';
import { MovingModule, type MovingHost } from './moving_module';
import { unzipped } from './unzipped';
import type { WebFiles } from './web_files';
import { isZip, readDirectory, unpack, wholeFile, type ZipEntry } from './zip';

interface Job {
  peer: number;
  line: string;
  source: string;
  stopped: boolean;
}

export interface MovingParts {
  /** The module, packed or not, or where it lies. */
  module: ArrayBuffer | string | null;
  files: WebFiles;
  /** A line to the engine. */
  say(line: string): void;
  /** A line to a program. */
  tell(peer: number, line: string): void;
  onComplaint(text: string): void;
}

export class Moving {
  private readonly lent = new Map<string, File>();
  private readonly asked = new Map<number, (line: string) => void>();
  private readonly jobs = new Set<Job>();
  private last: Promise<void> = Promise.resolve();
  private compiled: Promise<WebAssembly.Module> | null = null;
  private lastId = 0;

  constructor(private readonly parts: MovingParts) {}

  /** The page lends a file for a job. It is nowhere but in the page: neither copied nor kept. */
  lend(source: string, file: Blob): void {
    this.lent.set(source, file instanceof File ? file : new File([file], ''));
  }

  /** It is not wanted any more: a job that reads it ends. */
  takeBack(source: string): void {
    this.lent.delete(source);
    for (const job of this.jobs) job.stopped ||= job.source === source;
  }

  /** A program has gone, and with it whoever waits for its jobs. */
  leave(peer: number): void {
    for (const job of this.jobs) job.stopped ||= job.peer === peer;
  }

  /** True: the line asks for a job, which is answered in its turn. */
  take(peer: number, line: string): boolean {
    if (!line.includes('"import_chat"')) return false;
    let request: { method?: unknown; id?: unknown; params?: { file?: unknown } } | null;
    try {
      request = JSON.parse(line) as typeof request;
    } catch {
      return false; // the engine says what is wrong with it
    }
    const file = request?.params?.file;
    if (request?.method !== 'import_chat' || request.id === undefined || typeof file !== 'string') return false;
    const job: Job = { peer, line, source: file, stopped: false };
    this.jobs.add(job);
    this.last = this.last.then(async () => {
      try {
        this.parts.tell(peer, await this.run(job));
      } catch (failure) {
        const name = failure instanceof HostFailure ? failure.errorName : 'engine_crashed';
        this.parts.tell(peer, refusal(request.id, name));
      }
      this.jobs.delete(job);
    });
    return true;
  }

  /** What the engine has answered. */
  hear(line: string): void {
    const { id } = JSON.parse(line) as { id?: number };
    if (id === undefined) return;
    const take = this.asked.get(id);
    this.asked.delete(id);
    take?.(line);
  }

  private ask(line: string): Promise<string> {
    const id = ++this.lastId;
    return new Promise((resolve) => {
      this.asked.set(id, resolve);
      this.parts.say(line.replace('"id":0', `"id":${id}`)); // which stands before whatever anybody has written
    });
  }

  private module(): Promise<WebAssembly.Module> {
    this.compiled ??= this.load();
    this.compiled.catch(() => (this.compiled = null)); // the network may be back the next time
    return this.compiled;
  }

  private async load(): Promise<WebAssembly.Module> {
    try {
      const { module } = this.parts;
      const bytes = typeof module === 'string' ? await fetched(module) : module!;
      return await WebAssembly.compile(await unzipped(bytes));
    } catch {
      throw new HostFailure('browser_part_not_there');
    }
  }

  private async run(job: Job): Promise<string> {
    const file = this.lent.get(job.source);
    const entries: ZipEntry[] = [];
    const module = await MovingModule.load(await this.module(), this.hostOf(job, file, entries), this.parts.onComplaint);
    await this.parts.files.sweepMedia();
    await this.ask(JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'subscribe', params: { notices: [] } }));
    await this.look(module, file, job.source, entries);
    return module.run(job.line);
  }

  // What the file is, and what is in it.
  private async look(module: MovingModule, file: File | undefined, source: string, entries: ZipEntry[]): Promise<void> {
    const name = source.slice(source.indexOf('/') + 1);
    try {
      if (!file) throw new HostFailure('browser_file_gone');
      const zip = await isZip(file);
      module.source(name, file.size, zip);
      if (zip) await readDirectory(file, (entry) => (entries.push(entry), module.entry(entry)));
    } catch (failure) {
      if (!(failure instanceof HostFailure)) throw failure;
      module.source(name, 0, false);
      module.fail(failure.errorName);
    }
  }

  private hostOf(job: Job, file: File | undefined, entries: readonly ZipEntry[]): MovingHost {
    const { files } = this.parts;
    let part = '';
    let size = 0;
    return {
      ask: (line) => this.ask(line),
      open: async (entry) => (entry === null ? wholeFile(file!) : unpack(file!, entries[entry]!)),
      async mediaBegin() {
        if (part) await files.dropMedia(part);
        part = crypto.randomUUID();
        size = 0;
      },
      async mediaWrite(bytes) {
        await files.writeMedia(part, size, bytes);
        size += bytes.length;
      },
      async mediaKeep(name) {
        await files.keepMedia(part, name, size);
        part = '';
      },
      async mediaDrop() {
        if (part) await files.dropMedia(part);
        part = '';
      },
      stopped: () => job.stopped,
      show: (messages) => this.parts.tell(job.peer, JSON.stringify({ jsonrpc: '2.0', method: 'import_progress', params: { file: job.source, messages } })),
    };
  }
}

async function fetched(url: string): Promise<ArrayBuffer> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.arrayBuffer();
}
