#pragma once
// Whole chats, from their first message on, and the names of those who speak in them: for exports and archives.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "moving/chat_source.h"

namespace godwit::moving {

/// Gives all messages of a chat in their order, a page at a time. What `take` fails with, or with what the source does.
Status read_forward(ChatSource& source, const engine::ChatId& chat,
                    const std::function<Status(const std::vector<engine::Message>&)>& take);

/// How people in one chat are called.
class ChatNames {
 public:
  /// Asks for them.
  static ChatNames read(ChatSource& source, const engine::ChatInfo& chat);
  /// Who sent this: a name, empty for a notice in a chat that is only kept. Somebody whose name is not known any more is
  /// called by the first digits of his account.
  std::string sender_of(const engine::Message& message) const;
  /// Who gave a reaction, as far as it is known.
  std::vector<std::string> names_of(const engine::ReactionInfo& reaction) const;

 private:
  std::string own_;
  std::string peer_;
  std::map<engine::AccountId, std::string> members_;
};

}  // namespace godwit::moving
