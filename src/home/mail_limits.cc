#include "home/mail_limits.h"

#include <algorithm>

namespace godwit::home {
namespace {

constexpr Duration kHour = hours(1);

// The mailbox that an address means with most providers.
std::string correspondent(std::string_view address) {
  const size_t at = address.find('@');
  std::string out(address.substr(0, std::min(address.find('+'), at)));
  if (at != std::string_view::npos) out += address.substr(at);
  for (char& each : out) {
    if (each >= 'A' && each <= 'Z') each = static_cast<char>(each + 32);
  }
  return out;
}

bool is_over(Instant begun, Instant now) { return now < begun || now - begun >= kHour; }

}  // namespace

bool MailLimits::count(Hour& hour, uint32_t count_max, Instant now) {
  if (is_over(hour.begun, now)) hour = {now, 0};
  if (hour.count >= count_max) return false;
  ++hour.count;
  return true;
}

Duration MailLimits::take_opening(Instant now) {
  if (count(openings_, kOpeningsHourMax, now)) return {};
  return openings_.begun + kHour - now;
}

bool MailLimits::take(std::string_view address, Instant now) {
  const std::string who = correspondent(address);
  auto one = ones_.find(who);
  if (one == ones_.end()) {
    if (ones_.size() >= kRememberedMax)
      std::erase_if(ones_, [&](const auto& each) { return is_over(each.second.begun, now); });
    if (ones_.size() >= kRememberedMax) return false;
    one = ones_.emplace(who, Hour{now, 0}).first;
  }
  return count(one->second, one_max_, now) && count(all_, all_max_, now);
}

}  // namespace godwit::home
