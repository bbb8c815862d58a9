// What the lab sees of calls in a page, whoever made it: put into it before the first call. The browser's own counts are read ten times a
// second and kept until they are asked for. Every camera gives the same small picture, since two cores encode and decode all of it, and no
// microphone is cleaned: what beeps would be taken for noise.
(() => {
  if (window.lab) return true;
  const connections = [];
  // A call is of the connections that are made from its beginning on: one before it may still be open for a moment.
  const lab = (window.lab = { samples: [], begin: () => (lab.samples.splice(0), connections.length) });
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...given) {
      super(...given);
      connections.push(this);
    }
  };
  const devices = navigator.mediaDevices;
  const ask = devices.getUserMedia.bind(devices);
  const microphone = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  devices.getUserMedia = ({ audio, video }) => ask({ audio: audio && microphone, video: video && { width: 320, height: 240, frameRate: 15 } });

  async function look() {
    const at = connections.findLastIndex((each) => each.connectionState !== 'closed');
    const all = at < 0 ? [] : [...(await connections[at].getStats()).values()];
    const of = (type, kind) => all.find((each) => each.type === type && each.kind === kind) ?? {};
    const find = (id) => all.find((each) => each.id === id) ?? {};
    const [sound, picture] = [of('inbound-rtp', 'audio'), of('inbound-rtp', 'video')];
    const pair = find(all.find((each) => each.type === 'transport')?.selectedCandidatePairId);
    const { candidateType, relayProtocol, url } = find(pair.localCandidateId);
    lab.samples.push({
      at: Date.now(), connection: at,
      way: [candidateType, relayProtocol, url].filter(Boolean).join(' '),
      taken: of('media-source', 'video').frames ?? 0,
      shown: picture.framesDecoded ?? 0,
      energy: sound.totalAudioEnergy ?? 0,
      samples: sound.totalSamplesReceived ?? 0,
      made_up: (sound.concealedSamples ?? 0) - (sound.silentConcealedSamples ?? 0),
    });
  }
  const again = () => look().catch(() => undefined).finally(() => setTimeout(again, 100));
  again();
  return true;
})();
