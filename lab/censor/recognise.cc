#include "lab/censor/recognise.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "lab/censor/cursor.h"
#include "lab/censor/dns.h"

namespace godwit::lab {
namespace {

constexpr uint8_t kChangeCipherSpec = 20;
constexpr size_t kRecordOverhead = 24;       // nDPI's allowance for the outer record of each packet
constexpr size_t kFirstBurstPacketsMax = 3;  // nDPI gives up above
constexpr size_t kBigPacket = 411;           // A21: 411 bytes, three times
constexpr int kBigPackets = 3;
constexpr int kVpnDataPackets = 6;  // A22
constexpr uint8_t kOpenvpnReset = 0x38;

/// A model of §4.2: centre, inverse covariance (upper triangle), threshold, least first burst.
struct Model {
  double centre[4];
  double inverse[10];
  double threshold;
  double first_least;
};
constexpr Model kModels[] = {
    {{212.884, 4514.712, 107.771, 307.580},
     {2.92421e-4, 4.43678e-7, -5.69966e-5, -2.18125e-6, 5.98955e-7, -3.59798e-7, 5.71638e-7, 7.68938e-4, 2.22278e-5,
      5.72770e-5},
     3.5,
     0},
    {{640.657, 4649.303, 448.408, 1094.201},
     {3.08030e-5, 1.16179e-7, 1.05357e-7, 3.88629e-8, 6.93179e-7, 2.77413e-8, -3.63723e-9, 1.02610e-6, -1.08770e-8,
      8.63308e-8},
     3.0,
     517},
    {{1850.430, 4903.077, 785.253, 1051.223},
     {6.72374e-6, -2.32110e-8, 6.67140e-8, 1.25263e-8, 5.64669e-7, 4.58964e-8, 6.41255e-9, 6.04058e-7, -9.15074e-10,
      1.01185e-7},
     3.0,
     0},
};

double distance(const Model& model, const std::array<double, 4>& bursts) {
  double sum = 0;
  size_t next = 0;
  for (size_t row = 0; row < 4; ++row) {
    for (size_t column = row; column < 4; ++column) {
      const double product = (bursts[row] - model.centre[row]) * (bursts[column] - model.centre[column]);
      sum += (row == column ? 1 : 2) * model.inverse[next++] * product;
    }
  }
  return std::sqrt(std::max(0.0, sum));
}

bool printable(uint8_t byte) { return byte >= 0x20 && byte <= 0x7e; }

bool starts_with(ByteView payload, std::string_view text) { return as_text(payload).starts_with(text); }

bool is_wireguard_handshake(ByteView datagram) {
  return datagram.size() == 148 && datagram[0] == 1 && datagram[1] == 0 && datagram[2] == 0 && datagram[3] == 0;
}

bool is_wireguard_data(ByteView datagram) {
  return datagram.size() >= 32 && datagram[0] == 4 && datagram[1] == 0 && datagram[2] == 0 && datagram[3] == 0;
}

/// Data packets, version 1 and 2, with their opcode in the upper five bits.
bool is_openvpn_data(ByteView packet) { return !packet.empty() && (packet[0] >> 3 == 6 || packet[0] >> 3 == 9); }

bool is_openvpn(ByteView first, bool tcp) {
  if (!tcp) return first.size() >= 14 && first.size() < 200 && first[0] == kOpenvpnReset;
  return first.size() >= 16 && first[2] == kOpenvpnReset &&
         static_cast<size_t>(first[0] << 8 | first[1]) == first.size() - 2;
}

}  // namespace

bool begins_like_tls(ByteView payload) {
  return payload.size() >= 5 && payload[0] >= 20 && payload[0] <= 23 && payload[1] == 3 && payload[2] <= 4;
}

bool begins_like_http(ByteView payload) {
  for (const char* start :
       {"GET ", "PUT ", "POST ", "HEAD ", "OPTIONS ", "CONNECT ", "DELETE ", "PATCH ", "TRACE ", "HTTP/"}) {
    if (starts_with(payload, start)) return true;
  }
  return false;
}

bool is_stun(ByteView datagram) {
  return datagram.size() >= 8 && (datagram[0] & 0xc0) == 0 && datagram[4] == 0x21 && datagram[5] == 0x12 &&
         datagram[6] == 0xa4 && datagram[7] == 0x42;
}

bool has_record(ByteView payload, uint8_t type) {
  Cursor cursor(payload);
  while (begins_like_tls(cursor.rest())) {
    if (cursor.u8() == type) return true;
    cursor.take(2);
    cursor.vector(2);
  }
  return false;
}

Protocol protocol_of(ByteView first, bool tcp) {
  DnsQuery query;
  if (tcp) {
    if (begins_like_tls(first)) return Protocol::kTls;
    if (begins_like_http(first)) return Protocol::kHttp;
    if (starts_with(first, "SSH-2.0")) return Protocol::kSsh;
    if (first.size() > 2 && parse_dns_query(first.subspan(2), query)) return Protocol::kDns;
    return is_openvpn(first, true) ? Protocol::kOpenvpn : Protocol::kUnknown;
  }
  TlsHello hello;
  if (is_stun(first)) return Protocol::kStun;
  if (parse_dtls_hello(first, hello) != HelloState::kNone) return Protocol::kDtls;
  if (first.size() >= 5 && (first[0] & 0xc0) == 0xc0 && first[1] == 0 && first[2] == 0) return Protocol::kQuic;
  if (is_wireguard_handshake(first)) return Protocol::kWireguard;
  if (is_openvpn(first, false)) return Protocol::kOpenvpn;
  return parse_dns_query(first, query) ? Protocol::kDns : Protocol::kUnknown;
}

const char* protocol_name(Protocol protocol) {
  constexpr const char* kNames[] = {"unknown", "tls",  "http", "ssh",       "dns",
                                    "quic",    "dtls", "stun", "wireguard", "openvpn"};
  return kNames[static_cast<size_t>(protocol)];
}

bool fully_encrypted(ByteView first) {
  if (first.empty()) return false;
  size_t bits = 0;
  size_t plain = 0;
  size_t run = 0;
  size_t run_max = 0;
  for (const uint8_t byte : first) {
    bits += static_cast<size_t>(std::popcount(byte));
    run = printable(byte) ? run + 1 : 0;
    run_max = std::max(run_max, run);
    if (printable(byte)) ++plain;
  }
  const double mean = static_cast<double>(bits) / static_cast<double>(first.size());
  if (mean <= 3.4 || mean >= 4.6) return false;                                                     // Ex1
  if (first.size() >= 6 && std::all_of(first.begin(), first.begin() + 6, printable)) return false;  // Ex2
  if (plain * 2 > first.size()) return false;                                                       // Ex3
  if (run_max > 20) return false;                                                                   // Ex4
  const bool tls = first.size() >= 3 && first[0] >= 0x16 && first[0] <= 0x17 && first[1] == 3 && first[2] <= 9;
  if (tls) return false;  // Ex5
  for (const char* method : {"GET ", "PUT ", "POST ", "HEAD "}) {
    if (starts_with(first, method)) return false;
  }
  return true;
}

bool BurstTest::add(Direction direction, size_t payload, size_t header) {
  if (over_ || (current_ < 0 && direction == kDown)) return false;
  const bool up = current_ % 2 == 0;
  if (current_ < 0 || up != (direction == kUp)) ++current_;
  if (current_ == 4) {
    over_ = true;
    return true;
  }
  if (current_ == 0 && ++first_packets_ > kFirstBurstPacketsMax) over_ = true;
  bursts_[static_cast<size_t>(current_)] += static_cast<double>(payload > header ? payload - header : 0);
  return false;
}

bool like_tls_handshake(const std::array<double, 4>& bursts) {
  return std::any_of(std::begin(kModels), std::end(kModels), [&](const Model& model) {
    return bursts[0] >= model.first_least && distance(model, bursts) < model.threshold;
  });
}

const char* TunnelRecogniser::on_packet(const View& view, const Parts& parts) {
  if (view.packet.payload_size == 0 || view.repeated) return nullptr;
  const char* reason = nullptr;
  if (parts.vpn) reason = vpn(view);
  if (!view.packet.tcp()) return reason;
  if (reason == nullptr && parts.tls) reason = inner_tls(view, parts.background);
  if (reason == nullptr && parts.big) reason = big_packets(view);
  return reason;
}

const char* TunnelRecogniser::inner_tls(const View& view, double background) {
  const bool outer_tls = begins_like_tls(view.flow.first_payload);
  if (outer_tls && !(cipher_changed_[kUp] && cipher_changed_[kDown])) {
    // The test begins after the packets that change the cipher: what they hold is still the outer handshake.
    if (has_record(view.packet.payload(), kChangeCipherSpec)) cipher_changed_[view.direction] = true;
    return nullptr;
  }
  if (!test_.add(view.direction, view.packet.payload_size, outer_tls ? kRecordOverhead : 0)) return nullptr;
  if (like_tls_handshake(test_.bursts())) return "inner_tls";
  return background > 0 && view.dice.chance(background) ? "inner_tls_background" : nullptr;
}

const char* TunnelRecogniser::big_packets(const View& view) {
  if (!encrypted_) encrypted_ = fully_encrypted(view.flow.first_payload);
  if (!*encrypted_ || view.direction == kDown || view.packet.payload_size < kBigPacket) return nullptr;
  return ++big_ == kBigPackets ? "big_packets" : nullptr;
}

const char* TunnelRecogniser::vpn(const View& view) {
  const ByteView payload = view.packet.payload();
  const bool tcp = view.packet.tcp();
  const Protocol protocol = protocol_of(view.flow.first_payload, tcp);
  bool data = false;
  if (protocol == Protocol::kWireguard) data = is_wireguard_data(payload);
  if (protocol == Protocol::kOpenvpn) data = is_openvpn_data(tcp && payload.size() > 2 ? payload.subspan(2) : payload);
  if (!data) return nullptr;
  return ++vpn_data_ == kVpnDataPackets ? protocol_name(protocol) : nullptr;
}

}  // namespace godwit::lab
