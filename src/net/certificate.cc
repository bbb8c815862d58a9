#include "net/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

#include "net/errors.h"
#include "net/openssl_stream.h"
#include "routes/ip_address.h"
#include "routes/route.h"

namespace godwit::net {
namespace {

constexpr Duration kBackdated = days(1);
constexpr Duration kLifetime = days(3650);
constexpr int kSerialBytes = 16;

bool is_address(const std::string& name) {
  return routes::parse_ipv4(name).has_value() || routes::parse_ipv6(name).has_value();
}

// The same names that a route can have: what cannot be dialled needs no certificate.
bool is_host(const std::string& name) {
  if (is_address(name)) return true;
  const auto route = routes::parse_route("wss://" + name + "/");
  return route.has_value() && route->host == name;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<size_t>(size)) : std::string();
}

OpenSslPtr<X509> read_certificate(std::string_view pem) {
  const OpenSslPtr<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  OpenSslPtr<X509> certificate(bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr);
  ERR_clear_error();
  return certificate;
}

bool add_extension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  const bool added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool set_serial(X509* certificate) {
  unsigned char bytes[kSerialBytes];
  if (RAND_bytes(bytes, kSerialBytes) != 1) return false;
  bytes[0] &= 0x7f;  // positive (RFC 5280 §4.1.2.2)
  BIGNUM* number = BN_bin2bn(bytes, kSerialBytes, nullptr);
  const bool set = number != nullptr && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
  BN_free(number);
  return set;
}

bool set_subject(X509* certificate, const std::string& name) {
  // A common name has at most 64 characters (RFC 5280 §A.1); the names that count stand in the extension.
  const std::string common = name.substr(0, 64);
  X509_NAME* subject = X509_get_subject_name(certificate);
  return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common.data()),
                                    static_cast<int>(common.size()), -1, 0) == 1 &&
         X509_set_issuer_name(certificate, subject) == 1;
}

bool set_times(X509* certificate, Instant now) {
  const auto from = static_cast<time_t>((now - kBackdated).unix_seconds());
  const auto to = static_cast<time_t>((now - kBackdated + kLifetime).unix_seconds());
  return ASN1_TIME_set(X509_getm_notBefore(certificate), from) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), to) != nullptr;
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ",";
    out += (is_address(name) ? "IP:" : "DNS:") + name;
  }
  return out;
}

}  // namespace

Result<CertificatePem> make_self_signed_certificate(const std::vector<std::string>& names, Instant now) {
  REQUIRE(!names.empty() && std::all_of(names.begin(), names.end(), is_host), kBadOption,
          "net: a certificate is for names and addresses that a route can have");
  const OpenSslPtr<EVP_PKEY> key(EVP_EC_gen("P-256"));
  const OpenSslPtr<X509> certificate(X509_new());
  const OpenSslPtr<BIO> certificate_out(BIO_new(BIO_s_mem()));
  const OpenSslPtr<BIO> key_out(BIO_new(BIO_s_secmem()));
  X509* raw = certificate.get();
  const bool made =
      key && certificate && certificate_out && key_out && X509_set_version(raw, X509_VERSION_3) == 1 &&
      set_serial(raw) && set_subject(raw, names.front()) && set_times(raw, now) &&
      X509_set_pubkey(raw, key.get()) == 1 && add_extension(raw, NID_subject_alt_name, alternative_names(names)) &&
      X509_sign(raw, key.get(), EVP_sha256()) > 0 && PEM_write_bio_X509(certificate_out.get(), raw) == 1 &&
      PEM_write_bio_PKCS8PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
  ERR_clear_error();
  REQUIRE(made, kSystem, "net: OpenSSL could not make a certificate");
  return CertificatePem{text_of(certificate_out.get()), text_of(key_out.get())};
}

Result<ByteArray<32>> certificate_sha256(std::string_view pem) {
  const auto certificate = read_certificate(pem);
  ByteArray<32> out{};
  REQUIRE(certificate && X509_digest(certificate.get(), EVP_sha256(), out.data(), nullptr) == 1, kBadCertificate,
          "net: no PEM certificate");
  return out;
}

Result<CertificateTimes> certificate_times(std::string_view pem) {
  const auto certificate = read_certificate(pem);
  REQUIRE(certificate != nullptr, kBadCertificate, "net: no PEM certificate");
  std::tm begins{};
  std::tm ends{};
  const bool read = ASN1_TIME_to_tm(X509_get0_notBefore(certificate.get()), &begins) == 1 &&
                    ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &ends) == 1;
  ERR_clear_error();
  REQUIRE(read, kBadCertificate, "net: the certificate has no times");
  return CertificateTimes{Instant{int64_t{::timegm(&begins)} * 1'000}, Instant{int64_t{::timegm(&ends)} * 1'000}};
}

Result<ByteArray<32>> spki_sha256(std::string_view pem) {
  const auto certificate = read_certificate(pem);
  REQUIRE(certificate != nullptr, kBadCertificate, "net: no PEM certificate");
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &der);
  ByteArray<32> out{};
  const bool hashed =
      size > 0 && EVP_Digest(der, static_cast<size_t>(size), out.data(), nullptr, EVP_sha256(), nullptr) == 1;
  OPENSSL_free(der);
  REQUIRE(hashed, kBadCertificate, "net: the certificate has no public key");
  return out;
}

std::string print_fingerprint(const ByteArray<32>& fingerprint) {
  std::string out;
  for (const uint8_t byte : fingerprint) {
    if (!out.empty()) out += ':';
    for (char digit : to_hex({&byte, 1})) out += digit >= 'a' ? static_cast<char>(digit - 'a' + 'A') : digit;
  }
  return out;
}

}  // namespace godwit::net
