// The number that two people compare: 60 digits, the same on both sides. In a code it stands behind godwit:v#.

const kScheme = 'godwit:v#';
const kDigits = 60;

/** What a camera is shown. */
export function numberCode(digits: string): string {
  return kScheme + digits.replace(/\D/g, '');
}

/** Groups of five, as they are read aloud. */
export function numberGroups(digits: string): string[] {
  return digits.replace(/\D/g, '').match(/\d{5}/g) ?? [];
}

/** The digits of a number as people hand it on, with blanks and breaks or as its code has it; null: that is none. */
export function parseNumber(text: string): string | null {
  const digits = text.trim().replace(kScheme, '').replace(/\s/g, '');
  return /^[0-9]+$/.test(digits) && digits.length === kDigits ? digits : null;
}
