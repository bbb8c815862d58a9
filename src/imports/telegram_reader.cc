#include "imports/telegram_reader.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "imports/characters.h"

namespace godwit::imports {
namespace {

using Json = nlohmann::json;

// The pieces as one run of bytes, for the parser, which pulls. It ends early where a single token is too large.
class Run {
 public:
  explicit Run(const PieceSource& source) : source_(source) { next(); }
  char byte() const { return static_cast<char>(piece_[at_]); }
  bool at_end() const { return ended_; }
  void advance() {
    ++token_;
    if (++at_ == piece_.size()) next();
    if (token_ > kJsonStringMax) ended_ = too_large_ = true;
  }
  void token_over() { token_ = 0; }
  bool too_large() const { return too_large_; }

 private:
  void next() {
    piece_ = source_();
    at_ = 0;
    ended_ = piece_.empty();
  }
  const PieceSource& source_;
  ByteView piece_;
  size_t at_ = 0;
  size_t token_ = 0;
  bool ended_ = false;
  bool too_large_ = false;
};

class RunIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = char;

  RunIterator() = default;
  explicit RunIterator(Run& run) : run_(&run) {}
  char operator*() const { return run_->byte(); }
  RunIterator& operator++() {
    run_->advance();
    return *this;
  }
  RunIterator operator++(int) {
    RunIterator before = *this;
    run_->advance();
    return before;
  }
  friend bool operator==(const RunIterator& a, const RunIterator& b) { return a.is_end() == b.is_end(); }

 private:
  bool is_end() const { return run_ == nullptr || run_->at_end(); }
  Run* run_ = nullptr;
};

// What of a message is collected before it is understood.
struct Draft {
  std::string id, type, date, unixtime, from, from_id, actor, actor_id, action, title, reply_to, reply_peer, edited,
      forwarded_from;
  std::string file, photo, file_name, media_type, latitude, longitude, question, contact;
  std::string text;   // with light marks
  std::string plain;  // without
  std::vector<ImportedSpan> spans;
  std::vector<ImportedReaction> reactions;
  std::vector<std::string> answers;
  std::vector<std::string> members;
};

// In the year 2223.
constexpr int64_t kSecondsMax = 8'000'000'000;

int64_t number_of(const std::string& text) {
  int64_t out = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size() ? out : 0;
}

// "2020-12-31T21:41:05", without a zone.
std::optional<int64_t> local_time_of(const std::string& text) {
  if (text.size() < 19 || text[4] != '-' || text[7] != '-' || text[10] != 'T') return std::nullopt;
  const auto part = [&](size_t at, size_t size) { return static_cast<uint32_t>(number_of(text.substr(at, size))); };
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(part(0, 4))},
                                         std::chrono::month{part(5, 2)}, std::chrono::day{part(8, 2)}};
  if (!date.ok() || part(11, 2) > 23 || part(14, 2) > 59 || part(17, 2) > 60) return std::nullopt;
  const int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  return ((days * 24 + part(11, 2)) * 60 + part(14, 2)) * 60'000 + int64_t{part(17, 2)} * 1000;
}

// A formatted part of a text, with light marks.
std::string marked(const std::string& type, const std::string& text, const std::string& href) {
  if (text.empty()) return {};
  if (type == "bold") return "*" + text + "*";
  if (type == "italic") return "_" + text + "_";
  if (type == "strikethrough") return "~" + text + "~";
  if (type == "code") return "`" + text + "`";
  if (type == "pre") return "```" + text + "```";
  if (type == "text_link" && !href.empty() && href != text) return text + " (" + href + ")";
  return text;
}

std::optional<ImportedStyle> style_of(const std::string& type) {
  static constexpr std::pair<std::string_view, ImportedStyle> kStyles[] = {{"bold", ImportedStyle::kBold},
                                                                           {"italic", ImportedStyle::kItalic},
                                                                           {"strikethrough", ImportedStyle::kStrike},
                                                                           {"code", ImportedStyle::kCode},
                                                                           {"pre", ImportedStyle::kPre},
                                                                           {"text_link", ImportedStyle::kLink},
                                                                           {"blockquote", ImportedStyle::kQuote},
                                                                           {"spoiler", ImportedStyle::kSpoiler}};
  for (const auto& [name, style] : kStyles) {
    if (name == type) return style;
  }
  return std::nullopt;
}

std::string notice_text(const Draft& draft) {
  std::string out = draft.actor.empty() ? std::string() : draft.actor + ": ";
  for (const char each : draft.action) out += each == '_' ? ' ' : each;
  if (!draft.title.empty()) out += " \"" + draft.title + "\"";
  for (size_t i = 0; i < draft.members.size(); ++i) out += (i == 0 ? " " : ", ") + draft.members[i];
  if (!draft.text.empty()) out += ": " + draft.text;
  return out;
}

// The parser's handler. Where it stands is a path of frames; only what a message needs is kept.
class Handler {
 public:
  Handler(Run& run, std::string_view chat_name, const ImportSink& sink, ImportReport& report)
      : run_(run), fallback_name_(chat_name), sink_(sink), report_(report) {}

  bool null() { return value({}); }
  bool boolean(bool of) { return value(of ? "true" : "false"); }
  bool number_integer(Json::number_integer_t of) { return value(std::to_string(of)); }
  bool number_unsigned(Json::number_unsigned_t of) { return value(std::to_string(of)); }
  bool number_float(Json::number_float_t, const std::string& text) { return value(text); }
  bool string(std::string& text) { return value(std::move(text)); }
  bool binary(Json::binary_t&) { return false; }
  bool start_object(size_t) { return open(false); }
  bool start_array(size_t) { return open(true); }
  bool key(std::string& name) {
    run_.token_over();
    if (!path_.empty()) path_.back().key = std::move(name);
    return true;
  }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool parse_error(size_t, const std::string&, const Json::exception&) { return false; }

  const std::optional<Error>& error() const { return error_; }
  bool has_chat() const { return chats_ > 0; }

 private:
  struct Frame {
    bool array = false;
    std::string key;  // of the member that is being read
  };

  bool refuse(Error error) {
    error_ = error;
    return false;
  }

  // The parent's key of frame `depth`, as far as arrays have none.
  const std::string& key_at(size_t depth) const { return path_[depth].key; }

  // path_: {root} or {root, "chats"/"left_chats", "list", chat}; then "messages" [ and the message {.
  bool is_messages_array() const {
    const size_t depth = path_.size();
    if (depth < 1 || path_.back().array || key_at(depth - 1) != "messages") return false;
    return depth == 1 || (depth == 4 && path_[2].array && key_at(1) == "list");
  }

  bool open(bool array) {
    run_.token_over();
    if (path_.size() >= kJsonDepthMax) return refuse({kExportTooLarge, "structures of an export are 32 deep at most"});
    if (array && messages_ == 0 && is_messages_array()) {
      path_.push_back({array, {}});
      messages_ = path_.size();
      return begin_chat();
    }
    path_.push_back({array, {}});
    if (messages_ != 0 && path_.size() == messages_ + 1 && !array) draft_ = {};
    if (in_text_part()) part_ = {};
    if (in_reaction()) reaction_ = {};
    if (in_reaction_by()) by_ = {};
    return true;
  }

  bool close() {
    run_.token_over();
    const size_t depth = path_.size();
    bool go_on = true;
    if (messages_ != 0 && depth == messages_ + 1) go_on = finish_message();
    if (in_reaction_by()) add_reaction_by();
    if (in_text_part()) add_part();
    if (in_reaction()) add_reaction();
    if (depth == messages_) messages_ = 0;
    if (messages_ == 0 && depth == chat_depth_) chat_ = {};
    path_.pop_back();
    return go_on;
  }

  // An object within the array "text" of a message.
  bool in_text_part() const {
    return messages_ != 0 && path_.size() == messages_ + 3 && !path_.back().array && path_[messages_ + 1].array &&
           key_at(messages_) == "text";
  }

  void add_text(const std::string& text) {
    if (draft_.text.size() + text.size() > kJsonStringMax) return;
    draft_.text += text;
    draft_.plain += text;
  }

  void add_part() {
    const std::string text = marked(part_.type, part_.text, part_.href);
    if (draft_.text.size() + text.size() > kJsonStringMax) return;
    const auto style = style_of(part_.type);
    const bool link = style == ImportedStyle::kLink;
    if (style && !part_.text.empty() && (!link || (!part_.href.empty() && part_.href != part_.text))) {
      draft_.spans.push_back({draft_.plain.size(), part_.text.size(), *style, link ? part_.href : std::string()});
    }
    draft_.text += text;
    draft_.plain += part_.text;
  }

  // An object within the array "reactions" of a message, and one within its array "recent".
  bool in_reaction() const {
    return messages_ != 0 && path_.size() == messages_ + 3 && !path_.back().array && path_[messages_ + 1].array &&
           key_at(messages_) == "reactions";
  }
  bool in_reaction_by() const {
    return messages_ != 0 && path_.size() == messages_ + 5 && !path_.back().array && path_[messages_ + 3].array &&
           key_at(messages_) == "reactions" && key_at(messages_ + 2) == "recent";
  }

  void add_reaction() {
    // Own pictures and paid stars have no character.
    if (reaction_.reaction.empty()) reaction_.reaction = "?";
    const bool fits = reaction_.reaction.size() <= 64 && reaction_.count > 0;
    if (!fits || draft_.reactions.size() >= kImportedReactionsMax) return;
    draft_.reactions.push_back(std::move(reaction_));
  }

  void add_reaction_by() {
    reaction_.own |= !own_id_.empty() && by_.id == own_id_;
    if (by_.name.empty() || reaction_.names.size() >= kImportedReactionNamesMax) return;
    reaction_.names.push_back(name_of(by_.name));
  }

  void take_reaction_value(const std::string& name, std::string text) {
    if (name == "emoji") reaction_.reaction = std::move(text);
    if (name == "count")
      reaction_.count = static_cast<uint32_t>(std::clamp<int64_t>(number_of(text), 0, 1'000'000'000));
  }

  bool value(std::string text) {
    run_.token_over();
    const size_t depth = path_.size();
    if (depth == 0) return true;
    if (messages_ == 0) {
      take_chat_value(text);
    } else if (depth == messages_ + 1 && !path_.back().array) {
      take_message_value(key_at(depth - 1), std::move(text));
    } else if (depth == messages_ + 2) {
      take_inner_value(std::move(text));
    } else if (in_text_part()) {
      const std::string& name = key_at(depth - 1);
      if (name == "type")
        part_.type = std::move(text);
      else if (name == "text")
        part_.text = std::move(text);
      else if (name == "href")
        part_.href = std::move(text);
    } else if (in_reaction()) {
      take_reaction_value(key_at(depth - 1), std::move(text));
    } else if (in_reaction_by()) {
      if (key_at(depth - 1) == "from") by_.name = std::move(text);
      if (key_at(depth - 1) == "from_id") by_.id = std::move(text);
    } else if (depth == messages_ + 4 && key_at(messages_) == "poll" && key_at(depth - 1) == "text") {
      if (draft_.answers.size() < 100) draft_.answers.push_back(std::move(text));
    }
    return true;
  }

  void take_chat_value(const std::string& text) {
    const size_t depth = path_.size();
    const std::string& name = key_at(depth - 1);
    if (depth == 2 && key_at(0) == "personal_information" && name == "user_id") own_id_ = "user" + text;
    const bool of_chat = depth == 1 || (depth == 4 && path_[2].array && key_at(1) == "list");
    if (!of_chat) return;
    chat_depth_ = depth;
    if (name == "name") chat_.name = name_of(text);
    if (name == "id") chat_.key = beginning("telegram " + text, kImportedNameMax);
  }

  void take_message_value(const std::string& name, std::string text) {
    static constexpr std::pair<std::string_view, std::string Draft::*> kFields[] = {
        {"id", &Draft::id},
        {"type", &Draft::type},
        {"date", &Draft::date},
        {"date_unixtime", &Draft::unixtime},
        {"from", &Draft::from},
        {"from_id", &Draft::from_id},
        {"actor", &Draft::actor},
        {"actor_id", &Draft::actor_id},
        {"action", &Draft::action},
        {"title", &Draft::title},
        {"reply_to_message_id", &Draft::reply_to},
        {"reply_to_peer_id", &Draft::reply_peer},
        {"edited", &Draft::edited},
        {"forwarded_from", &Draft::forwarded_from},
        {"file", &Draft::file},
        {"photo", &Draft::photo},
        {"file_name", &Draft::file_name},
        {"media_type", &Draft::media_type},
        {"text", &Draft::text}};
    for (const auto& [known, member] : kFields) {
      if (name == known) draft_.*member = std::move(text);
    }
    if (name == "text") draft_.plain = draft_.text;
  }

  void take_inner_value(std::string text) {
    const std::string& outer = key_at(messages_);
    const std::string& name = key_at(path_.size() - 1);
    if (outer == "text" && path_.back().array) return add_text(text);
    if (outer == "members" && path_.back().array && draft_.members.size() < 1000)
      draft_.members.push_back(name_of(text));
    if (outer == "poll" && name == "question") draft_.question = std::move(text);
    if (outer == "location_information" && name == "latitude") draft_.latitude = std::move(text);
    if (outer == "location_information" && name == "longitude") draft_.longitude = std::move(text);
    if (outer == "contact_information" && (name == "first_name" || name == "last_name" || name == "phone_number")) {
      draft_.contact += (draft_.contact.empty() ? "" : " ") + name_of(text);
    }
  }

  bool begin_chat() {
    ++chats_;
    if (chat_.name.empty()) chat_.name = fallback_name_.empty() ? "Telegram" : name_of(fallback_name_);
    const Status taken = sink_.chat(chat_);
    return taken ? true : refuse(taken.error());
  }

  // Everything that is not text, in words.
  static void put_rest_in_words(const Draft& draft, std::string& text) {
    const auto add = [&](const std::string& line) { text += (text.empty() ? "" : "\n") + line; };
    if (!draft.question.empty()) add(draft.question);
    for (const std::string& answer : draft.answers) add("- " + answer);
    if (!draft.latitude.empty() && !draft.longitude.empty()) add("geo:" + draft.latitude + "," + draft.longitude);
    if (!draft.contact.empty()) add(draft.contact);
  }

  // "channel123", of the chat whose message is answered; it is left out, or names this chat, where that is here.
  bool is_of_this_chat(const std::string& peer) const {
    const size_t digits = peer.find_first_of("0123456789");
    return peer.empty() || (digits != std::string::npos && chat_.key == "telegram " + peer.substr(digits));
  }

  bool finish_message() {
    ImportedMessage out;
    const auto local = local_time_of(draft_.date);
    const int64_t seconds = number_of(draft_.unixtime);
    if (seconds > 0 && seconds <= kSecondsMax) out.time_ms = seconds * 1000;
    if (out.time_ms <= 0 && local) {
      out.time_ms = *local;
      out.local_time = true;
    }
    const bool known = draft_.type == "message" || draft_.type == "service";
    if (!known || out.time_ms <= 0 || out.time_ms > kSecondsMax * 1000) return ++report_.passed_over, true;
    out.id = draft_.id.substr(0, kImportedNameMax);
    if (is_of_this_chat(draft_.reply_peer)) out.reply_to = draft_.reply_to.substr(0, kImportedNameMax);
    out.notice = draft_.type == "service";
    out.sender = name_of(out.notice ? draft_.actor : draft_.from);
    const std::string& sender_id = out.notice ? draft_.actor_id : draft_.from_id;
    if (out.sender.empty() && !out.notice) out.sender = "Deleted account";
    out.own = !own_id_.empty() && sender_id == own_id_;
    out.edited = !draft_.edited.empty();
    out.forwarded_from = name_of(draft_.forwarded_from);
    const std::string& file = draft_.file.empty() ? draft_.photo : draft_.file;
    out.omitted = file.starts_with("(File ");  // "(File not included. Change data exporting settings to download.)"
    if (!out.omitted && file.size() <= 1000) out.media = file;
    out.reactions = std::move(draft_.reactions);
    // Formatting does not go over the edges of messages.
    const bool marked = out.notice || draft_.plain.size() > kImportedTextMax / 2;
    if (!marked) out.spans = std::move(draft_.spans);
    out.text = out.notice ? notice_text(draft_) : std::move(marked ? draft_.text : draft_.plain);
    if (!out.notice) put_rest_in_words(draft_, out.text);
    if (out.text.size() > kImportedTextMax) out.spans.clear();
    return give(std::move(out));
  }

  bool give(ImportedMessage message) {
    ++report_.messages;
    if (message.notice) ++report_.notices;
    if (!message.media.empty()) ++report_.media;
    if (message.omitted) ++report_.omitted;
    std::string rest = std::move(message.text);
    std::string_view text = rest;
    if (text.size() > kImportedTextMax) ++report_.cut;
    while (true) {
      ImportedMessage part = message;
      part.text = std::string(beginning(text, kImportedTextMax));
      text.remove_prefix(part.text.size());
      const Status taken = sink_.message(std::move(part));
      if (!taken) return refuse(taken.error());
      if (text.empty()) return true;
      message.media.clear();
      message.reactions.clear();
      message.reply_to.clear();
      message.omitted = false;
    }
  }

  struct Part {
    std::string type, text, href;
  };
  struct By {
    std::string name, id;
  };
  Run& run_;
  std::string fallback_name_;
  const ImportSink& sink_;
  ImportReport& report_;
  std::vector<Frame> path_;
  size_t messages_ = 0;  // depth within the array of messages; 0: not in one
  size_t chat_depth_ = 0;
  ImportedChat chat_;
  Draft draft_;
  Part part_;
  ImportedReaction reaction_;
  By by_;
  std::string own_id_;
  uint64_t chats_ = 0;
  std::optional<Error> error_;
};

}  // namespace

Status read_telegram(const PieceSource& source, std::string_view chat_name, const ImportSink& sink,
                     ImportReport& report) {
  Run run(source);
  Handler handler(run, chat_name, sink, report);
  const bool read = Json::sax_parse(RunIterator(run), RunIterator(), &handler);
  if (handler.error()) return *handler.error();
  REQUIRE(!run.too_large(), kExportTooLarge, "a string of an export has at most 16 MiB");
  REQUIRE(read || handler.has_chat(), kNotExport, "an export is JSON");
  REQUIRE(read, kExportDamaged, "the JSON of an export is whole");
  REQUIRE(handler.has_chat(), kNotExport, "an export of Telegram has chats with messages");
  return {};
}

}  // namespace godwit::imports
