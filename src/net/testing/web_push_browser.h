#pragma once
// The other end of Web Push, for tests: a browser that has given out a subscription and reads what comes, and a reader of who sent it.

#include <memory>
#include <optional>
#include <string>

#include "net/web_push.h"

namespace godwit::net::testing {

/// Opens what is coded in aes128gcm under a key that both sides have, of any number of records (RFC 8188 §2). Nothing: it does not open.
std::optional<Bytes> open_aes128gcm(ByteView message, ByteView key_material);

/// A browser with a subscription.
class WebPushBrowser {
 public:
  /// With this private key, or a new one.
  explicit WebPushBrowser(std::optional<ByteArray<32>> private_key = {}, const ByteArray<16>& auth = {9, 9, 9});
  ~WebPushBrowser();
  WebPushBrowser(const WebPushBrowser&) = delete;
  WebPushBrowser& operator=(const WebPushBrowser&) = delete;

  /// What it has given out.
  const WebPushReceiver& receiver() const { return receiver_; }
  /// Opens what came for it. Nothing: it does not open.
  std::optional<Bytes> open(ByteView message) const;

 private:
  struct Key;
  std::unique_ptr<Key> key_;
  WebPushReceiver receiver_;
};

/// The claims of an Authorization header whose signature fits the key in it; empty: it does not. `key`: that key.
std::string vapid_claims(std::string_view authorization, P256Public& key);

}  // namespace godwit::net::testing
