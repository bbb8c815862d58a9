// What this page wants of the descriptions that browsers make (SDP), and of the codecs.

import type { Kind } from './frame_protocol';

/**
 * How the other side shall be spoken to: Opus repairs a lost packet out of the next one, says nothing in pauses, and takes as many
 * bytes for one sound as for another, so that the sizes of packets do not tell what is said.
 */
const kOpus = 'minptime=10;useinbandfec=1;usedtx=1;cbr=1;stereo=0;maxaveragebitrate=32000';

/**
 * Of a low line: the headers of 50 packets a second alone take more than 16 kbit/s (some 78 bytes each with IP, UDP, RTP, SRTP and SFrame, 130 in
 * TURN in TLS), those of eight take 5 to 9. 120 ms is the longest that Opus has in one packet.
 */
export const kLowPacketMs = 120;

// What a report on each packet needs: ten reports a second are more than the voice. What gets through is told by the reports that RTP has anyway.
const isOfReports = (line: string) =>
  /^a=rtcp-fb:\S+ transport-cc\s*$/.test(line) || (line.startsWith('a=extmap:') && (line.includes('transport-wide-cc') || line.includes('abs-send-time')));
const withoutReports = (section: string) => section.split(/(?<=\n)/).filter((line) => !isOfReports(line)).join('');

// Whether lost packets are asked for and sent again.
const isOfRepeating = (line: string) => /^a=rtcp-fb:\S+ nack\s*$/.test(line);

/** How this side speaks. */
export interface Speech {
  /** In few and long packets, with few reports. */
  low: boolean;
  /** The picture is sent. If not, nothing of it is: what was lost of it before would be repeated for most of a minute, and take the line from the voice. */
  picture: boolean;
}
export const kUsualSpeech: Speech = { low: false, picture: true };

/** The other side's description, with that in the place of what it wishes of Opus, and changed to how this side speaks. */
export function asSpoken(sdp: string, speech = kUsualSpeech): string {
  return sdp.split(/(?<=\n)(?=m=)/).map((section) => sectionAsSpoken(section, speech)).join('');
}

function sectionAsSpoken(section: string, { low, picture }: Speech): string {
  if (section.startsWith('m=video') && !picture) return section.split(/(?<=\n)/).filter((line) => !isOfRepeating(line)).join('');
  const found = /^a=rtpmap:(\d+) opus\/48000\/2\s*$/im.exec(section);
  return found ? voiceSection(section, found, low) : section;
}

function voiceSection(section: string, found: RegExpExecArray, low: boolean): string {
  const line = `a=fmtp:${found[1]} ${kOpus}`;
  const plain = (low ? withoutReports(section) : section).replace(new RegExp(`^a=(fmtp:${found[1]} .*|(max)?ptime:.*)(\\r?\\n|$)`, 'gm'), '');
  const lines = [found[0].trimEnd(), line, ...(low ? [`a=ptime:${kLowPacketMs}`, `a=maxptime:${kLowPacketMs}`] : [])];
  return plain.replace(found[0].trimEnd(), () => lines.join('\r\n'));
}

/** By which way's word a description goes: another one looks for a way anew (RFC 8839, 4.4.1.1.1). */
export function iceOf(sdp: string): string {
  return /^a=ice-ufrag:(.*?)\s*$/m.exec(sdp)?.[1] ?? '';
}

const kWanted: Record<Kind, RegExp> = { audio: /^audio\/opus$/i, video: /^video\/(vp8|rtx)$/i };

/** Opus and VP8 alone: their clear bytes are known (frames.ts). False: this browser has none of it. */
export function preferCodecs(transceiver: RTCRtpTransceiver, kind: Kind): boolean {
  const codecs = (RTCRtpReceiver.getCapabilities(kind)?.codecs ?? []).filter((each) => kWanted[kind].test(each.mimeType));
  if (!codecs.some((each) => !/rtx$/i.test(each.mimeType))) return false;
  transceiver.setCodecPreferences(codecs);
  return true;
}

/** Sets what one sender may take of the line. Passes over a sender that is not negotiated yet. */
export async function limitSender(sender: RTCRtpSender, limits: { maxBitrate: number; active: boolean; first: boolean }): Promise<void> {
  const parameters = sender.getParameters();
  const encoding = parameters.encodings?.[0];
  if (!encoding) return;
  const priority = limits.first ? 'high' : 'low';
  if (encoding.maxBitrate === limits.maxBitrate && encoding.active === limits.active && encoding.priority === priority) return;
  Object.assign(encoding, { maxBitrate: limits.maxBitrate, active: limits.active, priority, networkPriority: priority });
  await sender.setParameters(parameters).catch(() => undefined); // the next look sets it again
}
