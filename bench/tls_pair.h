#pragma once
// The baseline: both ends of OpenSSL's TLS 1.3 in one thread and in memory, with an ECDSA P-256 certificate and X25519.

#include <openssl/ssl.h>

#include <memory>

#include "base/bytes.h"

namespace godwit::bench {

/// A client and a server that know each other. Any failure ends the program.
class TlsPair {
 public:
  TlsPair();
  ~TlsPair();
  TlsPair(const TlsPair&) = delete;
  TlsPair& operator=(const TlsPair&) = delete;

  /// A new connection with a full handshake, a request and a reply of these sizes, and the server's two tickets.
  void full_exchange(size_t request_size, size_t reply_size);
  /// The same with the ticket of the connection before.
  void resumed_exchange(size_t request_size, size_t reply_size);

 private:
  static int keep_session(SSL* ssl, SSL_SESSION* session);
  void exchange(bool resume, size_t request_size, size_t reply_size);

  SSL_CTX* client_ = nullptr;
  SSL_CTX* server_ = nullptr;
  SSL_SESSION* session_ = nullptr;
};

/// A server's context for TLS 1.3 alone with a fresh self-signed ECDSA P-256 certificate; owned by the caller.
SSL_CTX* make_server_context();
/// A client's context for TLS 1.3 alone that accepts any certificate; owned by the caller.
SSL_CTX* make_client_context();

}  // namespace godwit::bench
