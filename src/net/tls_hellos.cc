#include "net/tls_hellos.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace godwit::net {
namespace {

using routes::HelloKind;

// Python 3.10 and newer, ssl.create_default_context().
constexpr const char* kPythonCiphers =
    "@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM";
// Node 18 and newer, tls.DEFAULT_CIPHERS without the suites of TLS 1.3.
constexpr const char* kNodeCiphers =
    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "DHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-SHA256:DHE-RSA-AES128-SHA256:ECDHE-RSA-AES256-SHA384:"
    "DHE-RSA-AES256-SHA384:ECDHE-RSA-AES256-SHA256:DHE-RSA-AES256-SHA256:HIGH:!aNULL:!eNULL:!EXPORT:!DES:!RC4:!MD5:!PSK:"
    "!SRP:!CAMELLIA";

// What a varied hello is made of. The first items are in every one, for servers that can little else.
constexpr std::array kSuites{"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"};
constexpr std::array kCiphers{"ECDHE-ECDSA-AES128-GCM-SHA256",
                              "ECDHE-RSA-AES128-GCM-SHA256",
                              "ECDHE-ECDSA-AES256-GCM-SHA384",
                              "ECDHE-RSA-AES256-GCM-SHA384",
                              "ECDHE-ECDSA-CHACHA20-POLY1305",
                              "ECDHE-RSA-CHACHA20-POLY1305",
                              "DHE-RSA-AES128-GCM-SHA256",
                              "DHE-RSA-AES256-GCM-SHA384",
                              "DHE-RSA-CHACHA20-POLY1305",
                              "ECDHE-ECDSA-AES128-SHA256",
                              "ECDHE-RSA-AES128-SHA256",
                              "ECDHE-ECDSA-AES256-SHA384",
                              "ECDHE-RSA-AES256-SHA384",
                              "ECDHE-ECDSA-AES128-SHA",
                              "ECDHE-RSA-AES128-SHA",
                              "ECDHE-ECDSA-AES256-SHA",
                              "ECDHE-RSA-AES256-SHA",
                              "AES128-GCM-SHA256",
                              "AES256-GCM-SHA384",
                              "AES128-SHA",
                              "AES256-SHA"};
constexpr std::array kSignatures{"ecdsa_secp256r1_sha256",
                                 "rsa_pss_rsae_sha256",
                                 "rsa_pkcs1_sha256",
                                 "ecdsa_secp384r1_sha384",
                                 "rsa_pss_rsae_sha384",
                                 "rsa_pkcs1_sha384",
                                 "ecdsa_secp521r1_sha512",
                                 "rsa_pss_rsae_sha512",
                                 "rsa_pkcs1_sha512",
                                 "ed25519",
                                 "ed448",
                                 "rsa_pss_pss_sha256",
                                 "rsa_pss_pss_sha384",
                                 "rsa_pss_pss_sha512",
                                 "ECDSA+SHA1",
                                 "RSA+SHA1"};
constexpr std::array kGroups{"P-256", "P-384", "P-521", "X448"};

// Below `bound`; chance decides nothing but a look, so that the remainder's small bias does not matter.
size_t draw(size_t bound) {
  std::array<unsigned char, 4> bytes{};
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) return 0;
  const uint32_t number = static_cast<uint32_t>(bytes[0]) << 24 | static_cast<uint32_t>(bytes[1]) << 16 |
                          static_cast<uint32_t>(bytes[2]) << 8 | bytes[3];
  return number % bound;
}

// The first `always` items of a list and some of the others, in an order of chance, joined by ':'.
template <size_t kSize>
std::string some_of(const std::array<const char*, kSize>& all, size_t always) {
  std::vector<const char*> chosen(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(always));
  for (size_t i = always; i < kSize; ++i) {
    if (draw(3) != 0) chosen.push_back(all[i]);
  }
  for (size_t left = chosen.size(); left > 1; --left) std::swap(chosen[left - 1], chosen[draw(left)]);
  std::string out;
  for (const char* each : chosen) out += (out.empty() ? "" : ":") + std::string(each);
  return out;
}

void set_alpn(SSL_CTX* context) { SSL_CTX_set_alpn_protos(context, kAlpnHttp11, sizeof kAlpnHttp11); }

void vary(SSL_CTX* context) {
  SSL_CTX_set_ciphersuites(context, some_of(kSuites, 1).c_str());
  SSL_CTX_set_cipher_list(context, some_of(kCiphers, 4).c_str());
  SSL_CTX_set1_sigalgs_list(context, some_of(kSignatures, 3).c_str());
  // The key that is sent is for the first: one that every server takes.
  SSL_CTX_set1_groups_list(context, ("X25519:" + some_of(kGroups, 1)).c_str());
  for (const uint64_t option :
       {SSL_OP_NO_TICKET, SSL_OP_TLSEXT_PADDING, SSL_OP_NO_EXTENDED_MASTER_SECRET, SSL_OP_NO_ENCRYPT_THEN_MAC}) {
    if (draw(2) == 0) SSL_CTX_set_options(context, option);
  }
  if (draw(2) == 0) SSL_CTX_set_post_handshake_auth(context, 1);
  if (draw(2) == 0) set_alpn(context);
}

}  // namespace

OpenSslPtr<SSL_CTX> make_client_context(HelloKind look) {
  if (look == HelloKind::kLean) {
    OpenSslPtr<SSL_CTX> lean = make_tls13_context(TLS_client_method());
    if (lean) set_alpn(lean.get());
    return lean;
  }
  OpenSslPtr<SSL_CTX> made(SSL_CTX_new(TLS_client_method()));
  if (!made) return made;
  SSL_CTX* context = made.get();
  // TLS 1.2 is offered for the look of it; OpenSslStream takes 1.3 alone.
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  switch (look) {
    case HelloKind::kCurl:
      // No ticket of TLS 1.2 is asked for, and the hello is padded (RFC 7685).
      SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_TLSEXT_PADDING);
      SSL_CTX_set_post_handshake_auth(context, 1);
      set_alpn(context);
      break;
    case HelloKind::kPython:
      SSL_CTX_set_options(context, SSL_OP_TLSEXT_PADDING);
      SSL_CTX_set_cipher_list(context, kPythonCiphers);
      break;
    case HelloKind::kNode:
      SSL_CTX_set_cipher_list(context, kNodeCiphers);
      break;
    case HelloKind::kVaried:
      vary(context);
      break;
    default:
      SSL_CTX_set_options(context, SSL_OP_TLSEXT_PADDING);
      break;
  }
  return made;
}

}  // namespace godwit::net
