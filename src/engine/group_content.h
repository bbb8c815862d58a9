#pragma once
// What contacts say to each other over the chat of two so that one lets the other into a group (docs/protocol/chat.md, "Groups").

#include "codec/codec.h"
#include "engine/ids.h"
#include "engine/secret_field.h"
#include "wire/ids.h"

namespace godwit::engine {

/// Please send keys: I want to let you into a group.
struct KeysWanted {
  ChatId group;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.group);
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
    return codec::members(self.group, self.key, self.key_packages);
  }
};

/// Somebody has asked to be let in by a link: for the other admins.
struct JoinAskedBody {
  wire::Alias door;
  SecretField key;  ///< Seals the answer.
  Bytes package;    ///< His KeyPackage (MLSMessage).
  std::string greeting;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.door, self.key, self.package, self.greeting);
  }
};

/// He is refused: for the other admins.
struct JoinSettledBody {
  AccountId account;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.account);
  }
};

/// A member of a chat has lost its epoch and asks another one to let him in anew.
struct ReturnAskedBody {
  ChatId chat;
  SecretField key;  ///< Seals the welcome.
  Bytes package;    ///< KeyPackage (MLSMessage); its leaf says which of the chat's leaves it replaces.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.chat, self.key, self.package);
  }
};

}  // namespace godwit::engine
