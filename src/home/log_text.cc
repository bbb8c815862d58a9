#include "home/log_text.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <ctime>

namespace godwit::home {
namespace {

constexpr size_t kWordMax = 31;
constexpr std::string_view kAddress = "[address]";
constexpr std::string_view kToken = "[token]";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_alphanumeric(char c) { return is_digit(c) || is_letter(c); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool in_ipv4(char c) { return is_digit(c) || c == '.'; }
bool in_ipv6(char c) { return is_hex(c) || c == ':'; }
bool in_mail(char c) { return is_alphanumeric(c) || std::string_view("@.+-_%").find(c) != std::string_view::npos; }
bool in_token(char c) { return is_alphanumeric(c) || std::string_view("+-_=").find(c) != std::string_view::npos; }

// How many characters of `text` from its beginning are of this kind.
size_t run(std::string_view text, bool (*in)(char)) {
  return static_cast<size_t>(std::find_if_not(text.begin(), text.end(), in) - text.begin());
}

// The characters of an IPv4 address from the beginning of `text`: four numbers or more with points between; 0: there is none.
size_t ipv4_size(std::string_view text) {
  size_t size = 0;
  int numbers = 0;
  while (const size_t digits = run(text.substr(size), is_digit)) {
    ++numbers;
    size += digits;
    if (size + 1 >= text.size() || text[size] != '.' || !is_digit(text[size + 1])) break;
    ++size;
  }
  return numbers >= 4 ? size : 0;
}

// The same of IPv6, and of hardware addresses. A time of the day is none.
size_t ipv6_size(std::string_view text) {
  const size_t size = run(text, in_ipv6);
  const std::string_view found = text.substr(0, size);
  const bool is = found.find("::") != std::string_view::npos || std::count(found.begin(), found.end(), ':') >= 5;
  return is ? size + run(text.substr(size), in_ipv4) : 0;  // ::ffff:192.0.2.1 ends as IPv4 does
}

// More than "@" alone.
bool is_mail(std::string_view text) { return text.find('@') != std::string_view::npos && text.size() > 1; }

// What begins here and has to go, and what stands in its place; nothing: 0.
size_t to_be_hidden(std::string_view text, std::string_view& instead) {
  instead = kAddress;
  if (const size_t size = ipv4_size(text)) return size;
  if (const size_t size = ipv6_size(text)) return size;
  if (const size_t size = run(text, in_mail); size != 0 && is_mail(text.substr(0, size))) return size;
  instead = kToken;
  if (const size_t size = run(text, in_token); size > kWordMax) return size;
  return 0;
}

std::string time_of(Instant now) {
  const auto seconds = static_cast<time_t>(now.ms / 1'000);
  tm broken{};
  ::gmtime_r(&seconds, &broken);
  char text[32];
  const size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &broken);
  return std::string(text, size);
}

const char* name_of(LogLevel level) {
  if (level == LogLevel::kError) return "error";
  return level == LogLevel::kWarning ? "warning" : "info";
}

// In quotes, as JSON and logfmt both read it.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string print(const LogField& field, bool json) {
  if (const auto* number = std::get_if<uint64_t>(&field.value)) return std::to_string(*number);
  if (const auto* code = std::get_if<ErrorCode>(&field.value)) return json ? quoted(code->name) : code->name;
  return quoted(log_safe(std::get<std::string>(field.value)));
}

}  // namespace

std::string log_safe(std::string_view text) {
  std::string plain(text);
  for (char& c : plain) {
    if (c < ' ' || c > '~') c = c == '\n' || c == '\t' ? ' ' : '?';
  }
  std::string out;
  for (std::string_view left = plain; !left.empty();) {
    std::string_view instead;
    size_t size = to_be_hidden(left, instead);
    if (size != 0) {
      out += instead;
    } else {
      // Letters, or a number, at a time: an address may stand right behind either.
      size = std::max<size_t>({run(left, is_digit), run(left, is_letter), 1});
      out += left.substr(0, size);
    }
    left.remove_prefix(size);
  }
  return out;
}

std::string log_line(Instant now, LogLevel level, std::string_view event, LogFields fields, bool json) {
  std::string out;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (json) out += (out.empty() ? "{" : ",") + quoted(name) + ":" + value;
    if (!json) out.append(out.empty() ? "" : " ").append(name).append("=").append(value);
  };
  const auto word = [&](std::string_view text) { return json ? quoted(text) : std::string(text); };
  add("time", word(time_of(now)));
  add("level", word(name_of(level)));
  add("event", word(event));
  for (const LogField& field : fields) add(field.name, print(field, json));
  return out + (json ? "}\n" : "\n");
}

}  // namespace godwit::home
