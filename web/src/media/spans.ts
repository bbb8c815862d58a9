// Lengths of sound and pictures that move.

import { duration } from '../messages/dates';

/** 75 s: 1:15. */
export function clockSpan(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds + 0.05));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** The same for those who listen. */
export function spokenSpan(seconds: number): string {
  const whole = Math.round(seconds);
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  if (minutes === 0) return duration(rest);
  return rest === 0 ? duration(minutes * 60) : `${duration(minutes * 60)} ${duration(rest)}`;
}
