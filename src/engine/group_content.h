#pragma once
// What contacts say to each other over the chat of two so that one lets the other into a group (docs/protocol/chat.md, "Groups").

#include "codec/codec.h"
#include "engine/ids.h"
#include "engine/secret_field.h"

namespace godwit::engine {

/// Please send keys: I want to let you into a group.
struct KeysWanted {
  ChatId group;
  template <typename Self>
  static auto fields(Self& self) {
    return std::tie(self.group);
  }
};

/// Here they are.
struct KeysOffered {
  ChatId group;
  SecretField key;  ///< Seals the welcome.
  std::vector<Bytes>
      key_packages;  ///< MLSMessages, one for each suite; their leaf names address and token for the welcome.
  template <typename Self>
  static auto fields(Self& self) {
    return std::tie(self.group, self.key, self.key_packages);
  }
};

}  // namespace godwit::engine
