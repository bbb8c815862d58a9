#pragma once
// Message framing (RFC 9420 §6): what is said, by whom, and in which envelope. Forms only; message_protection.h seals.

#include "codec/members.h"
#include "mls/commit.h"
#include "mls/group_context.h"
#include "mls/wire_format.h"

namespace godwit::mls {

/// Sender (RFC 9420 §6).
struct Sender {
  SenderType type = SenderType::kMember;
  LeafIndex leaf;             ///< kMember.
  uint32_t sender_index = 0;  ///< kExternal: place in external_senders.

  /// A member.
  static Sender member(LeafIndex leaf) { return {SenderType::kMember, leaf, 0}; }
  void encode_to(codec::Writer& writer) const;
  /// kMalformed: an unknown type.
  static Result<Sender> decode_from(codec::Reader& reader);
  friend bool operator==(const Sender&, const Sender&) = default;
};

/// Content of a message; the variant's order is that of ContentType's numbers.
using ContentBody = std::variant<Bytes, Proposal, Commit>;

/// FramedContent (RFC 9420 §6).
struct FramedContent {
  Bytes group_id;
  uint64_t epoch = 0;
  Sender sender;
  Bytes authenticated_data;
  ContentBody body;

  /// Which content.
  ContentType content_type() const { return static_cast<ContentType>(body.index() + 1); }
  void encode_to(codec::Writer& writer) const;
  /// kMalformed: an unknown content type.
  static Result<FramedContent> decode_from(codec::Reader& reader);
  friend bool operator==(const FramedContent&, const FramedContent&) = default;
};

/// FramedContentAuthData (RFC 9420 §6.1); confirmation_tag is there for commits and only there.
struct FramedContentAuthData {
  Bytes signature;
  std::optional<Bytes> confirmation_tag;

  void encode_to(codec::Writer& writer) const;
  /// Reads the form that belongs to `type`.
  static Result<FramedContentAuthData> decode(codec::Reader& reader, ContentType type);
  friend bool operator==(const FramedContentAuthData&, const FramedContentAuthData&) = default;
};

/// AuthenticatedContent (RFC 9420 §6), whose signature nobody has checked yet.
struct AuthenticatedContentIn {
  WireFormat wire_format = WireFormat::kPrivateMessage;
  FramedContent content;
  FramedContentAuthData auth;

  void encode_to(codec::Writer& writer) const;
  /// Errors as FramedContent.
  static Result<AuthenticatedContentIn> decode_from(codec::Reader& reader);
  friend bool operator==(const AuthenticatedContentIn&, const AuthenticatedContentIn&) = default;
};

/// AuthenticatedContent whose signature holds. Application data in it are wiped when it ends.
class AuthenticatedContent {
 public:
  AuthenticatedContent(AuthenticatedContent&&) noexcept = default;
  AuthenticatedContent& operator=(AuthenticatedContent&&) noexcept = default;
  AuthenticatedContent(const AuthenticatedContent&) = delete;
  AuthenticatedContent& operator=(const AuthenticatedContent&) = delete;
  ~AuthenticatedContent();

  /// Signs (RFC 9420 §6.1). A commit's confirmation_tag is added later.
  static AuthenticatedContent sign(WireFormat wire_format, FramedContent content, const crypto::Ed25519KeyPair& key,
                                   const GroupContext& group_context);
  /// Checks the signature (RFC 9420 §6.1). kBadSignature: drop it.
  static Result<AuthenticatedContent> validate(AuthenticatedContentIn in, ByteView public_key,
                                               const GroupContext& group_context);

  /// All of it.
  const AuthenticatedContentIn& value() const { return in_; }
  /// What is said.
  const FramedContent& content() const { return in_.content; }
  /// What vouches for it.
  const FramedContentAuthData& auth() const { return in_.auth; }
  /// Hands application data over; none are left here.
  Bytes take_application_data();
  /// Completes a commit of ours.
  void set_confirmation_tag(Bytes tag) { in_.auth.confirmation_tag = std::move(tag); }
  /// MakeProposalRef (RFC 9420 §5.2).
  ProposalRef proposal_ref(const CipherSuite& suite) const;

 private:
  explicit AuthenticatedContent(AuthenticatedContentIn in) : in_(std::move(in)) {}
  AuthenticatedContentIn in_;
};

/// FramedContentTBS, encoded (RFC 9420 §6.1): secret as far as the content is.
crypto::SecretBuffer framed_content_tbs(WireFormat wire_format, const FramedContent& content,
                                        const GroupContext& group_context);

/// PublicMessage (RFC 9420 §6.2).
struct PublicMessage {
  FramedContent content;
  FramedContentAuthData auth;
  Bytes membership_tag;  ///< Of members only.

  void encode_to(codec::Writer& writer) const;
  /// Errors as FramedContent.
  static Result<PublicMessage> decode_from(codec::Reader& reader);
  friend bool operator==(const PublicMessage&, const PublicMessage&) = default;
};

/// PrivateMessage (RFC 9420 §6.3).
struct PrivateMessage {
  Bytes group_id;
  uint64_t epoch = 0;
  ContentType content_type{};
  Bytes authenticated_data;
  Bytes encrypted_sender_data;
  Bytes ciphertext;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.group_id, self.epoch, self.content_type, self.authenticated_data,
                          self.encrypted_sender_data, self.ciphertext);
  }
  friend bool operator==(const PrivateMessage&, const PrivateMessage&) = default;
};

}  // namespace godwit::mls
