#pragma once
// Which TLS server a client accepts, and the tickets it keeps to come back with fewer bytes.

#include <compare>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace godwit::net {

/// Which certificate is accepted. Whatever it is, the session inside authenticates the home: this only decides what
/// somebody in the middle gets to see, which is ciphertext.
struct TlsTrust {
  /// The ways to judge a certificate.
  enum class Kind : uint8_t {
    kSystemAuthorities,  ///< By the system's authorities and the host's name, as a browser does.
    kCertificateSha256,  ///< SHA-256 of the leaf certificate's DER is `pin`.
    kSpkiSha256,         ///< SHA-256 of the leaf's SubjectPublicKeyInfo is `pin`: survives renewal with the same key.
    kAny,                ///< Any: the session authenticates.
  };
  Kind kind = Kind::kAny;
  ByteArray<32> pin{};  ///< For the two pinning kinds; else zero.
  std::string authorities =
      {};  ///< For kSystemAuthorities: a PEM file with those that count instead of the system's; empty: these.

  friend auto operator<=>(const TlsTrust&, const TlsTrust&) = default;
};

/// TLS 1.3 session tickets of a client, per server and trust, in memory. Each is used once (RFC 8446 §C.4). They are
/// secrets as long as they live: whoever has one can read the outer TLS of connections resumed without fresh keys, but
/// never the session inside. One object serves any number of dials of one loop and must outlive their pipes.
class TlsTickets {
 public:
  /// Tickets kept for one server: as many as a client dials before the next ones come.
  static constexpr size_t kPerServerMax = 4;
  /// Servers remembered; the one with the oldest ticket is forgotten first.
  static constexpr size_t kServersMax = 64;

  TlsTickets();
  ~TlsTickets();
  TlsTickets(const TlsTickets&) = delete;
  TlsTickets& operator=(const TlsTickets&) = delete;

  /// Adds a ticket in OpenSSL's encoding for a server ("host:port"), made under `trust`; the oldest beyond the bound goes.
  void put(const std::string& server, const TlsTrust& trust, Bytes ticket);
  /// Takes the newest ticket out; empty: there is none.
  Bytes take(const std::string& server, const TlsTrust& trust);
  /// How many there are for a server.
  size_t count(const std::string& server, const TlsTrust& trust) const;

  /// Everything as bytes, for the caller to keep (sealed: it is secret).
  Bytes export_bytes() const;
  /// Replaces everything by what export_bytes() gave. kBadOption: it is not that; then nothing changes.
  Status import_bytes(ByteView bytes);

 private:
  struct Store;
  std::unique_ptr<Store> store_;
};

}  // namespace godwit::net
