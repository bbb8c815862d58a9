#include "bench/tls_pair.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <chrono>

#include "base/assert.h"
#include "net/certificate.h"

namespace godwit::bench {
namespace {

// What OpenSSL's macros need here: a BIO that reads from a PEM text.
BIO* text_bio(const std::string& text) { return BIO_new_mem_buf(text.data(), static_cast<int>(text.size())); }

// Writes all of `size` zeros; fits into the memory between the two.
void write_zeros(SSL* ssl, size_t size) {
  const Bytes zeros(size);
  ASSERT(SSL_write(ssl, zeros.data(), static_cast<int>(size)) == static_cast<int>(size));
}

void read_all(SSL* ssl, size_t size) {
  Bytes buffer(size + 1);
  size_t have = 0;
  while (have < size) {
    const int count = SSL_read(ssl, buffer.data(), static_cast<int>(buffer.size()));
    ASSERT(count > 0);
    have += static_cast<size_t>(count);
  }
  ASSERT(have == size);
}

}  // namespace

SSL_CTX* make_server_context() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  const Instant now{std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count()};
  const auto pem = net::make_self_signed_certificate({"bench.example"}, now);
  ASSERT(pem.has_value());
  BIO* certificate_bio = text_bio(pem->certificate);
  BIO* key_bio = text_bio(pem->key);
  X509* certificate = PEM_read_bio_X509(certificate_bio, nullptr, nullptr, nullptr);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(key_bio, nullptr, nullptr, nullptr);
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  ASSERT(context != nullptr && certificate != nullptr && key != nullptr);
  ASSERT(SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1);
  ASSERT(SSL_CTX_use_certificate(context, certificate) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1);
  const unsigned char name[] = "bench";
  ASSERT(SSL_CTX_set_session_id_context(context, name, sizeof name) == 1);
  X509_free(certificate);
  EVP_PKEY_free(key);
  BIO_free(certificate_bio);
  BIO_free(key_bio);
  return context;
}

SSL_CTX* make_client_context() {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  ASSERT(context != nullptr && SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  return context;
}

TlsPair::TlsPair() : client_(make_client_context()), server_(make_server_context()) {
  SSL_CTX_sess_set_new_cb(client_, &TlsPair::keep_session);
  SSL_CTX_set_app_data(client_, this);
}

TlsPair::~TlsPair() {
  SSL_SESSION_free(session_);
  SSL_CTX_free(client_);
  SSL_CTX_free(server_);
}

int TlsPair::keep_session(SSL* ssl, SSL_SESSION* session) {
  auto* self = static_cast<TlsPair*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  SSL_SESSION_free(self->session_);
  self->session_ = session;
  return 1;  // We own it now.
}

void TlsPair::full_exchange(size_t request_size, size_t reply_size) { exchange(false, request_size, reply_size); }

void TlsPair::resumed_exchange(size_t request_size, size_t reply_size) {
  if (session_ == nullptr) exchange(false, request_size, reply_size);
  exchange(true, request_size, reply_size);
}

void TlsPair::exchange(bool resume, size_t request_size, size_t reply_size) {
  SSL* client = SSL_new(client_);
  SSL* server = SSL_new(server_);
  BIO* client_bio = nullptr;
  BIO* server_bio = nullptr;
  ASSERT(client != nullptr && server != nullptr);
  ASSERT(BIO_new_bio_pair(&client_bio, size_t{1} << 17, &server_bio, size_t{1} << 17) == 1);
  SSL_set_bio(client, client_bio, client_bio);
  SSL_set_bio(server, server_bio, server_bio);
  if (resume) ASSERT(SSL_set_session(client, session_) == 1);
  SSL_set_connect_state(client);
  SSL_set_accept_state(server);
  while (SSL_is_init_finished(client) == 0 || SSL_is_init_finished(server) == 0) {
    SSL_do_handshake(client);
    SSL_do_handshake(server);
  }
  ASSERT((SSL_session_reused(client) == 1) == resume);
  write_zeros(client, request_size);
  read_all(server, request_size);
  write_zeros(server, reply_size);
  read_all(client, reply_size);
  SSL_shutdown(client);
  SSL_free(client);
  SSL_free(server);
}

}  // namespace godwit::bench
