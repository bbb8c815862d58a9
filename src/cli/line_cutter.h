#pragma once
// From bytes to the lines of the API.

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "api/rpc_peer.h"
#include "crypto/secret.h"

namespace godwit::cli {

/// Cuts the input into lines, and hands them on. A line beyond the bound is dropped as it comes, and refused at its
/// end. Blank lines are passed over. Lines may hold passphrases: what this has kept of one is overwritten when it was handed on.
class LineCutter {
 public:
  explicit LineCutter(std::function<void(std::string_view)> on_line) : on_line_(std::move(on_line)) {}

  /// What was read. `on_line` may destroy nothing of this.
  void take(std::string_view bytes) {
    while (!bytes.empty()) {
      const size_t end = bytes.find('\n');
      add(bytes.substr(0, end));
      if (end == std::string_view::npos) return;
      finish();
      bytes.remove_prefix(end + 1);
    }
  }
  /// The input has ended, or a line has.
  void finish() {
    if (line_.ends_with('\r')) line_.pop_back();
    if (line_.find_first_not_of(" \t") != std::string::npos) on_line_(line_);
    clear();
  }
  ~LineCutter() { clear(); }
  LineCutter(const LineCutter&) = delete;
  LineCutter& operator=(const LineCutter&) = delete;

 private:
  void clear() {
    crypto::wipe({reinterpret_cast<uint8_t*>(line_.data()), line_.size()});
    line_.clear();
  }
  void add(std::string_view part) {
    const size_t room = api::kLineSizeMax + 2 - std::min(line_.size(), api::kLineSizeMax + 2);
    part = part.substr(0, room);  // one byte over the bound is enough to be refused
    if (line_.size() + part.size() > line_.capacity()) {
      std::string longer;  // the place that it had is overwritten as well
      longer.reserve(std::max(2 * line_.capacity(), line_.size() + part.size()));
      longer.append(line_);
      std::swap(line_, longer);
      crypto::wipe({reinterpret_cast<uint8_t*>(longer.data()), longer.size()});
    }
    line_.append(part);
  }

  std::function<void(std::string_view)> on_line_;
  std::string line_;
};

}  // namespace godwit::cli
