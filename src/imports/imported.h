#pragma once
// What the readers of other messengers' exports give: one stream of neutral records, in the order of the export.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace godwit::imports {

/// Bytes of UTF-8 in one text, and in a name. What is longer goes into several messages; a longer name is cut.
constexpr size_t kImportedTextMax = 64 * 1024;
constexpr size_t kImportedNameMax = 256;

/// How a piece of a text looks.
enum class ImportedStyle : uint8_t { kBold, kItalic, kStrike, kCode, kPre, kLink, kQuote, kSpoiler };
/// A piece of a text that is formatted, in bytes of its UTF-8.
struct ImportedSpan {
  size_t start = 0;
  size_t length = 0;
  ImportedStyle style{};
  std::string link;  ///< Of a link: where it leads, as the export says.
};
/// Who has given one reaction.
struct ImportedReaction {
  std::string reaction;  ///< Never empty.
  uint32_t count = 0;
  bool own = false;                ///< As far as the export says.
  std::vector<std::string> names;  ///< Of some of them.
};
/// Reactions of one message, and names of one reaction, that are read; more are passed over.
constexpr size_t kImportedReactionsMax = 64;
constexpr size_t kImportedReactionNamesMax = 32;

/// A chat that an export has.
struct ImportedChat {
  std::string key;  ///< The same for the same chat in a later export; empty: the export does not say.
  std::string name;
};

/// One message of an export. In a notice, and in a text that goes into several messages, formatting is written with light marks:
/// *bold*, _italic_, ~struck~, `code`, ```block```.
struct ImportedMessage {
  std::string id;        ///< In the export; empty: it has none.
  std::string reply_to;  ///< The `id` that it answers; empty: none.
  std::string sender;    ///< Empty: a notice of the messenger.
  bool own = false;      ///< As far as the export says.
  int64_t time_ms = 0;   ///< Since 1970; of the wall clock of whoever exported it if `local_time`.
  bool local_time = false;
  std::string text;      ///< UTF-8
  std::string media;     ///< The file's path in the export, as it says (media_path.h checks it); empty: none.
  bool omitted = false;  ///< There was a file, and the export was made without it.
  bool notice = false;   ///< Somebody came, a name was changed and the like.
  bool edited = false;
  bool deleted = false;
  std::string forwarded_from;       ///< Empty: not forwarded.
  std::vector<ImportedSpan> spans;  ///< Of `text`, in their order, none within another one.
  std::vector<ImportedReaction> reactions;
};

/// Who takes them. An error stops the reader, which gives it back.
struct ImportSink {
  std::function<Status(const ImportedChat&)> chat;  ///< What follows is of this chat.
  std::function<Status(ImportedMessage)> message;
};

/// What came of it, for people.
struct ImportReport {
  uint64_t messages = 0;
  uint64_t notices = 0;
  uint64_t media = 0;        ///< Messages that name a file.
  uint64_t omitted = 0;      ///< Messages whose file the export leaves out.
  uint64_t passed_over = 0;  ///< Lines or records that were not understood.
  uint64_t cut = 0;          ///< Texts that were too long for one message.
  uint64_t bad_utf8 = 0;     ///< Texts with bytes that are not UTF-8; these became U+FFFD.
};

}  // namespace godwit::imports
