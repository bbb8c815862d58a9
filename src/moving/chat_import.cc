#include "moving/chat_import.h"

#include <algorithm>
#include <map>

#include "codec/codec.h"
#include "crypto/hash.h"
#include "engine/commands.h"
#include "engine/content_bodies.h"
#include "engine/errors.h"
#include "imports/characters.h"
#include "imports/media_path.h"
#include "imports/telegram_reader.h"
#include "imports/whatsapp_reader.h"

namespace godwit::moving {
namespace {

constexpr size_t kBatchGood = 900;
constexpr size_t kLookUpBytes = size_t{4} << 20;

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
  Importer(ImportHost& host, ImportSource& source, MediaFolder& media, const ImportWishes& wishes, ImportCounts& counts)
      : host_(host), source_(source), media_(media), wishes_(wishes), counts_(counts) {}

  imports::ImportSink sink() {
    imports::ImportSink out;
    out.chat = [this](const imports::ImportedChat& chat) { return begin(chat); };
    out.message = [this](imports::ImportedMessage message) { return take(std::move(message)); };
    return out;
  }
  Status begin(const imports::ImportedChat& chat) {
    TRY(flush());
    batch_ = {};
    batch_.name = wishes_.name.empty() ? chat.name : wishes_.name;
    REQUIRE(batch_.name.size() <= engine::kKeptNameMax, engine::kTooLong, "a chat's name has at most 256 bytes");
    REQUIRE(imports::is_whole_utf8(batch_.name), engine::kNotText, "a chat's name is UTF-8");
    batch_.source = source_of(chat.key.empty() ? "name " + chat.name : chat.key);
    batch_.older_of = wishes_.older_of;
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
    host_.show(counts_.stored + counts_.known);
    return {};
  }

 private:
  // A message that is refused is left out, and the others are not: by halves, since this is rare.
  Status send(engine::ImportMessages batch) {
    const auto done = host_.take(batch);
    if (done) {
      counts_.stored += done->stored;
      counts_.known += done->known;
      return {};
    }
    if (!is_of_message(done.error().code)) return done.error();
    if (batch.messages.size() == 1) {
      ++counts_.skipped;
      const engine::ImportEntry& entry = batch.messages.front();
      if (counts_.skipped_ones.size() < ImportCounts::kSkippedMax) {
        counts_.skipped_ones.push_back({entry.sent_at, entry.sender});
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
    entry.sent_at = Instant{message.local_time ? host_.from_local(message.time_ms) : message.time_ms};
    entry.own = message.own || (!wishes_.me.empty() && message.sender == wishes_.me);
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
    if (batch_.messages.size() >= kBatchGood || bytes_ > wishes_.batch_bytes) TRY(flush());
    entry.repeat = repeats_[digest_of(entry)]++;
    bytes_ += entry.text.size();
    batch_.messages.push_back(std::move(entry));
    return {};
  }

  // Copies a file into the folder of media, under a name of its content and its own last name. Empty: it is not there.
  Result<std::string> copy_media(const std::string& path) {
    const auto copied = copied_.find(path);
    if (copied != copied_.end()) return copied->second;
    TRY(media_.begin());
    crypto::Sha256 hash;
    std::optional<Error> ended;
    auto pieces = source_.media(path);
    const Status read = !pieces ? Status(pieces.error()) : each_piece(*pieces, [&](ByteView piece) {
      hash.update(piece);
      Status done = look_up(piece.size());
      if (done) done = media_.write(piece);
      if (!done) ended = done.error();
      return done;
    });
    if (!read) media_.drop();
    if (ended) return *ended;
    if (!read) {
      ++counts_.missing;
      return copied_[path] = std::string();
    }
    const std::string name =
        imports::name_behind(to_hex(ByteView(hash.finish()).first(8)), imports::last_name(path));
    TRY(media_.keep(name));
    ++counts_.media;
    return copied_[path] = name;
  }

  // From time to time: has somebody asked to end this?
  Status look_up(size_t bytes) {
    unlooked_ += bytes;
    if (unlooked_ < kLookUpBytes) return {};
    unlooked_ = 0;
    return host_.look_up();
  }

  ImportHost& host_;
  ImportSource& source_;
  MediaFolder& media_;
  const ImportWishes& wishes_;
  ImportCounts& counts_;
  engine::ImportMessages batch_;
  size_t bytes_ = 0;
  size_t unlooked_ = 0;
  std::map<ByteArray<16>, uint32_t> repeats_;  // of the chat, by digest_of: how many there were
  std::map<std::string, std::string> copied_;  // paths in the export, and the names that they have here
};

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

Status read_whatsapp(ImportSource& source, Importer& importer, const ImportWishes& wishes,
                     imports::ImportReport& report) {
  imports::WhatsAppSurvey survey;
  TRY(each_piece(TRY(source.chat()), [&](ByteView piece) { return survey.feed(piece), Status{}; }));
  const auto form = TRY(survey.finish());
  const std::string name = imports::whatsapp_chat_name(source.name());
  TRY(importer.begin({"whatsapp " + (wishes.name.empty() ? name : wishes.name), name.empty() ? "WhatsApp" : name}));
  imports::WhatsAppReader reader(form, importer.sink(), name,
                                 [&](std::string_view file) { return source.has(std::string(file)); });
  const Pieces pieces = TRY(source.chat());
  Status read = each_piece(pieces, [&](ByteView piece) { return reader.feed(piece); });
  if (read) read = reader.finish();
  report = reader.report();
  return read;
}

}  // namespace

Status each_piece(const Pieces& pieces, const std::function<Status(ByteView)>& take) {
  while (true) {
    const ByteView piece = TRY(pieces());
    if (piece.empty()) return {};
    TRY(take(piece));
  }
}

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

Status import_chats(ImportHost& host, ImportSource& source, MediaFolder& media, const ImportWishes& wishes,
                    ImportCounts& counts) {
  const bool json = TRY(is_json(source));
  Importer importer(host, source, media, wishes, counts);
  const Status read =
      json ? read_telegram(source, importer, counts.report) : read_whatsapp(source, importer, wishes, counts.report);
  // What was read before an error is whole.
  Status flushed = importer.flush();
  // Before it is said done; what a loss of power takes earlier comes again with the same import.
  if (flushed && counts.media > 0) flushed = media.sync();
  return read ? flushed : read;
}

}  // namespace godwit::moving
