#pragma once
// The ClientHello, as far as a censor reads it (RFC 8446 §4.1.2, RFC 9147 §5.3, RFC 6066 §3).

#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace godwit::lab {

constexpr uint16_t kExtensionServerName = 0;
constexpr uint16_t kExtensionAlpn = 16;
constexpr uint16_t kExtensionEch = 0xfe0d;

/// What a ClientHello says.
struct TlsHello {
  uint16_t legacy_version = 0;
  std::vector<uint16_t> ciphers;     ///< in their order, GREASE (RFC 8701) included
  std::vector<uint16_t> extensions;  ///< the same
  std::vector<uint16_t> groups;
  std::vector<uint16_t> signature_algorithms;
  std::vector<uint16_t> versions;  ///< of supported_versions
  std::vector<std::string> alpn;
  std::string server_name;  ///< empty if there is none

  /// True if the extension `type` is there.
  bool has_extension(uint16_t type) const;
};

/// Whether bytes hold a ClientHello.
enum class HelloState {
  kNone,   ///< no, and more bytes will not change it
  kMore,   ///< so far; what was seen already stands in the hello
  kWhole,  ///< yes
};

/// Reads a ClientHello from the first bytes of a TCP stream: one or more TLS handshake records.
[[nodiscard]] HelloState parse_tls_hello(ByteView stream, TlsHello& out);
/// Reads one from handshake bytes without record headers, as QUIC's CRYPTO frames carry it.
[[nodiscard]] HelloState parse_handshake_hello(ByteView handshake, TlsHello& out);
/// Reads one from a datagram that begins with a DTLS record; a fragmented hello is read as far as it stands there.
[[nodiscard]] HelloState parse_dtls_hello(ByteView datagram, TlsHello& out);

/// Collects the ClientHello of one DTLS connection out of its fragments (RFC 9147 §5.5), in whatever datagrams they come.
class DtlsHello {
 public:
  /// Takes a datagram; `out` is what is known of the hello. kNone: no fragment of one is in it.
  [[nodiscard]] HelloState add(ByteView datagram, TlsHello& out);

 private:
  bool collect(ByteView record);

  std::map<size_t, Bytes> pieces_;  ///< by offset
  size_t length_ = 0;               ///< of the whole
  uint16_t message_ = 0;            ///< its message_seq
};

/// True if the first bytes of the server's stream are a ServerHello that chooses TLS 1.3 (RFC 8446 §4.1.3).
bool server_chose_tls13(ByteView stream);

/// True for the reserved values of RFC 8701 §2.
constexpr bool is_grease(uint16_t value) { return (value & 0x0f0f) == 0x0a0a && (value >> 8) == (value & 0xff); }

/// Whose TLS stack a hello looks like.
enum class HelloFamily { kChrome, kSafari, kIos, kFirefox, kOther };

/// A guess from a few features, as a censor makes it: GREASE and ALPS for Chrome; GREASE and 3DES suites for Safari on a
/// computer; GREASE alone for iOS; record_size_limit with delegated_credentials for Firefox.
HelloFamily family_of(const TlsHello& hello);
/// "chrome", "safari", "ios", "firefox", "other".
const char* family_name(HelloFamily family);

}  // namespace godwit::lab
