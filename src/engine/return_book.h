#pragma once
// Coming back into a chat whose epoch this device has lost (returning.h). Inside engine/ only.

#include <map>

#include "codec/members.h"
#include "engine/ids.h"
#include "engine/record_key.h"
#include "wire/ids.h"

namespace godwit::engine {

/// From where one comes back.
enum class ReturnFrom : uint8_t {
  kBehind = 0,   ///< The epoch of now, which others have ended.
  kAstray = 1,   ///< Epochs that nobody has where a moved log goes on; `replaces` is our leaf of one that all have.
  kUnknown = 2,  ///< As well, and we came in by one of those. The keys with which we came may have been used there too.
};

/// One's own coming back; stored from when it is wanted until one is in again.
struct ReturningRecord {
  uint8_t version = kRecordVersion;
  ChatId chat;
  wire::Alias alias{};             ///< Of the keys that are offered: an InviteRecord.
  ByteArray<32> replaces{};        ///< leaf_digest() of one's own leaf.
  int64_t asked_ms = 0;            ///< When somebody was last asked.
  uint32_t rounds = 0;             ///< How often.
  std::vector<AccountId> asked{};  ///< Those of this round; when nobody is left, another begins.
  ReturnFrom from = ReturnFrom::kBehind;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.chat, self.alias, self.replaces, self.asked_ms, self.rounds, self.asked,
                          self.from);
  }
};

/// See above.
struct ReturnBook {
  std::map<ChatId, ReturningRecord> returning;
};

}  // namespace godwit::engine
