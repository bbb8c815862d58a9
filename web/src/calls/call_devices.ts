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

export class CallDevices {
  microphone: MediaStreamTrack | null = null;
  camera: MediaStreamTrack | null = null;
  screen: MediaStreamTrack | null = null;
  /** Told when one has ended by itself: unplugged, or the browser's own button was pressed. */
  onEnded: (which: 'microphone' | 'camera' | 'screen') => void = () => undefined;
  private facing: 'user' | 'environment' = 'user';
  private closed = false;

  constructor(private readonly small = false) {}

  /** Null: there is a microphone now. */
  openMicrophone(): Promise<Refusal | null> {
    return this.open('microphone', () => navigator.mediaDevices.getUserMedia({ audio: kVoice }));
  }

  openCamera(): Promise<Refusal | null> {
    return this.open('camera', () => navigator.mediaDevices.getUserMedia({ video: { ...(this.small ? kSmallPicture : kPicture), facingMode: this.facing } }));
  }

  /** The camera on the other side of a phone, or the next one. */
  flipCamera(): Promise<Refusal | null> {
    this.stop('camera'); // a phone gives one at a time
    this.facing = this.facing === 'user' ? 'environment' : 'user';
    return this.openCamera();
  }

  /** False: the person looks at it himself, so it is shown as in a mirror. */
  get looksAway(): boolean {
    return this.facing === 'environment';
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

/** How many cameras there are, and where the sound can come out. Empty where the browser does not tell. */
export async function listDevices(): Promise<{ cameras: number; speakers: Device[] }> {
  const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  const canChoose = 'setSinkId' in HTMLMediaElement.prototype;
  const speakers = canChoose ? all.filter((each) => each.kind === 'audiooutput' && each.deviceId !== '') : [];
  return { cameras: all.filter((each) => each.kind === 'videoinput').length, speakers: speakers.map(({ deviceId, label }) => ({ id: deviceId, name: label })) };
}
