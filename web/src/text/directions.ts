// Marks that turn the direction of writing, in what others have written. A text may have them (they belong to Arabic and Hebrew), but
// what they begin has to end with the text: else they turn what the page writes behind it, a link for example.

const kMarks = /[\u202A-\u202E\u2066-\u2069]/;
const kPdf = '\u202C';
const kPdi = '\u2069';
const kEmbeddings = '\u202A\u202B\u202D\u202E';
const kIsolates = '\u2066\u2067\u2068';
/** Unicode knows no deeper ones (UAX #9, BD2). */
const kDepthMax = 125;

/** The text, in which every mark that opens is closed in its own paragraph, and none closes what is around the text. */
export function closedDirections(text: string): string {
  if (!kMarks.test(text)) return text;
  return text.split('\n').map(closedParagraph).join('\n');
}

function closedParagraph(text: string): string {
  let out = '';
  const open: string[] = []; // what closes each
  for (const letter of text) {
    if (kEmbeddings.includes(letter) || kIsolates.includes(letter)) {
      if (open.length >= kDepthMax) continue;
      open.push(kEmbeddings.includes(letter) ? kPdf : kPdi);
    } else if (letter === kPdf) {
      if (open.at(-1) !== kPdf) continue;
      open.pop();
    } else if (letter === kPdi) {
      const at = open.lastIndexOf(kPdi);
      if (at < 0) continue;
      open.length = at; // it closes the embeddings inside too
    }
    out += letter;
  }
  return out + open.reverse().join('');
}
