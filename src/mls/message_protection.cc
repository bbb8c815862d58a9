#include "mls/message_protection.h"

#include <algorithm>

#include "mls/errors.h"

namespace godwit::mls {
namespace {

// SenderDataAAD (RFC 9420 §6.3.2).
Bytes sender_data_aad(const PrivateMessage& message) {
  codec::Writer writer;
  codec::encode(writer, message.group_id);
  codec::encode(writer, message.epoch);
  codec::encode(writer, message.content_type);
  return writer.take();
}

// PrivateContentAAD (RFC 9420 §6.3.1).
Bytes content_aad(const PrivateMessage& message) {
  codec::Writer writer;
  codec::encode(writer, message.group_id);
  codec::encode(writer, message.epoch);
  codec::encode(writer, message.content_type);
  codec::encode(writer, message.authenticated_data);
  return writer.take();
}

// MLS-028
Bytes guarded_nonce(const MessageKey& key, const ByteArray<4>& reuse_guard) {
  Bytes nonce = to_bytes(key.nonce.reveal());
  for (size_t i = 0; i < reuse_guard.size(); ++i) nonce[i] ^= reuse_guard[i];
  return nonce;
}

size_t varint_size(size_t value) { return value < 0x40 ? 1 : value < 0x4000 ? 2 : 4; }

// How many zeros to add to `plaintext_size` so that the MLSMessage reaches its bucket. `fixed` is what is neither
// ciphertext nor its length; a size that no length gives (a varint grows there) is passed over for the next bucket.
size_t padding_size(size_t fixed, size_t plaintext_size) {
  const size_t sealed = plaintext_size + crypto::kAeadTagSize;
  for (size_t bucket = padded_size(fixed + varint_size(sealed) + sealed);; bucket = padded_size(bucket + 1)) {
    for (const size_t length : {size_t{1}, size_t{2}, size_t{4}}) {
      if (bucket < fixed + length + sealed) continue;
      const size_t target = bucket - fixed - length;
      if (varint_size(target) == length) return target - sealed;
    }
  }
}

}  // namespace

size_t padded_size(size_t size) {
  for (size_t bucket = 256; bucket < 4096; bucket *= 2) {
    if (size <= bucket) return bucket;
  }
  return (size + 4095) / 4096 * 4096;
}

RatchetKind ratchet_kind(ContentType type) {
  return type == ContentType::kApplication ? RatchetKind::kApplication : RatchetKind::kHandshake;
}

MessageKey sender_data_key(const CipherSuite& suite, const SenderDataSecret& secret, ByteView ciphertext) {
  const ByteView sample = ciphertext.first(std::min(ciphertext.size(), suite.hash_size()));
  return {expand_with_label(suite, secret.reveal(), "key", sample, suite.aead->key_size()),
          expand_with_label(suite, secret.reveal(), "nonce", sample, crypto::kAeadNonceSize)};
}

PrivateMessage seal_private(const CipherSuite& suite, const AuthenticatedContent& content, const PendingKey& key,
                            const SenderDataSecret& sender_data_secret, Padding padding, Random& random) {
  const FramedContent& framed = content.content();
  PrivateMessage out;
  out.group_id = framed.group_id;
  out.epoch = framed.epoch;
  out.content_type = framed.content_type();
  out.authenticated_data = framed.authenticated_data;

  codec::Writer writer;
  std::visit([&](const auto& one) { codec::encode(writer, one); }, framed.body);
  content.auth().encode_to(writer);
  if (padding == Padding::kBuckets) {
    constexpr size_t kSenderDataSize = 12 + crypto::kAeadTagSize;
    const size_t fixed = 4 + codec::encoded(out).size() - 1 + kSenderDataSize;  // both empty vectors count a byte
    writer.raw(Bytes(padding_size(fixed, writer.view().size())));
  }
  const SenderData sender{framed.sender.leaf, key.generation, random.bytes<4>()};
  out.ciphertext = suite.aead->seal(key.key.key.reveal(), guarded_nonce(key.key, sender.reuse_guard), content_aad(out),
                                    writer.view());
  const MessageKey sender_key = sender_data_key(suite, sender_data_secret, out.ciphertext);
  out.encrypted_sender_data = suite.aead->seal(sender_key.key.reveal(), sender_key.nonce.reveal(), sender_data_aad(out),
                                               codec::encoded(sender));
  return out;
}

Result<SenderData> open_sender_data(const CipherSuite& suite, const SenderDataSecret& secret,
                                    const PrivateMessage& message) {
  const MessageKey key = sender_data_key(suite, secret, message.ciphertext);
  const auto plaintext =
      suite.aead->open(key.key.reveal(), key.nonce.reveal(), sender_data_aad(message), message.encrypted_sender_data);
  REQUIRE(plaintext.has_value(), kDecryptionFailed, "RFC 9420 §6.3.2, MLS-032: the sender data do not open");
  return codec::decoded<SenderData>(*plaintext);
}

Result<AuthenticatedContentIn> open_private(const CipherSuite& suite, const PrivateMessage& message,
                                            const SenderData& sender, const MessageKey& key) {
  auto opened = suite.aead->open(key.key.reveal(), guarded_nonce(key, sender.reuse_guard), content_aad(message),
                                 message.ciphertext);
  REQUIRE(opened.has_value(), kDecryptionFailed, "RFC 9420 §6.3.1, MLS-029: the content does not open");
  const auto plaintext = crypto::SecretBuffer::adopt(std::move(opened).value());
  codec::Reader reader(plaintext.reveal());
  AuthenticatedContentIn out;
  out.wire_format = WireFormat::kPrivateMessage;
  out.content.group_id = message.group_id;
  out.content.epoch = message.epoch;
  out.content.sender = Sender::member(sender.leaf);
  out.content.authenticated_data = message.authenticated_data;
  switch (message.content_type) {
    case ContentType::kApplication:
      out.content.body = TRY(codec::decode<Bytes>(reader));
      break;
    case ContentType::kProposal:
      out.content.body = TRY(codec::decode<Proposal>(reader));
      break;
    case ContentType::kCommit:
      out.content.body = TRY(codec::decode<Commit>(reader));
      break;
    default:
      return Error{kMalformed, "RFC 9420 §6: an unknown content_type"};
  }
  out.auth = TRY(FramedContentAuthData::decode(reader, message.content_type));
  const ByteView rest = reader.rest();
  REQUIRE(std::all_of(rest.begin(), rest.end(), [](uint8_t byte) { return byte == 0; }), kBadPadding,
          "RFC 9420 §6.3.1, MLS-026: padding is zeros");
  return out;
}

Bytes membership_tag(const CipherSuite& suite, const MembershipKey& key, const AuthenticatedContentIn& content,
                     const GroupContext& group_context) {
  codec::Writer writer;
  writer.raw(framed_content_tbs(content.wire_format, content.content, group_context).reveal());
  content.auth.encode_to(writer);
  return mac(suite, key.reveal(), writer.view());
}

PublicMessage seal_public(const CipherSuite& suite, const AuthenticatedContent& content, const MembershipKey& key,
                          const GroupContext& group_context) {
  return {content.content(), content.auth(), membership_tag(suite, key, content.value(), group_context)};
}

Result<AuthenticatedContentIn> open_public(const CipherSuite& suite, const PublicMessage& message,
                                           const MembershipKey& key, const GroupContext& group_context) {
  REQUIRE(message.content.content_type() != ContentType::kApplication, kMalformed,
          "RFC 9420 §6.2, MLS-016: application data in a PublicMessage");
  AuthenticatedContentIn out{WireFormat::kPublicMessage, message.content, message.auth};
  if (message.content.sender.type == SenderType::kMember) {
    REQUIRE(crypto::equal_constant_time(message.membership_tag, membership_tag(suite, key, out, group_context)),
            kBadMembershipTag, "RFC 9420 §6.2, MLS-025: the membership tag does not hold");
  }
  return out;
}

}  // namespace godwit::mls
