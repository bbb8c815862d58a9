#pragma once
// TLS as a machine over bytes: the one small interface behind which the library stands (OpenSSL today; another one needs
// this file's classes and nothing else). No sockets here.

#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "net/byte_queue.h"
#include "net/tls_trust.h"
#include "routes/hello.h"

namespace godwit::net {

/// One TLS connection, or none at all (make_plain_stream). After an error only output() is of use: it may hold an alert.
class TlsStream {
 public:
  virtual ~TlsStream() = default;

  /// Begins: a client's hello goes to output(). Once, before anything else.
  virtual Status start() = 0;
  /// Takes all of `bytes` from the peer and appends what they say to `plain`. kSsl...; kBadHttp: a server was sent a
  /// plain HTTP request.
  virtual Status feed(ByteView bytes, Bytes& plain) = 0;
  /// Encrypts into output(), in records of at most 16 KiB. Only when is_open().
  virtual Status write(ByteView plain) = 0;
  /// Says that nothing more comes (close_notify, RFC 8446 §6.1).
  virtual void finish() = 0;

  /// Bytes for the peer; whoever sends them consumes them.
  virtual ByteQueue& output() = 0;
  /// The handshake is complete and the peer's certificate accepted.
  virtual bool is_open() const = 0;
  /// The peer has said that nothing more comes.
  virtual bool is_finished_by_peer() const = 0;
  /// The handshake used a ticket instead of a certificate.
  virtual bool is_resumed() const = 0;
};

/// A stream without TLS: bytes pass as they are.
std::unique_ptr<TlsStream> make_plain_stream();

/// What somebody in the middle sees of a client.
struct TlsHello {
  /// The server name (RFC 6066 §3). Nothing said: the host, if it is a name. Empty: none is shown.
  std::optional<std::string> name = {};
  routes::HelloKind look = routes::HelloKind::kPlain;
};

/// A client's side of TLS 1.3 for one connection to `host` (a name, or an address without brackets) on `port`. Where the
/// authorities judge, the certificate has to be for the name shown, or for the host. `tickets` may be null; else it must
/// outlive the stream. kSystem: out of memory.
Result<std::unique_ptr<TlsStream>> make_tls_client(const std::string& host, uint16_t port, const TlsTrust& trust,
                                                   TlsTickets* tickets, const TlsHello& hello = {});

/// What all connections of a server share: certificate, key, ticket keys.
class TlsServer {
 public:
  virtual ~TlsServer() = default;
  /// The server's side of one connection. kSystem: out of memory.
  virtual Result<std::unique_ptr<TlsStream>> accept() = 0;
};

/// Reads certificate chain and private key (PEM files). With `previous`, tickets given out by it stay good. kBadCertificate,
/// kBadPrivateKey (also: protected by a passphrase), kKeyMismatch, kSystem.
Result<std::unique_ptr<TlsServer>> make_tls_server(const std::string& certificate_file, const std::string& key_file,
                                                   TlsServer* previous);

}  // namespace godwit::net
