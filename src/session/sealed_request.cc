#include "session/sealed_request.h"

#include <algorithm>

#include "codec/reader.h"
#include "codec/writer.h"
#include "crypto/hash.h"
#include "crypto/xwing.h"
#include "session/record.h"

namespace godwit::session {
namespace {

constexpr uint8_t kFormat = 1;
constexpr std::string_view kInfo = "godwit sealed request 1";
constexpr const char* kRule = "docs/protocol/session.md, Sealed request";
/// A home need not remember a request for longer than a message may live (30 days) and a day.
constexpr Duration kLifetimeMax = days(31);

crypto::HpkeSuite suite() { return {&crypto::kem_xwing(), &crypto::chacha20_poly1305()}; }

/// Whatever a reader finds missing in a sealed message: it is none of ours.
template <typename T>
Result<T> inside(Result<T> result) {
  REQUIRE(result, kBadSealedRequest, kRule);
  return result;
}

/// 2 bytes count, then each with 4 bytes size; zeros up to a bucket.
Bytes encode_list(ByteView head, const std::vector<Bytes>& list) {
  codec::Writer writer;
  writer.raw(head);
  writer.u16(static_cast<uint16_t>(list.size()));
  for (const Bytes& item : list) {
    writer.u32(static_cast<uint32_t>(item.size()));
    writer.raw(item);
  }
  Bytes out = writer.take();
  out.resize(bucket_for(out.size()));
  return out;
}

Result<std::vector<Bytes>> decode_list(codec::Reader& reader) {
  const uint16_t count = TRY(inside(reader.u16()));
  REQUIRE(count >= 1 && count <= kSealedRequestsMax, kBadSealedRequest, kRule);
  std::vector<Bytes> out;
  for (uint16_t i = 0; i < count; ++i) {
    const uint32_t size = TRY(inside(reader.u32()));
    out.push_back(to_bytes(TRY(inside(reader.raw(size)))));
  }
  const bool clean = std::ranges::all_of(reader.rest(), [](uint8_t byte) { return byte == 0; });
  REQUIRE(clean, kBadSealedRequest, kRule);
  return out;
}

bool fits(const std::vector<Bytes>& list) {
  size_t size = 0;
  for (const Bytes& item : list) size += item.size();
  return !list.empty() && list.size() <= kSealedRequestsMax && size <= kSealedSizeMax;
}

crypto::Secret<32> reply_secret(const crypto::HpkeContext& context) {
  const auto exported = context.export_secret(as_bytes("godwit sealed reply"), 32);
  crypto::Secret<32> out;
  std::ranges::copy(exported.reveal(), out.fill().begin());
  return out;
}

ChannelBinding binding_of(const crypto::HpkeContext& context) {
  const auto exported = context.export_secret(as_bytes("godwit sealed binding"), sizeof(ChannelBinding));
  ChannelBinding out{};
  std::ranges::copy(exported.reveal(), out.begin());
  return out;
}

}  // namespace

// ---- the request --------------------------------------------------------------------------------------------------

/// Makes keys; the two functions below are its only users.
class SealedRequestCodec {
 public:
  static SealedReplyKey key(SealedId id, crypto::Secret<32> secret) { return {id, std::move(secret)}; }
};

Result<SealedSetup> SealedSetup::create(ByteView home_sealing_key, Random& random) {
  crypto::HpkeSender sender = TRY(crypto::hpke_setup_sender(suite(), home_sealing_key, as_bytes(kInfo), random));
  const ChannelBinding binding = binding_of(sender.context);
  return SealedSetup(std::move(sender), binding);
}

Result<SealedRequest> SealedSetup::seal(const std::vector<Bytes>& requests, Instant expires, Random& random) && {
  REQUIRE(fits(requests), kMessageTooLarge, kRule);
  const SealedId id{random.bytes<SealedId::kSize>()};
  codec::Writer head;
  head.raw(id.view());
  head.u64(expires.unix_seconds());
  Bytes plaintext = encode_list(head.view(), requests);
  auto sealed = sender_.context.seal({}, plaintext);
  crypto::wipe(plaintext);
  const Bytes ciphertext = TRY(std::move(sealed));
  Bytes bytes{kFormat};
  append(bytes, sender_.encapsulated_key);
  append(bytes, ciphertext);
  return SealedRequest{std::move(bytes), SealedRequestCodec::key(id, reply_secret(sender_.context))};
}

Result<SealedRequest> seal_requests(ByteView home_sealing_key, const std::vector<Bytes>& requests, Instant expires,
                                    Random& random) {
  auto setup = TRY(SealedSetup::create(home_sealing_key, random));
  return std::move(setup).seal(requests, expires, random);
}

Result<OpenedRequests> open_requests(const crypto::SecretBuffer& home_sealing_key, ByteView sealed) {
  codec::Reader outer(sealed);
  REQUIRE(TRY(inside(outer.u8())) == kFormat, kBadSealedRequest, kRule);
  const ByteView encapsulated_key = TRY(inside(outer.raw(crypto::kXWingCiphertextSize)));
  auto context = TRY(inside(crypto::hpke_setup_receiver(suite(), encapsulated_key, home_sealing_key, as_bytes(kInfo))));
  const Bytes plaintext = TRY(inside(context.open({}, outer.rest())));
  codec::Reader reader(plaintext);
  SealedId id;
  REQUIRE(SealedId::from(TRY(inside(reader.raw(SealedId::kSize))), id), kBadSealedRequest, kRule);
  const uint64_t expires = TRY(inside(reader.u64()));
  REQUIRE(expires <= static_cast<uint64_t>(INT64_MAX / 1000), kBadSealedRequest, kRule);
  std::vector<Bytes> requests = TRY(decode_list(reader));
  REQUIRE(fits(requests), kBadSealedRequest, kRule);
  return OpenedRequests{std::move(requests), SealedRequestCodec::key(id, reply_secret(context)), binding_of(context),
                        Instant{static_cast<int64_t>(expires) * 1000}};
}

// ---- the reply ----------------------------------------------------------------------------------------------------

crypto::SecretBuffer SealedReplyKey::serialise() const { return crypto::secret_concat({id_.view(), secret_.reveal()}); }

Result<SealedReplyKey> SealedReplyKey::parse(const crypto::SecretBuffer& bytes) {
  REQUIRE(bytes.size() == SealedId::kSize + crypto::Secret<32>::kSize, kBadSealedRequest, kRule);
  SealedId id;
  REQUIRE(SealedId::from(bytes.reveal().first(SealedId::kSize), id), kBadSealedRequest, kRule);
  return SealedReplyKey(id, TRY(crypto::Secret<32>::copy_of(bytes.reveal().subspan(SealedId::kSize))));
}

ByteArray<17> SealedReplyKey::reply_head() const {
  ByteArray<17> out{kFormat};
  crypto::hkdf_expand(secret_.reveal(), as_bytes("godwit sealed reply head"), ByteSpan(out).subspan(1));
  return out;
}

// The box's key is the exported secret itself; its nonce is 24 random bytes, so a home may answer twice.
Bytes SealedReplyKey::seal(const std::vector<Bytes>& replies, Random& random) const {
  ASSERT(!replies.empty() && replies.size() <= kSealedRequestsMax);
  const auto head = reply_head();
  Bytes out = to_bytes(head);
  append(out, crypto::box_seal(secret_, random, head, encode_list({}, replies)));
  return out;
}

Result<std::vector<Bytes>> SealedReplyKey::open(ByteView sealed_reply) const {
  const auto head = reply_head();
  REQUIRE(sealed_reply.size() > head.size() && equal(sealed_reply.first(head.size()), head), kBadSealedRequest, kRule);
  const Bytes plaintext = TRY(inside(crypto::box_open(secret_, head, sealed_reply.subspan(head.size()))));
  codec::Reader reader(plaintext);
  return decode_list(reader);
}

// ---- replays ------------------------------------------------------------------------------------------------------

Status SealedReplays::note(const SealedId& id, Instant expires, Instant now) {
  while (!by_expiry_.empty() && by_expiry_.begin()->first <= now) {
    done_.erase(by_expiry_.begin()->second);
    by_expiry_.erase(by_expiry_.begin());
  }
  REQUIRE(now < expires && expires - now <= kLifetimeMax, kSealedReplay, kRule);
  REQUIRE(!done_.contains(id), kSealedReplay, kRule);
  REQUIRE(done_.size() < count_max_, kOutboxFull, kRule);
  done_.emplace(id, expires);
  by_expiry_.emplace(expires, id);
  return {};
}

}  // namespace godwit::session
