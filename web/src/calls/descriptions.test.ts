import { expect, test } from 'vitest';
import { withOpusWanted } from './descriptions';

test('Opus is asked for repair, for silence in pauses and for packets of one size', () => {
  const wanted = 'a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1;cbr=1;stereo=0;maxaveragebitrate=32000';
  const other = 'a=rtpmap:96 VP8/90000\r\na=fmtp:96 x=1\r\n';
  expect(withOpusWanted(`v=0\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;stereo=1\r\n${other}`)).toBe(`v=0\r\na=rtpmap:111 opus/48000/2\r\n${wanted}\r\n${other}`);
  expect(withOpusWanted(`a=rtpmap:111 opus/48000/2\r\n${other}`)).toBe(`a=rtpmap:111 opus/48000/2\r\n${wanted}\r\n${other}`);
  expect(withOpusWanted(other)).toBe(other);
  expect(withOpusWanted('')).toBe('');
});
