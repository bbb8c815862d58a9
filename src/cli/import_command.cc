// import: chats that WhatsApp or Telegram has exported become chats that are only read. For people and for the API.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <map>

#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/files.h"
#include "cli/import_chat.h"
#include "cli/import_source.h"
#include "codec/codec.h"
#include "crypto/hash.h"
#include "engine/content_bodies.h"
#include "engine/errors.h"
#include "imports/characters.h"
#include "imports/media_path.h"
#include "imports/telegram_reader.h"
#include "imports/whatsapp_reader.h"

namespace godwit::cli {
namespace {

constexpr size_t kBatchGood = 900;
constexpr size_t kBatchBytes = size_t{3} << 20;
constexpr Duration kBatchLimit = minutes(10);
constexpr size_t kLookUpBytes = size_t{4} << 20;
constexpr size_t kSkippedNamesMax = 10;

// An export without zones is of the zone of whoever made it: most likely this machine's.
int64_t from_local(int64_t local_ms) {
  const std::time_t local = static_cast<std::time_t>(local_ms / 1000);
  std::tm parts{};
  ::gmtime_r(&local, &parts);
  parts.tm_isdst = -1;
  const std::time_t found = std::mktime(&parts);
  return found == -1 ? local_ms : static_cast<int64_t>(found) * 1000 + local_ms % 1000;
}

engine::TextSpan span_of(const imports::ImportedSpan& span) {
  static constexpr engine::SpanStyle kStyles[] = {
      engine::SpanStyle::kBold, engine::SpanStyle::kItalic, engine::SpanStyle::kStrike, engine::SpanStyle::kCode,
      engine::SpanStyle::kPre,  engine::SpanStyle::kLink,   engine::SpanStyle::kQuote,  engine::SpanStyle::kSpoiler};
  return {static_cast<uint32_t>(span.start), static_cast<uint32_t>(span.length),
          kStyles[static_cast<size_t>(span.style)], span.link};
}

// With formatting that the engine takes; what leads where people may not follow stands in light marks.
void put_text(engine::ImportEntry& entry, imports::ImportedMessage& message) {
  entry.text = std::move(message.text);
  for (const imports::ImportedSpan& each : message.spans) entry.spans.push_back(span_of(each));
  if (engine::check_spans(entry.text, entry.spans)) return;
  entry.text = engine::with_light_marks(entry.text, std::move(entry.spans));
  entry.spans.clear();
}

void put_reactions(engine::ImportEntry& entry, imports::ImportedMessage& message) {
  for (imports::ImportedReaction& each : message.reactions) {
    if (!engine::check(engine::ReactionBody{{}, each.reaction, false})) continue;
    entry.reactions.push_back({std::move(each.reaction), each.count, each.own, std::move(each.names)});
  }
}

// Two with the same one are equal in everything by which the engine knows a message again.
ByteArray<16> digest_of(const engine::ImportEntry& entry) {
  codec::Writer writer;
  const auto put = [&](const auto&... each) { (codec::encode(writer, each), ...); };
  put(entry.sender, entry.own, entry.sent_at.ms, engine::with_light_marks(entry.text, entry.spans),
      entry.omitted ? std::string() : entry.media,
      entry.forwarded_from, entry.omitted, entry.notice, entry.edited, entry.deleted, entry.forwarded);
  const auto whole = crypto::sha256(writer.view());
  ByteArray<16> out{};
  std::copy(whole.begin(), whole.begin() + out.size(), out.begin());
  return out;
}

// What an engine says of a message, and not of a chat or a disk.
bool is_of_message(const ErrorCode& code) {
  return code == engine::kTooLong || code == engine::kNotText || code == engine::kBadFormatting ||
         code == engine::kBadReaction;
}

// Of a chat: as long as a name may be, and of another one another.
std::string source_of(const std::string& whole) {
  if (whole.size() <= engine::kKeptNameMax) return whole;
  const auto hash = crypto::sha256(as_bytes(whole));
  return std::string(imports::beginning(whole, 128)) + " " + to_hex(ByteView(hash).first(16));
}

class Importer {
 public:
  Importer(Client& client, ImportSource& source, const ImportOptions& options, std::string media_folder,
           std::optional<engine::ChatId> older_of, ImportCounts& counts, const ShowImported& show)
      : client_(client),
        source_(source),
        options_(options),
        media_folder_(std::move(media_folder)),
        older_of_(older_of),
        counts_(counts),
        show_(show) {}

  imports::ImportSink sink() {
    imports::ImportSink out;
    out.chat = [this](const imports::ImportedChat& chat) { return begin(chat); };
    out.message = [this](imports::ImportedMessage message) { return take(std::move(message)); };
    return out;
  }
  Status begin(const imports::ImportedChat& chat) {
    TRY(flush());
    batch_ = {};
    batch_.name = options_.name.empty() ? chat.name : options_.name;
    REQUIRE(batch_.name.size() <= engine::kKeptNameMax, engine::kTooLong, "a chat's name has at most 256 bytes");
    REQUIRE(imports::is_whole_utf8(batch_.name), engine::kNotText, "a chat's name is UTF-8");
    batch_.source = source_of(chat.key.empty() ? "name " + chat.name : chat.key);
    batch_.older_of = older_of_;
    repeats_.clear();
    ++counts_.chats;
    return {};
  }
  Status flush() {
    if (batch_.messages.empty()) return {};
    engine::ImportMessages batch = batch_;
    batch_.messages.clear();
    bytes_ = 0;
    TRY(send(std::move(batch)));
    show_(counts_.stored + counts_.known);
    return {};
  }

 private:
  // A message that is refused is left out, and the others are not: by halves, since this is rare.
  Status send(engine::ImportMessages batch) {
    const auto done = client_.ask<engine::ImportDone>(batch, "importing", kBatchLimit);
    if (done) {
      counts_.stored += done->stored;
      counts_.known += done->known;
      return {};
    }
    if (!is_of_message(done.error().code)) return done.error();
    if (batch.messages.size() == 1) {
      ++counts_.skipped;
      const engine::ImportEntry& entry = batch.messages.front();
      if (counts_.skipped_names.size() < kSkippedNamesMax) {
        counts_.skipped_names.push_back(print_time(entry.sent_at) + " " + entry.sender);
      }
      return {};
    }
    engine::ImportMessages half = batch;
    const auto middle = static_cast<std::ptrdiff_t>(batch.messages.size() / 2);
    half.messages.erase(half.messages.begin(), half.messages.begin() + middle);
    batch.messages.resize(static_cast<size_t>(middle));
    TRY(send(std::move(batch)));
    return send(std::move(half));
  }

  Status take(imports::ImportedMessage message) {
    engine::ImportEntry entry;
    entry.sent_at = Instant{message.local_time ? from_local(message.time_ms) : message.time_ms};
    entry.own = message.own || (!options_.me.empty() && message.sender == options_.me);
    entry.omitted = message.omitted;
    entry.notice = message.notice;
    entry.edited = message.edited;
    entry.deleted = message.deleted;
    if (!message.media.empty()) {
      entry.media = TRY(copy_media(message.media));
      entry.omitted = entry.media.empty();
      if (entry.omitted) entry.media = imports::name_of(imports::last_name(message.media));
    }
    entry.sender = std::move(message.sender);
    put_text(entry, message);
    put_reactions(entry, message);
    entry.key = std::move(message.id);
    entry.reply_to_key = std::move(message.reply_to);
    entry.forwarded_from = std::move(message.forwarded_from);
    counts_.own += entry.own ? 1 : 0;
    if (entry.text.size() <= engine::kTextSizeMax) return put(std::move(entry));
    return put_in_pieces(std::move(entry));
  }

  // Light marks, links and signs for damaged characters can make a text too long.
  Status put_in_pieces(engine::ImportEntry entry) {
    ++counts_.cut;
    const std::string whole = std::move(entry.text);
    std::string_view rest = whole;
    while (!rest.empty()) {
      engine::ImportEntry piece = entry;
      piece.text = std::string(imports::beginning(rest, imports::kImportedTextMax));
      rest.remove_prefix(piece.text.size());
      TRY(put(std::move(piece)));
      entry.media.clear();
      entry.reactions.clear();
      entry.reply_to_key.clear();
      entry.omitted = false;
    }
    return {};
  }

  // Equal ones are counted over the whole import, however it is cut into batches: the same again is known.
  Status put(engine::ImportEntry entry) {
    if (batch_.messages.size() >= kBatchGood || bytes_ > kBatchBytes) TRY(flush());
    entry.repeat = repeats_[digest_of(entry)]++;
    bytes_ += entry.text.size();
    batch_.messages.push_back(std::move(entry));
    return {};
  }

  // Copies a file into the folder of media, under a name of its content and its own last name. Empty: it is not there.
  Result<std::string> copy_media(const std::string& path) {
    const auto copied = copied_.find(path);
    if (copied != copied_.end()) return copied->second;
    const std::string part = media_folder_ + "/.part";
    crypto::Sha256 hash;
    std::optional<Error> ended;
    {
      const Descriptor file(::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
      if (!file.valid()) return error_of_system(kProfileNoAccess, "a folder for media in the profile");
      auto pieces = source_.media(path);
      const Status read = !pieces ? Status(pieces.error()) : each_piece(*pieces, [&](ByteView piece) {
        hash.update(piece);
        if (const Status goes_on = look_up(piece.size()); !goes_on) {
          ended = goes_on.error();
          return goes_on;
        }
        if (!write_all(file.number(), piece)) ended = error_of_system(kProfileNoAccess, "room for media");
        return ended ? Status(*ended) : Status{};
      });
      if (!read) ::unlink(part.c_str());
      if (ended) return *ended;
      if (!read) {
        ++counts_.missing;
        return copied_[path] = std::string();
      }
    }
    const std::string name =
        imports::name_behind(to_hex(ByteView(hash.finish()).first(8)), imports::last_name(path));
    if (::rename(part.c_str(), (media_folder_ + "/" + name).c_str()) != 0) {
      return error_of_system(kProfileNoAccess, "a file of media gets its name");
    }
    ++counts_.media;
    return copied_[path] = name;
  }

  // From time to time: has somebody asked to end this?
  Status look_up(size_t bytes) {
    unlooked_ += bytes;
    if (unlooked_ < kLookUpBytes) return {};
    unlooked_ = 0;
    const Status waited = client_.wait_quietly([] { return false; }, milliseconds(0));
    return waited || waited.error().code == kTimedOut ? Status{} : waited;
  }

  Client& client_;
  ImportSource& source_;
  const ImportOptions& options_;
  std::string media_folder_;
  std::optional<engine::ChatId> older_of_;
  ImportCounts& counts_;
  const ShowImported& show_;
  engine::ImportMessages batch_;
  size_t bytes_ = 0;
  size_t unlooked_ = 0;
  std::map<ByteArray<16>, uint32_t> repeats_;  // of the chat, by digest_of: how many there were
  std::map<std::string, std::string> copied_;  // paths in the export, and the names that they have here
};

Result<bool> is_json(ImportSource& source) {
  const Pieces pieces = TRY(source.chat());
  while (true) {
    const ByteView piece = TRY(pieces());
    for (const uint8_t byte : piece) {
      const bool skipped =
          byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t' || byte == 0xef || byte == 0xbb || byte == 0xbf;
      if (!skipped) return byte == '{';
    }
    if (piece.empty()) return false;
  }
}

Status read_telegram(ImportSource& source, Importer& importer, imports::ImportReport& report) {
  const Pieces pieces = TRY(source.chat());
  std::optional<Error> broken;
  const Status read = imports::read_telegram(
      [&]() -> ByteView {
        auto piece = pieces();
        if (piece) return *piece;
        broken = piece.error();
        return {};
      },
      {}, importer.sink(), report);
  if (broken) return *broken;
  return read;
}

Status read_whatsapp(ImportSource& source, Importer& importer, const ImportOptions& options,
                     imports::ImportReport& report) {
  imports::WhatsAppSurvey survey;
  TRY(each_piece(TRY(source.chat()), [&](ByteView piece) { return survey.feed(piece), Status{}; }));
  const auto form = TRY(survey.finish());
  const std::string name = imports::whatsapp_chat_name(source.name());
  TRY(importer.begin({"whatsapp " + (options.name.empty() ? name : options.name), name.empty() ? "WhatsApp" : name}));
  imports::WhatsAppReader reader(form, importer.sink(), name,
                                 [&](std::string_view file) { return source.has(std::string(file)); });
  const Pieces pieces = TRY(source.chat());
  Status read = each_piece(pieces, [&](ByteView piece) { return reader.feed(piece); });
  if (read) read = reader.finish();
  report = reader.report();
  return read;
}

void print_report(const ImportCounts& counts, const std::string& me) {
  const imports::ImportReport& report = counts.report;
  if (::isatty(STDERR_FILENO) != 0) std::fputs("\r", stderr);
  const auto count = [](uint64_t number, const char* what) { return std::to_string(number) + " " + what; };
  print_note(count(counts.stored, "messages are new, ") + count(counts.known, "were there already; ") +
             count(counts.media, "files with them."));
  if (counts.missing > 0) print_note(count(counts.missing, "files are named and not in the export."));
  if (report.omitted > 0)
    print_note(count(report.omitted, "files were left out when it was exported: export with media to have them."));
  if (report.passed_over > 0)
    print_note(count(report.passed_over, "lines or records were not understood and are left out."));
  if (report.bad_utf8 > 0) print_note(count(report.bad_utf8, "texts had damaged characters."));
  const uint64_t cut = report.cut + counts.cut;
  if (cut > 0) print_note(count(cut, "texts were too long for one message and go on in the next."));
  if (counts.skipped > 0) {
    print_note(count(counts.skipped, "messages cannot be taken in and are left out:"));
    for (const std::string& each : counts.skipped_names) print_note("  " + safe_line(each));
    if (counts.skipped > counts.skipped_names.size()) print_note("  and others");
  }
  if (counts.own == 0 && counts.stored > 0) {
    print_note(me.empty() ? "None of them is your own as far as the file says: `--me NAME` says what you are called in it."
                          : "Nobody in it is called " + safe_line(me) + ": none of the messages is your own.");
  }
}

}  // namespace

Status import_chats(Client& client, ImportSource& source, const ImportOptions& options, const std::string& profile,
                    std::optional<engine::ChatId> older_of, ImportCounts& counts, const ShowImported& show) {
  const bool json = TRY(is_json(source));
  const std::string media_folder = profile + "/media";
  TRY(make_folders(media_folder));
  Importer importer(client, source, options, media_folder, older_of, counts, show);
  const Status read =
      json ? read_telegram(source, importer, counts.report) : read_whatsapp(source, importer, options, counts.report);
  // What was read before an error is whole.
  Status flushed = importer.flush();
  // Before it is said done; what a loss of power takes earlier comes again with the same import.
  if (flushed && counts.media > 0) flushed = sync_file_system(media_folder);
  return read ? flushed : read;
}

Status run_import(Context& context, const ImportOptions& options) {
  const auto source = TRY(open_import(options.file));
  TRY(is_json(*source));  // what cannot be read is said before a passphrase is asked for
  const auto client = TRY(open_client(context, false));
  std::optional<engine::ChatId> older_of;
  if (!options.chat.empty()) older_of = TRY(find_chat(*client, options.chat)).chat;
  ImportCounts counts;
  const bool on_terminal = ::isatty(STDERR_FILENO) != 0;
  const Status read =
      import_chats(*client, *source, options, context.globals.profile, older_of, counts, [&](uint64_t messages) {
        if (!on_terminal) return;
        std::fprintf(stderr, "\r%llu messages", static_cast<unsigned long long>(messages));
        std::fflush(stderr);
      });
  print_report(counts, options.me);
  TRY(read);
  return client->wait_idle("putting it in order", kBatchLimit);
}

}  // namespace godwit::cli
