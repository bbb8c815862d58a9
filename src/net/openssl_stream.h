#pragma once
// What client and server share of OpenSSL. Not for other folders.

#include <openssl/ssl.h>

#include <memory>

#include "net/tls.h"

namespace godwit::net {

/// Frees what OpenSSL has made.
struct OpenSslFree {
  void operator()(SSL* p) const { SSL_free(p); }
  void operator()(SSL_CTX* p) const { SSL_CTX_free(p); }
  void operator()(SSL_SESSION* p) const { SSL_SESSION_free(p); }
  void operator()(X509* p) const { X509_free(p); }
  void operator()(X509_STORE* p) const { X509_STORE_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(BIO* p) const { BIO_free_all(p); }
};
/// An owned OpenSSL object.
template <typename T>
using OpenSslPtr = std::unique_ptr<T, OpenSslFree>;

/// The one application protocol, as ALPN writes it (RFC 7301 §3.1).
inline constexpr unsigned char kAlpnHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

/// A new SSL_CTX for TLS 1.3 alone, with released buffers; null: out of memory.
OpenSslPtr<SSL_CTX> make_tls13_context(const SSL_METHOD* method);

/// A TlsStream over an SSL, which reads from the bytes fed and writes into output(). SSL_get_app_data(ssl) is this object.
class OpenSslStream : public TlsStream {
 public:
  /// `is_server` says which side of the handshake this is. `ssl` must not be null.
  OpenSslStream(OpenSslPtr<SSL> ssl, bool is_server);
  ~OpenSslStream() override;
  OpenSslStream(const OpenSslStream&) = delete;
  OpenSslStream& operator=(const OpenSslStream&) = delete;

  Status start() override;
  Status feed(ByteView bytes, Bytes& plain) override;
  Status write(ByteView plain) override;
  void finish() override;
  ByteQueue& output() override { return output_; }
  bool is_open() const override { return open_; }
  bool is_finished_by_peer() const override { return finished_by_peer_; }
  bool is_resumed() const override;

 protected:
  /// The connection.
  SSL* ssl() const { return ssl_.get(); }

 private:
  static BIO_METHOD* bio_method();
  static int bio_read(BIO* bio, char* out, int size);
  static int bio_write(BIO* bio, const char* bytes, int size);
  static long bio_control(BIO* bio, int command, long number, void* pointer);

  Status handshake();
  Error handshake_error() const;

  OpenSslPtr<SSL> ssl_;
  ByteView input_;  ///< What feed() was given and SSL has not read yet; empty outside feed().
  ByteQueue output_;
  bool open_ = false;
  bool finished_by_peer_ = false;
  bool finished_by_us_ = false;
  bool failed_ = false;
};

}  // namespace godwit::net
