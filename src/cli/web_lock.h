#pragma once
// The lock of `godwit web`: closes the profile by hand or when nobody was at a page for a while, and opens it by its passphrase. While it
// is closed no key is in memory and nothing is received.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "api/lock_shapes.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "cli/profile.h"
#include "net/event_loop.h"

namespace godwit::cli {

/// One profile's lock. What it is asked comes from ProgramJobs, between two runs of the loop.
class WebLock {
 public:
  /// Minutes at most: a week.
  static constexpr uint32_t kMinutesMax = 7 * 24 * 60;

  /// A clock that never jumps and goes on while the machine sleeps.
  using Clock = std::function<Instant()>;

  /// Of the profile in `folder`. `loop` and `random` must outlive it. `minute`: how long one is; tests have no time. `clock`: null: the
  /// system's.
  WebLock(net::EventLoop& loop, std::string folder, Random& random, Duration minute = minutes(1), Clock clock = nullptr);

  /// The profile is open from now on, opened in this way.
  void opened(OpenedBy by);
  /// True when the profile is to be closed.
  bool wanted() const { return wanted_; }
  /// The profile is closed.
  void closed();
  /// The profile, once somebody has opened it again.
  std::optional<Profile> take_opened() { return std::exchange(reopened_, std::nullopt); }

  /// Each carries out the command of that name (api/lock_shapes.h). kNoLock: the profile opens by a key file, or the lock is not on and has
  /// to be; kLocked; and as the shapes say.
  Result<api::LockState> carry_out(const api::ReadLock& command);
  /// The same.
  Result<api::LockState> carry_out(const api::SetLock& command);
  /// The same.
  Result<api::LockState> carry_out(const api::SetLockMinutes& command);
  /// The same.
  Result<api::LockState> carry_out(const api::LockNow& command);
  /// The same.
  Result<api::LockState> carry_out(const api::Unlock& command);
  /// The same.
  Result<api::LockState> carry_out(const api::NoteActivity& command);

 private:
  Result<api::LockState> state() const;
  Result<api::LockState> lock_that_is_on() const;
  Status write_minutes(uint32_t minutes) const;
  Result<api::LockState> take_minutes(uint32_t minutes);
  Duration patience() const { return {minute_.ms * minutes_}; }
  void wait_for_nobody();
  void look_at_clock();

  std::string folder_;
  Random& random_;
  Duration minute_;
  Clock clock_;
  net::Timer timer_;
  Instant active_;
  OpenedBy by_ = OpenedBy::kKeyFile;
  uint32_t minutes_ = 0;
  bool open_ = false;
  bool wanted_ = false;
  std::optional<Profile> reopened_;
};

}  // namespace godwit::cli
