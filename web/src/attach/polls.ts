// What the API takes as a poll.

export const kOptionsMax = 32;
export const kQuestionBytesMax = 1024;
export const kOptionBytesMax = 256;

/** The options that were written: lines that are empty are none. */
export function optionsOf(lines: readonly string[]): string[] {
  return lines.map((each) => each.trim()).filter((each) => each !== '');
}
