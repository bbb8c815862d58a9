#pragma once
// Records of chats that are only kept. One for each chat, and one for each message.

#include <optional>
#include <string>
#include <tuple>

#include "engine/ids.h"

namespace godwit::engine {

/// A chat without a group: nobody can write into it.
struct KeptChatRecord {
  uint8_t version = 1;
  ChatId chat;
  std::string name;
  std::optional<ChatId> older_of;
  Position last;
  template <typename Self>
  static auto fields(Self& self) {
    return std::tie(self.version, self.chat, self.name, self.older_of, self.last);
  }
};

/// One message in it.
struct KeptMessageRecord {
  MessageId id;
  std::string sender;
  bool own = false;
  int64_t sent_ms = 0;
  std::string text;
  std::string media;
  std::string forwarded_from;
  uint8_t marks = 0;  ///< kMark...
  template <typename Self>
  static auto fields(Self& self) {
    return std::tie(self.id, self.sender, self.own, self.sent_ms, self.text, self.media, self.forwarded_from,
                    self.marks);
  }
};

constexpr uint8_t kMarkOmitted = 1;
constexpr uint8_t kMarkNotice = 2;
constexpr uint8_t kMarkEdited = 4;
constexpr uint8_t kMarkDeleted = 8;

}  // namespace godwit::engine
