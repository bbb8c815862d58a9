// What a call is doing, and how it ended, in words.

import type { Call, CallLine, GroupCall } from '../api/types';
import { clockSpan } from '../media/spans';
import { t } from '../messages/t.svelte';
import type { Refusal } from './call_devices';
import type { LiveMedia } from './live_media.svelte';
import type { PeerEnd } from './peer_call';

/** Beneath the name, in any state but active. */
export function stateWords(call: Call): string {
  if (call.held_here) return t('calls.held_here');
  if (call.held_there) return t('calls.held_there');
  switch (call.state) {
    case 'calling':
      return t('calls.state_calling');
    case 'ringing_there':
      return t('calls.state_ringing');
    case 'ringing_here':
      return call.media_there === 'video' ? t('calls.incoming_video') : t('calls.incoming_voice');
    case 'taking':
      return t('calls.state_taking');
    case 'answering':
    case 'connecting':
      return t('calls.state_connecting');
    case 'reconnecting':
      return t('calls.state_reconnecting');
    default:
      return '';
  }
}

/** How long it has lasted, once it has begun. */
export function timeOf(call: Call, now: number): string {
  return call.active_at === null ? '' : clockSpan(Math.max(0, (now - call.active_at) / 1000));
}

/** What has gone wrong here. */
export function faultWords(why: PeerEnd): string {
  switch (why) {
    case 'sent_unsealed':
    case 'shown_unopened':
      return t('calls.end_unsealed');
    case 'unreadable':
      return t('calls.end_unreadable');
    case 'frames_lost':
      return t('calls.end_frames_lost');
    case 'not_possible':
      return t('calls.refused_not_sealed');
  }
}

/** Why nothing comes of it here. */
export function refusedWords(refusal: Refusal | 'not_sealed', what: 'microphone' | 'camera' | 'screen'): string {
  if (refusal === 'not_sealed') return t('calls.refused_not_sealed');
  return refusal === 'no_device' && what !== 'screen' ? t(`calls.missing_${what}`) : t(`calls.refused_${what}`);
}

/** How it ended; `why`: by a fault here; `device`: of one that goes on, at which own device. */
export function overWords(call: Call, why: PeerEnd | null, device = ''): string {
  if (why) return faultWords(why);
  switch (call.outcome) {
    case 'busy':
      return t('calls.over_busy');
    case 'declined':
      return call.outgoing ? t('calls.over_declined') : t('calls.over');
    case 'no_answer':
      return t('calls.over_no_answer');
    case 'elsewhere':
      return t('calls.over_elsewhere');
    case 'moved':
      return device ? t('calls.over_moved', { device }) : t('calls.over_moved_somewhere');
    case 'stays':
      return t('calls.over_stays');
    case 'failed':
      return t('calls.over_failed');
    case 'lost':
      return t('calls.over_lost');
    default:
      return t('calls.over');
  }
}

/** By which way it goes, and whether it is known who is there; empty while nothing flows. */
export function wayWords(call: Call, verified: boolean): string {
  if (call.way === 'none') return '';
  const way = call.way === 'direct' ? t('calls.way_direct') : call.way === 'carried' ? t('calls.way_carried') : t('calls.way_relayed');
  return `${way} · ${verified ? t('calls.verified') : t('calls.not_verified')}`;
}

/** What there is to say of the line; empty: nothing. */
export function lineOf(media: LiveMedia): string {
  if (media.phase !== 'active') return '';
  if (media.pictureHeldBack) return t('calls.picture_held_back');
  return { good: '', fair: t('calls.line_fair'), poor: t('calls.line_poor'), silent: t('calls.line_silent') }[media.quality];
}

/** A call as a quiet line of its chat. */
export function callLineWords(call: CallLine): string {
  const video = call.media === 'video';
  const time = clockSpan(call.duration_ms / 1000);
  if (call.outcome === 'answered' || call.outcome === 'lost') {
    if (call.outgoing) return video ? t('calls.line_out_video', { time }) : t('calls.line_out', { time });
    return video ? t('calls.line_in_video', { time }) : t('calls.line_in', { time });
  }
  switch (call.outcome) {
    case 'busy':
      return call.outgoing ? t('calls.line_busy') : t('calls.line_missed');
    case 'declined':
      return call.outgoing ? t('calls.line_declined') : t('calls.line_declined_here');
    case 'cancelled':
      return t('calls.line_cancelled');
    case 'no_answer':
      return t('calls.line_no_answer');
    case 'elsewhere':
      return t('calls.line_elsewhere');
    case 'failed':
      return t('calls.line_failed');
    default:
      return video ? t('calls.line_missed_video') : t('calls.line_missed');
  }
}

/** Nobody more can come into a call of a group. */
export function fullWords({ places }: GroupCall): string {
  return places > 4 ? t('group_calls.full_all', { n: places }) : t('group_calls.full');
}
