#pragma once
// Cuts a text that comes in pieces into lines.

#include <algorithm>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace godwit::imports {

/// Bytes of a line that is given whole; a longer one comes in parts.
constexpr size_t kLinePartMax = 32 * 1024;

/// See above.
class LineCutter {
 public:
  /// Gives the lines that `piece` ends to `take(line, goes_on)`, without their ends; `goes_on`: it continues the part before.
  template <typename Take>
  Status feed(ByteView piece, const Take& take) {
    std::string_view text = as_text(piece);
    while (!text.empty()) {
      const size_t end = text.find('\n');
      const std::string_view part = text.substr(0, std::min({end, text.size(), kLinePartMax - line_.size()}));
      line_ += part;
      text.remove_prefix(part.size());
      if (!text.empty() && text.front() == '\n') {
        text.remove_prefix(1);
        TRY(give(take, false));
      } else if (line_.size() == kLinePartMax) {
        TRY(give(take, true));
      }
    }
    return {};
  }
  /// The end: gives the last line.
  template <typename Take>
  Status finish(const Take& take) {
    return line_.empty() && !goes_on_ ? Status{} : give(take, false);
  }

 private:
  template <typename Take>
  Status give(const Take& take, bool will_go_on) {
    std::string rest;
    if (will_go_on) {
      // No character is cut.
      size_t cut = line_.size();
      for (int back = 0; back < 4 && cut > 0 && (static_cast<unsigned char>(line_[cut - 1]) & 0xc0) == 0x80; ++back)
        --cut;
      if (cut > 0 && static_cast<unsigned char>(line_[cut - 1]) >= 0xc0) rest = line_.substr(--cut);
      line_.resize(line_.size() - rest.size());
    } else if (line_.ends_with('\r')) {
      line_.pop_back();
    }
    const Status taken = take(std::string_view(line_), goes_on_);
    goes_on_ = will_go_on;
    line_ = std::move(rest);
    return taken;
  }
  std::string line_;
  bool goes_on_ = false;
};

}  // namespace godwit::imports
