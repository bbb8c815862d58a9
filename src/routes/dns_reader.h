#pragma once
// A cursor over one DNS message (RFC 1035 §4): names with their compression, records. Everything in it may be a lie; a
// reader gives false and never reads beyond the message.

#include <string>

#include "base/bytes.h"

namespace godwit::routes {

inline constexpr size_t kDnsHeaderBytes = 12;  ///< RFC 1035 §4.1.1
inline constexpr size_t kDnsNameMax = 253;     ///< RFC 1035 §2.3.4, as text
inline constexpr size_t kDnsLabelMax = 63;     ///< RFC 1035 §2.3.4
inline constexpr uint16_t kDnsInternet = 1;    ///< RFC 1035 §3.2.4

/// Appends a number, most significant byte first.
void put_dns16(Bytes& out, uint16_t value);
/// Appends a name without compression: labels of 1 to 63 bytes between dots. False: it is none, and `out` is half written.
bool put_dns_name(Bytes& out, std::string_view name);

/// A resource record (RFC 1035 §4.1.3), without its TTL.
struct DnsRecord {
  std::string name;
  uint16_t type = 0;
  uint16_t record_class = 0;
  ByteView data;
  size_t data_at = 0;
};

/// See above. Names come in lower case, labels joined by dots.
class DnsReader {
 public:
  explicit DnsReader(ByteView bytes) : bytes_(bytes) {}

  /// The next 16 bits.
  bool take16(uint16_t& out);
  /// Passes over bytes.
  bool skip(size_t count);
  /// The next name.
  bool take_name(std::string& out) { return read_name(at_, out); }
  /// The name at `at`, which is moved behind it; pointers lead backwards only (RFC 1035 §4.1.4), and at most 16 of them.
  bool read_name(size_t& at, std::string& out) const;
  /// The next record.
  bool take_record(DnsRecord& out);

 private:
  ByteView bytes_;
  size_t at_ = 0;
};

}  // namespace godwit::routes
