#include "mls/mls_message.h"

#include "mls/errors.h"
#include "mls/group.h"

namespace godwit::mls {
namespace {

template <typename T>
Result<MLSMessage> decode_body(codec::Reader& reader) {
  return MLSMessage{TRY(codec::decode<T>(reader))};
}

}  // namespace

void MLSMessage::encode_to(codec::Writer& writer) const {
  codec::encode(writer, ProtocolVersion::kMls10);
  codec::encode(writer, wire_format());
  std::visit([&](const auto& one) { codec::encode(writer, one); }, body);
}

Result<MLSMessage> MLSMessage::decode_from(codec::Reader& reader) {
  const auto version = TRY(codec::decode<ProtocolVersion>(reader));
  REQUIRE(version == ProtocolVersion::kMls10, kUnsupportedVersion, "RFC 9420 §6, MLS-014: another protocol version");
  switch (TRY(codec::decode<WireFormat>(reader))) {
    case WireFormat::kPublicMessage:
      return decode_body<PublicMessage>(reader);
    case WireFormat::kPrivateMessage:
      return decode_body<PrivateMessage>(reader);
    case WireFormat::kWelcome:
      return decode_body<Welcome>(reader);
    case WireFormat::kGroupInfo:
      return decode_body<GroupInfoIn>(reader);
    case WireFormat::kKeyPackage:
      return decode_body<KeyPackageIn>(reader);
  }
  return Error{kWrongWireFormat, "RFC 9420 §6, MLS-015: an unknown wire_format"};
}

Result<MessageHead> peek(ByteView mls_message) {
  const auto message = TRY(codec::decoded<MLSMessage>(mls_message));
  MessageHead out;
  out.wire_format = message.wire_format();
  if (const auto* one = std::get_if<PublicMessage>(&message.body)) {
    out.group_id = one->content.group_id;
    out.epoch = one->content.epoch;
    out.content_type = one->content.content_type();
    out.authenticated_data = one->content.authenticated_data;
    if (one->content.sender.type == SenderType::kMember) out.sender = one->content.sender.leaf;
  } else if (const auto* sealed = std::get_if<PrivateMessage>(&message.body)) {
    out.group_id = sealed->group_id;
    out.epoch = sealed->epoch;
    out.content_type = sealed->content_type;
    out.authenticated_data = sealed->authenticated_data;
  } else if (const auto* info = std::get_if<GroupInfoIn>(&message.body)) {
    out.group_id = info->group_context.group_id;
    out.epoch = info->group_context.epoch;
  }
  return out;
}

Result<std::vector<KeyPackageRef>> welcome_recipients(ByteView mls_message) {
  const auto message = TRY(codec::decoded<MLSMessage>(mls_message));
  const auto* welcome = std::get_if<Welcome>(&message.body);
  REQUIRE(welcome != nullptr, kWrongWireFormat, "RFC 9420 §12.4.3.1: not a Welcome");
  std::vector<KeyPackageRef> out;
  for (const EncryptedGroupSecrets& one : welcome->secrets) out.push_back(one.new_member);
  return out;
}

Result<std::vector<JoinerWelcome>> split_welcome(ByteView mls_message) {
  const auto message = TRY(codec::decoded<MLSMessage>(mls_message));
  const auto* whole = std::get_if<Welcome>(&message.body);
  REQUIRE(whole != nullptr, kWrongWireFormat, "RFC 9420 §12.4.3.1: not a Welcome");
  std::vector<JoinerWelcome> out;
  for (const EncryptedGroupSecrets& one : whole->secrets) {
    MLSMessage part{Welcome{whole->cipher_suite, {one}, whole->encrypted_group_info}};
    out.push_back({one.new_member, codec::encoded(part)});
  }
  return out;
}

}  // namespace godwit::mls
