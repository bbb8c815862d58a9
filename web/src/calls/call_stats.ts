// What the browser tells of a running call, in the few figures that are acted on, and what follows from them: whether everything that
// leaves was sealed, whether the picture gives way to the voice, and how the line is, in one word.

import type { Counts } from './frame_protocol';

/** Sums since the call began, and what is measured now; null: not known yet. */
export interface CallStats {
  /** Frames of picture, packets of sound (one frame each), without those sent again. */
  sentVideo: number;
  sentAudio: number;
  decodedVideo: number;
  receivedAudio: number;
  lostAudio: number;
  /** Of what is sent, the part that the other side has missed lately. */
  lossThere: number | null;
  roundTripMs: number | null;
  jitterMs: number | null;
  /** Bits per second that the line is thought to take. */
  available: number | null;
  /** 0 to 1. */
  levelHere: number;
  levelThere: number;
  /** Media go through a relay, by what, as RTCIceCandidateStats says it; or directly. Null: it is not known yet. */
  way: 'udp' | 'tcp' | 'tls' | 'direct' | null;
  /** Packets that came by the way that is in use, and answers to what is asked there (STUN) to see whether it stands. */
  came: number;
  answers: number;
}

type Stat = Record<string, unknown>;

function number(stat: Stat, key: string): number {
  const value = stat[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

function milliseconds(stat: Stat, key: string): number | null {
  return typeof stat[key] === 'number' ? number(stat, key) * 1000 : null;
}

function takeMedia(stat: Stat, out: CallStats): void {
  const isVideo = stat['kind'] === 'video';
  if (stat['type'] === 'outbound-rtp') {
    if (isVideo) out.sentVideo += number(stat, 'framesSent');
    else out.sentAudio += number(stat, 'packetsSent') - number(stat, 'retransmittedPacketsSent');
  } else if (stat['type'] === 'inbound-rtp') {
    if (isVideo) return void (out.decodedVideo += number(stat, 'framesDecoded'));
    out.receivedAudio += number(stat, 'packetsReceived');
    out.lostAudio += number(stat, 'packetsLost');
    out.jitterMs = milliseconds(stat, 'jitter');
    out.levelThere = number(stat, 'audioLevel');
  } else if (stat['type'] === 'remote-inbound-rtp' && !isVideo) {
    out.lossThere = number(stat, 'fractionLost');
  } else if (stat['type'] === 'media-source' && !isVideo) {
    out.levelHere = number(stat, 'audioLevel');
  }
}

/** Reads what RTCPeerConnection.getStats() gives. */
export function readStats(report: { values(): Iterable<unknown>; get(id: string): unknown }): CallStats {
  const out: CallStats = {
    sentVideo: 0, sentAudio: 0, decodedVideo: 0, receivedAudio: 0, lostAudio: 0, lossThere: null, roundTripMs: null, jitterMs: null, available: null,
    levelHere: 0, levelThere: 0, way: null, came: 0, answers: 0,
  };
  const all = [...report.values()] as Stat[];
  const selected = all.find((each) => each['type'] === 'transport' && each['selectedCandidatePairId'])?.['selectedCandidatePairId'];
  for (const each of all) {
    takeMedia(each, out);
    if (each['type'] !== 'candidate-pair' || each['nominated'] !== true || each['state'] !== 'succeeded') continue;
    if (selected !== undefined && each['id'] !== selected) continue; // of a way that was left
    [out.came, out.answers] = [number(each, 'packetsReceived'), number(each, 'responsesReceived')];
    out.roundTripMs = milliseconds(each, 'currentRoundTripTime');
    if (typeof each['availableOutgoingBitrate'] === 'number') out.available = each['availableOutgoingBitrate'];
    const local = report.get(String(each['localCandidateId'])) as Stat | undefined;
    if (local) out.way = local['candidateType'] === 'relay' ? ((local['relayProtocol'] as CallStats['way']) ?? 'udp') : 'direct';
  }
  return out;
}

/** Sound packets that may have come before the worker has said so: it is asked after the browser. */
const kUnseenMax = 100;
/** Frames in vain, some seconds of sound: keys are said before media can flow, so they do not come late. */
const kUnopenedMax = 150;

/**
 * Null: all is well. `stats` were read before `counts`, so the worker has seen each frame that the browser has sent. Else what is wrong:
 * something left without being sealed, is shown without having been opened, or cannot be opened at all.
 */
export function judge(stats: CallStats, counts: Counts): 'sent_unsealed' | 'shown_unopened' | 'unreadable' | null {
  const { sent, received } = counts;
  if (stats.sentVideo > sent.video.passed || stats.sentAudio > sent.audio.passed) return 'sent_unsealed';
  if (stats.decodedVideo > received.video.passed) return 'shown_unopened';
  // Packets are counted before they reach the worker, so of sound only a worker that has been passed by shows.
  if (stats.receivedAudio > kUnseenMax && received.audio.seen === 0) return 'shown_unopened';
  return received.audio.passed === 0 && received.audio.dropped > kUnopenedMax ? 'unreadable' : null;
}

/** How the line is. */
export type Quality = 'good' | 'fair' | 'poor' | 'silent';

/** By two readings, some time apart, the newer one last. `voice`: the other side says that its microphone is on; if not, that none of it comes says nothing of the line. */
export function qualityOf(before: CallStats, now: CallStats, voice = true): Quality {
  const came = now.receivedAudio - before.receivedAudio;
  const missed = Math.max(0, now.lostAudio - before.lostAudio);
  if (came <= 0 && now.receivedAudio > 0 && voice) return 'silent';
  const loss = Math.max(came + missed > 0 ? missed / (came + missed) : 0, now.lossThere ?? 0);
  const [trip, jitter] = [now.roundTripMs ?? 0, came > 0 ? (now.jitterMs ?? 0) : 0];
  if (loss > 0.1 || trip > 800 || jitter > 120) return 'poor';
  return loss > 0.03 || trip > 350 || jitter > 50 ? 'fair' : 'good';
}

const kLowBits = 110_000; // less than this is for the voice alone
const kEnoughBits = 220_000;
const kOffAfterMs = 2_000;
const kOnAfterMs = 8_000;
const kTryAgainMs = 30_000; // with the voice alone nobody finds out that there is room again
const kGrowsForMs = 8_000; // a picture that has just come back: what the line takes is found out by sending it

/** Decides whether the picture is sent: it gives way before the voice suffers. */
export class PictureYield {
  sends = true;
  private since: number | null = null;
  private offAt = 0;
  private grownAt = 0;

  /** Told what the line takes; gives `sends`. */
  take(available: number | null, quality: Quality, now: number): boolean {
    const bad = this.sends && (quality === 'poor' || (now >= this.grownAt && available !== null && available < kLowBits));
    const good = !this.sends && quality === 'good' && ((available ?? 0) >= kEnoughBits || now - this.offAt >= kTryAgainMs);
    if (!bad && !good) this.since = null;
    else this.since ??= now;
    if (this.since !== null && now - this.since >= (bad ? kOffAfterMs : kOnAfterMs)) {
      this.sends = !this.sends;
      this.since = null;
      if (this.sends) this.grownAt = now + kGrowsForMs;
      else this.offAt = now;
    }
    return this.sends;
  }
}

const kLowAfterMs = 4_000;
const kHighAfterMs = 30_000;
const kHighAfterMostMs = 300_000;
const kRelapseMs = 60_000;

/**
 * Decides whether the voice goes in few long packets, because the headers of many are more than the line takes. Only once no picture is sent:
 * that gives way first. With so little said nobody finds out what more would fit: it is tried, and after each time in vain only after twice as long.
 */
export class LowLine {
  low = false;
  private since: number | null = null;
  private waits = kHighAfterMs;
  private highAt = -kRelapseMs;
  private measured = true; // by more than the little that was said over a low line, which the estimate does not grow far beyond

  /** Told what the line takes; gives `low`. */
  take(available: number | null, quality: Quality, picture: boolean, now: number): boolean {
    const bad = quality === 'poor' || quality === 'silent';
    this.measured ||= picture;
    const turns = this.low ? !bad : !picture && (bad || (this.measured && available !== null && available < kTightBits));
    if (!turns) this.since = null;
    else this.since ??= now;
    if (this.since !== null && now - this.since >= (this.low ? this.waits : kLowAfterMs)) this.turn(now);
    return this.low;
  }

  private turn(now: number): void {
    this.low = !this.low;
    this.since = null;
    this.measured = false;
    if (!this.low) this.highAt = now;
    else this.waits = now - this.highAt < kRelapseMs ? Math.min(kHighAfterMostMs, this.waits * 2) : kHighAfterMs;
  }
}

const kVoiceBits = { good: 32_000, fair: 24_000, poor: 12_000, silent: 12_000 };
const kLowVoiceBits = 6_000; // the least that Chromium gives Opus: 90 bytes in a packet of 120 ms
const kTightBits = 60_000;

/** Bits per second for the voice; `low`: in long packets. */
export function voiceBits(available: number | null, quality: Quality, low = false): number {
  if (low) return kLowVoiceBits;
  return available !== null && available < kTightBits ? kVoiceBits.poor : kVoiceBits[quality];
}
