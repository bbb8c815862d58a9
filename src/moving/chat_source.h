#pragma once
// The engine whose chats are read from their beginning to their end: of this program, or one that is asked by its API.

#include <cstdint>
#include <functional>

#include "base/result.h"
#include "engine/commands.h"
#include "engine/notices.h"

namespace godwit::moving {

/// Told now and then how many messages were looked at.
using ShowMessages = std::function<void(uint64_t messages)>;

/// See above. Each fails with what the engine says, or with that somebody wants this to end.
class ChatSource {
 public:
  virtual ~ChatSource() = default;
  /// All chats that are in sight.
  virtual Result<engine::Chats> chats() = 0;
  /// As ReadHistory.
  virtual Result<engine::Messages> history(const engine::ReadHistory& which) = 0;
  /// The own account.
  virtual Result<engine::Account> account() = 0;
  /// Who is in a chat.
  virtual Result<engine::Members> members(const engine::ChatId& chat) = 0;
};

}  // namespace godwit::moving
