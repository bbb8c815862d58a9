// What this page wants of the descriptions that browsers make (SDP), and of the codecs.

import type { Kind } from './frame_protocol';

/**
 * How the other side shall be spoken to: Opus repairs a lost packet out of the next one, says nothing in pauses, and takes as many
 * bytes for one sound as for another, so that the sizes of packets do not tell what is said.
 */
const kOpus = 'minptime=10;useinbandfec=1;usedtx=1;cbr=1;stereo=0;maxaveragebitrate=32000';

/** The other side's description, with that in the place of what it wishes of Opus. */
export function withOpusWanted(sdp: string): string {
  const found = /^a=rtpmap:(\d+) opus\/48000\/2\s*$/im.exec(sdp);
  if (!found) return sdp;
  const line = `a=fmtp:${found[1]} ${kOpus}`;
  const own = new RegExp(`^a=fmtp:${found[1]} .*$`, 'm');
  if (own.test(sdp)) return sdp.replace(own, line);
  return sdp.replace(found[0].trimEnd(), (rtpmap) => `${rtpmap}\r\n${line}`);
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
