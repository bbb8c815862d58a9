// The chats of an archive become chats that are only read.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <set>

#include "cli/archive_chats.h"
#include "cli/errors.h"
#include "engine/content_bodies.h"
#include "imports/media_path.h"

namespace godwit::cli {
namespace {

constexpr Duration kBatchLimit = minutes(10);

engine::ImportEntry entry_of(const archive::ArchivedMessage& message, const std::set<std::string>& files) {
  engine::ImportEntry out;
  out.sender = message.sender;
  out.own = message.own;
  out.sent_at = Instant{message.sent_ms};
  out.text = message.text;
  out.forwarded_from = message.forwarded_from;
  out.omitted = (message.marks & archive::kArchivedOmitted) != 0;
  out.notice = (message.marks & archive::kArchivedNotice) != 0;
  out.edited = (message.marks & archive::kArchivedEdited) != 0;
  out.deleted = (message.marks & archive::kArchivedDeleted) != 0;
  out.forwarded = (message.marks & archive::kArchivedForwarded) != 0;
  out.id = engine::MessageId{message.id};
  out.key = to_hex(message.id);
  if (message.reply_to) out.reply_to_key = to_hex(*message.reply_to);
  // What a later version may have put there is left out, and the text stays.
  for (const archive::ArchivedSpan& each : message.spans) {
    out.spans.push_back({each.start, each.length, static_cast<engine::SpanStyle>(each.style), each.link});
    if (!engine::is_known(out.spans.back().style)) out.spans.pop_back();
  }
  if (!engine::check_spans(out.text, out.spans)) out.spans.clear();
  for (const archive::ArchivedReaction& each : message.reactions) {
    if (out.reactions.size() == engine::kKeptReactionsMax) break;
    if (!engine::check(engine::ReactionBody{{}, each.reaction, false})) continue;
    out.reactions.push_back({each.reaction, each.count, each.own, each.names});
    if (each.names.size() > engine::kKeptReactionNamesMax)
      out.reactions.back().names.resize(engine::kKeptReactionNamesMax);
  }
  if (files.contains(message.media)) {
    out.media = message.media;
  } else if (!message.media.empty()) {
    // Its name is what is left of it.
    out.omitted = true;
    const std::string text =
        "[file " + safe_line(std::string(imports::name_for_people(message.media))) + "]" + (out.text.empty() ? "" : " ") + out.text;
    if (text.size() <= engine::kTextSizeMax) {
      out.text = text;
      out.spans.clear();
    }
  }
  return out;
}

using MediaNames = std::map<engine::ChatId, std::set<std::string>>;

class Restorer {
 public:
  /// `archived`: the files that are in the archive; `named`: those of which each chat's messages speak.
  Restorer(Client& client, std::string media, std::set<std::string> archived, MediaNames named, RestoreCounts& counts,
           const ShowArchived& show)
      : client_(client),
        media_(std::move(media)),
        files_(std::move(archived)),
        named_(std::move(named)),
        counts_(counts),
        show_(show) {}

  Status run(const OpenArchive& opened) {
    // Chats that this device has itself stay as they are.
    for (const engine::ChatInfo& each : TRY(client_.ask<engine::Chats>(engine::ListChats{})).chats) {
      here_.insert(each.chat);
    }
    for (const auto& [chat, names] : named_) {
      if (!here_.contains(chat)) wanted_.insert(names.begin(), names.end());
    }
    TRY(read_archive(opened, [this](archive::ArchivePart part) -> Status {
      if (const auto* messages = std::get_if<archive::ArchivedMessages>(&part)) return take(*messages);
      return take(std::get<archive::ArchivedFile>(part));
    }));
    if (counts_.files > 0) TRY(sync_file_system(media_));
    return client_.wait_idle("putting it in order", kBatchLimit);
  }

 private:
  Status take(const archive::ArchivedMessages& part) {
    const engine::ChatId chat{part.chat};
    if (here_.contains(chat)) return counts_.skipped.insert(chat), Status{};
    engine::ImportMessages batch;
    batch.source = "archive " + to_hex(part.chat);
    batch.name = part.name;
    for (const auto& each : part.messages) {
      batch.messages.push_back(entry_of(each, files_));
      if (!each.media.empty() && !files_.contains(each.media)) ++counts_.missing;
    }
    const auto done = TRY(client_.ask<engine::ImportDone>(std::move(batch), "restoring", kBatchLimit));
    counts_.stored += done.stored;
    counts_.known += done.known;
    counts_.chats.insert(chat);
    show_(counts_.stored + counts_.known);
    return {};
  }

  // Its name is as it was in the profile. What is there under it stays: it is the same, since the name has a hash of what is in it.
  Status take(const archive::ArchivedFile& part) {
    const std::string beside = media_ + "/.part";
    if (part.first) {
      const bool good = imports::media_path(part.name).has_value() && part.name.find('/') == std::string::npos &&
                        wanted_.contains(part.name);
      file_ = Descriptor(-1);
      name_ = part.name;
      if (good) {
        file_ = Descriptor(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!file_.valid()) return error_of_system(kProfileNoAccess, "a folder for media in the profile");
      }
    }
    if (!file_.valid()) return {};
    if (!write_all(file_.number(), part.piece)) {
      const Error error = error_of_system(kProfileNoAccess, "room for media");
      ::unlink(beside.c_str());
      return error;
    }
    if (!part.last) return {};
    // Before it has its name: what is there under it is taken for whole the next time.
    if (::fdatasync(file_.number()) != 0) {
      const Error error = error_of_system(kProfileNoAccess, "room for media");
      ::unlink(beside.c_str());
      return error;
    }
    file_ = Descriptor(-1);
    const bool linked = ::link(beside.c_str(), (media_ + "/" + name_).c_str()) == 0;
    const bool there = !linked && errno == EEXIST;
    const Error error = error_of_system(kProfileNoAccess, "a file of media gets its name");
    ::unlink(beside.c_str());
    if (!linked && !there) return error;
    counts_.files += linked ? 1 : 0;
    return {};
  }

  Client& client_;
  std::string media_;
  std::set<std::string> files_;
  MediaNames named_;
  std::set<std::string> wanted_;  // of the chats that are taken in
  std::set<engine::ChatId> here_;
  Descriptor file_{-1};
  std::string name_;  // of the file under way; it was looked at
  RestoreCounts& counts_;
  const ShowArchived& show_;
};

}  // namespace

Status restore_chats(Client& client, const std::string& profile, const OpenArchive& opened, RestoreCounts& counts,
                     const ShowArchived& show) {
  std::set<std::string> files;
  MediaNames named;
  TRY(read_archive(opened, [&](const archive::ArchivePart& part) {
    const auto* piece = std::get_if<archive::ArchivedFile>(&part);
    if (piece != nullptr && piece->last) files.insert(piece->name);
    if (const auto* messages = std::get_if<archive::ArchivedMessages>(&part)) {
      for (const auto& each : messages->messages) {
        if (!each.media.empty()) named[engine::ChatId{messages->chat}].insert(each.media);
      }
    }
    return Status{};
  }));
  const std::string media = profile + "/media";
  TRY(make_folders(media));
  return Restorer(client, media, std::move(files), std::move(named), counts, show).run(opened);
}

}  // namespace godwit::cli
