#include "mls/group_info.h"

namespace godwit::mls {
namespace {

constexpr std::string_view kGroupInfoLabel = "GroupInfoTBS";

Bytes to_be_signed(const GroupInfoIn& group_info) {
  codec::Writer writer;
  codec::encode(writer, group_info.group_context);
  codec::encode(writer, group_info.extensions);
  codec::encode(writer, group_info.confirmation_tag);
  codec::encode(writer, group_info.signer);
  return writer.take();
}

}  // namespace

void sign_group_info(GroupInfoIn& group_info, const crypto::Ed25519KeyPair& key) {
  group_info.signature = sign_with_label(key, kGroupInfoLabel, to_be_signed(group_info));
}

// MLS-154
Status verify_group_info(const GroupInfoIn& group_info, ByteView public_key) {
  return verify_with_label(public_key, kGroupInfoLabel, to_be_signed(group_info), group_info.signature);
}

}  // namespace godwit::mls
