// What this side shows and says in a call: the microphone, the camera and the screen, which of those there are is used, and what is unplugged and
// comes back. Not here: how it is sent, which each kind of call does in its own way.

import { Awake } from './awake';
import { listDevices, type CallDevices, type ChosenDevices, type Device, type Refusal } from './call_devices';

type Which = 'microphone' | 'camera' | 'screen';

export interface OwnOptions {
  devices: CallDevices;
  onRefused(refusal: Refusal, what: Which): void;
}

export abstract class OwnMedia {
  muted = $state(false);
  /** There is no microphone any more: nobody hears this side, whatever is pressed. */
  voiceless = $state(false);
  shows = $state<'nothing' | 'camera' | 'screen'>('nothing');
  /** The own picture, while there is one. */
  own = $state.raw<MediaStream | null>(null);
  mirrored = $state(true);
  /** There is a camera on the other side of this phone. */
  flips = $state(false);
  cameras = $state.raw<readonly Device[]>([]);
  microphones = $state.raw<readonly Device[]>([]);
  speakers = $state.raw<readonly Device[]>([]);
  /** Which of them are used; empty: the system's own. */
  chosen = $state.raw<ChosenDevices>({ microphone: '', camera: '', speaker: '' });

  protected readonly devices: CallDevices;
  private readonly awake = new Awake(); // while there is a call, a phone in the hand does not sleep

  constructor(private readonly ofOwn: OwnOptions) {
    this.devices = ofOwn.devices;
    this.devices.onEnded = (which) => void this.onDeviceEnded(which);
    this.chosen = this.devices.chosen;
    this.voiceless = this.devices.microphone === null;
    navigator.mediaDevices?.addEventListener('devicechange', this.onDevicesChanged);
    void this.listDevices();
  }

  /** Sends what the devices give of this kind now, or nothing. */
  protected abstract send(kind: 'audio' | 'video'): Promise<void>;

  mute(muted: boolean): void {
    this.muted = muted;
  }

  async turnCamera(on: boolean): Promise<void> {
    if (!on) this.devices.stop('camera');
    else if (!this.devices.camera && !(await this.granted('camera', this.devices.openCamera()))) return;
    if (on) this.devices.stop('screen');
    await this.showPicture();
    await this.listDevices(); // with the permission they have names
  }

  async flipCamera(): Promise<void> {
    await this.granted('camera', this.devices.flipCamera());
    await this.showPicture();
  }

  async turnScreen(on: boolean): Promise<void> {
    if (!on) this.devices.stop('screen');
    else if (!(await this.granted('screen', this.devices.openScreen()))) return;
    await this.showPicture();
  }

  /** Asks for a microphone again, where there was none. */
  async askMicrophone(): Promise<void> {
    await this.granted('microphone', this.devices.openMicrophone());
    await this.showVoice();
  }

  /** Uses this one from now on, and in later calls. */
  async choose(which: keyof ChosenDevices, id: string): Promise<void> {
    this.devices.choose(which, id);
    this.chosen = this.devices.chosen;
    if (which === 'microphone') return this.askMicrophone();
    if (which === 'speaker' || !this.devices.camera) return;
    this.devices.stop('camera'); // some give one at a time
    await this.granted('camera', this.devices.openCamera());
    await this.showPicture();
  }

  protected async showPicture(): Promise<void> {
    this.lookAtOwn();
    await this.send('video');
  }

  /** What is shown here of the own picture. */
  protected lookAtOwn(): void {
    const { devices } = this;
    const track = devices.screen ?? devices.camera;
    this.shows = devices.screen ? 'screen' : devices.camera ? 'camera' : 'nothing';
    this.own = track ? new MediaStream([track]) : null;
    this.mirrored = this.shows === 'camera' && !devices.looksAway;
    this.flips = devices.hasFaces && this.cameras.length > 1;
  }

  /** Nothing of what it has is watched any more. The devices stay as they are. */
  protected letGo(): void {
    navigator.mediaDevices?.removeEventListener('devicechange', this.onDevicesChanged);
    this.awake.end();
    this.own = null;
  }

  private async showVoice(): Promise<void> {
    this.voiceless = this.devices.microphone === null;
    await this.send('audio');
  }

  private async granted(what: Which, asked: Promise<Refusal | null>): Promise<boolean> {
    const refusal = await asked;
    // Who thinks better of sharing the screen has not been refused anything.
    if (refusal && !(what === 'screen' && refusal === 'denied')) this.ofOwn.onRefused(refusal, what);
    return refusal === null;
  }

  // Unplugged: another microphone may be there. A screen was taken back by the browser's own button.
  private async onDeviceEnded(which: Which): Promise<void> {
    this.devices.stop(which);
    if (which === 'microphone') await this.askMicrophone();
    else await this.showPicture();
  }

  private readonly onDevicesChanged = (): void => void this.takeChanged();

  // What was plugged in while there was no microphone is one, maybe; nobody is told if it is not.
  private async takeChanged(): Promise<void> {
    await this.listDevices();
    if (this.voiceless && (await this.devices.openMicrophone()) === null) await this.showVoice();
  }

  private async listDevices(): Promise<void> {
    ({ cameras: this.cameras, microphones: this.microphones, speakers: this.speakers } = await listDevices());
    this.flips = this.devices.hasFaces && this.cameras.length > 1;
  }
}

/** While nobody has answered: the person sees himself, and can be silent from the first word on. */
export class WaitingMedia extends OwnMedia {
  readonly levelHere = 0;
  private copy: MediaStreamTrack | null = null;

  constructor(options: OwnOptions) {
    super(options);
    void this.showPicture();
  }

  // Nothing is sent. What is seen is a copy: the track itself is closed until frames of it were sealed.
  protected override send(kind: 'audio' | 'video'): Promise<void> {
    if (kind === 'video') {
      this.copy?.stop();
      this.copy = this.own?.getVideoTracks()[0]?.clone() ?? null;
      if (this.copy) this.copy.enabled = true;
      this.own = this.copy && new MediaStream([this.copy]);
    }
    return Promise.resolve();
  }

  /** The call has them now, or nobody. */
  end(): void {
    this.copy?.stop();
    this.letGo();
  }
}
