import { expect, test } from 'vitest';
import { asSpoken, iceOf } from './descriptions';

test('Opus is asked for repair, for silence in pauses and for packets of one size', () => {
  const wanted = 'a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1;cbr=1;stereo=0;maxaveragebitrate=32000';
  const other = 'a=rtpmap:96 VP8/90000\r\na=fmtp:96 x=1\r\n';
  expect(asSpoken(`v=0\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;stereo=1\r\n${other}`)).toBe(`v=0\r\na=rtpmap:111 opus/48000/2\r\n${wanted}\r\n${other}`);
  expect(asSpoken(`a=rtpmap:111 opus/48000/2\r\n${other}`)).toBe(`a=rtpmap:111 opus/48000/2\r\n${wanted}\r\n${other}`);
  expect(asSpoken(other)).toBe(other);
  expect(asSpoken('')).toBe('');
});

test('for a low line the voice is asked for in long packets with few reports, and the picture is left as it was', () => {
  const voice = 'm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=extmap:3 http://x/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\na=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\na=fmtp:111 minptime=10\r\na=ptime:20\r\n';
  const picture = 'm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=extmap:3 http://x/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\na=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 transport-cc\r\n';
  const low = asSpoken(`v=0\r\n${voice}${picture}`, { low: true, picture: true });
  expect(low.endsWith(picture)).toBe(true);
  const lines = low.slice(0, -picture.length).split('\r\n');
  expect(lines).toContain('a=ptime:120');
  expect(lines).toContain('a=maxptime:120');
  expect(lines).toContain('a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid');
  expect(lines.filter((each) => /transport|ptime:20/.test(each))).toEqual([]);
  expect(asSpoken(`v=0\r\n${voice}${picture}`)).toContain('a=rtcp-fb:111 transport-cc');
  expect(asSpoken(low)).not.toContain('a=ptime');
});

test('while no picture is sent nothing of it is sent again', () => {
  const voice = 'm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtcp-fb:111 nack\r\n';
  const feedback = 'a=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\na=rtcp-fb:96 ccm fir\r\n';
  const picture = `m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n${feedback}`;
  expect(asSpoken(voice + picture)).toBe(voice + picture);
  expect(asSpoken(voice + picture, { low: false, picture: false })).toBe(voice + picture.replace('a=rtcp-fb:96 nack\r\n', ''));
});

test('a description that looks for a way anew is told by its ICE', () => {
  const of = (ice: string) => iceOf(`v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=ice-ufrag:${ice}\r\na=ice-pwd:x\r\n`);
  expect([of('Ab1+'), iceOf('v=0\r\n')]).toEqual(['Ab1+', '']);
});
