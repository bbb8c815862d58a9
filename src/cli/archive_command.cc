// archive: what was said, sealed in one file that goes on from time to time.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

#include "archive/errors.h"
#include "cli/archive_file.h"
#include "cli/chat_reading.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "codec/codec.h"
#include "imports/media_path.h"

namespace godwit::cli {
namespace {

using archive::ArchivedId;
using archive::ArchivedMessage;
using Digest = ByteArray<16>;
/// A message by its chat and its own id.
using Place = std::pair<ArchivedId, ArchivedId>;

constexpr size_t kMessagesOfPart = 500;

// How its sender is called now is not what it says.
Digest digest_of(const ArchivedMessage& message) {
  ArchivedMessage said = message;
  said.sender.clear();
  const auto whole = crypto::sha256(codec::encoded(said));
  Digest out{};
  std::copy(whole.begin(), whole.begin() + out.size(), out.begin());
  return out;
}

template <typename Id>
ArchivedId archived_id(const Id& id) {
  ArchivedId out{};
  std::copy(id.view().begin(), id.view().end(), out.begin());
  return out;
}

// What is archived of a message of a chat of Godwit.
std::string text_of(const engine::Message& message) {
  if (message.file)
    return "[file " + safe_line(message.file->name) + "]" + (message.text.empty() ? "" : " " + message.text);
  if (message.kind == engine::MessageKind::kText) return message.text;
  return print_body(message);
}

ArchivedMessage archived(const engine::Message& message, const ChatNames& names) {
  ArchivedMessage out;
  out.id = archived_id(message.id);
  out.sender = names.sender_of(message);
  out.own = message.own;
  out.sent_ms = message.sent_at.ms;
  if (!message.kept) {
    out.text = text_of(message);
    out.marks = static_cast<uint8_t>((message.edits > 0 ? archive::kArchivedEdited : 0) |
                                     (message.file ? archive::kArchivedOmitted : 0) |
                                     (message.kind == engine::MessageKind::kSettings ? archive::kArchivedNotice : 0));
    return out;
  }
  const engine::KeptInfo& kept = *message.kept;
  out.text = message.text;
  out.media = kept.media;
  out.forwarded_from = kept.forwarded_from;
  out.marks = static_cast<uint8_t>(
      (kept.omitted ? archive::kArchivedOmitted : 0) | (kept.notice ? archive::kArchivedNotice : 0) |
      (kept.edited ? archive::kArchivedEdited : 0) | (kept.deleted ? archive::kArchivedDeleted : 0));
  return out;
}

// What is to disappear, and what was taken back, is in no archive.
bool stays(const engine::Message& message) { return message.expire_seconds == 0 && !message.deleted; }

class Archiver {
 public:
  Archiver(Context& context, Client& client, std::string path)
      : context_(context), client_(client), path_(std::move(path)), media_(context.globals.profile + "/media") {}

  Status run(const ArchiveSecret& secret) {
    chats_ = TRY(client_.ask<engine::Chats>(engine::ListChats{})).chats;
    TRY(survey_chats());
    struct stat found{};
    const bool exists = ::lstat(path_.c_str(), &found) == 0;
    if (!exists) {
      TRY(begin(secret));
    } else {
      TRY(go_on(secret));
    }
    for (const engine::ChatInfo& chat : chats_) TRY(add_chat(chat));
    if (exists && !rewritten && added == 0) return {};  // nothing is new
    TRY(file_->write(writer_->end()));
    return file_->take_place();
  }
  uint64_t added = 0, known = 0, files = 0;
  bool rewritten = false;

 private:
  // Reads what there is now: by that what the archive has is judged.
  Status survey_chats() {
    for (const engine::ChatInfo& chat : chats_) {
      const ArchivedId id = archived_id(chat.chat);
      here_.insert(id);
      TRY(each_message(chat, [&](const ArchivedMessage& message) -> Status {
        now_[{id, message.id}] = digest_of(message);
        return {};
      }));
    }
    return {};
  }
  Status each_message(const engine::ChatInfo& chat, const std::function<Status(const ArchivedMessage&)>& take) {
    const ChatNames names = ChatNames::read(client_, chat);
    return read_forward(client_, chat.chat, [&](const std::vector<engine::Message>& page) -> Status {
      for (const engine::Message& each : page) {
        if (stays(each)) TRY(take(archived(each, names)));
      }
      return {};
    });
  }

  Status begin(const ArchiveSecret& secret) {
    auto fresh =
        TRY(archive::new_archive(secret.lock, secret.secret.reveal(), crypto::kPasswordCostDefault, context_.random));
    file_.emplace(TRY(ReplacementFile::create(path_)));
    TRY(file_->write(archive::write_head(fresh.head)));
    writer_.emplace(std::move(fresh.key), fresh.head.id, context_.random);
    return {};
  }

  // A message of a chat that is here, which is not here any more or says something else now.
  bool is_stale(const ArchivedId& chat, const ArchivedMessage& message) const {
    if (!here_.contains(chat)) return false;
    const auto found = now_.find({chat, message.id});
    return found == now_.end() || found->second != digest_of(message);
  }

  // All of the archive is read before anything is written: a damaged one is not gone on with.
  Status go_on(const ArchiveSecret& secret) {
    OpenArchive opened = TRY(open_archive(path_, secret));
    std::set<std::string> files_there;
    const auto place = TRY(read_archive(opened, [&](const archive::ArchivePart& part) -> Status {
      if (const auto* piece = std::get_if<archive::ArchivedFile>(&part)) {
        if (piece->last) files_there.insert(piece->name);
        return {};
      }
      const auto& messages = std::get<archive::ArchivedMessages>(part);
      for (const ArchivedMessage& each : messages.messages) {
        if (is_stale(messages.chat, each)) {
          rewritten = true;
          changed_.insert(messages.chat);
        } else {
          has_.insert({messages.chat, each.id});
          if (!each.media.empty()) wanted_files_.insert(each.media);
        }
      }
      return {};
    }));
    if (rewritten) return write_anew(secret, opened);
    has_files_ = std::move(files_there);
    file_.emplace(TRY(ReplacementFile::create(path_)));
    TRY(file_->copy_from(path_, place.size));
    writer_.emplace(std::move(opened.key), opened.head.id, context_.random, place);
    return {};
  }

  // What was taken back must not stay in it.
  Status write_anew(const ArchiveSecret& secret, const OpenArchive& old) {
    TRY(begin(secret));
    TRY(read_archive(old, [&](archive::ArchivePart part) -> Status {
      if (auto* piece = std::get_if<archive::ArchivedFile>(&part)) {
        if (!wanted_files_.contains(piece->name)) return {};
        if (piece->last) has_files_.insert(piece->name);
        return file_->write(writer_->part(part));
      }
      auto& messages = std::get<archive::ArchivedMessages>(part);
      // A chat in which something has changed is written whole, in its order.
      if (changed_.contains(messages.chat)) return {};
      return file_->write(writer_->part(part));
    }));
    return {};
  }

  Status add_chat(const engine::ChatInfo& chat) {
    archive::ArchivedMessages part;
    part.chat = archived_id(chat.chat);
    part.name = chat.name.empty() ? "chat" : chat.name;
    size_t bytes = 0;
    const auto flush = [&]() -> Status {
      if (part.messages.empty()) return {};
      TRY(file_->write(writer_->part(part)));
      part.messages.clear();
      bytes = 0;
      return {};
    };
    TRY(each_message(chat, [&](const ArchivedMessage& message) -> Status {
      const bool there = has_.contains({part.chat, message.id});
      ++(there ? known : added);
      if (there && !changed_.contains(part.chat)) return {};
      if (!message.media.empty()) TRY(add_file(message.media));
      bytes += message.text.size();
      part.messages.push_back(message);
      if (bytes < archive::kPartSizeGood && part.messages.size() < kMessagesOfPart) return {};
      return flush();
    }));
    return flush();
  }

  // A file that is not there any more is left out.
  Status add_file(const std::string& name) {
    if (!imports::media_path(name) || has_files_.contains(name)) return {};
    const Descriptor file(::open((media_ + "/" + name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file.valid()) return {};
    Bytes piece(archive::kFilePieceSize);
    archive::ArchivedFile part{name, true, false, {}};
    while (!part.last) {
      const ssize_t count = ::read(file.number(), piece.data(), piece.size());
      if (count < 0 && errno == EINTR) continue;
      REQUIRE(count >= 0, kFileNoAccess, "read");
      part.piece.assign(piece.begin(), piece.begin() + count);
      part.last = count == 0;
      TRY(file_->write(writer_->part(part)));
      part.first = false;
    }
    has_files_.insert(name);
    ++files;
    return {};
  }

  Context& context_;
  Client& client_;
  std::string path_;
  std::string media_;
  std::vector<engine::ChatInfo> chats_;
  std::set<ArchivedId> here_;
  std::map<Place, Digest> now_;
  std::set<Place> has_;
  std::set<ArchivedId> changed_;
  std::set<std::string> has_files_;
  std::set<std::string> wanted_files_;
  std::optional<ReplacementFile> file_;
  std::optional<archive::ArchiveWriter> writer_;
};

}  // namespace

Status run_archive(Context& context, const ArchiveOptions& options) {
  const bool exists = ::access(options.file.c_str(), F_OK) == 0;
  ArchiveSecretSources sources = options.secret;
  if (exists && TRY(archive_lock(options.file)) == archive::ArchiveLock::kRecoveryKey) sources.recovery_key = true;
  const ArchiveSecret secret = TRY(obtain_archive_secret(sources, !exists));
  const auto client = TRY(open_client(context, false));
  if (secret.account) {
    const auto account = TRY(client->ask<engine::Account>(engine::ReadAccount{}));
    REQUIRE(account.account == *secret.account, kOtherRecoveryKey, "the recovery key of this account");
  }
  Archiver archiver(context, *client, options.file);
  TRY(archiver.run(secret));
  print_note(std::to_string(archiver.added) + " messages are new in the archive, " + std::to_string(archiver.known) +
             " were there already" + (archiver.files > 0 ? ", with " + std::to_string(archiver.files) + " files" : "") +
             (archiver.rewritten ? "; what was changed or taken back since was removed" : "") + ".");
  return {};
}

}  // namespace godwit::cli
