// The page's end of the worker of a call whose frames a unit forwards (many_frames.ts).

import type { Kind, SaidKey } from './frame_protocol';
import { FramePort } from './frame_port';
import type { AttachedLine } from './many_frames';

export class ManyFramePort extends FramePort {
  /** As attach(), of what comes on a line: the "mid" of its section. */
  attachLine(receiver: RTCRtpReceiver, kind: Kind, line: string): void {
    const to: AttachedLine = { side: 'received', kind, line };
    this.attach(receiver, to);
  }

  /** Whose what comes on a line is from now on; null: nobody's. */
  whose(line: string, device: string | null): void {
    this.post({ do: 'whose', line, device });
  }

  takeKeyOf(device: string, key: SaidKey): void {
    this.post({ do: 'take_key_of', device, key });
  }

  /** Nothing of that device is opened any more. */
  forget(device: string): void {
    this.post({ do: 'forget', device });
  }
}
