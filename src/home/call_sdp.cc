#include "home/call_sdp.h"

#include <algorithm>

#include "wire/errors.h"

namespace godwit::home {
namespace {

constexpr size_t kLineMax = 1'024;
constexpr size_t kLinesMax = 6'000;

bool is_plain(std::string_view line) {
  return std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; });
}

bool is_section_of_calls(std::string_view line) {
  const bool medium = line.starts_with("m=audio ") || line.starts_with("m=video ");
  return medium && line.find(" UDP/TLS/RTP/SAVPF ") != std::string_view::npos;
}

bool names_address(std::string_view line) {
  return line.starts_with("a=candidate:") || line.starts_with("a=remote-candidates:") ||
         line.starts_with("a=end-of-candidates");
}

// Calls each(line), without its end.
void for_each_line(std::string_view text, const auto& each) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    each(line);
  }
}

}  // namespace

Result<bool> sends_picture(std::string_view description) {
  std::string shape;
  for_each_line(description, [&](std::string_view line) {
    if (line.starts_with("m=")) shape += line.starts_with("m=audio ") ? "a" : "v";
    if (line.starts_with("a=mid:")) shape.append(line.substr(6)).append(" ");
  });
  REQUIRE(shape == "a0 " || shape == "a0 v1 ", wire::kMalformed, "home: a voice as mid 0, a picture as mid 1");
  return shape.size() > 3;
}

bool is_only_at(std::string_view description, std::string_view address) {
  const std::string named = " " + std::string(address) + " ";
  bool only = true;
  for_each_line(description, [&](std::string_view line) {
    if (line.starts_with("a=candidate:")) only = only && line.find(named) != std::string_view::npos;
  });
  return only;
}

Result<std::string> checked_description(ByteView text) {
  std::string_view rest = as_text(text);
  std::string out;
  size_t sections = 0;
  size_t lines = 0;
  REQUIRE(rest.starts_with("v=0\r\n") || rest.starts_with("v=0\n"), wire::kMalformed, "RFC 8866 §5.1: v=0");
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool shaped =
        line.size() >= 2 && line.size() <= kLineMax && line[1] == '=' && line[0] >= 'a' && line[0] <= 'z';
    REQUIRE(shaped && is_plain(line) && ++lines <= kLinesMax, wire::kMalformed,
            "RFC 8866 §5: lines of a type and a value");
    if (line[0] == 'm') {
      REQUIRE(is_section_of_calls(line) && ++sections <= kSdpSectionsMax, wire::kMalformed,
              "home: sound and picture, and so many");
    }
    if (!names_address(line)) out.append(line).append("\r\n");
  }
  REQUIRE(sections > 0, wire::kMalformed, "home: a description has a medium");
  return out;
}

}  // namespace godwit::home
