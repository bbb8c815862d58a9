// A line between the two pages of call_pages.mjs that takes little, loses packets and is slow: all of their media go through two sockets of
// this program, since each page is told one of them in the place of the other's address. What passes is counted as it is on a wire.

import dgram from 'node:dgram';

const kHeaders = 28; // of IPv4 and UDP
const kQueueMs = 600; // more than this does not wait: it is lost, as at any narrow place

/** Of media the payload type (RFC 3550 §5.1; from 64 to 95 it is RTCP, RFC 5761 §4), of the rest nothing. */
const kindOf = (packet) => (packet[0] >> 6 === 2 ? packet[1] & 0x7f : 'other');

/** One direction: when a packet of so many bytes comes out; null: it is lost. No clock and no chance of its own. */
class Way {
  free = 0;
  state = 1;
  kinds = {}; // bytes by what is in them

  constructor(kbits, loss, delayMs) {
    Object.assign(this, { kbits, loss, delayMs, packets: 0, bytes: 0, lost: 0 });
  }

  take(bytes, now, kind) {
    this.kinds[kind] = (this.kinds[kind] ?? 0) + bytes;
    const takes = this.kbits ? (bytes * 8) / this.kbits : 0;
    this.packets++; // what is put on the line, whether or not it comes out
    this.bytes += bytes;
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0; // the same packets are lost each time
    if (Math.max(this.free, now) - now > kQueueMs || this.state / 2 ** 32 < this.loss) return void this.lost++;
    this.free = Math.max(this.free, now) + takes;
    return this.free + this.delayMs;
  }
}

export class Line {
  ways = [new Way(0, 0, 0), new Way(0, 0, 0)];
  sockets = [];
  timers = new Set();
  /** Where the pages are, by their own candidates. */
  real = [null, null];
  /** A relay that does with a packet for page `at` what it likes, by deliver(); null: it passes it on. */
  mix = null;

  async open() {
    this.sockets = await Promise.all([0, 1].map((at) => new Promise((resolve) => {
      const socket = dgram.createSocket('udp4');
      socket.on('message', (bytes) => this.pass(at, bytes));
      socket.on('error', () => undefined);
      socket.bind(0, '127.0.0.1', () => resolve(socket));
    })));
    return this;
  }

  /** Both directions from now on, and counts anew. */
  shape({ kbits = 0, loss = 0, delayMs = 0 } = {}) {
    this.ways = [0, 1].map(() => new Way(kbits, loss, delayMs));
  }

  // Socket `at` stands for page `at`: what comes there is of the other one.
  pass(at, bytes) {
    if (this.mix) return this.mix(at, bytes);
    const out = this.ways[1 - at].take(bytes.length + kHeaders, performance.now(), kindOf(bytes));
    const to = this.real[at];
    if (out === undefined || !to) return;
    const timer = setTimeout(() => (this.timers.delete(timer), this.sockets[1 - at].send(bytes, to, '127.0.0.1', () => undefined)), out - performance.now());
    this.timers.add(timer);
  }

  /** To page `at`, as if the other one had said it. */
  deliver(at, bytes) {
    if (this.real[at]) this.sockets[1 - at].send(bytes, this.real[at], '127.0.0.1', () => undefined);
  }

  /** A signal of page `from` as the other one shall read it. */
  change(from, signal) {
    if (signal.sdp) return { ...signal, sdp: signal.sdp.replace(/^a=(candidate|end-of-candidates).*\r\n/gm, '') };
    if (signal.type !== 'candidates') return signal;
    const list = [];
    for (const each of signal.list) {
      const found = /^(candidate:\S+ 1 udp \d+ )(\S+) (\d+) (typ host.*)$/i.exec(each.candidate);
      if (!found || found[2] !== '127.0.0.1') continue;
      this.real[from] = Number(found[3]);
      list.push({ ...each, candidate: `${found[1]}127.0.0.1 ${this.sockets[from].address().port} ${found[4]}` });
    }
    return { ...signal, list };
  }

  close() {
    for (const each of this.timers) clearTimeout(each);
    for (const each of this.sockets) each.close();
  }
}
