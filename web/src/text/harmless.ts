// Names and labels that others have chosen, made so that they cannot disturb what stands around them: nothing invisible, nothing
// that turns the direction of writing, no towers of accents.

const kNameMax = 64;
// Controls; marks of direction and isolates; blanks without width; fillers that are shown as nothing; tags.
const kInvisible =
  /[\p{Cc}\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFEFF\uFFA0\uFFF0-\uFFFB\u{1D173}-\u{1D17A}\u{E0000}-\u{E0FFF}]/gu;
// The joiners belong into emoji, and into words of Persian and of Indian languages: anywhere else they are only invisible.
const kJoinerWithoutNeighbours = /(?<![\p{Extended_Pictographic}\u{FE0F}\u{1F3FB}-\u{1F3FF}\p{L}\p{M}])[\u200C\u200D]|[\u200C\u200D](?![\p{Extended_Pictographic}\p{L}\p{M}])/gu;
const kTower = /(\p{M}{3})\p{M}+/gu;

/** A line as it is shown, at most so many characters of it; empty if nothing visible is left. */
export function harmlessLine(line: string, max: number): string {
  const visible = line.replace(kInvisible, ' ').replace(kJoinerWithoutNeighbours, '').replace(kTower, '$1').replace(/\s+/gu, ' ').trim();
  return [...visible].slice(0, max).join('');
}

/** The same of a name. */
export function harmlessName(name: string): string {
  return harmlessLine(name, kNameMax);
}

// On Windows these are devices, whatever stands behind the dot.
const kDevice = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

/** The name of a file: as a name, without what folders are made of, and its end is kept when it is too long. */
export function harmlessFileName(name: string): string {
  const letters = [...name.replace(kInvisible, '').replace(kTower, '$1').replace(/[\\/:*?"<>|]+/g, '_').replace(/\s+/gu, ' ').trim()];
  const short = letters.length > kNameMax ? [...letters.slice(0, kNameMax - 17), '…', ...letters.slice(-16)] : letters;
  return short.join('').replace(/^\.+/, '').replace(kDevice, '_$&');
}

/** One or two letters for an avatar. */
export function initials(name: string): string {
  const words = harmlessName(name).split(' ').filter((each) => /[\p{L}\p{N}]/u.test(each));
  const letter = (word: string) => (word.match(/[\p{L}\p{N}]/u)?.[0] ?? '').toUpperCase();
  if (words.length === 0) return [...harmlessName(name)][0] ?? '';
  const last = words.length > 1 ? letter(words.at(-1)!) : '';
  return letter(words[0]!) + last;
}
