#include "routes/pt_lines.h"

#include <algorithm>

#include "routes/errors.h"
#include "routes/ip_address.h"

namespace godwit::routes {
namespace {

constexpr size_t kTextMax = 300;      // of what is shown to people
constexpr size_t kArgumentsMax = 32;  // of one SMETHOD line
constexpr size_t kTransportMax = 64;

// Takes the next word off the front.
std::string_view take_word(std::string_view& rest) {
  const size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

// What may be shown on a terminal.
std::string printable(std::string_view text) {
  std::string out(text.substr(0, kTextMax));
  std::replace_if(out.begin(), out.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return out;
}

// A C identifier (PT 1.0, "transport names"), or one with hyphens, as some have.
bool is_transport(std::string_view name) {
  return !name.empty() && name.size() <= kTransportMax && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

// "192.0.2.1:443" or "[2001:db8::1]:443".
bool parse_endpoint(std::string_view text, std::string& host, uint16_t& port) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  std::string_view address = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (digits.empty() || digits.size() > 5) return false;
  uint32_t number = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return false;
    number = number * 10 + static_cast<uint32_t>(c - '0');
  }
  if (number == 0 || number > UINT16_MAX) return false;
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
    if (!parse_ipv6(address)) return false;
  } else if (!parse_ipv4(address)) {
    return false;
  }
  host = address;
  port = static_cast<uint16_t>(number);
  return true;
}

// "k=v,k=v" with '\' before '\', '=' and ',' (PT 1.0, SMETHOD).
bool parse_arguments(std::string_view text, std::map<std::string, std::string>& out) {
  std::string name;
  std::string value;
  bool in_value = false;
  for (size_t at = 0; at <= text.size(); ++at) {
    if (at == text.size() || text[at] == ',') {
      if (!in_value || name.empty() || out.size() == kArgumentsMax) return false;
      if (!out.emplace(std::exchange(name, {}), std::exchange(value, {})).second) return false;
      in_value = false;
    } else if (text[at] == '=' && !in_value) {
      in_value = true;
    } else {
      if (text[at] == '\\' && ++at == text.size()) return false;
      (in_value ? value : name) += text[at];
    }
  }
  return true;
}

void parse_method(std::string_view rest, PtLine& line) {
  line.transport = take_word(rest);
  if (!line.server) line.protocol = take_word(rest);
  if (!is_transport(line.transport) || !parse_endpoint(take_word(rest), line.host, line.port)) return;
  while (line.server && !rest.empty()) {
    const std::string_view option = take_word(rest);
    if (option.starts_with("ARGS:") && !parse_arguments(option.substr(5), line.arguments)) return;
  }
  line.kind = PtLine::Kind::kMethod;
}

void parse_method_error(std::string_view rest, PtLine& line) {
  line.transport = take_word(rest);
  if (!is_transport(line.transport)) return;
  line.kind = PtLine::Kind::kMethodError;
  line.text = printable(rest);
}

}  // namespace

PtLine parse_pt_line(std::string_view text) {
  using Kind = PtLine::Kind;
  struct Keyword {
    std::string_view word;
    Kind kind;
  };
  // Those that are followed by free text.
  constexpr Keyword kKeywords[] = {{"VERSION-ERROR", Kind::kVersionError},
                                   {"ENV-ERROR", Kind::kEnvError},
                                   {"PROXY-ERROR", Kind::kProxyError},
                                   {"LOG", Kind::kLog},
                                   {"STATUS", Kind::kStatus}};
  PtLine line;
  std::string_view rest = text;
  const std::string_view word = take_word(rest);
  line.server = word.starts_with("SMETHOD");
  if (word == "VERSION" && (rest == "1" || rest == "2" || rest == "2.1")) line.kind = Kind::kVersion;
  if (word == "PROXY" && rest == "DONE") line.kind = Kind::kProxyDone;
  if ((word == "CMETHODS" || word == "SMETHODS") && rest == "DONE") line.kind = Kind::kMethodsDone;
  if (word == "CMETHOD" || word == "SMETHOD") parse_method(rest, line);
  if (word == "CMETHOD-ERROR" || word == "SMETHOD-ERROR") parse_method_error(rest, line);
  for (const Keyword& keyword : kKeywords) {
    if (word == keyword.word) line.kind = keyword.kind;
  }
  if (line.text.empty() && line.kind != Kind::kMethod) line.text = printable(line.kind == Kind::kOther ? text : rest);
  return line;
}

std::vector<PtLine> PtLines::feed(ByteView bytes) {
  std::vector<PtLine> out;
  for (const uint8_t byte : bytes) {
    if (byte != '\n') {
      too_long_ = too_long_ || line_.size() == kPtLineMax;
      if (!too_long_) line_ += static_cast<char>(byte);
      continue;
    }
    if (line_.ends_with('\r')) line_.pop_back();
    if (!too_long_) out.push_back(parse_pt_line(line_));
    line_.clear();
    too_long_ = false;
  }
  return out;
}

Status PtGreeting::on_line(const PtLine& line, std::string_view transport) {
  using Kind = PtLine::Kind;
  if (ready_) return {};
  const bool mine = line.server == server_;
  switch (line.kind) {
    case Kind::kVersion:
      version_ = true;
      return {};
    case Kind::kVersionError:
      last_words_ = line.text;
      return Error{kPtVersion, "PT 1.0: the program speaks no version that is offered"};
    case Kind::kEnvError:
      last_words_ = line.text;
      return Error{kPtEnvironment, "PT 1.0: the program does not like its environment"};
    case Kind::kProxyDone:
      proxy_done_ = true;
      return {};
    case Kind::kProxyError:
      last_words_ = line.text;
      return Error{kPtProxy, "PT 1.0: the program cannot use the proxy"};
    case Kind::kMethod:
      if (!mine || line.transport != transport || (!server_ && line.protocol != "socks5")) return {};
      found_ = true;
      method_ = {line.host, line.port, line.arguments};
      return {};
    case Kind::kMethodError:
      if (mine && line.transport == transport) last_words_ = line.text;
      return {};
    case Kind::kMethodsDone:
      if (!mine) return {};
      REQUIRE(version_, kPtVersion, "PT 1.0: VERSION comes before the methods");
      REQUIRE(!proxy_wanted_ || proxy_done_, kPtProxy, "PT 1.0: a program that says nothing of the proxy ignores it");
      REQUIRE(found_, kPtNoTransport, "PT 1.0: the program does not serve this transport");
      ready_ = true;
      return {};
    case Kind::kLog:
      if (line.text.starts_with("SEVERITY=error") || line.text.starts_with("SEVERITY=warning")) last_words_ = line.text;
      return {};
    case Kind::kStatus:
      return {};
    case Kind::kOther:
      if (!line.text.empty()) last_words_ = line.text;
      return {};
  }
  return {};
}

}  // namespace godwit::routes
