#include "moving/restore_chats.h"

#include <map>

#include "base/safe_text.h"
#include "codec/codec.h"
#include "engine/content_bodies.h"
#include "engine/errors.h"
#include "imports/media_path.h"

namespace godwit::moving {
namespace {

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

// A file of another name is neither written nor said to be there.
bool is_media_name(const std::string& name) {
  return imports::media_path(name).has_value() && name.find('/') == std::string::npos;
}

using MediaNames = std::map<engine::ChatId, std::set<std::string>>;

class Restorer {
 public:
  /// `archived`: the files that are in the archive; `named`: those of which each chat's messages speak.
  Restorer(const RestoreParts& parts, size_t batch_bytes, std::set<std::string> archived, MediaNames named,
           RestoreCounts& counts)
      : parts_(parts),
        batch_bytes_(batch_bytes),
        files_(std::move(archived)),
        named_(std::move(named)),
        counts_(counts) {}

  Status run(const OpenArchive& opened) {
    // Chats that this device has itself stay as they are.
    for (const engine::ChatInfo& each : TRY(parts_.chats.chats()).chats) here_.insert(each.chat);
    for (const auto& [chat, names] : named_) {
      if (!here_.contains(chat)) wanted_.insert(names.begin(), names.end());
    }
    const auto read = read_archive(parts_.archive, opened, [this](archive::ArchivePart part) -> Status {
      if (const auto* messages = std::get_if<archive::ArchivedMessages>(&part)) return take(*messages);
      return take(std::get<archive::ArchivedFile>(part));
    });
    if (writing_) parts_.media.drop();
    if (!read) return read.error();
    return counts_.files > 0 ? parts_.media.sync() : Status{};
  }

 private:
  Status take(const archive::ArchivedMessages& part) {
    const engine::ChatId chat{part.chat};
    if (here_.contains(chat)) return counts_.skipped.insert(chat), Status{};
    engine::ImportMessages batch;
    batch.source = "archive " + to_hex(part.chat);
    batch.name = part.name;
    size_t bytes = 0;
    for (const auto& each : part.messages) {
      const size_t size = codec::encoded(each).size();
      const bool full = bytes + size > batch_bytes_ || batch.messages.size() == engine::kImportBatchMax;
      if (!batch.messages.empty() && full) {
        TRY(send(batch));
        batch.messages.clear();
        bytes = 0;
      }
      bytes += size;
      batch.messages.push_back(entry_of(each, files_));
      if (!each.media.empty() && !files_.contains(each.media)) ++counts_.missing;
    }
    TRY(send(batch));
    counts_.chats.insert(chat);
    parts_.host.show(counts_.stored + counts_.known);
    return {};
  }

  // One that has more formatting than the host can carry comes without it, and the text stays.
  Status send(engine::ImportMessages& batch) {
    auto done = parts_.host.take(batch);
    if (!done && done.error().code == engine::kTooLong && batch.messages.size() == 1) {
      batch.messages[0].spans.clear();
      batch.messages[0].reactions.clear();
      done = parts_.host.take(batch);
    }
    if (!done) return done.error();
    counts_.stored += done->stored;
    counts_.known += done->known;
    return {};
  }

  // Its name is as it was in the profile. What is there under it stays: it is the same, since the name has a hash of what is in it.
  Status take(const archive::ArchivedFile& part) {
    if (part.first) {
      writing_ = is_media_name(part.name) && wanted_.contains(part.name);
      if (writing_) TRY(parts_.media.begin());
    }
    if (!writing_) return {};
    TRY(parts_.media.write(part.piece));
    if (!part.last) return {};
    writing_ = false;
    if (TRY(parts_.media.keep_if_new(part.name))) ++counts_.files;
    return {};
  }

  const RestoreParts& parts_;
  size_t batch_bytes_;
  std::set<std::string> files_;
  MediaNames named_;
  std::set<std::string> wanted_;  // of the chats that are taken in
  std::set<engine::ChatId> here_;
  bool writing_ = false;  // a file, whose name was looked at
  RestoreCounts& counts_;
};

}  // namespace

Status restore_chats(const RestoreParts& parts, const OpenArchive& opened, size_t batch_bytes, RestoreCounts& counts) {
  std::set<std::string> files;
  MediaNames named;
  TRY(read_archive(parts.archive, opened, [&](const archive::ArchivePart& part) {
    const auto* piece = std::get_if<archive::ArchivedFile>(&part);
    if (piece != nullptr && piece->last && is_media_name(piece->name)) files.insert(piece->name);
    if (const auto* messages = std::get_if<archive::ArchivedMessages>(&part)) {
      for (const auto& each : messages->messages) {
        if (is_media_name(each.media)) named[engine::ChatId{messages->chat}].insert(each.media);
      }
    }
    return Status{};
  }));
  return Restorer(parts, batch_bytes, std::move(files), std::move(named), counts).run(opened);
}

}  // namespace godwit::moving
