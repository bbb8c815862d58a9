#include "engine/member_info.h"

#include "crypto/hash.h"
#include "engine/errors.h"

namespace godwit::engine {
namespace {

constexpr uint8_t kVersion = 1;
// From which on the number of the name stands behind the structure.
constexpr uint8_t kVersionNamed = 2;
constexpr uint8_t kVersionMoved = 3;

}  // namespace

ByteArray<32> leaf_digest(const mls::Member& leaf) {
  codec::Writer writer;
  codec::encode(writer, leaf.identity);
  writer.raw(leaf.signature_key);
  codec::encode(writer, leaf.extensions);
  return crypto::sha256(writer.view());
}

mls::Extension member_extension(const MemberInfo& info) {
  const bool moved = info.home_number > 0;
  const bool renamed = info.name_number > 0 || moved;
  const uint8_t version = moved ? kVersionMoved : kVersionNamed;
  MemberInfoIn out{renamed ? version : kVersion, info.name, info.devices.entries(), info.home, info.alias};
  if (info.entry_token) out.entry_token = info.entry_token->clone();
  out.replaces = info.replaces;
  codec::Writer writer;
  codec::encode(writer, out);
  if (renamed) writer.u32(info.name_number);
  if (moved) writer.u32(info.home_number);
  return {kMemberInfoExtension, writer.take()};
}

std::string name_in_leaf(const mls::Member& leaf) {
  const Bytes* data = mls::find_extension(leaf.extensions, kMemberInfoExtension);
  if (data == nullptr) return {};
  codec::Reader reader(*data);
  const auto in = codec::decode<MemberInfoIn>(reader);
  return in ? in->name : std::string();
}

std::optional<SaidAddress> address_in_leaf(const mls::Member& leaf) {
  const Bytes* data = mls::find_extension(leaf.extensions, kMemberInfoExtension);
  if (data == nullptr) return std::nullopt;
  codec::Reader reader(*data);
  const auto in = codec::decode<MemberInfoIn>(reader);
  if (!in) return std::nullopt;
  if (in->version >= kVersionNamed) static_cast<void>(reader.u32());
  const uint32_t number = in->version > kVersionNamed ? reader.u32().value_or(0) : 0;
  return SaidAddress{in->alias, in->home.key, number};
}

Result<MemberInfo> validate_member(ByteView identity, ByteView signature_key, const mls::Extensions& extensions) {
  const Bytes* data = mls::find_extension(extensions, kMemberInfoExtension);
  REQUIRE(data != nullptr, kBadContent, "a leaf says who its member is");
  codec::Reader reader(*data);
  auto in = TRY(codec::decode<MemberInfoIn>(reader));
  // A later version may append members to the structure, so what follows is left unread then.
  REQUIRE(in.version >= kVersion && (in.version > kVersion || reader.at_end()), kBadContent,
          "a member's extension is well-formed");
  // What is missing behind it makes no leaf a bad one: programs that know only version 1 take it, and all judge alike.
  const uint32_t name_number = in.version > kVersion ? reader.u32().value_or(0) : 0;
  const uint32_t home_number = in.version > kVersionNamed ? reader.u32().value_or(0) : 0;
  AccountId account;
  REQUIRE(AccountId::from(identity, account), kBadContent, "a leaf's identity is an account id");
  TRY(check_given_name(in.name));
  TRY(wire::check_home_address(in.home));
  auto devices = TRY(DeviceList::validate(account, std::move(in.devices)));
  REQUIRE(devices.has(signature_key), kBadDeviceList, "a leaf's key is in its account's device list");
  return MemberInfo{account,    shown_name(in.name),       std::move(devices), std::move(in.home),
                    in.alias,   std::move(in.entry_token), in.replaces,        name_number,
                    home_number};
}

Result<MemberInfo> validate_member(const mls::Member& member) {
  return validate_member(member.identity, member.signature_key, member.extensions);
}

}  // namespace godwit::engine
