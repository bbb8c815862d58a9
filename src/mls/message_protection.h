#pragma once
// How messages are sealed and opened (RFC 9420 §6.2, §6.3).

#include "codec/members.h"
#include "mls/framing.h"
#include "mls/secret_tree.h"

namespace godwit::mls {

/// SenderData (RFC 9420 §6.3.2).
struct SenderData {
  LeafIndex leaf;
  uint32_t generation = 0;
  ByteArray<4> reuse_guard{};
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.leaf, self.generation, self.reuse_guard);
  }
};

/// Key and nonce that seal SenderData; the sample is taken from `ciphertext` (RFC 9420 §6.3.2).
MessageKey sender_data_key(const CipherSuite& suite, const SenderDataSecret& secret, ByteView ciphertext);

/// Which ratchet keys a content type.
RatchetKind ratchet_kind(ContentType type);

/// Seals a member's content with `key`, which is used for nothing else (RFC 9420 §6.3).
PrivateMessage seal_private(const CipherSuite& suite, const AuthenticatedContent& content, const PendingKey& key,
                            const SenderDataSecret& sender_data_secret, Padding padding, Random& random);

/// Who sent it. kDecryptionFailed, codec errors: drop it.
Result<SenderData> open_sender_data(const CipherSuite& suite, const SenderDataSecret& secret,
                                    const PrivateMessage& message);
/// What is in it, signature unchecked. kDecryptionFailed, kBadPadding, codec errors: drop it.
Result<AuthenticatedContentIn> open_private(const CipherSuite& suite, const PrivateMessage& message,
                                            const SenderData& sender, const MessageKey& key);

/// membership_tag of a member's PublicMessage (RFC 9420 §6.2).
Bytes membership_tag(const CipherSuite& suite, const MembershipKey& key, const AuthenticatedContentIn& content,
                     const GroupContext& group_context);
/// A member's content as a PublicMessage.
PublicMessage seal_public(const CipherSuite& suite, const AuthenticatedContent& content, const MembershipKey& key,
                          const GroupContext& group_context);
/// What is in it, signature unchecked. kBadMembershipTag: a member's tag does not hold. kMalformed: application data,
/// which may not be sent in the clear (RFC 9420 §6.2).
Result<AuthenticatedContentIn> open_public(const CipherSuite& suite, const PublicMessage& message,
                                           const MembershipKey& key, const GroupContext& group_context);

/// The bucket (see Padding) that holds `size` bytes.
size_t padded_size(size_t size);

}  // namespace godwit::mls
