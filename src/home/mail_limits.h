#pragma once
// How many letters a home answers, so that nobody can make it write to others without end. Pure.

#include <map>
#include <string>
#include <string_view>

#include "base/time.h"

namespace godwit::home {

/// Counts answers by the hour, in all and for each correspondent.
class MailLimits {
 public:
  /// Correspondents remembered; with more of them in one hour nobody new is answered until some are forgotten.
  static constexpr size_t kRememberedMax = 4'096;

  /// At most so many answers an hour.
  MailLimits(uint32_t all_max, uint32_t one_max) : all_max_(all_max), one_max_(one_max) {}
  /// True if `address` may be answered now; then it is counted. What follows a '+' and upper case make no other correspondent.
  bool take(std::string_view address, Instant now);

 private:
  struct Hour {
    Instant begun{};
    uint32_t count = 0;
  };
  static bool count(Hour& hour, uint32_t count_max, Instant now);

  uint32_t all_max_;
  uint32_t one_max_;
  Hour all_;
  std::map<std::string, Hour, std::less<>> ones_;
};

}  // namespace godwit::home
