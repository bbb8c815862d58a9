#pragma once
// What is in an archive: parts, each sealed, with an end that says that all of them are there. docs/protocol/archive.md.
//
// An archive goes on where it ended: its end is taken off, parts are added, and a new end is put. It has what people have said
// and files of chats that are only kept, and never keys: no MLS, session or ticket state, no secret of the account.

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "archive/archive_head.h"
#include "codec/members.h"
#include "crypto/hash.h"

namespace godwit::archive {

/// Bytes of one part before it is sealed. A writer begins a new one well below.
constexpr size_t kPartSizeMax = size_t{1} << 20;
/// Messages of one part are begun anew at this many bytes: a message with the largest text still fits.
constexpr size_t kPartSizeGood = size_t{256} * 1024;
/// Bytes of a file in one part.
constexpr size_t kFilePieceSize = size_t{256} * 1024;

/// The id of a chat or message where it was archived.
using ArchivedId = ByteArray<16>;

/// A piece of a text that is formatted, in bytes of its UTF-8.
struct ArchivedSpan {
  uint32_t start = 0;
  uint32_t length = 0;
  uint8_t style = 0;  ///< As of a text's spans (docs/protocol/chat.md).
  std::string link;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.start, self.length, self.style, self.link);
  }
};

/// Who has given one reaction.
struct ArchivedReaction {
  std::string reaction;
  uint32_t count = 0;
  bool own = false;
  std::vector<std::string> names;  ///< of some of them
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.reaction, self.count, self.own, self.names);
  }
};

/// One message, as it is shown to people.
struct ArchivedMessage {
  ArchivedId id{};
  std::string sender;  ///< empty: a notice
  bool own = false;
  int64_t sent_ms = 0;
  std::string text;
  std::string media;  ///< an ArchivedFile's name; empty: none
  std::string forwarded_from;
  uint8_t marks = 0;  ///< kArchived...
  std::optional<ArchivedId> reply_to;
  std::vector<ArchivedSpan> spans;
  std::vector<ArchivedReaction> reactions;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.id, self.sender, self.own, self.sent_ms, self.text, self.media, self.forwarded_from,
                          self.marks, self.reply_to, self.spans, self.reactions);
  }
};
constexpr uint8_t kArchivedOmitted = 1;  ///< it had a file that is not in the archive
constexpr uint8_t kArchivedNotice = 2;
constexpr uint8_t kArchivedEdited = 4;
constexpr uint8_t kArchivedDeleted = 8;
constexpr uint8_t kArchivedForwarded = 16;  ///< from whom is perhaps not known

/// Messages of one chat, in their order.
struct ArchivedMessages {
  ArchivedId chat{};
  std::string name;  ///< of the chat; the last one given holds
  std::vector<ArchivedMessage> messages;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.chat, self.name, self.messages);
  }
};

/// A piece of a file. Pieces of one file follow one another.
struct ArchivedFile {
  std::string name;
  bool first = false;
  bool last = false;
  Bytes piece;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.name, self.first, self.last, self.piece);
  }
};

/// Any part but the end.
using ArchivePart = std::variant<ArchivedMessages, ArchivedFile>;

/// Where an archive stands before its end.
struct ArchivePlace {
  uint64_t parts = 0;
  uint64_t size = kHeadSize;  ///< of the file without its end
  crypto::Sha256 hash{};      ///< of all sealed parts
};

/// Seals parts. The bytes it gives are appended to the file one after another.
class ArchiveWriter {
 public:
  /// `place`: where an archive was read up to, or none for a new one.
  ArchiveWriter(ArchiveKey key, const ArchiveId& id, Random& random, ArchivePlace place = {})
      : key_(std::move(key)), id_(id), random_(random), place_(place) {}
  /// A part as it stands in the file.
  Bytes part(const ArchivePart& part);
  /// The end. Nothing may follow.
  Bytes end();
  /// Where it stands.
  const ArchivePlace& place() const { return place_; }
  /// What was written since it stood there is cut off the file: it goes on from there.
  void go_back(const ArchivePlace& place) { place_ = place; }
  /// Parts so far.
  uint64_t parts() const { return place_.parts; }

 private:
  Bytes seal(uint8_t kind, ByteView plain);
  ArchiveKey key_;
  ArchiveId id_;
  Random& random_;
  ArchivePlace place_;
};

/// Reads what follows the head, in pieces of any size.
class ArchiveReader {
 public:
  /// Gets each part in turn. What it fails with, the reader fails with. Nothing of it may be trusted to be all before finish().
  using Handler = std::function<Status(ArchivePart part)>;
  ArchiveReader(ArchiveKey key, const ArchiveId& id, Handler handler)
      : key_(std::move(key)), id_(id), handler_(std::move(handler)) {}
  /// Takes bytes. kArchiveDamaged: stop, tell the person; also what the handler says.
  Status feed(ByteView bytes);
  /// There are no more. kArchiveCut, kArchiveDamaged: tell the person.
  Status finish() const;
  /// Where it stands before its end; only after finish().
  const ArchivePlace& place() const { return place_; }

 private:
  Status take(ByteView sealed, ByteView framed);
  ArchiveKey key_;
  ArchiveId id_;
  Handler handler_;
  ArchivePlace place_;
  Bytes waiting_;
  bool ended_ = false;
  std::optional<std::string> file_;  // the one whose pieces come
};

}  // namespace godwit::archive
