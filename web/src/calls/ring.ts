// The sounds of a call, made here: no file, and no question to anybody.

/** Each tone: its pitch, when it begins in the round, how long it is. */
const kSounds = {
  incoming: { round: 3, loudness: 0.16, tones: [[523, 0, 0.22], [659, 0.24, 0.22], [784, 0.48, 0.45], [523, 1.15, 0.22], [659, 1.39, 0.22], [784, 1.63, 0.45]] },
  outgoing: { round: 4, loudness: 0.05, tones: [[425, 0, 1]] },
  ended: { round: 0, loudness: 0.08, tones: [[480, 0, 0.18], [380, 0.26, 0.24]] },
} as const;

export type Sound = keyof typeof kSounds;

export class Ring {
  private audio: AudioContext | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;
  private sounding: Sound | null = null;

  /** Sounds round after round until another sound, or stop(). The same sound goes on. */
  start(sound: Sound): void {
    if (this.sounding === sound) return;
    this.stop();
    this.sounding = sound;
    try {
      this.audio = new AudioContext();
    } catch {
      return; // no sound here; the page shows it
    }
    this.round(sound);
    const { round } = kSounds[sound];
    if (round > 0) this.timer = setInterval(() => this.round(sound), round * 1000);
    else this.timer = setTimeout(() => this.stop(), 1000);
  }

  stop(): void {
    clearInterval(this.timer);
    this.sounding = null;
    void this.audio?.close().catch(() => undefined);
    this.audio = null;
  }

  private round(sound: Sound): void {
    const { audio } = this;
    if (!audio || audio.state === 'closed') return;
    const { tones, loudness } = kSounds[sound];
    for (const [hertz, at, seconds] of tones) {
      const [tone, volume] = [audio.createOscillator(), audio.createGain()];
      const begin = audio.currentTime + at;
      tone.frequency.value = hertz;
      volume.gain.setValueAtTime(0, begin);
      volume.gain.linearRampToValueAtTime(loudness, begin + 0.02);
      volume.gain.setValueAtTime(loudness, begin + seconds - 0.05);
      volume.gain.linearRampToValueAtTime(0, begin + seconds);
      tone.connect(volume).connect(audio.destination);
      tone.start(begin);
      tone.stop(begin + seconds);
    }
  }
}
