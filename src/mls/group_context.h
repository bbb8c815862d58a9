#pragma once
// GroupContext (RFC 9420 §8.1): what all members of an epoch agree on.

#include "codec/members.h"
#include "mls/leaf_node.h"

namespace godwit::mls {

/// GroupContext as it stands in GroupInfo and goes into the key schedule.
struct GroupContext {
  ProtocolVersion version = ProtocolVersion::kMls10;
  CipherSuiteId cipher_suite{};
  Bytes group_id;
  uint64_t epoch = 0;
  Bytes tree_hash;
  Bytes confirmed_transcript_hash;
  Extensions extensions;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.cipher_suite, self.group_id, self.epoch, self.tree_hash,
                          self.confirmed_transcript_hash, self.extensions);
  }
  friend bool operator==(const GroupContext&, const GroupContext&) = default;
};

}  // namespace godwit::mls
