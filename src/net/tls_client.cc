// The client's side of TLS: whom it trusts, and the tickets it keeps.

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <map>
#include <string>

#include "net/errors.h"
#include "net/openssl_stream.h"
#include "net/tls_hellos.h"
#include "routes/ip_address.h"

namespace godwit::net {
namespace {

bool is_address(const std::string& host) {
  return routes::parse_ipv4(host).has_value() || routes::parse_ipv6(host).has_value();
}

bool hash_of(X509* certificate, TlsTrust::Kind kind, ByteArray<32>& out) {
  if (kind == TlsTrust::Kind::kCertificateSha256) {
    return X509_digest(certificate, EVP_sha256(), out.data(), nullptr) == 1;
  }
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  if (size <= 0) return false;
  const bool hashed = EVP_Digest(der, static_cast<size_t>(size), out.data(), nullptr, EVP_sha256(), nullptr) == 1;
  OPENSSL_free(der);
  return hashed;
}

class ClientStream final : public OpenSslStream {
 public:
  ClientStream(OpenSslPtr<SSL> ssl, std::string server, const TlsTrust& trust, TlsTickets* tickets)
      : OpenSslStream(std::move(ssl), false), server_(std::move(server)), trust_(trust), tickets_(tickets) {}

  /// Takes a ticket, if there is one, into the hello to come.
  void use_ticket() {
    if (tickets_ == nullptr) return;
    const Bytes der = tickets_->take(server_, trust_);
    if (der.empty()) return;
    const unsigned char* cursor = der.data();
    const OpenSslPtr<SSL_SESSION> session(d2i_SSL_SESSION(nullptr, &cursor, static_cast<long>(der.size())));
    if (session && SSL_SESSION_is_resumable(session.get()) == 1) SSL_set_session(ssl(), session.get());
    ERR_clear_error();
  }

  /// OpenSSL's callback for a certificate under a trust of our own: 1 if it is accepted.
  static int judge(X509_STORE_CTX* store, void*) {
    const auto* connection = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    const auto& self = *static_cast<ClientStream*>(SSL_get_app_data(connection));
    if (self.trust_.kind == TlsTrust::Kind::kAny) return 1;
    ByteArray<32> hash{};
    X509* leaf = X509_STORE_CTX_get0_cert(store);
    if (leaf != nullptr && hash_of(leaf, self.trust_.kind, hash) && hash == self.trust_.pin) return 1;
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
  }

  /// OpenSSL's callback for a ticket from the server: 0, since we keep a copy.
  static int keep_ticket(SSL* connection, SSL_SESSION* session) {
    auto& self = *static_cast<ClientStream*>(SSL_get_app_data(connection));
    if (self.tickets_ == nullptr) return 0;
    const int size = i2d_SSL_SESSION(session, nullptr);
    if (size <= 0) return 0;
    Bytes der(static_cast<size_t>(size));
    unsigned char* cursor = der.data();
    i2d_SSL_SESSION(session, &cursor);
    self.tickets_->put(self.server_, self.trust_, std::move(der));
    return 0;
  }

 private:
  std::string server_;
  TlsTrust trust_;
  TlsTickets* tickets_;
};

// The certificate is for `name`, or for `host`; an address alone is asked for only where no name is shown.
bool expect_host(SSL* ssl, const std::string& host, const std::string& name) {
  if (name.empty() && is_address(host)) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (SSL_set1_host(ssl, name.empty() ? host.c_str() : name.c_str()) != 1) return false;
  return name.empty() || name == host || is_address(host) || SSL_add1_host(ssl, host.c_str()) == 1;
}

// The authorities in a file, the system's if it has no name. Reading all of these for each dial would hold up a home's loop: they are kept
// for an hour, unless nothing could be read. Null: nobody is trusted.
X509_STORE* authorities_of(const std::string& file) {
  struct Known {
    OpenSslPtr<X509_STORE> store;
    std::chrono::steady_clock::time_point read;
  };
  thread_local std::map<std::string, Known> all;
  const auto now = std::chrono::steady_clock::now();
  Known& known = all[file];
  if (known.store && now - known.read < std::chrono::hours(1)) return known.store.get();
  known = {OpenSslPtr<X509_STORE>(X509_STORE_new()), now};
  if (!known.store) return nullptr;
  X509_STORE* store = known.store.get();
  file.empty() ? X509_STORE_set_default_paths(store) : X509_STORE_load_file(store, file.c_str());
  ERR_clear_error();
  if (sk_X509_OBJECT_num(X509_STORE_get0_objects(store)) == 0) known.read -= std::chrono::hours(1);
  return known.store.get();
}

}  // namespace

Result<std::unique_ptr<TlsStream>> make_tls_client(const std::string& host, uint16_t port, const TlsTrust& trust,
                                                   TlsTickets* tickets, const TlsHello& hello) {
  constexpr Error kNoMemory{kSystem, "net: OpenSSL could not make a connection"};
  const OpenSslPtr<SSL_CTX> context = make_client_context(hello.look);
  if (!context) return kNoMemory;
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (trust.kind == TlsTrust::Kind::kSystemAuthorities) {
    // Without one that can be read nobody is trusted.
    if (X509_STORE* store = authorities_of(trust.authorities)) SSL_CTX_set1_cert_store(context.get(), store);
  } else {
    SSL_CTX_set_cert_verify_callback(context.get(), ClientStream::judge, nullptr);
  }
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context.get(), ClientStream::keep_ticket);

  OpenSslPtr<SSL> ssl(SSL_new(context.get()));
  if (!ssl) return kNoMemory;
  SSL* raw = ssl.get();
  const std::string name = hello.name.value_or(is_address(host) ? std::string() : host);
  if (!name.empty()) SSL_set_tlsext_host_name(raw, name.c_str());
  if (trust.kind == TlsTrust::Kind::kSystemAuthorities && !expect_host(raw, host, name)) return kNoMemory;
  std::string server = host + ":" + std::to_string(port);
  // A ticket says where it came from as well as the name does: one that was got under a name is used under it alone.
  if (name != host && !name.empty()) server += " " + name;
  auto stream = std::make_unique<ClientStream>(std::move(ssl), std::move(server), trust, tickets);
  stream->use_ticket();
  return std::unique_ptr<TlsStream>(std::move(stream));
}

}  // namespace godwit::net
