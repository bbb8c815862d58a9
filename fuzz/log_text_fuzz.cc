// What other programs say (transports, coturn, a mail server) on its way into the log: whatever it is, no address is in it afterwards.

#include <cctype>
#include <string>

#include "base/assert.h"
#include "base/bytes.h"
#include "home/log_text.h"

namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }

// Four numbers with points between, anywhere, as dumb as it can be looked for.
bool has_ipv4(const std::string& text) {
  for (size_t begin = 0; begin < text.size(); ++begin) {
    size_t at = begin;
    int groups = 0;
    while (at < text.size() && digit(text[at])) {
      while (at < text.size() && digit(text[at])) ++at;
      if (++groups == 4) return true;
      if (at >= text.size() || text[at] != '.') break;
      ++at;
    }
  }
  return false;
}

bool has_long_word(const std::string& text) {
  size_t length = 0;
  for (const char c : text) {
    length = std::isalnum(static_cast<unsigned char>(c)) != 0 ? length + 1 : 0;
    if (length >= 32) return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string safe = godwit::home::log_safe(text);
  ASSERT(!has_ipv4(safe));
  ASSERT(!has_long_word(safe));
  for (const char c : safe) ASSERT(c >= ' ' && c <= '~');
  const size_t at = safe.find('@');
  ASSERT(at == std::string::npos || at == 0 || std::isalnum(static_cast<unsigned char>(safe[at - 1])) == 0);
  const std::string line =
      godwit::home::log_line(godwit::Instant{0}, godwit::home::LogLevel::kInfo, "x", {{"text", text}}, true);
  ASSERT(line.find('\n') == line.size() - 1);
  return 0;
}
