#include "cli/web_lock.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <utility>

#include "cli/errors.h"
#include "cli/files.h"

namespace godwit::cli {
namespace {

constexpr size_t kMinutesFileMax = 16;

// Beside the header, and as open as that: it says nothing but when the profile closes.
std::string minutes_path(const std::string& folder) { return folder + "/lock_minutes"; }

// One that is missing or damaged is none: the person sees it in the settings.
uint32_t read_minutes(const std::string& folder) {
  const auto bytes = read_file(minutes_path(folder), kMinutesFileMax);
  if (!bytes) return 0;
  const std::string_view text = as_text(*bytes);
  uint32_t minutes = 0;
  std::from_chars(text.data(), text.data() + text.size(), minutes);
  return std::min(minutes, WebLock::kMinutesMax);
}

Instant boot_time() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return Instant{static_cast<int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000};
}

}  // namespace

WebLock::WebLock(net::EventLoop& loop, std::string folder, Random& random, Duration minute, Clock clock)
    : folder_(std::move(folder)),
      random_(random),
      minute_(minute),
      clock_(clock ? std::move(clock) : Clock(boot_time)),
      timer_(loop) {}

void WebLock::opened(OpenedBy by) {
  by_ = by;
  open_ = true;
  wanted_ = false;
  minutes_ = by == OpenedBy::kPassphrase ? read_minutes(folder_) : 0;
  wait_for_nobody();
}

void WebLock::closed() {
  open_ = wanted_ = false;
  timer_.cancel();
}

void WebLock::wait_for_nobody() {
  timer_.cancel();
  active_ = clock_();
  if (minutes_ > 0) look_at_clock();
}

// The loop's timers stand still while the machine sleeps: so they are short, and what counts is read from the clock.
void WebLock::look_at_clock() {
  const Duration left = patience() - (clock_() - active_);
  if (left <= Duration{0}) {
    wanted_ = true;
    return;
  }
  timer_.set(std::min(left, minute_), [this] { look_at_clock(); });
}

Result<api::LockState> WebLock::state() const {
  REQUIRE(open_, kLocked, "the profile is closed");
  REQUIRE(by_ != OpenedBy::kKeyFile, kNoLock, "a passphrase opens the profile");
  return api::LockState{by_ == OpenedBy::kPassphrase, minutes_};
}

Result<api::LockState> WebLock::lock_that_is_on() const {
  const api::LockState now = TRY(state());
  REQUIRE(now.on, kNoLock, "a profile that opens by nothing cannot be locked");
  return now;
}

Status WebLock::write_minutes(uint32_t minutes) const {
  return replace_file(minutes_path(folder_), as_bytes(std::to_string(minutes)));
}

Result<api::LockState> WebLock::take_minutes(uint32_t minutes) {
  minutes_ = minutes;
  wait_for_nobody();
  return state();
}

Result<api::LockState> WebLock::carry_out(const api::ReadLock&) { return state(); }

Result<api::LockState> WebLock::carry_out(const api::SetLock& command) {
  TRY(state());
  // The passphrase comes last: an error means that the profile opens as before.
  const uint32_t minutes = command.passphrase.empty() ? 0 : std::min(command.minutes, kMinutesMax);
  TRY(write_minutes(minutes));
  const Status changed = Profile::change_passphrase(folder_, command.current, command.passphrase, random_);
  if (!changed) {
    static_cast<void>(write_minutes(minutes_));  // the passphrase is what the person has to hear of
    return changed.error();
  }
  by_ = command.passphrase.empty() ? OpenedBy::kNothing : OpenedBy::kPassphrase;
  return take_minutes(minutes);
}

Result<api::LockState> WebLock::carry_out(const api::SetLockMinutes& command) {
  TRY(lock_that_is_on());
  const uint32_t minutes = std::min(command.minutes, kMinutesMax);
  TRY(write_minutes(minutes));
  return take_minutes(minutes);
}

Result<api::LockState> WebLock::carry_out(const api::LockNow&) {
  const api::LockState now = TRY(lock_that_is_on());
  wanted_ = true;
  return now;
}

Result<api::LockState> WebLock::carry_out(const api::Unlock& command) {
  if (open_) return state();
  if (!reopened_) reopened_ = TRY(Profile::open_by(folder_, command.passphrase));
  return api::LockState{true, read_minutes(folder_)};
}

Result<api::LockState> WebLock::carry_out(const api::NoteActivity&) {
  const api::LockState now = TRY(state());
  // A machine that has just woken: the timer has not run yet.
  if (minutes_ > 0 && clock_() - active_ >= patience()) {
    wanted_ = true;
  } else {
    wait_for_nobody();
  }
  return now;
}

}  // namespace godwit::cli
