#pragma once
// What a flow is, judged by its first bytes and by the sizes of its packets. Several modes ask the same questions; each has
// its own memory of the answers.

#include <array>
#include <optional>
#include <string>

#include "lab/censor/mode.h"

namespace godwit::lab {

/// Protocols that a box tells apart by first bytes.
enum class Protocol { kUnknown, kTls, kHttp, kSsh, kDns, kQuic, kDtls, kStun, kWireguard, kOpenvpn };

/// Which of them the client's first data is, carried by TCP or not.
Protocol protocol_of(ByteView first_payload, bool tcp);
/// "unknown", "tls", "http", ...
const char* protocol_name(Protocol protocol);

/// True if a payload begins like a TLS record: type 20 to 23, version 3.x (five bytes are needed).
bool begins_like_tls(ByteView payload);
/// True if a payload begins like an HTTP request or answer.
bool begins_like_http(ByteView payload);
/// True if a datagram is STUN (RFC 8489 §5): two zero bits and the magic cookie.
bool is_stun(ByteView datagram);
/// True if one of the TLS records that follow each other from the start of `payload` is of this type.
bool has_record(ByteView payload, uint8_t type);

/// True if a first payload fails all five exemptions of the fully-encrypted-traffic test (USENIX Security 2023): mean set
/// bits up to 3.4 or from 4.6 a byte; six printable bytes in front; more than half printable; more than 20 printable in a
/// row; TLS or HTTP in front.
bool fully_encrypted(ByteView first_payload);

/// The test for TLS inside an encrypted flow by the sizes of its first bursts (nDPI 5.1, USENIX Security 2024).
class BurstTest {
 public:
  /// Takes a packet with a payload; `header` bytes of each count as the outer protocol's. True if the four bursts are now
  /// complete: then ask result().
  bool add(Direction direction, size_t payload, size_t header);
  /// The bytes of the four bursts.
  const std::array<double, 4>& bursts() const { return bursts_; }
  /// True once the test is over, done or given up.
  bool over() const { return over_; }

 private:
  std::array<double, 4> bursts_{};
  int current_ = -1;
  size_t first_packets_ = 0;
  bool over_ = false;
};

/// True if four bursts lie near one of the three models of a browser's TLS handshake.
bool like_tls_handshake(const std::array<double, 4>& bursts);

/// Looks for tunnels in one flow; the parts are those of mode inner-tls.
class TunnelRecogniser {
 public:
  /// What to look for, and how often ordinary TLS is mistaken.
  struct Parts {
    bool tls = true;  ///< a TLS handshake inside
    bool big = true;  ///< a random-looking flow with large client packets
    bool vpn = true;  ///< WireGuard and OpenVPN
    double background = 0;
  };
  /// Takes the flow's next packet; the reason if it is recognised with this packet, else null.
  const char* on_packet(const View& view, const Parts& parts);

 private:
  const char* inner_tls(const View& view, double background);
  const char* big_packets(const View& view);
  const char* vpn(const View& view);

  BurstTest test_;
  std::array<bool, 2> cipher_changed_{};
  std::optional<bool> encrypted_;
  int big_ = 0;
  int vpn_data_ = 0;
};

}  // namespace godwit::lab
