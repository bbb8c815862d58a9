// The server's side of TLS.

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>

#include "net/errors.h"
#include "net/openssl_stream.h"

namespace godwit::net {
namespace {

// Clients come back within hours; a ticket needs the same keys, which live as long as the process.
constexpr long kTicketLifetimeSeconds = 24 * 3600;
// A full handshake gives two, a resumed one gives one, whatever the number is: clients keep a spare.
constexpr size_t kTicketsPerHandshake = 2;

// A key with a passphrase is refused instead of asked for on the terminal.
int refuse_passphrase(char*, int, int, void*) { return 0; }

// Chooses http/1.1 if it was offered; a client that speaks only something else is told so (RFC 7301 §3.2).
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
  const ByteView ours(kAlpnHttp11 + 1, sizeof kAlpnHttp11 - 1);
  ByteView rest(offered, offered_size);
  while (!rest.empty()) {
    const size_t size = rest[0];
    if (size + 1 > rest.size()) break;
    const ByteView name = rest.subspan(1, size);
    if (equal(name, ours)) {
      *out = name.data();
      *out_size = static_cast<unsigned char>(name.size());
      return SSL_TLSEXT_ERR_OK;
    }
    rest = rest.subspan(size + 1);
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

class OpenSslServer final : public TlsServer {
 public:
  explicit OpenSslServer(OpenSslPtr<SSL_CTX> context) : context_(std::move(context)) {}

  Result<std::unique_ptr<TlsStream>> accept() override {
    OpenSslPtr<SSL> ssl(SSL_new(context_.get()));
    REQUIRE(ssl != nullptr, kSystem, "net: OpenSSL could not make a connection");
    return std::unique_ptr<TlsStream>(std::make_unique<OpenSslStream>(std::move(ssl), true));
  }

  SSL_CTX* context() { return context_.get(); }

 private:
  OpenSslPtr<SSL_CTX> context_;
};

// The keys under which `from` sealed its tickets become those of `to`.
void copy_ticket_keys(SSL_CTX* from, SSL_CTX* to) {
  const long size = SSL_CTX_get_tlsext_ticket_keys(from, nullptr, 0);
  Bytes keys(static_cast<size_t>(std::max(size, 0L)));
  if (SSL_CTX_get_tlsext_ticket_keys(from, keys.data(), size) == 1) {
    SSL_CTX_set_tlsext_ticket_keys(to, keys.data(), size);
  }
  OPENSSL_cleanse(keys.data(), keys.size());
}

}  // namespace

Result<std::unique_ptr<TlsServer>> make_tls_server(const std::string& certificate_file, const std::string& key_file,
                                                   TlsServer* previous) {
  OpenSslPtr<SSL_CTX> context = make_tls13_context(TLS_server_method());
  REQUIRE(context != nullptr, kSystem, "net: OpenSSL could not make a server");
  SSL_CTX* raw = context.get();
  SSL_CTX_set_default_passwd_cb(raw, refuse_passphrase);
  ERR_clear_error();
  const bool certificate = SSL_CTX_use_certificate_chain_file(raw, certificate_file.c_str()) == 1;
  const bool key = certificate && SSL_CTX_use_PrivateKey_file(raw, key_file.c_str(), SSL_FILETYPE_PEM) == 1;
  const unsigned long reason = ERR_peek_last_error();
  const bool mismatch = ERR_GET_LIB(reason) == ERR_LIB_X509 && (ERR_GET_REASON(reason) == X509_R_KEY_VALUES_MISMATCH ||
                                                                ERR_GET_REASON(reason) == X509_R_KEY_TYPE_MISMATCH);
  const bool match = key && SSL_CTX_check_private_key(raw) == 1;
  ERR_clear_error();
  REQUIRE(certificate, kBadCertificate, "net: the certificate file is a PEM chain, leaf first");
  REQUIRE(!mismatch && (match || !key), kKeyMismatch, "net: the private key belongs to the certificate");
  REQUIRE(key, kBadPrivateKey, "net: the key file is a PEM private key without a passphrase");

  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_timeout(raw, kTicketLifetimeSeconds);
  SSL_CTX_set_num_tickets(raw, kTicketsPerHandshake);
  SSL_CTX_set_alpn_select_cb(raw, choose_protocol, nullptr);
  if (previous != nullptr) copy_ticket_keys(static_cast<OpenSslServer*>(previous)->context(), raw);
  return std::unique_ptr<TlsServer>(std::make_unique<OpenSslServer>(std::move(context)));
}

}  // namespace godwit::net
