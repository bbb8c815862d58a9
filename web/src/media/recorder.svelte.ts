// Records a voice note: asks for the microphone, listens to how loud it is, and gives what was said with its waveform. Nothing is
// sent from here.

import { encodeWaveform } from './waveform';

export interface Note {
  blob: Blob;
  name: string;
  durationMs: number;
  waveform: string;
}

export type RecorderPhase =
  | 'idle'
  | 'asking' // the browser asks the person for the microphone
  | 'recording'
  | 'unsent' // recorded, and not on its way yet
  | 'sending'; // on its way into the engine's reach

/** Why there is no recording. */
export type Refusal = 'denied' | 'no_microphone' | 'not_here';

const kLevelMs = 50;
const kMetered = 48; // the newest levels, which are shown
/** Longer ones end by themselves, so that a forgotten microphone does not listen for ever. */
export const kNoteMsMax = 60 * 60 * 1000;
/** What is shorter was a slip of the finger. */
export const kNoteMsMin = 500;
const kKinds = [
  { mime: 'audio/webm;codecs=opus', end: 'webm' },
  { mime: 'audio/ogg;codecs=opus', end: 'ogg' },
  { mime: 'audio/mp4', end: 'm4a' },
];

function refusalOf(error: unknown): Refusal {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  return name === 'NotFoundError' || name === 'NotReadableError' || name === 'OverconstrainedError' ? 'no_microphone' : 'not_here';
}

export class Recorder {
  phase = $state<RecorderPhase>('idle');
  ms = $state(0);
  /** While it records: what is said now is not. */
  paused = $state(false);
  /** The newest loudnesses, 0 to 1. */
  meter = $state.raw<readonly number[]>([]);
  /** What was recorded and not sent. */
  note = $state.raw<Note | null>(null);

  private levels: number[] = [];
  private parts: Blob[] = [];
  private stream: MediaStream | null = null;
  private recorder: MediaRecorder | null = null;
  private audio: AudioContext | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;
  private startedAt = 0; // or went on
  private msBefore = 0; // what was recorded until it was paused
  private attempt = 0;
  private ending: Promise<Note | null> | null = null;

  static readonly isPossible =
    typeof MediaRecorder !== 'undefined' && typeof navigator !== 'undefined' && navigator.mediaDevices !== undefined;

  /** Null: it records, or was cancelled meanwhile. Else why it does not. */
  async start(): Promise<Refusal | null> {
    if (this.phase !== 'idle') return null;
    const attempt = ++this.attempt;
    this.phase = 'asking';
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } });
    } catch (error) {
      if (attempt === this.attempt) this.phase = 'idle';
      return refusalOf(error);
    }
    if (attempt !== this.attempt) {
      for (const each of stream.getTracks()) each.stop(); // cancelled while it was asked
      return null;
    }
    try {
      this.record(stream);
      return null;
    } catch (error) {
      this.cancel();
      return refusalOf(error);
    }
  }

  private record(stream: MediaStream): void {
    this.stream = stream;
    const kind = kKinds.find((each) => MediaRecorder.isTypeSupported(each.mime));
    this.recorder = new MediaRecorder(stream, { ...(kind ? { mimeType: kind.mime } : {}), audioBitsPerSecond: 32_000 });
    this.parts = [];
    this.levels = [];
    this.recorder.ondataavailable = (event) => this.parts.push(event.data);
    this.listen(stream);
    this.recorder.start(1000);
    this.startedAt = performance.now();
    this.ms = this.msBefore = 0;
    this.paused = false;
    this.phase = 'recording';
    stream.getAudioTracks()[0]?.addEventListener('ended', () => void this.stop()); // unplugged: what there is stays
  }

  private listen(stream: MediaStream): void {
    this.audio = new AudioContext();
    const analyser = this.audio.createAnalyser();
    analyser.fftSize = 1024;
    this.audio.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.timer = setInterval(() => {
      if (this.paused) return;
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, each) => sum + each * each, 0) / samples.length;
      // Loudness is heard by its root; speech lies far beneath the full scale.
      this.levels.push(Math.min(1, Math.sqrt(Math.sqrt(power)) * 1.4));
      this.meter = this.levels.slice(-kMetered);
      this.ms = this.recorded();
      if (this.ms >= kNoteMsMax) void this.stop();
    }, kLevelMs);
  }

  private recorded(): number {
    return this.msBefore + (this.paused ? 0 : performance.now() - this.startedAt);
  }

  /** Holds the recording up, or goes on with it. */
  pause(paused: boolean): void {
    if (this.phase !== 'recording' || !this.recorder || paused === this.paused) return;
    if (paused) this.msBefore = this.ms = this.recorded();
    else this.startedAt = performance.now();
    this.paused = paused;
    if (paused) this.recorder.pause();
    else this.recorder.resume();
    for (const each of this.stream?.getAudioTracks() ?? []) each.enabled = !paused;
  }

  /** Ends the recording and gives it; it is held as unsent. Null: there was none, or it was too short. */
  stop(): Promise<Note | null> {
    // Whoever asks while it ends waits for the same end.
    return (this.ending ??= this.end().finally(() => (this.ending = null)));
  }

  private async end(): Promise<Note | null> {
    const { recorder } = this;
    if (this.phase !== 'recording' || !recorder) return this.note;
    const durationMs = Math.round(this.recorded());
    const attempt = this.attempt;
    if (recorder.state !== 'inactive') {
      const ended = new Promise((resolve) => recorder.addEventListener('stop', resolve, { once: true }));
      recorder.stop();
      await ended;
    }
    if (attempt !== this.attempt) return null;
    const mime = recorder.mimeType.split(';')[0] || 'audio/webm';
    const end = kKinds.find((each) => each.mime.startsWith(mime))?.end ?? 'audio';
    const blob = new Blob(this.parts, { type: mime });
    const waveform = encodeWaveform(this.levels);
    this.release();
    if (durationMs < kNoteMsMin || blob.size === 0) {
      this.phase = 'idle';
      return null;
    }
    this.ms = durationMs;
    this.note = { blob, name: `voice.${end}`, durationMs, waveform };
    this.phase = 'unsent';
    return this.note;
  }

  /** Its chat was left: nobody is recorded unawares, and what was said so far is not lost. */
  leave(): void {
    if (this.phase === 'asking') this.cancel();
    else if (this.phase === 'recording') void this.stop();
  }

  /** Nothing of it is kept. */
  cancel(): void {
    this.attempt++;
    this.release();
    this.note = null;
    this.phase = 'idle';
  }

  private release(): void {
    clearInterval(this.timer);
    if (this.recorder && this.recorder.state !== 'inactive') this.recorder.stop();
    for (const each of this.stream?.getTracks() ?? []) each.stop();
    void this.audio?.close().catch(() => undefined);
    this.recorder = this.stream = this.audio = null;
    this.meter = [];
    this.paused = false;
    this.parts = [];
  }
}
