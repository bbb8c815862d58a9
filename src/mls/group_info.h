#pragma once
// GroupInfo (RFC 9420 §12.4.3).

#include "codec/members.h"
#include "mls/group_context.h"

namespace godwit::mls {

/// GroupInfo whose signature nobody has checked yet.
struct GroupInfoIn {
  GroupContext group_context;
  Extensions extensions;
  Bytes confirmation_tag;
  LeafIndex signer;
  Bytes signature;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.group_context, self.extensions, self.confirmation_tag, self.signer, self.signature);
  }
  friend bool operator==(const GroupInfoIn&, const GroupInfoIn&) = default;
};

/// Signs `group_info` in place.
void sign_group_info(GroupInfoIn& group_info, const crypto::Ed25519KeyPair& key);
/// kBadSignature: drop it. `public_key` is the signer's in the tree.
Status verify_group_info(const GroupInfoIn& group_info, ByteView public_key);

}  // namespace godwit::mls
