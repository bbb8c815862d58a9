#pragma once
// Commands about chats that are only kept: imported from other messengers, restored from archives. Part of commands.h.

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "codec/members.h"
#include "engine/content_bodies.h"
#include "engine/ids.h"
#include "wire/ids.h"

namespace godwit::engine {

/// Messages in one ImportMessages, and the bytes of all their texts.
constexpr size_t kImportBatchMax = 1000;
constexpr size_t kImportBatchBytesMax = size_t{4} << 20;
/// Bytes in a name or another short field of an imported message.
constexpr size_t kKeptNameMax = 256;
/// Reactions on one imported message, and people named of one.
constexpr size_t kKeptReactionsMax = 64;
constexpr size_t kKeptReactionNamesMax = 32;

/// One reaction on a message that comes from elsewhere.
struct KeptReaction {
  std::string reaction;
  uint32_t count = 0;
  bool own = false;
  std::vector<std::string> names;  ///< Of those who gave it, as far as that is known.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.reaction, self.count, self.own, self.names);
  }
  friend bool operator==(const KeptReaction&, const KeptReaction&) = default;
};

/// One message that comes from elsewhere.
struct ImportEntry {
  std::string sender;  ///< Empty: a notice.
  bool own = false;
  Instant sent_at;
  std::string text;   ///< UTF-8, at most kTextSizeMax.
  std::string media;  ///< The file's name in the host's folder of media; if `omitted`, what it was called; empty: none.
  std::string forwarded_from;  ///< Empty: not forwarded.
  bool omitted = false;        ///< There was a file, which is lost.
  bool notice = false;
  bool edited = false;
  bool deleted = false;
  std::optional<MessageId> id{};  ///< By which it is known again, if given; else by all of the above.
  std::string key{};              ///< What it is called where it comes from, for those that answer it; empty: nothing.
  std::string reply_to_key{};     ///< The `key` of the message that it answers; empty: none.
  std::vector<TextSpan> spans{};  ///< Its formatting.
  std::vector<KeptReaction> reactions{};
  bool forwarded = false;  ///< It was, and nobody says from whom.
  /// Without an `id`: so many that are equal in everything came before it in the whole import. Nothing: counted within this batch.
  std::optional<uint32_t> repeat{};
};
/// Puts messages of another messenger into a chat that is only read. Its id is a hash of `source` (the same for a later export of
/// the same chat), so that the same messages again are known and change nothing: in whatever batches, if
/// each has an `id` or a `repeat`; else messages that are equal in everything have to stand in one batch, or one of them is taken. Answered by ImportDone
/// when they are safe on this device's disk. kTooLong, kNotText, kBadFormatting, kBadReaction,
/// kNoSuchChat (`older_of`), kBeingDeleted.
struct ImportMessages {
  std::string source;
  std::string name;                ///< Of the chat, as people see it.
  std::optional<ChatId> older_of;  ///< It is what was said in this chat before Godwit.
  std::vector<ImportEntry> messages;
};

/// Searches the histories of all chats, and the posts of all channels that are here. Answered by SearchResults, newest first. kNotText, kNothingToSearch.
struct SearchMessages {
  std::string query;  ///< Words, all of which have to be there, the last one perhaps unfinished; "..." is a phrase.
  std::optional<ChatId> chat;                ///< Only in this one.
  std::optional<wire::ChannelId> channel{};  ///< Only in this one.
  std::string sender;                        ///< Only by who is called so; "me" for oneself; empty: anybody.
  std::optional<Instant> since;              ///< Only what was sent then or later.
  std::optional<Instant> until;              ///< Only what was sent before.
  bool has_file = false;
  uint32_t skip = 0;  ///< So many results were shown already.
  uint32_t count = 20;
};

}  // namespace godwit::engine
