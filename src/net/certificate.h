#pragma once
// X.509 certificates as a home's operator meets them: made by ourselves when he has none, and their fingerprints.

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace godwit::net {

/// A certificate and its private key, both PEM. The key is a secret: file mode 0600.
struct CertificatePem {
  std::string certificate;
  std::string key;
};

/// An ECDSA P-256 certificate signed by its own key, for `names` (DNS names, IPv4 or IPv6 addresses, at least one; the
/// first is also the subject), good from a day before `now` for ten years. kBadOption: no name, or not a name.
Result<CertificatePem> make_self_signed_certificate(const std::vector<std::string>& names, Instant now);

/// SHA-256 of the first certificate's DER in a PEM text: a pin of kind kCertificateSha256. kBadCertificate: none there.
Result<ByteArray<32>> certificate_sha256(std::string_view pem);
/// From when to when the first certificate in a PEM text is good (RFC 5280 §4.1.2.5).
struct CertificateTimes {
  Instant begins;
  Instant ends;
};
/// Reads them. kBadCertificate: none there, or none with times.
Result<CertificateTimes> certificate_times(std::string_view pem);
/// SHA-256 of its SubjectPublicKeyInfo (RFC 7469 §2.4): a pin of kind kSpkiSha256. kBadCertificate: none there.
Result<ByteArray<32>> spki_sha256(std::string_view pem);
/// A fingerprint as people compare them: "AB:CD:..." (32 pairs).
std::string print_fingerprint(const ByteArray<32>& fingerprint);

}  // namespace godwit::net
