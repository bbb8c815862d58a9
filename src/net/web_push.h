#pragma once
// What a push service is told on behalf of a home: a message that only the browser can read (RFC 8291, in the aes128gcm coding of
// RFC 8188), and who sends it (RFC 8292, "VAPID"). P-256 and AES-128-GCM are OpenSSL's.

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "net/https_exchange.h"

namespace godwit::net {

/// An uncompressed P-256 point (SEC 1 §2.3.3).
using P256Public = ByteArray<65>;

/// What is said in every push: the same bytes, padded to the same size, so that no push tells more than another.
inline constexpr size_t kWebPushPlainSize = 64;
/// What stands around a plaintext: salt, record size, key id (RFC 8188 §2.1), the delimiter (§2) and the tag.
inline constexpr size_t kWebPushOverhead = 16 + 4 + 1 + 65 + 1 + 16;

/// What a browser has given out (RFC 8291 §2).
struct WebPushReceiver {
  P256Public key{};
  ByteArray<16> auth{};
};
/// What a message is made with and what nothing else may be made with; a secret until it is.
struct WebPushOnce {
  ByteArray<32> private_key{};  ///< 1 to the order of P-256 less 1, big-endian
  ByteArray<16> salt{};
};
/// Encrypts `plain`, one record of less than 4,096 bytes, under a key pair and a salt of its own. kBadOption: the receiver's key is no
/// point of the curve, or `plain` is too long. kSystem.
Result<Bytes> encrypt_web_push(ByteView plain, const WebPushReceiver& to);
/// The same under a given one: for vectors. kBadOption: also for a private key out of bounds.
Result<Bytes> encrypt_web_push(ByteView plain, const WebPushReceiver& to, const WebPushOnce& once);

/// The key by which push services know a home (RFC 8292). Not copyable; its secret goes with it.
class VapidKey {
 public:
  /// Out of 32 secret bytes, always the same. kBadOption: other than 32; kSystem.
  static Result<VapidKey> from_seed(ByteView seed);
  ~VapidKey();
  VapidKey(VapidKey&&) noexcept;
  VapidKey& operator=(VapidKey&&) noexcept;

  /// What browsers are told as applicationServerKey.
  const P256Public& public_key() const { return public_; }
  /// The value of an Authorization header, good until `expires` (at most a day ahead) for pushes to `url`. `contact` is a mailto: or
  /// https: URL without quotes; empty: none is told. kBadOption: a contact of other characters; kSystem.
  Result<std::string> authorization(const HttpsUrl& url, const std::string& contact, Instant expires) const;

 private:
  struct Secret;
  VapidKey();
  std::unique_ptr<Secret> secret_;
  P256Public public_{};
};

/// How long a push service keeps a push for a browser that is away, and under which name a later one takes its place (RFC 8030 §5).
inline constexpr Duration kWebPushKept = days(28);
inline constexpr const char* kWebPushTopic = "godwit";
/// The request that brings `message` to an endpoint.
std::string web_push_request(const HttpsUrl& endpoint, const std::string& authorization, ByteView message);

}  // namespace godwit::net
