// For unit tests: a browser's connections and devices of which nothing goes anywhere, and the worker that seals for them.

import type { Counts, Kind, SaidKey } from './frame_protocol';
import type { FramePort } from './frame_port';

/** Each copy of it is a track of its own. */
export class FakeTrack extends EventTarget {
  static made: FakeTrack[] = [];
  enabled = true;
  readyState = 'live';
  contentHint = '';
  constructor(readonly kind: Kind) {
    super();
    FakeTrack.made.push(this);
  }
  clone(): FakeTrack {
    return new FakeTrack(this.kind);
  }
  getSettings(): object {
    return {};
  }
  stop(): void {
    this.readyState = 'ended';
  }
}

class FakeStream {
  private readonly tracks: FakeTrack[];
  constructor(tracks: FakeTrack[] = []) {
    this.tracks = [...tracks];
  }
  addTrack(track: FakeTrack): void {
    this.tracks.push(track);
  }
  getTracks(): FakeTrack[] {
    return [...this.tracks];
  }
  getVideoTracks(): FakeTrack[] {
    return this.tracks.filter((each) => each.kind === 'video');
  }
}

class FakeTransceiver {
  direction = 'sendrecv';
  readonly receiver: { track: FakeTrack; getSynchronizationSources(): [] };
  readonly sender = { replaceTrack: () => Promise.resolve(), getParameters: () => ({ encodings: [] }), setParameters: () => Promise.resolve() };
  constructor(kind: Kind) {
    this.receiver = { track: new FakeTrack(kind), getSynchronizationSources: () => [] };
  }
  setCodecPreferences(): void {}
  stop(): void {}
}

/** All that were made since fakeBrowser(). */
export class FakeConnection {
  static made: FakeConnection[] = [];
  private readonly received: FakeTrack[] = [];
  /** It is what comes from the other side. */
  static isOf(track: FakeTrack): boolean {
    return FakeConnection.made.some((each) => each.received.includes(track));
  }
  localDescription: { type: string; sdp: string } | null = null;
  remoteDescription: { type: string; sdp: string } | null = null;
  connectionState = 'new';
  iceConnectionState = 'new';
  signalingState = 'stable';
  onconnectionstatechange: (() => void) | null = null;
  ontrack: ((event: { transceiver: FakeTransceiver }) => void) | null = null;
  /** How often a way was looked for anew, by the own wish and by the other side's. */
  restarts = 0;
  answered = 0;
  closed = false;

  constructor(public configuration: RTCConfiguration = {}) {
    FakeConnection.made.push(this);
  }
  addTransceiver(kind: Kind): FakeTransceiver {
    const made = new FakeTransceiver(kind);
    this.received.push(made.receiver.track);
    return made;
  }
  restartIce(): void {
    this.restarts++;
  }
  setLocalDescription(): Promise<void> {
    this.localDescription = { type: 'offer', sdp: `v=0\r\na=ice-ufrag:own${this.restarts}\r\n` };
    return Promise.resolve();
  }
  setRemoteDescription(description: { type: string; sdp: string }): Promise<void> {
    if (description.type === 'offer') this.answered++;
    this.remoteDescription = description;
    return Promise.resolve();
  }
  addIceCandidate(): Promise<void> {
    return Promise.resolve();
  }
  getConfiguration(): RTCConfiguration {
    return this.configuration;
  }
  setConfiguration(configuration: RTCConfiguration): void {
    this.configuration = configuration;
  }
  /** What getStats() gives. */
  stats: object[] = [];
  getStats(): Promise<Map<string, object>> {
    return Promise.resolve(new Map(this.stats.map((each, at) => [String((each as { id?: string }).id ?? at), each])));
  }
  turn(state: string): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
  close(): void {
    this.closed = true;
  }
}

/** A worker that seals and opens nothing, but tells of first frames. */
export class FakePort {
  static made: FakePort[] = [];
  onFirst: FramePort['onFirst'] = () => undefined;
  private kid = 0;
  constructor() {
    FakePort.made.push(this);
  }
  agree(): void {}
  attach(): void {}
  takeKey(): void {}
  useKey(): void {}
  close(): void {}
  makeKey(): Promise<SaidKey> {
    return Promise.resolve({ kid: ++this.kid, key: new Uint8Array(32) });
  }
  counts(): Promise<Counts> {
    const none = { seen: 0, passed: 0, dropped: 0, keyless: 0, replayed: 0 };
    const side = { audio: none, video: none };
    return Promise.resolve({ sent: side, received: side });
  }
}

/** What node lacks of a browser. */
export function fakeBrowser(stub: (name: string, value: unknown) => void): void {
  FakeConnection.made = [];
  FakePort.made = [];
  FakeTrack.made = [];
  stub('RTCPeerConnection', FakeConnection);
  stub('RTCRtpReceiver', { getCapabilities: (kind: Kind) => ({ codecs: [{ mimeType: kind === 'audio' ? 'audio/opus' : 'video/VP8' }] }) });
  stub('MediaStream', FakeStream);
  stub('HTMLMediaElement', class {});
  stub('window', new EventTarget());
  stub('innerWidth', 1_000);
  stub('document', Object.assign(new EventTarget(), { visibilityState: 'hidden' }));
  const devices = {
    getUserMedia: ({ audio }: { audio?: object }) => Promise.resolve(new FakeStream([new FakeTrack(audio ? 'audio' : 'video')])),
    enumerateDevices: () => Promise.resolve([]),
  };
  stub('navigator', { mediaDevices: Object.assign(new EventTarget(), devices) });
}
