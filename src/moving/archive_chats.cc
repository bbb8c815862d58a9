// All chats in one sealed file that goes on from time to time.

#include "moving/archive_chats.h"

#include <algorithm>
#include <map>
#include <set>

#include "archive/errors.h"
#include "base/safe_text.h"
#include "codec/codec.h"
#include "imports/media_path.h"
#include "moving/archived_files.h"
#include "moving/chat_reading.h"
#include "moving/message_words.h"

namespace godwit::moving {
namespace {

using archive::ArchivedId;
using archive::ArchivedMessage;
using Digest = ByteArray<16>;
/// A message by its chat and its own id.
using Place = std::pair<ArchivedId, ArchivedId>;

constexpr size_t kMessagesOfPart = 500;
// Bytes of a message with all that belongs to it; with the longest text and links it has some 640 KiB.
constexpr size_t kMessageGood = size_t{512} * 1024;
// Bytes of a part besides its chat's name and messages.
constexpr size_t kPartRest = 64;

// How people are called now is not what it says; nor is under which name its file lies in an archive.
Digest digest_of(const ArchivedMessage& message) {
  ArchivedMessage said = message;
  said.sender.clear();
  if (!said.media.empty()) said.media = "file";
  for (archive::ArchivedReaction& each : said.reactions) each.names.clear();
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

// What is archived of a message of a chat of Godwit; of a file what stands under it.
std::string text_of(const engine::Message& message) {
  return message.file || message.kind == engine::MessageKind::kText ? message.text : print_body(message);
}

bool is_notice(const engine::Message& message) {
  return message.kind == engine::MessageKind::kSettings || message.kind == engine::MessageKind::kLine;
}

uint8_t marks_of(const engine::Message& message) {
  const bool kept = message.kept.has_value();
  const auto mark = [](bool on, uint8_t which) { return on ? which : 0; };
  return static_cast<uint8_t>(
      mark(kept && message.kept->omitted, archive::kArchivedOmitted) |
      mark(kept ? message.kept->notice : is_notice(message), archive::kArchivedNotice) |
      mark(kept ? message.kept->edited : message.edits > 0, archive::kArchivedEdited) |
      mark(kept && message.kept->deleted, archive::kArchivedDeleted) |
      mark(message.forwarded, archive::kArchivedForwarded));
}

ArchivedMessage archived(const engine::ChatInfo& chat, const engine::Message& message, const ChatNames& names) {
  ArchivedMessage out;
  out.id = archived_id(message.id);
  out.sender = names.sender_of(message);
  out.own = message.own;
  out.sent_ms = message.sent_at.ms;
  out.text = message.kept ? message.text : text_of(message);
  out.media = archived_media_name(chat, message);
  if (message.kept) out.forwarded_from = message.kept->forwarded_from;
  out.marks = marks_of(message);
  if (message.reply_to) out.reply_to = archived_id(*message.reply_to);
  if (message.kept && message.kept->omitted && !message.kept->media.empty()) {
    // In an archive a file that is lost has its name in the text alone.
    const std::string name = "[file " + safe_line(message.kept->media) + "]" + (out.text.empty() ? "" : " ");
    if (name.size() + out.text.size() <= engine::kTextSizeMax && message.spans.empty()) out.text = name + out.text;
  }
  for (const engine::TextSpan& each : message.spans) {
    out.spans.push_back({each.start, each.length, static_cast<uint8_t>(each.style), each.link});
  }
  // As many as a chat that is only kept takes when it is restored.
  for (const engine::ReactionInfo& each : message.reactions) {
    if (out.reactions.size() == engine::kKeptReactionsMax) break;
    out.reactions.push_back({each.reaction, each.count, each.own, names.names_of(each)});
    auto& who = out.reactions.back().names;
    if (who.size() > engine::kKeptReactionNamesMax) who.resize(engine::kKeptReactionNamesMax);
  }
  return out;
}

// With hundreds of long links and names one would not fit a part beside others: then it is without the names. Gives its bytes.
size_t shortened(ArchivedMessage& message) {
  if (const size_t size = codec::encoded(message).size(); size <= kMessageGood) return size;
  for (archive::ArchivedReaction& each : message.reactions) each.names.clear();
  return codec::encoded(message).size();
}

// What is to disappear, and what was taken back, is in no archive.
bool stays(const engine::Message& message) { return message.expire_seconds == 0 && !message.deleted; }

// Messages of one chat on their way into parts.
class MessageParts {
 public:
  using Take = std::function<Status(const archive::ArchivedMessages& part)>;
  MessageParts(const ArchivedId& chat, const std::string& name, Take take)
      : take_(std::move(take)), room_(archive::kPartSizeMax - std::min(archive::kPartSizeMax, name.size() + kPartRest)) {
    part_.chat = chat;
    part_.name = name;
  }
  // Of an archive that goes on messages and names may be larger than any that is written here.
  Status add(ArchivedMessage message) {
    const size_t size = shortened(message);
    REQUIRE(size <= room_, archive::kArchiveDamaged, "a message fits a part");
    if (bytes_ + size > room_) TRY(end());
    part_.messages.push_back(std::move(message));
    bytes_ += size;
    if (bytes_ < archive::kPartSizeGood && part_.messages.size() < kMessagesOfPart) return {};
    return end();
  }
  Status end() {
    if (part_.messages.empty()) return {};
    TRY(take_(part_));
    part_.messages.clear();
    bytes_ = 0;
    return {};
  }

 private:
  Take take_;
  archive::ArchivedMessages part_;
  size_t room_;
  size_t bytes_ = 0;
};

class Archiver {
 public:
  Archiver(const ArchiveParts& parts, const ArchiveWishes& wishes, ArchiveCounts& counts, const ShowMessages& show)
      : source_(parts.chats),
        random_(parts.random),
        file_(parts.archive),
        only_here_(wishes.only_here),
        files_(parts.files),
        counts_(counts),
        show_(show) {}

  Status run(const ArchiveSecret& secret) {
    chats_ = TRY(source_.chats()).chats;
    TRY(survey_chats());
    const bool exists = TRY(file_.exists());
    if (!exists) {
      TRY(begin(secret));
    } else {
      TRY(go_on(secret));
    }
    for (const engine::ChatInfo& chat : chats_) TRY(add_chat(chat));
    if (exists && counts_.added == 0 && counts_.files == 0 && !anew_) return {};  // nothing is new
    TRY(file_.write(writer_->end()));
    return file_.take_place();
  }

 private:
  // Reads what there is now: by that what the archive has is judged.
  Status survey_chats() {
    for (const engine::ChatInfo& chat : chats_) {
      const ArchivedId id = archived_id(chat.chat);
      TRY(each_message(
          chat,
          [&](const engine::Message&, const ArchivedMessage& message) -> Status {
            now_[{id, message.id}] = digest_of(message);
            if (!message.media.empty()) wanted_files_.insert(message.media);
            return {};
          },
          [&](const engine::Message& message) { gone_.insert({id, archived_id(message.id)}); }));
    }
    return {};
  }
  using TakeMessage = std::function<Status(const engine::Message& message, const ArchivedMessage& archived)>;
  using TakeGone = std::function<void(const engine::Message& message)>;
  Status each_message(const engine::ChatInfo& chat, const TakeMessage& take, const TakeGone& take_gone = nullptr) {
    const ChatNames names = ChatNames::read(source_, chat);
    return read_forward(source_, chat.chat, [&](const std::vector<engine::Message>& page) -> Status {
      show_messages(page.size());
      for (const engine::Message& each : page) {
        if (stays(each)) {
          TRY(take(each, archived(chat, each, names)));
        } else if (take_gone) {
          take_gone(each);
        }
      }
      return {};
    });
  }

  void show_messages(size_t more) {
    looked_ += more;
    show_(looked_);
  }

  Status begin(const ArchiveSecret& secret) {
    auto fresh =
        TRY(archive::new_archive(secret.lock, secret.secret.reveal(), crypto::kPasswordCostDefault, random_));
    TRY(file_.begin());
    TRY(file_.write(archive::write_head(fresh.head)));
    writer_.emplace(std::move(fresh.key), fresh.head.id, random_);
    return {};
  }

  // What becomes of a message that the archive has. That this device does not have it says nothing: it may be a new one, or have
  // imported a part. Only what it knows to be taken back or to disappear goes.
  enum class Fate : uint8_t { kStays, kChanged, kGoes };
  Fate fate_of(const Place& place, const ArchivedMessage& message) const {
    if (gone_.contains(place)) return Fate::kGoes;
    const auto found = now_.find(place);
    if (found == now_.end()) return only_here_ ? Fate::kGoes : Fate::kStays;
    return found->second == digest_of(message) ? Fate::kStays : Fate::kChanged;
  }

  void judge(const archive::ArchivedMessages& messages) {
    for (const ArchivedMessage& each : messages.messages) {
      const Place place{messages.chat, each.id};
      const Fate fate = fate_of(place, each);
      if (fate == Fate::kGoes) {
        ++counts_.removed;
        continue;
      }
      has_.insert(place);
      if (!now_.contains(place)) ++counts_.kept;
      if (fate == Fate::kChanged) {
        ++counts_.changed;
        changed_.insert(place);
      }
      if (each.media.empty()) continue;
      wanted_files_.insert(each.media);
      media_there_[place] = each.media;
    }
  }

  // All of the archive is read before anything is written: a damaged one is not gone on with.
  Status go_on(const ArchiveSecret& secret) {
    OpenArchive opened = TRY(open_archive(file_, secret));
    std::set<std::string> files_there;
    const auto place = TRY(read_archive(file_, opened, [&](const archive::ArchivePart& part) -> Status {
      if (const auto* piece = std::get_if<archive::ArchivedFile>(&part)) {
        if (piece->last) files_there.insert(piece->name);
      } else {
        judge(std::get<archive::ArchivedMessages>(part));
      }
      return {};
    }));
    // One of an earlier version is written anew as one of this.
    if (counts_.removed > 0 || counts_.changed > 0 || opened.head.version < archive::kArchiveVersion) {
      anew_ = true;
      return write_anew(secret, opened);
    }
    has_files_ = std::move(files_there);
    TRY(file_.begin());
    TRY(file_.copy(place.size));
    writer_.emplace(std::move(opened.key), opened.head.id, random_, place);
    return {};
  }

  // As what was changed since is now.
  Status read_changed() {
    std::set<ArchivedId> chats;
    for (const auto& [chat, message] : changed_) chats.insert(chat);
    for (const engine::ChatInfo& chat : chats_) {
      const ArchivedId id = archived_id(chat.chat);
      if (!chats.contains(id)) continue;
      TRY(each_message(chat, [&](const engine::Message&, const ArchivedMessage& message) -> Status {
        const Place place{id, message.id};
        if (!changed_.contains(place)) return {};
        ArchivedMessage& put = new_forms_[place] = message;
        const auto there = media_there_.find(place);
        if (!put.media.empty() && there != media_there_.end()) put.media = there->second;
        return {};
      }));
    }
    return {};
  }

  // What was taken back must not stay in it. All else stays in its order.
  Status write_anew(const ArchiveSecret& secret, const OpenArchive& old) {
    TRY(read_changed());
    TRY(begin(secret));
    TRY(read_archive(file_, old, [&](archive::ArchivePart part) -> Status {
      if (auto* piece = std::get_if<archive::ArchivedFile>(&part)) {
        if (!wanted_files_.contains(piece->name)) return {};
        if (piece->last) has_files_.insert(piece->name);
        return file_.write(writer_->part(part));
      }
      auto& messages = std::get<archive::ArchivedMessages>(part);
      MessageParts out = parts_of(messages.chat, messages.name);
      for (ArchivedMessage& each : messages.messages) {
        const Place place{messages.chat, each.id};
        if (!has_.contains(place)) continue;
        const auto changed = new_forms_.find(place);
        TRY(out.add(changed == new_forms_.end() ? std::move(each) : changed->second));
      }
      return out.end();
    }));
    new_forms_.clear();
    return {};
  }

  MessageParts parts_of(const ArchivedId& chat, const std::string& name) {
    return MessageParts(chat, name, [this](const archive::ArchivedMessages& part) -> Status {
      return file_.write(writer_->part(part));
    });
  }

  Status add_chat(const engine::ChatInfo& chat) {
    const ArchivedId id = archived_id(chat.chat);
    MessageParts out = parts_of(id, chat.name.empty() ? "chat" : chat.name);
    TRY(each_message(chat, [&](const engine::Message& shown, const ArchivedMessage& message) -> Status {
      const bool there = has_.contains({id, message.id});
      ++(there ? counts_.known : counts_.added);
      const auto named = media_there_.find({id, message.id});
      const bool has_name = named != media_there_.end() && !message.media.empty();
      TRY(add_file(chat, shown, has_name ? named->second : message.media));
      return there ? Status{} : out.add(message);
    }));
    return out.end();
  }

  // A file that is not to be had is left out, and looked for again the next time.
  Status add_file(const engine::ChatInfo& chat, const engine::Message& message, const std::string& name) {
    if (name.empty()) {
      // Some program has given it a name that is none.
      if (message.kept && !message.kept->media.empty() && !message.kept->omitted) note_missing(message.kept->media);
      return {};
    }
    if (has_files_.contains(name)) return {};
    const archive::ArchivePlace before = writer_->place();
    archive::ArchivedFile part{name, true, false, {}};
    const bool there = TRY(files_.read(chat, message, [&](ByteView piece) -> Status {
      part.piece = to_bytes(piece);
      part.last = piece.empty();
      TRY(file_.write(writer_->part(part)));
      part.first = false;
      return {};
    }));
    if (!there) {
      note_missing(name);
      writer_->go_back(before);
      return file_.cut(before.size);
    }
    ++counts_.files;
    has_files_.insert(name);
    return {};
  }

  void note_missing(const std::string& name) {
    ++counts_.missing;
    if (counts_.missing_names.size() < ArchiveCounts::kNamesMax) {
      counts_.missing_names.emplace_back(imports::name_for_people(name));
    }
  }

  ChatSource& source_;
  Random& random_;
  ArchiveFile& file_;
  bool only_here_;
  ArchivedFiles files_;
  ArchiveCounts& counts_;
  const ShowMessages& show_;
  bool anew_ = false;
  uint64_t looked_ = 0;
  std::vector<engine::ChatInfo> chats_;
  std::map<Place, Digest> now_;  // messages here
  std::set<Place> gone_;         // messages here that were taken back or are to disappear
  std::set<Place> has_;          // what stays in the archive
  std::set<Place> changed_;      // of that: what says something else here
  std::map<Place, ArchivedMessage> new_forms_;
  std::map<Place, std::string> media_there_;  // names of their files in the archive
  std::set<std::string> has_files_;
  std::set<std::string> wanted_files_;
  std::optional<archive::ArchiveWriter> writer_;
};

}  // namespace

Status archive_chats(const ArchiveParts& parts, const ArchiveWishes& wishes, const ArchiveSecret& secret,
                     ArchiveCounts& counts, const ShowMessages& show) {
  if (secret.account) {
    const auto account = TRY(parts.chats.account());
    REQUIRE(account.account == *secret.account, archive::kArchiveOtherAccount, "the recovery key of this account");
  }
  return Archiver(parts, wishes, counts, show).run(secret);
}

}  // namespace godwit::moving
