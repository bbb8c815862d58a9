#include "imports/whatsapp_head.h"

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "imports/characters.h"

namespace godwit::imports {
namespace {

// No head is longer.
constexpr size_t kHeadCharactersMax = 72;

// The beginning of a line in plain letters: digits of any kind as ASCII, blanks as blanks, nothing invisible. `offsets` says
// where in the line each byte came from.
struct Plain {
  std::string text;
  std::vector<size_t> offsets;
};

char32_t plain_character(char32_t next) {
  if (next >= 0x660 && next <= 0x669) return U'0' + (next - 0x660);
  if (next >= 0x6f0 && next <= 0x6f9) return U'0' + (next - 0x6f0);
  if (next == 0xa0 || next == 0x202f || next == 0x2009 || next == '\t') return U' ';
  if (next == 0x60c) return U',';
  if (next == 0x2013 || next == 0x2014) return U'-';
  if (next >= U'A' && next <= U'Z') return next - U'A' + U'a';
  return next;
}

Plain plain_of(std::string_view line) {
  Plain out;
  std::string_view rest = line;
  for (size_t i = 0; i < kHeadCharactersMax && !rest.empty(); ++i) {
    const size_t at = line.size() - rest.size();
    const char32_t next = take_character(rest);
    if (is_invisible_mark(next)) continue;
    put_character(out.text, plain_character(next));
    out.offsets.resize(out.text.size(), at);
  }
  out.offsets.push_back(line.size() - rest.size());
  return out;
}

class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}
  size_t at() const { return at_; }
  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip() { ++at_; }
  void blanks() {
    while (peek() == ' ') ++at_;
  }
  // One to `digits_max` digits.
  bool number(size_t digits_max, uint32_t& out, size_t& digits) {
    out = 0;
    for (digits = 0; digits < digits_max && peek() >= '0' && peek() <= '9'; ++digits) {
      out = out * 10 + static_cast<uint32_t>(peek() - '0');
      ++at_;
    }
    return digits > 0 && (peek() < '0' || peek() > '9');
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

// Words for the halves of the day, in the languages of phones; longer ones before those that they begin with.
constexpr std::array<std::string_view, 9> kMorning{"a. m.", "a.m.", "a. m", "a.m", "am", "ق.ظ.", "ق.ظ", "ص", "ÖÖ"};
constexpr std::array<std::string_view, 9> kAfternoon{"p. m.", "p.m.", "p. m", "p.m", "pm", "ب.ظ.", "ب.ظ", "م", "Ös"};
// Between date and time.
constexpr std::array<std::string_view, 4> kAtWords{"às", "à", "um", "at"};

enum class Half : uint8_t { kNone, kBefore, kAfter };

Half take_half(Cursor& cursor) {
  for (const std::string_view word : kMorning) {
    if (cursor.take(word)) return Half::kBefore;
  }
  for (const std::string_view word : kAfternoon) {
    if (cursor.take(word)) return Half::kAfter;
  }
  return Half::kNone;
}

bool parse_date(Cursor& cursor, LineHead& head) {
  std::array<size_t, 3> digits{};
  for (size_t i = 0; i < 3; ++i) {
    if (!cursor.number(4, head.date[i], digits[i])) return false;
    if (i == 2) break;
    const char separator = cursor.peek();
    if (separator != '/' && separator != '.' && separator != '-') return false;
    if (i == 0) head.shape.separator = separator;
    if (separator != head.shape.separator) return false;
    cursor.skip();
    cursor.blanks();
  }
  head.year_first = digits[0] == 4;
  const size_t year_digits = head.year_first ? 4 : digits[2];
  return (year_digits == 2 || year_digits == 4) && digits[1] <= 2 && (head.year_first ? digits[2] : digits[0]) <= 2;
}

bool parse_time(Cursor& cursor, LineHead& head) {
  Half half = take_half(cursor);  // before it, in Turkish
  cursor.blanks();
  size_t digits = 0;
  if (!cursor.number(2, head.hour, digits)) return false;
  const char separator = cursor.peek();
  if (separator != ':' && separator != '.' && separator != 'h') return false;
  cursor.skip();
  if (!cursor.number(2, head.minute, digits) || digits != 2) return false;
  if (cursor.peek() == separator) {
    cursor.skip();
    if (!cursor.number(2, head.second, digits) || digits != 2) return false;
  }
  cursor.blanks();
  if (half == Half::kNone) half = take_half(cursor);
  head.meridiem = half != Half::kNone;
  if (head.hour > 23 || head.minute > 59 || head.second > 60) return false;
  if (half == Half::kBefore && head.hour == 12) head.hour = 0;
  if (half == Half::kAfter && head.hour < 12) head.hour += 12;
  return true;
}

// Days since 1970 of a day of the Persian calendar, which has 8 leap years in 33.
std::optional<int64_t> persian_day(uint32_t year, uint32_t month, uint32_t day) {
  const auto is_leap = [](uint32_t of) {
    for (const uint32_t leap : {1U, 5U, 9U, 13U, 17U, 22U, 26U, 30U}) {
      if (of % 33 == leap) return true;
    }
    return false;
  };
  const uint32_t days_of_month = month <= 6 ? 31 : month <= 11 ? 30 : is_leap(year) ? 30 : 29;
  if (month < 1 || month > 12 || day < 1 || day > days_of_month) return std::nullopt;
  int64_t days = 18'707;  // 1 Farvardin 1400 is 21 March 2021
  for (uint32_t each = 1400; each < year; ++each) days += is_leap(each) ? 366 : 365;
  for (uint32_t each = year; each < 1400; ++each) days -= is_leap(each) ? 366 : 365;
  return days + (month <= 7 ? (month - 1) * 31 : 6 * 31 + (month - 7) * 30) + day - 1;
}

}  // namespace

std::optional<LineHead> parse_head(std::string_view line) {
  const Plain plain = plain_of(line);
  Cursor cursor(plain.text);
  LineHead head;
  head.shape.bracket = cursor.take("[");
  if (!parse_date(cursor, head)) return std::nullopt;
  const bool comma = cursor.take(",");
  if (!comma && cursor.peek() != ' ') return std::nullopt;
  cursor.blanks();
  for (const std::string_view word : kAtWords) {
    if (cursor.take(word)) {
      cursor.blanks();
      break;
    }
  }
  if (!parse_time(cursor, head)) return std::nullopt;
  cursor.blanks();
  if (!cursor.take(head.shape.bracket ? "]" : "-")) return std::nullopt;
  if (cursor.peek() == ' ') cursor.skip();
  head.size = plain.offsets[cursor.at()];
  return head;
}

std::optional<int64_t> time_of(const LineHead& head, DateOrder order) {
  uint32_t year = head.year_first ? head.date[0] : head.date[2];
  uint32_t day = head.year_first ? head.date[2] : order == DateOrder::kDayFirst ? head.date[0] : head.date[1];
  uint32_t month = head.year_first ? head.date[1] : order == DateOrder::kDayFirst ? head.date[1] : head.date[0];
  if (year < 100) year += 2000;
  int64_t days = 0;
  if (year >= 1300 && year <= 1500) {
    const auto persian = persian_day(year, month, day);
    if (!persian) return std::nullopt;
    days = *persian;
  } else {
    const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(year)}, std::chrono::month{month},
                                           std::chrono::day{day}};
    if (!date.ok() || year < 1990 || year > 2200) return std::nullopt;
    days = std::chrono::sys_days{date}.time_since_epoch().count();
  }
  return ((days * 24 + head.hour) * 60 + head.minute) * 60'000 + int64_t{head.second} * 1000;
}

}  // namespace godwit::imports
