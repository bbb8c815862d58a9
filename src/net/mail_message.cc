// Reading letters.

#include "net/mail_message.h"

#include <algorithm>

#include "net/base64.h"
#include "net/errors.h"
#include "net/mail_account.h"

namespace godwit::net {
namespace {

constexpr size_t kHeadBytesMax = 64 * 1024;
constexpr size_t kFieldsMax = 256;
constexpr size_t kLevelsMax = 3;
constexpr size_t kPartsMax = 32;
constexpr size_t kSubjectMax = 200;
constexpr size_t kIdMax = 250;
constexpr size_t kAnswersMax = 8;
constexpr size_t kBoundaryMax = 70;  // RFC 2046 §5.1.1

struct Field {
  std::string name;  // lower case
  std::string value;
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

// Takes a line off the front of `text`, without its end.
std::string_view take_line(std::string_view& text) {
  const size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Takes the head off the front of `text`, with the empty line. Lines that are none of a head are skipped ("From " of mailboxes).
std::vector<Field> take_head(std::string_view& text) {
  std::vector<Field> fields;
  size_t taken = 0;
  while (!text.empty() && taken < kHeadBytesMax && fields.size() < kFieldsMax) {
    const std::string_view line = take_line(text);
    taken += line.size() + 1;
    if (line.empty()) break;
    if (line.front() == ' ' || line.front() == '\t') {
      if (!fields.empty()) fields.back().value += (fields.back().value.empty() ? "" : " ") + std::string(trim(line));
      continue;
    }
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    fields.push_back({lower(trim(line.substr(0, colon))), std::string(trim(line.substr(colon + 1)))});
  }
  return fields;
}

const std::string& value_of(const std::vector<Field>& fields, std::string_view name) {
  static const std::string none;
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& each) { return each.name == name; });
  return found == fields.end() ? none : found->value;
}

// "multipart/mixed; boundary=..." without its parameters.
std::string media_type(std::string_view content_type) {
  return lower(trim(content_type.substr(0, content_type.find(';'))));
}

// RFC 2045 §5.1: name=token or name="quoted"; empty: it is not there.
std::string parameter(std::string_view content_type, std::string_view wanted) {
  size_t at = content_type.find(';');
  while (at != std::string_view::npos && at < content_type.size()) {
    const size_t equals = content_type.find('=', at);
    if (equals == std::string_view::npos) return {};
    const std::string name = lower(trim(content_type.substr(at + 1, equals - at - 1)));
    std::string value;
    size_t end = equals + 1;
    if (end < content_type.size() && content_type[end] == '"') {
      for (++end; end < content_type.size() && content_type[end] != '"'; ++end) {
        if (content_type[end] == '\\' && end + 1 < content_type.size()) ++end;
        value += content_type[end];
      }
      end = content_type.find(';', end);
    } else {
      end = content_type.find(';', end);
      value = trim(content_type.substr(equals + 1, end == std::string_view::npos ? end : end - equals - 1));
    }
    if (name == wanted) return value;
    at = end;
  }
  return {};
}

// Printable ASCII without angle brackets and blanks.
bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= kIdMax && text.find('@') != std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '<' && c != '>'; });
}

// What stands between angle brackets, one after the other.
std::vector<std::string> ids_in(std::string_view text, size_t count_max) {
  std::vector<std::string> out;
  while (out.size() < count_max) {
    const size_t begin = text.find('<');
    const size_t end = text.find('>', begin == std::string_view::npos ? begin : begin + 1);
    if (begin == std::string_view::npos || end == std::string_view::npos) break;
    const std::string_view id = text.substr(begin + 1, end - begin - 1);
    if (is_id(id)) out.emplace_back(id);
    text.remove_prefix(end + 1);
  }
  return out;
}

// "Anna <anna@mail.example>" or the address alone.
std::string address_in(std::string_view from) {
  const size_t begin = from.rfind('<');
  const size_t end = from.rfind('>');
  std::string_view address = trim(from);
  if (begin != std::string_view::npos && end != std::string_view::npos && begin < end) {
    address = from.substr(begin + 1, end - begin - 1);
  }
  return is_mail_address(address) ? std::string(address) : std::string();
}

// RFC 3834 §2, and what was in use before it.
bool is_automatic(const std::vector<Field>& fields, const std::string& from) {
  const std::string submitted = lower(value_of(fields, "auto-submitted"));
  if (!submitted.empty() && media_type(submitted) != "no") return true;
  const std::string precedence = lower(value_of(fields, "precedence"));
  if (precedence == "bulk" || precedence == "junk" || precedence == "list" || precedence == "auto_reply") return true;
  if (value_of(fields, "return-path") == "<>" || !value_of(fields, "x-autoreply").empty() ||
      !value_of(fields, "x-failed-recipients").empty() || !value_of(fields, "list-id").empty()) {
    return true;
  }
  const std::string user = lower(from.substr(0, from.find('@')));
  return user == "mailer-daemon" || user == "postmaster" || user == "noreply" || user == "no-reply" ||
         user.ends_with("-bounces");
}

/// Walks the parts of one letter.
class Search {
 public:
  std::optional<Bytes> look(std::string_view entity, size_t level) {
    if (++parts_ > kPartsMax) return std::nullopt;
    const std::vector<Field> fields = take_head(entity);
    const std::string& content_type = value_of(fields, "content-type");
    if (media_type(content_type).starts_with("multipart/")) {
      const std::string boundary = parameter(content_type, "boundary");
      if (level >= kLevelsMax || boundary.empty() || boundary.size() > kBoundaryMax) return std::nullopt;
      return look_inside(entity, "--" + boundary, level);
    }
    if (lower(value_of(fields, "content-transfer-encoding")) != "base64") return std::nullopt;
    std::optional<Bytes> bytes = from_base64(entity);
    const bool ours = bytes && bytes->size() >= kAttachmentBytesMin && bytes->size() <= kAttachmentBytesMax &&
                      bytes->front() == kAttachmentMark;
    return ours ? bytes : std::nullopt;
  }

 private:
  // A part begins after a line that is the delimiter and ends before the next one (RFC 2046 §5.1.1). What follows the last is no part.
  std::optional<Bytes> look_inside(std::string_view body, const std::string& delimiter, size_t level) {
    const char* begin = nullptr;
    while (!body.empty()) {
      const char* here = body.data();
      const std::string_view line = take_line(body);
      if (!line.starts_with(delimiter)) continue;
      const std::string_view rest = trim(line.substr(delimiter.size()));
      if (!rest.empty() && rest != "--") continue;
      if (begin != nullptr) {
        auto found = look({begin, static_cast<size_t>(here - begin)}, level + 1);
        if (found) return found;
      }
      if (rest == "--") return std::nullopt;
      begin = body.data();
    }
    return std::nullopt;  // the last part has no end: cut off on the way
  }

  size_t parts_ = 0;
};

}  // namespace

LetterHead read_letter_head(std::string_view text) {
  const std::vector<Field> fields = take_head(text);
  LetterHead head;
  head.from = address_in(value_of(fields, "from"));
  head.automatic = is_automatic(fields, head.from);
  const std::string& subject = value_of(fields, "subject");
  const bool printable = std::all_of(subject.begin(), subject.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  if (printable && subject.size() <= kSubjectMax) head.subject = subject;
  const auto ids = ids_in(value_of(fields, "message-id"), 1);
  if (!ids.empty()) head.message_id = ids.front();
  head.answers = ids_in(value_of(fields, "in-reply-to") + " " + value_of(fields, "references"), kAnswersMax);
  const std::string type = media_type(value_of(fields, "content-type"));
  head.multipart = type.starts_with("multipart/");
  head.report = type == "multipart/report";
  head.automatic = head.automatic || head.report;
  return head;
}

Result<Bytes> read_attachment(std::string_view letter) {
  REQUIRE(letter.size() <= kLetterBytesMax, kBadLetter, "mail: a letter is at most 2 MiB");
  auto found = Search().look(letter, 0);
  REQUIRE(found.has_value(), kBadLetter, "mail: no part of the letter is sealed bytes");
  return std::move(*found);
}

}  // namespace godwit::net
