#include "mls/framing.h"

#include "mls/errors.h"

namespace godwit::mls {
namespace {

constexpr std::string_view kContentLabel = "FramedContentTBS";

Result<ContentBody> decode_content(codec::Reader& reader) {
  switch (TRY(codec::decode<ContentType>(reader))) {
    case ContentType::kApplication:
      return ContentBody{TRY(codec::decode<Bytes>(reader))};
    case ContentType::kProposal:
      return ContentBody{TRY(codec::decode<Proposal>(reader))};
    case ContentType::kCommit:
      return ContentBody{TRY(codec::decode<Commit>(reader))};
  }
  return Error{kMalformed, "RFC 9420 §6, MLS-005: an unknown content_type"};
}

}  // namespace

void Sender::encode_to(codec::Writer& writer) const {
  codec::encode(writer, type);
  if (type == SenderType::kMember) codec::encode(writer, leaf);
  if (type == SenderType::kExternal) codec::encode(writer, sender_index);
}

Result<Sender> Sender::decode_from(codec::Reader& reader) {
  Sender out;
  out.type = TRY(codec::decode<SenderType>(reader));
  const auto number = static_cast<uint8_t>(out.type);
  REQUIRE(number >= 1 && number <= 4, kMalformed, "RFC 9420 §6, MLS-005: an unknown sender_type");
  if (out.type == SenderType::kMember) out.leaf = TRY(codec::decode<LeafIndex>(reader));
  if (out.type == SenderType::kExternal) out.sender_index = TRY(codec::decode<uint32_t>(reader));
  return out;
}

void FramedContent::encode_to(codec::Writer& writer) const {
  codec::encode(writer, group_id);
  codec::encode(writer, epoch);
  codec::encode(writer, sender);
  codec::encode(writer, authenticated_data);
  codec::encode(writer, content_type());
  std::visit([&](const auto& one) { codec::encode(writer, one); }, body);
}

Result<FramedContent> FramedContent::decode_from(codec::Reader& reader) {
  FramedContent out;
  out.group_id = TRY(codec::decode<Bytes>(reader));
  out.epoch = TRY(codec::decode<uint64_t>(reader));
  out.sender = TRY(codec::decode<Sender>(reader));
  out.authenticated_data = TRY(codec::decode<Bytes>(reader));
  out.body = TRY(decode_content(reader));
  return out;
}

void FramedContentAuthData::encode_to(codec::Writer& writer) const {
  codec::encode(writer, signature);
  if (confirmation_tag) codec::encode(writer, *confirmation_tag);
}

// MLS-019
Result<FramedContentAuthData> FramedContentAuthData::decode(codec::Reader& reader, ContentType type) {
  FramedContentAuthData out;
  out.signature = TRY(codec::decode<Bytes>(reader));
  if (type == ContentType::kCommit) out.confirmation_tag = TRY(codec::decode<Bytes>(reader));
  return out;
}

void AuthenticatedContentIn::encode_to(codec::Writer& writer) const {
  codec::encode(writer, wire_format);
  codec::encode(writer, content);
  codec::encode(writer, auth.signature);
  if (auth.confirmation_tag) codec::encode(writer, *auth.confirmation_tag);
}

Result<AuthenticatedContentIn> AuthenticatedContentIn::decode_from(codec::Reader& reader) {
  AuthenticatedContentIn out;
  out.wire_format = TRY(codec::decode<WireFormat>(reader));
  out.content = TRY(codec::decode<FramedContent>(reader));
  out.auth = TRY(FramedContentAuthData::decode(reader, out.content.content_type()));
  return out;
}

// MLS-018
crypto::SecretBuffer framed_content_tbs(WireFormat wire_format, const FramedContent& content,
                                        const GroupContext& group_context) {
  codec::Writer writer;
  codec::encode(writer, ProtocolVersion::kMls10);
  codec::encode(writer, wire_format);
  codec::encode(writer, content);
  const SenderType type = content.sender.type;
  if (type == SenderType::kMember || type == SenderType::kNewMemberCommit) codec::encode(writer, group_context);
  return crypto::SecretBuffer::adopt(writer.take());
}

AuthenticatedContent::~AuthenticatedContent() {
  if (auto* application_data = std::get_if<Bytes>(&in_.content.body)) crypto::wipe(*application_data);
}

Bytes AuthenticatedContent::take_application_data() { return std::exchange(std::get<Bytes>(in_.content.body), {}); }

AuthenticatedContent AuthenticatedContent::sign(WireFormat wire_format, FramedContent content,
                                                const crypto::Ed25519KeyPair& key, const GroupContext& group_context) {
  AuthenticatedContentIn in{wire_format, std::move(content), {}};
  in.auth.signature =
      sign_with_label(key, kContentLabel, framed_content_tbs(wire_format, in.content, group_context).reveal());
  return AuthenticatedContent(std::move(in));
}

// MLS-020
Result<AuthenticatedContent> AuthenticatedContent::validate(AuthenticatedContentIn in, ByteView public_key,
                                                            const GroupContext& group_context) {
  TRY(verify_with_label(public_key, kContentLabel,
                        framed_content_tbs(in.wire_format, in.content, group_context).reveal(), in.auth.signature));
  return AuthenticatedContent(std::move(in));
}

ProposalRef AuthenticatedContent::proposal_ref(const CipherSuite& suite) const {
  return ref_hash(suite, "MLS 1.0 Proposal Reference", codec::encoded(in_));
}

void PublicMessage::encode_to(codec::Writer& writer) const {
  codec::encode(writer, content);
  auth.encode_to(writer);
  if (content.sender.type == SenderType::kMember) codec::encode(writer, membership_tag);
}

Result<PublicMessage> PublicMessage::decode_from(codec::Reader& reader) {
  PublicMessage out;
  out.content = TRY(codec::decode<FramedContent>(reader));
  out.auth = TRY(FramedContentAuthData::decode(reader, out.content.content_type()));
  if (out.content.sender.type == SenderType::kMember) out.membership_tag = TRY(codec::decode<Bytes>(reader));
  return out;
}

}  // namespace godwit::mls
