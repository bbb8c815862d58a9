// The sounds of a call, made here: no file, and no question to anybody.

/** Each tone: its pitch, when it begins in the round, how long it is. */
const kSounds = {
  incoming: { round: 3, loudness: 0.16, tones: [[523, 0, 0.22], [659, 0.24, 0.22], [784, 0.48, 0.45], [523, 1.15, 0.22], [659, 1.39, 0.22], [784, 1.63, 0.45]] },
  outgoing: { round: 4, loudness: 0.05, tones: [[425, 0, 1]] },
  ended: { round: 0, loudness: 0.08, tones: [[480, 0, 0.18], [380, 0.26, 0.24]] },
} as const;

export type Sound = keyof typeof kSounds;

// One for all sounds: it is the page that a browser allows to be heard, once it was touched.
let audio: AudioContext | null = null;
const kTouches = ['pointerup', 'keydown', 'touchend'] as const;

/** From the first touch of the page on it can be heard, also by those browsers that ask for a touch while the sound begins. */
export function hearFromFirstTouch(page: EventTarget): void {
  const touched = () => {
    const heard = wake();
    if (!heard) return;
    void heard.then(() => {
      if (audio?.state !== 'running') return; // not a touch that counts: the next one
      for (const each of kTouches) page.removeEventListener(each, touched, true);
      if (!Ring.sounds) void audio.suspend().catch(() => undefined);
    });
  };
  for (const each of kTouches) page.addEventListener(each, touched, true);
}

// Null: there is no sound here; the page shows what it is about.
function wake(): Promise<void> | null {
  try {
    audio ??= new AudioContext();
    return audio.resume().catch(() => undefined);
  } catch {
    return null;
  }
}

export class Ring {
  private static readonly sounding = new Set<Ring>();
  private timer: ReturnType<typeof setInterval> | undefined;
  private sound: Sound | null = null;
  private out: GainNode | null = null;

  /** Something is to be heard. */
  static get sounds(): boolean {
    return Ring.sounding.size > 0;
  }

  /** Sounds round after round until another sound, or stop(). The same sound goes on. In a page that may not be heard yet it begins with its first touch. */
  start(sound: Sound): void {
    if (this.sound === sound) return;
    this.stop();
    this.sound = sound;
    Ring.sounding.add(this);
    if (!wake() || !audio) return;
    audio.addEventListener('statechange', this.onState);
    const { round } = kSounds[sound];
    if (round > 0) this.timer = setInterval(() => this.round(), round * 1000);
    else this.timer = setTimeout(() => this.stop(), 1000);
    this.round();
  }

  stop(): void {
    clearInterval(this.timer);
    this.sound = null;
    Ring.sounding.delete(this);
    audio?.removeEventListener('statechange', this.onState);
    this.out?.disconnect(); // what was to sound still is silent at once
    this.out = null;
    if (!Ring.sounds) void audio?.suspend().catch(() => undefined);
  }

  private readonly onState = (): void => this.round();

  private round(): void {
    // What is not heard is not put off: it would sound all at once.
    if (!audio || audio.state !== 'running' || !this.sound) return;
    this.out?.disconnect();
    this.out = audio.createGain();
    this.out.connect(audio.destination);
    const { tones, loudness } = kSounds[this.sound];
    for (const [hertz, at, seconds] of tones) {
      const [tone, volume] = [audio.createOscillator(), audio.createGain()];
      const begin = audio.currentTime + at;
      tone.frequency.value = hertz;
      volume.gain.setValueAtTime(0, begin);
      volume.gain.linearRampToValueAtTime(loudness, begin + 0.02);
      volume.gain.setValueAtTime(loudness, begin + seconds - 0.05);
      volume.gain.linearRampToValueAtTime(0, begin + seconds);
      tone.connect(volume).connect(this.out);
      tone.start(begin);
      tone.stop(begin + seconds);
    }
  }
}
