// The microphone, the camera and the screen of a call, as the browser gives them; the person is asked by it.

/** Why there is none. */
export type Refusal = 'denied' | 'no_device' | 'not_here';

const kVoice: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const kPicture: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };

/** Of a call of a group: each picture is encoded once for each of the others. */
const kSmallPicture: MediaTrackConstraints = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 20, max: 24 } };

function refusalOf(error: unknown): Refusal {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  return ['NotFoundError', 'NotReadableError', 'OverconstrainedError', 'AbortError'].includes(name) ? 'no_device' : 'not_here';
}

/** By their ids; empty: the system's own. */
export interface ChosenDevices {
  microphone: string;
  camera: string;
  speaker: string;
}

/** Where the choice is kept. */
export interface KeptChoice {
  read(): ChosenDevices;
  keep(chosen: ChosenDevices): void;
}

/**
 * Asks for the one of this id; one that is not there any more is no reason to have none. As a wish alone ("ideal") another one with a
 * larger picture would win over it.
 */
async function askFor(id: string, ask: (which: MediaTrackConstraints) => Promise<MediaStream>, otherwise: MediaTrackConstraints = {}): Promise<MediaStream> {
  if (!id) return ask(otherwise);
  try {
    return await ask({ deviceId: { exact: id } });
  } catch (error) {
    if (refusalOf(error) !== 'no_device') throw error;
    return ask(otherwise);
  }
}

export class CallDevices {
  microphone: MediaStreamTrack | null = null;
  camera: MediaStreamTrack | null = null;
  screen: MediaStreamTrack | null = null;
  /** Told when one has ended by itself: unplugged, or the browser's own button was pressed. */
  onEnded: (which: 'microphone' | 'camera' | 'screen') => void = () => undefined;
  private facing: 'user' | 'environment' = 'user';
  private turned = false;
  private closed = false;

  constructor(
    private readonly small: boolean,
    private readonly choice: KeptChoice,
  ) {}

  get chosen(): ChosenDevices {
    return this.choice.read();
  }

  /** Opened next. */
  choose(which: keyof ChosenDevices, id: string): void {
    this.choice.keep({ ...this.chosen, [which]: id });
  }

  /** Null: there is a microphone now. */
  openMicrophone(): Promise<Refusal | null> {
    return this.open('microphone', () => askFor(this.chosen.microphone, (which) => navigator.mediaDevices.getUserMedia({ audio: { ...kVoice, ...which } })));
  }

  openCamera(): Promise<Refusal | null> {
    // On a phone he chooses a side, elsewhere one of them.
    const id = this.turned ? '' : this.chosen.camera;
    const ask = (which: MediaTrackConstraints) => navigator.mediaDevices.getUserMedia({ video: { ...(this.small ? kSmallPicture : kPicture), ...which } });
    return this.open('camera', () => askFor(id, ask, { facingMode: this.facing }));
  }

  /** The camera on the other side of a phone. */
  flipCamera(): Promise<Refusal | null> {
    this.stop('camera'); // a phone gives one at a time
    this.turned = true;
    this.facing = this.facing === 'user' ? 'environment' : 'user';
    return this.openCamera();
  }

  /** False: the person looks at it himself, so it is shown as in a mirror. */
  get looksAway(): boolean {
    return this.hasFaces && this.facing === 'environment';
  }

  /** The camera that is open is on one side of a phone. */
  get hasFaces(): boolean {
    return this.camera?.getSettings().facingMode !== undefined;
  }

  openScreen(): Promise<Refusal | null> {
    return this.open('screen', () => navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: false }));
  }

  stop(which: 'microphone' | 'camera' | 'screen'): void {
    this[which]?.stop();
    this[which] = null;
  }

  close(): void {
    this.closed = true;
    for (const each of ['microphone', 'camera', 'screen'] as const) this.stop(each);
  }

  private async open(which: 'microphone' | 'camera' | 'screen', ask: () => Promise<MediaStream>): Promise<Refusal | null> {
    if (!navigator.mediaDevices) return 'not_here';
    try {
      const track = (await ask()).getTracks()[0];
      if (!track) return 'no_device';
      if (this.closed) {
        track.stop(); // the call ended while it was asked
        return 'not_here';
      }
      track.enabled = false; // until frames of it were sealed (peer_call.ts)
      this.stop(which);
      this[which] = track;
      track.addEventListener('ended', () => this[which] === track && this.onEnded(which));
      return null;
    } catch (error) {
      return refusalOf(error);
    }
  }
}

export interface Device {
  id: string;
  name: string;
}

export interface DevicesHere {
  microphones: Device[];
  cameras: Device[];
  /** Where the sound can come out. */
  speakers: Device[];
}

/** Without the system's own choice, which is one of them. Empty where the browser does not tell. */
export async function listDevices(): Promise<DevicesHere> {
  const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  const of = (kind: MediaDeviceKind) =>
    all.filter((each) => each.kind === kind && !['', 'default', 'communications'].includes(each.deviceId)).map(({ deviceId, label }) => ({ id: deviceId, name: label }));
  const canChoose = 'setSinkId' in HTMLMediaElement.prototype;
  return { microphones: of('audioinput'), cameras: of('videoinput'), speakers: canChoose ? of('audiooutput') : [] };
}
