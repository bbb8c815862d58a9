// What a program around an engine does for `godwit web` (src/cli/program_jobs.h), for an engine in a browser: taking in what another
// messenger has exported, and archives. One job after the other; the engine goes on meanwhile.

import { GrowingFile } from './growing_file';
import { HostFailure, refusal } from './host_failure';
import { MovingModule, type MovingHost } from './moving_module';
import { kJob } from './protocol';
import { unzipped } from './unzipped';
import type { WebFiles } from './web_files';
import { isZip, PieceReader, readDirectory, unpack, wholeFile, type ZipEntry } from './zip';

type Method = 'import_chat' | 'archive_chats' | 'restore_chats';
const kMethods: readonly string[] = ['import_chat', 'archive_chats', 'restore_chats'] satisfies Method[];

interface Job {
  peer: number;
  method: Method;
  line: string;
  source: string;
  stop: AbortController;
}

/** The archive of a job. */
interface Archive {
  growing: GrowingFile;
  /** What the page gets: a new one that is whole, else the one that it has lent. */
  made: Blob | null;
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
  private readonly held = new Map<number, string[]>(); // by whom what was made waits for
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
    this.stopAll((job) => job.source === source);
  }

  /** A program has gone, and with it whoever waits for its jobs. */
  leave(peer: number): void {
    this.stopAll((job) => job.peer === peer);
    for (const path of this.held.get(peer) ?? []) void this.parts.files.takeBack(path).catch(() => undefined);
    this.held.delete(peer);
  }

  private stopAll(which: (job: Job) => boolean): void {
    for (const job of this.jobs) if (which(job)) job.stop.abort();
  }

  /** True: the line asks for a job, which is answered in its turn. */
  take(peer: number, line: string): boolean {
    if (!kJob.test(line)) return false;
    let request: { method?: string; id?: unknown; params?: { file?: unknown } } | null;
    try {
      request = JSON.parse(line) as typeof request;
    } catch {
      return false; // the engine says what is wrong with it
    }
    const file = request?.params?.file;
    if (!request || !kMethods.includes(request.method!) || request.id === undefined || typeof file !== 'string') return false;
    const job: Job = { peer, method: request.method as Method, line, source: file, stop: new AbortController() };
    this.jobs.add(job);
    this.last = this.last.then(async () => {
      try {
        const answer = await this.run(job);
        this.parts.tell(peer, (JSON.parse(answer) as { id: unknown }).id === null ? refusal(request.id, 'api_not_json') : answer);
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

  // What the engine is to fetch; empty: it has not come in this time. What comes after that nobody wants.
  private async fetchWithin(line: string, limitMs: number, stop: AbortSignal): Promise<string> {
    const answer = this.ask(line);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let end: () => void = () => undefined;
    const ended = new Promise<string>((resolve, reject) => {
      end = () => reject(new HostFailure('browser_stopped'));
      timer = setTimeout(() => resolve(''), limitMs);
    });
    stop.addEventListener('abort', end);
    if (stop.aborted) end();
    try {
      const first = await Promise.race([answer, ended]);
      if (first === '') void answer.then((late) => this.forgetFetched(late));
      return first;
    } catch (failure) {
      void answer.then((late) => this.forgetFetched(late));
      throw failure;
    } finally {
      clearTimeout(timer);
      stop.removeEventListener('abort', end);
    }
  }

  private forgetFetched(line: string): void {
    const { result } = JSON.parse(line) as { result?: { path?: string } };
    if (result?.path) void this.parts.files.forget(result.path).catch(() => undefined);
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
    const archive: Archive = { growing: new GrowingFile(), made: file ?? null };
    const module = await MovingModule.load(await this.module(), this.hostOf(job, file, entries, archive), this.parts.onComplaint);
    await this.parts.files.sweepMedia();
    await this.ask(JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'subscribe', params: { notices: [] } }));
    if (file || job.method !== 'archive_chats') await this.look(module, file, job, entries);
    const answer = await module.run(job.line);
    if (job.method === 'archive_chats' && archive.made && !('error' in (JSON.parse(answer) as object))) this.hold(job, archive.made);
    return answer;
  }

  // Until the page takes it, or goes.
  private hold({ peer, source, stop }: Job, made: Blob): void {
    if (stop.signal.aborted) return;
    this.parts.files.hold(source, made);
    this.held.set(peer, [...(this.held.get(peer) ?? []), source]);
  }

  // What the file is, and what is in it.
  private async look(module: MovingModule, file: File | undefined, { source, method }: Job, entries: ZipEntry[]): Promise<void> {
    const name = source.slice(source.indexOf('/') + 1);
    try {
      if (!file) throw new HostFailure('browser_file_gone');
      const zip = method === 'import_chat' && (await isZip(file));
      module.source(name, file.size, zip);
      if (zip) await readDirectory(file, (entry) => (entries.push(entry), module.entry(entry)));
    } catch (failure) {
      if (!(failure instanceof HostFailure)) throw failure;
      module.source(name, 0, false);
      module.fail(failure.errorName);
    }
  }

  private hostOf(job: Job, file: File | undefined, entries: readonly ZipEntry[], archive: Archive): MovingHost {
    const { files } = this.parts;
    const method = job.method === 'import_chat' ? 'import_progress' : 'archive_progress';
    let part = '';
    let size = 0;
    return {
      ask: (line, limitMs) => (limitMs === Infinity ? this.ask(line) : this.fetchWithin(line, limitMs, job.stop.signal)),
      openEntry: (entry) => unpack(file!, entries[entry]!),
      openWhole: async () => wholeFile(file!),
      openMedia: async (name) => new PieceReader(await files.streamMedia(name)),
      openFetched: async (path) => new PieceReader(await files.stream(path), () => void files.forget(path).catch(() => undefined)),
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
        const isNew = await files.keepMedia(part, name, size);
        part = '';
        return isNew;
      },
      async mediaDrop() {
        if (part) await files.dropMedia(part);
        part = '';
      },
      archiveBegin: () => void (archive.growing = new GrowingFile()),
      archiveCopy: (bytes) => archive.growing.appendFile(file!.slice(0, bytes)),
      archiveWrite: (bytes) => archive.growing.append(bytes),
      archiveCut: (bytes) => archive.growing.cut(bytes),
      archiveKeep: async () => void (archive.made = await archive.growing.whole()),
      stopped: () => job.stop.signal.aborted,
      show: (messages) => this.parts.tell(job.peer, JSON.stringify({ jsonrpc: '2.0', method, params: { file: job.source, messages } })),
    };
  }
}

async function fetched(url: string): Promise<ArrayBuffer> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.arrayBuffer();
}
