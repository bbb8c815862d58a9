#include "bench/exchange_tally.h"

#include <algorithm>
#include <cstdio>

#include "base/assert.h"

namespace godwit::bench {
namespace {

// The place after the packet that brought the last useful byte: the last one with data that had reached the client when
// it had its answer.
size_t useful_end(const std::vector<Packet>& packets, const ExchangeFacts& facts) {
  size_t end = 0;
  for (size_t i = 0; i < packets.size(); ++i) {
    const Packet& packet = packets[i];
    const bool arrived = packet.delivered_at != 0 && packet.delivered_at <= facts.done_at;
    if (!packet.from_client && !packet.payload.empty() && arrived) end = i + 1;
  }
  ASSERT(end != 0);
  return end;
}

// Tells data that passes for the first time from data that is sent again; one for each direction.
class SequenceWatch {
 public:
  bool is_new(const Packet& packet) {
    const uint32_t end = packet.sequence + static_cast<uint32_t>(packet.payload.size()) + (packet.is_syn() ? 1 : 0);
    const bool is_new = !begun_ || static_cast<int32_t>(end - end_) > 0;  // numbers wrap around (RFC 9293 §3.4)
    if (is_new) end_ = end;
    begun_ = true;
    return is_new;
  }

 private:
  bool begun_ = false;
  uint32_t end_ = 0;
};

// Sorts packets into the classes of a Tally, one after another.
class Counter {
 public:
  void add(const Packet& packet) {
    const bool is_new = watches_[packet.from_client ? 1 : 0].is_new(packet);
    ++tally_.packets;
    tally_.bytes += packet.size;
    tally_.header_bytes += packet.size - packet.payload.size();
    if (packet.is_syn()) {
      ++tally_.tcp_handshake_packets;
    } else if (!packet.payload.empty()) {
      add_data(packet, is_new);
    } else if (packet.from_client && !handshake_acknowledged_) {
      ++tally_.tcp_handshake_packets;
    } else {
      ++(packet.from_client ? tally_.ack_up_packets : tally_.ack_down_packets);
    }
    if (packet.from_client && !packet.is_syn()) handshake_acknowledged_ = true;
  }

  Tally finish(const ExchangeFacts& facts) {
    const size_t known =
        tally_.tls_hello_up_bytes + tally_.tls_hello_down_bytes + facts.session_sent + facts.session_received;
    ASSERT(payload_ >= known);
    tally_.session_up_bytes = facts.session_sent;
    tally_.session_down_bytes = facts.session_received;
    tally_.carrier_bytes = payload_ - known;
    return tally_;
  }

 private:
  void add_data(const Packet& packet, bool is_new) {
    const size_t size = packet.payload.size();
    if (!is_new) {
      ++tally_.again_packets;
      tally_.again_bytes += size;
      return;
    }
    payload_ += size;
    ++(packet.from_client ? tally_.data_up_packets : tally_.data_down_packets);
    if (packet.from_client && !server_spoke_) tally_.tls_hello_up_bytes += size;
    if (packet.from_client && server_spoke_) client_spoke_again_ = true;
    if (!packet.from_client && !client_spoke_again_) tally_.tls_hello_down_bytes += size;
    if (!packet.from_client) server_spoke_ = true;
  }

  Tally tally_;
  SequenceWatch watches_[2];
  size_t payload_ = 0;
  bool handshake_acknowledged_ = false;
  bool server_spoke_ = false;
  bool client_spoke_again_ = false;
};

// Follows the TLS records of one direction through its packets.
class RecordReader {
 public:
  // "22:512 23:4,201": type and size of each record that begins in `payload`.
  std::string read(ByteView payload) {
    std::string out;
    append(bytes_, payload);
    while (bytes_.size() >= 5) {
      const size_t size = size_t{bytes_[3]} << 8 | bytes_[4];
      if (!told_) {
        static const char* const kNames[] = {"ccs", "alert", "handshake", "data"};
        const unsigned type = bytes_[0];
        out += std::string(" ") + (type >= 20 && type <= 23 ? kNames[type - 20] : "?") + ":" + std::to_string(size + 5);
      }
      told_ = bytes_.size() < size + 5;
      if (told_) break;
      bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<ptrdiff_t>(size + 5));
    }
    return out;
  }

 private:
  Bytes bytes_;
  bool told_ = false;
};

}  // namespace

Tally tally(const std::vector<Packet>& packets, const ExchangeFacts& facts) {
  Counter counter;
  const size_t end = useful_end(packets, facts);
  for (size_t i = 0; i < end; ++i) counter.add(packets[i]);
  Tally out = counter.finish(facts);
  out.whole_packets = packets.size();
  for (const Packet& packet : packets) out.whole_bytes += packet.size;
  out.milliseconds = (facts.done_at - packets.front().sent_at) * 1000;
  return out;
}

void print_packets(const std::vector<Packet>& packets, const ExchangeFacts& facts) {
  RecordReader readers[2];
  SequenceWatch watches[2];
  const size_t end = useful_end(packets, facts);
  for (size_t i = 0; i < packets.size(); ++i) {
    const Packet& packet = packets[i];
    const size_t direction = packet.from_client ? 1 : 0;
    const bool is_new = watches[direction].is_new(packet) || packet.payload.empty();
    const std::string records = is_new ? readers[direction].read(packet.payload) : " again";
    std::printf("      %2zu %7.1f ms %s %4zu B, payload %4zu%s%s%s\n", i + 1,
                (packet.sent_at - packets.front().sent_at) * 1000, packet.from_client ? "->" : "<-", packet.size,
                packet.payload.size(),
                packet.is_syn()   ? " SYN"
                : packet.is_end() ? " FIN"
                                  : "",
                records.c_str(), i + 1 == end ? "   (last useful byte)" : "");
  }
}

}  // namespace godwit::bench
