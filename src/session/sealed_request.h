#pragma once
// One-shot requests for carriers without a conversation: mail, DNS with great delay, a file, another home as relay.
//
// HPKE base mode (RFC 9180) over X-Wing to the home's sealing key, a list of requests inside, and the reply sealed under a
// key exported from the same context; shaped after OHTTP (RFC 9458). A relaying home learns the client's address and
// nothing else, the target home the requests and not the address. Anonymous, unless its first request proves a mailbox by a
// signature over the binding, as in a session. The same bytes may arrive twice and are done once. Layout: docs/protocol/session.md, "Sealed request".

#include <map>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "crypto/aead.h"
#include "crypto/hpke.h"
#include "session/errors.h"
#include "session/types.h"

namespace godwit::session {

/// Names a sealed request, so that a home does it once; random, chosen by the client, the same when it is sent again.
using SealedId = OpaqueId<struct SealedIdTag, 16>;

/// Requests in one sealed request, and the bytes of all of them: one mail.
constexpr size_t kSealedRequestsMax = 64;
constexpr size_t kSealedSizeMax = 1024 * 1024;

/// Opens the reply to one sealed request; the client keeps it until the reply comes or the request expires.
class SealedReplyKey {
 public:
  /// From `serialise()`. kBadSealedRequest: throw it away.
  static Result<SealedReplyKey> parse(const crypto::SecretBuffer& bytes);
  /// Id and secret, for sealed storage only.
  crypto::SecretBuffer serialise() const;
  /// The id of the request that it belongs to; only client and home know it.
  const SealedId& id() const { return id_; }
  /// The first 17 bytes of every reply to this request, so that a client finds the key for what a carrier brings. Nobody
  /// else can tell to which request a reply belongs.
  ByteArray<17> reply_head() const;
  /// The answers, in the order of the requests. kBadSealedRequest: not the reply to this request; drop the bytes.
  Result<std::vector<Bytes>> open(ByteView sealed_reply) const;
  /// Seals the answers, in the order of the requests; the home's side.
  Bytes seal(const std::vector<Bytes>& replies, Random& random) const;

 private:
  friend class SealedRequestCodec;
  SealedReplyKey(SealedId id, crypto::Secret<32> secret) : id_(id), secret_(std::move(secret)) {}
  SealedId id_;
  crypto::Secret<32> secret_;
};

/// A sealed request as the client keeps it.
struct SealedRequest {
  Bytes bytes;               ///< for the carrier; the same bytes when it is sent again
  SealedReplyKey reply_key;  ///< for what comes back
};
/// A sealed request in the making: what its requests may be bound to is there before they are.
class SealedSetup {
 public:
  /// For the home with this X-Wing public key. Errors of hpke_setup_sender: the key is no key.
  static Result<SealedSetup> create(ByteView home_sealing_key, Random& random);
  /// What a mailbox key signs, in place of a session's handshake hash. It holds for this sealed request alone.
  const ChannelBinding& binding() const { return binding_; }
  /// Seals 1 to kSealedRequestsMax `requests`, together at most kSealedSizeMax. Once. kMessageTooLarge: too many or too large.
  Result<SealedRequest> seal(const std::vector<Bytes>& requests, Instant expires, Random& random) &&;

 private:
  SealedSetup(crypto::HpkeSender sender, ChannelBinding binding) : sender_(std::move(sender)), binding_(binding) {}
  crypto::HpkeSender sender_;
  ChannelBinding binding_;
};
/// All of it at once, for requests that prove nothing.
Result<SealedRequest> seal_requests(ByteView home_sealing_key, const std::vector<Bytes>& requests, Instant expires,
                                    Random& random);

/// A sealed request as the home sees it.
struct OpenedRequests {
  std::vector<Bytes> requests;
  SealedReplyKey reply_key;  ///< for the answers
  ChannelBinding binding{};  ///< what a proof among them has to have signed
  Instant expires;           ///< after this the client no longer waits
};
/// Opens a sealed request with the home's X-Wing private key (its 32-byte seed). kBadSealedRequest: for another key,
/// damaged, or no sealed request. Whether it is a replay is for SealedReplays to say.
Result<OpenedRequests> open_requests(const crypto::SecretBuffer& home_sealing_key, ByteView sealed);

/// Remembers which sealed requests were done, until they expire: pure and bounded, in memory. A home that wants to
/// remember across a restart keeps the ids in its store instead.
class SealedReplays {
 public:
  /// At most `count_max` ids; when it is full, requests are refused rather than forgotten.
  explicit SealedReplays(size_t count_max) : count_max_(count_max) {}
  /// Notes the request. kSealedReplay: it was done before, or expired, or expires too far in the future (31 days): drop it.
  /// kOutboxFull: too many are remembered; drop it, the client sends it again.
  Status note(const SealedId& id, Instant expires, Instant now);

 private:
  size_t count_max_;
  std::map<SealedId, Instant> done_;
  std::multimap<Instant, SealedId> by_expiry_;
};

}  // namespace godwit::session
