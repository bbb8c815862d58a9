#include "imports/whatsapp_reader.h"

#include <array>

#include "imports/characters.h"
#include "imports/media_path.h"

namespace godwit::imports {

void WhatsAppSurvey::feed(ByteView piece) {
  const Status fed =
      lines_.feed(piece, [this](std::string_view line, bool goes_on) { return note(line, goes_on), Status{}; });
  ASSERT(fed.has_value());
}

void WhatsAppSurvey::note(std::string_view line, bool goes_on) {
  if (goes_on) return;
  const auto head = parse_head(line);
  if (!head) return;
  if (!shape_) shape_ = head->shape;
  if (head->shape != *shape_) return;
  meridiem_ = meridiem_ || head->meridiem;
  note(day_first_, *head, DateOrder::kDayFirst);
  note(month_first_, *head, DateOrder::kMonthFirst);
}

void WhatsAppSurvey::note(Order& order, const LineHead& head, DateOrder which) {
  const auto time = time_of(head, which);
  if (!time) return ++order.impossible, void();
  if (*time < order.last) ++order.backwards;
  order.last = *time;
}

Result<WhatsAppForm> WhatsAppSurvey::finish() {
  TRY(lines_.finish([this](std::string_view line, bool goes_on) { return note(line, goes_on), Status{}; }));
  REQUIRE(shape_.has_value(), kNotExport, "a line begins with date and time");
  const auto is_better = [](const Order& a, const Order& b) {
    return a.impossible != b.impossible ? a.impossible < b.impossible : a.backwards < b.backwards;
  };
  WhatsAppForm form{*shape_, DateOrder::kDayFirst};
  // A file that fits both orders has few days in it. Slashes and twelve hours are American.
  const bool american = shape_->separator == '/' && meridiem_;
  if (is_better(month_first_, day_first_) || (american && !is_better(day_first_, month_first_))) {
    form.order = DateOrder::kMonthFirst;
  }
  return form;
}

Status WhatsAppReader::feed(ByteView piece) {
  return lines_.feed(piece, [this](std::string_view line, bool goes_on) { return take_line(line, goes_on); });
}

Status WhatsAppReader::finish() {
  TRY(lines_.finish([this](std::string_view line, bool goes_on) { return take_line(line, goes_on); }));
  return flush();
}

Status WhatsAppReader::take_line(std::string_view line, bool goes_on) {
  const auto head = goes_on ? std::nullopt : parse_head(line);
  const auto time = head && head->shape == form_.shape ? time_of(*head, form_.order) : std::nullopt;
  if (!time) {
    if (!open_) {
      if (!without_marks(line).empty()) ++report_.passed_over;
      return {};
    }
    if (message_.text.size() + line.size() + 1 > kImportedTextMax) {
      ImportedMessage next = message_;
      next.text.clear();
      if (!cut_) ++report_.cut;
      TRY(flush());
      message_ = std::move(next);
      open_ = cut_ = true;
    } else if (!goes_on) {
      message_.text += '\n';
    }
    message_.text += line;
    return {};
  }
  TRY(flush());
  open_ = true;
  cut_ = false;
  message_ = {};
  message_.time_ms = *time;
  message_.local_time = true;
  std::string_view rest = line.substr(head->size);
  const size_t colon = rest.find(": ");
  const size_t bare_colon = rest.ends_with(':') && colon == std::string_view::npos ? rest.size() - 1 : colon;
  const std::string_view before = rest.substr(0, bare_colon);
  // Names have no quotes in them; notices such as: Anna changed the subject to "x: y" have.
  const bool named = bare_colon != std::string_view::npos && !before.empty() && before.size() <= kImportedNameMax &&
                     before.find_first_of("\"") == std::string_view::npos &&
                     before.find("“") == std::string_view::npos && before.find("«") == std::string_view::npos &&
                     before.find("„") == std::string_view::npos;
  if (named) {
    message_.sender = name_of(before);
    rest = rest.substr(std::min(rest.size(), bare_colon + 2));
  }
  message_.notice = message_.sender.empty();
  std::string_view look = rest;
  marked_ = !look.empty() && is_invisible_mark(take_character(look));
  message_.text = rest;
  return {};
}

Status WhatsAppReader::flush() {
  if (!open_) return {};
  open_ = false;
  if (!is_whole_utf8(message_.text)) {
    ++report_.bad_utf8;
    message_.text = mended(message_.text);
  }
  if (!cut_) {
    const std::string text = std::move(message_.text);
    const Phrase phrase = parse_phrase(text, marked_, hints_);
    message_.media = std::string(last_name(phrase.media));
    message_.omitted = phrase.omitted;
    message_.deleted = phrase.deleted;
    message_.edited = phrase.edited;
    message_.text = std::string(without_marks(phrase.text));
    if (marked_ && message_.media.empty() && !phrase.omitted && !phrase.deleted && is_of_messenger()) {
      message_.notice = true;
    }
  }
  ++report_.messages;
  if (message_.notice) ++report_.notices;
  if (!message_.media.empty()) ++report_.media;
  if (message_.omitted) ++report_.omitted;
  return sink_.message(std::move(message_));
}

// iOS sets a mark before all that people have not typed: what it says itself (in the name of the chat, or of who did it: "Anna:
// Anna changed the subject"), and places, polls and calls, which people have sent. In a chat of two the chat is called as the
// other one: there a place has a link, and a poll has lines.
bool WhatsAppReader::is_of_messenger() {
  if (report_.messages == 0) first_name_ = message_.sender;
  if (message_.sender.empty() || message_.text.starts_with(message_.sender)) return true;
  if (message_.sender != chat_name_ && message_.sender != first_name_) return false;
  return message_.text.find('\n') == std::string::npos && message_.text.find("https://") == std::string::npos;
}

std::string whatsapp_chat_name(std::string_view file_name) {
  static constexpr std::array<std::string_view, 12> kBefore{
      "WhatsApp Chat with ",       "WhatsApp Chat - ",    "WhatsApp-Chat mit ",    "Чат WhatsApp с контактом ",
      "Чат WhatsApp с группой ",   "Чат WhatsApp с ",     "Chat de WhatsApp con ", "Conversa do WhatsApp com ",
      "Discussion WhatsApp avec ", "WhatsApp Sohbeti - ", "محادثة واتساب مع ",     "گفتگوی واتساپ با "};
  std::string_view name = last_name(file_name);
  for (const std::string_view ending : {".txt", ".zip", ".TXT", ".ZIP"}) {
    if (name.ends_with(ending)) name.remove_suffix(ending.size());
  }
  for (const std::string_view before : kBefore) {
    if (name.starts_with(before)) return name_of(name.substr(before.size()));
  }
  return name_of(name);
}

}  // namespace godwit::imports
