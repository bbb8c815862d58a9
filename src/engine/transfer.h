#pragma once
// Files under way, as a chat or a channel holds them in memory. What they share: a few chunks at a time, so that a file of 2 GiB
// passes through a few hundred kilobytes.

#include <map>
#include <set>
#include <variant>

#include "engine/attempt.h"
#include "engine/file_chunks.h"
#include "engine/link.h"
#include "engine/records.h"

namespace godwit::engine {

/// Whose files: those of a chat's messages, or of a channel's posts.
using FileOwner = std::variant<ChatId, wire::ChannelId>;

/// Files of one owner under way at once, of either kind; the others wait their turn.
constexpr size_t kTransfersAtOnce = 2;
/// Files of one owner that are waiting or under way, of each kind.
constexpr size_t kTransfersMax = 100;
/// Chunks of one file that are read, on their way, or waiting to be written; and where connections do not last.
constexpr uint32_t kChunksAtOnce = 4;
constexpr uint32_t kChunksAtOnceSmall = 1;
/// What was fetched is made safe, and that noted, every so many chunks: a megabyte.
constexpr uint32_t kChunksBetweenNotes = 16;
/// Progress is told so often at most.
constexpr Duration kProgressInterval = milliseconds(250);

/// What both kinds have.
struct Transfer {
  Attempt attempt;               ///< Pauses after refusals.
  uint32_t next = 0;             ///< The chunk to begin with next.
  uint32_t in_flight = 0;        ///< Chunks begun and not answered.
  uint64_t run = 0;              ///< Answers to an earlier run are ignored.
  std::set<RequestId> requests;  ///< On the link to the file's home.
  Instant told_at{};
  bool told_trouble = false;
};

/// A file on its way to the home.
struct Upload : Transfer {
  UploadRecord record;
  bool stored_record = false;  ///< It is on the disk.
  bool asking = false;         ///< For a grant, or how far the blob is.
  bool looked = false;         ///< The home was asked how far the blob is.
  bool paused = false;         ///< It waits for a person; a PausedRecord says so.
  bool finishing = false;      ///< All of it is there; the message is being read, to go out.
  uint32_t stored = 0;         ///< Chunks that the home has, from the first on.
};

/// A file on its way from the home.
struct Download : Transfer {
  MessageId id;
  FileBody file;
  DownloadRecord record;
  std::vector<CommandId> commands;    ///< That wait for it.
  std::map<uint32_t, Bytes> arrived;  ///< Opened chunks that wait to be written.
  uint32_t written = 0;               ///< Chunks handed to the host and taken.
  bool writing = false;
};

/// All of one owner: of a chat by the position of the message, of a channel by post_file_number(); those of posts that are not
/// there yet by the number of the draft instead of the post's.
struct Transfers {
  std::map<uint64_t, Upload> uploads;
  std::map<uint64_t, DownloadRecord> fetched;  ///< Files that are half fetched.
  std::map<uint64_t, Download> downloads;      ///< Of these, those under way; never stored.
};

}  // namespace godwit::engine
