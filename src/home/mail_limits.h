#pragma once
// How many letters a home opens and answers, so that nobody can keep it busy, or make it write to others, without end. Two
// budgets: whoever mails junk spends the one of opening, and only what opened spends that of answers, which honest people need. Pure.

#include <map>
#include <string>
#include <string_view>

#include "base/time.h"

namespace godwit::home {

/// Counts openings by the hour, and answers, in all and for each correspondent.
class MailLimits {
 public:
  /// Correspondents remembered; with more of them in one hour nobody new is answered until some are forgotten.
  static constexpr size_t kRememberedMax = 4'096;

  /// Letters opened in an hour: each costs about 0.2 ms of a core and a fetch from the provider.
  static constexpr uint32_t kOpeningsHourMax = 20'000;

  /// At most so many answers an hour.
  MailLimits(uint32_t all_max, uint32_t one_max) : all_max_(all_max), one_max_(one_max) {}
  /// Zero: one more letter may be opened now, and is counted. Else how long until one may.
  Duration take_opening(Instant now);
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
  Hour openings_;
  Hour all_;
  std::map<std::string, Hour, std::less<>> ones_;
};

}  // namespace godwit::home
