#pragma once
// What stands on the screen of a talk: so that a reply is shown under what it answers, and a change as what has changed. Pure.

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "engine/notices.h"

namespace godwit::cli {

/// A message's body as it stands under its first line: later lines are set in, and the end of a long text is left out.
std::string shown_body(const engine::Message& message);

/// The messages that were shown last.
class ShownMessages {
 public:
  /// More are not kept: what is further up, nobody scrolls to.
  static constexpr size_t kKept = 1'000;

  /// Notes that it is shown, or as what it can be quoted.
  void add(const engine::Message& message, const engine::ChatInfo& chat);
  /// True if it is kept.
  bool knows(const engine::MessageId& id) const { return known_.contains(id); }
  /// It is no more on this device: nothing quotes it from now on.
  void forget(const engine::MessageId& id) { known_.erase(id); }
  /// The same of all.
  void forget_all() { known_.clear(); }

  /// The line that stands above a reply, "> Anna: what she said"; empty if it is none.
  std::string quotation(const engine::Message& message) const;
  /// What has become of a message since it was added, a line or more for each thing; it is added as it is now.
  std::vector<std::string> changes(const engine::Message& message, const engine::ChatInfo& chat);

 private:
  struct Known {
    std::string who;
    std::string words;  ///< the first of them, on one line
    std::string reactions;
    uint32_t edits = 0;
    bool deleted = false;
    bool pinned = false;
    bool closed = false;  ///< of a poll
  };
  static Known known_of(const engine::Message& message, const engine::ChatInfo& chat);

  std::map<engine::MessageId, Known> known_;
  std::deque<engine::MessageId> order_;  // the oldest first
};

}  // namespace godwit::cli
