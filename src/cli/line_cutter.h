#pragma once
// From bytes to the lines of the API.

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "api/rpc_peer.h"

namespace godwit::cli {

/// Cuts the input into lines, and hands them on. A line beyond the bound is dropped as it comes, and refused at its
/// end. Blank lines are passed over.
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
    line_.clear();
  }

 private:
  void add(std::string_view part) {
    const size_t room = api::kLineSizeMax + 2 - std::min(line_.size(), api::kLineSizeMax + 2);
    line_.append(part.substr(0, room));  // one byte over the bound is enough to be refused
  }

  std::function<void(std::string_view)> on_line_;
  std::string line_;
};

}  // namespace godwit::cli
