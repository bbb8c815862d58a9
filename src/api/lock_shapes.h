#pragma once
// The table's part about the lock of `godwit web`: the profile closed by hand or by itself, and opened again by its passphrase.

#include <array>
#include <string>

#include "api/errors.h"
#include "api/shapes.h"
#include "engine/errors.h"

namespace godwit::api {

/// How the lock stands.
struct LockState {
  bool on = false;       ///< The profile opens by a passphrase.
  uint32_t minutes = 0;  ///< Without anybody at a page it closes after so many; 0: not by itself.
};
/// Asks. Answered by LockState.
struct ReadLock {};
/// Sets, changes or takes away the lock. Answered by LockState.
struct SetLock {
  std::string current;     ///< The passphrase of now; empty: there is none.
  std::string passphrase;  ///< Empty: the lock is taken away.
  uint32_t minutes = 0;    ///< As in LockState, 10,080 at most.
};
/// Another time, the same passphrase. Answered by LockState.
struct SetLockMinutes {
  uint32_t minutes = 0;
};
/// Closes the profile. Answered by LockState before it is closed.
struct LockNow {};
/// Opens it. Answered by LockState.
struct Unlock {
  std::string passphrase;
};
/// Somebody is there. Answered by LockState.
struct NoteActivity {};
/// Told to every program: a profile that was closed is open again.
struct Unlocked {};

template <>
struct Shape<LockState> {
  static constexpr std::string_view name = "lock_state";
  static constexpr std::string_view about = "How the lock of the profile stands.";
  static constexpr auto fields = fields_in_order(
      field("on", &LockState::on, "the profile opens by a passphrase"),
      field("minutes", &LockState::minutes, "it closes when nobody was there for so long; 0: not by itself"));
};

template <>
struct Shape<ReadLock> {
  using Answer = LockState;
  static constexpr std::string_view name = "read_lock";
  static constexpr std::string_view about =
      "How the lock of the profile stands. `godwit web` has one, if the profile does not open by a key file: else cli_no_lock.";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array<ErrorCode, 0> errors{};
};

template <>
struct Shape<SetLock> {
  using Answer = LockState;
  static constexpr std::string_view name = "set_lock";
  static constexpr std::string_view about =
      "Sets, changes or takes away the passphrase of the profile. Nobody can get it back. As read_lock; cli_profile_no_access and "
      "store_disk_full if it cannot be written: then nothing is changed.";
  static constexpr auto fields = fields_in_order(
      field_or_default("current", &SetLock::current, "the passphrase of now; left out: there is none"),
      field_or_default("passphrase", &SetLock::passphrase, "the new one; left out: none, which takes the lock away"),
      field_or_default("minutes", &SetLock::minutes,
                       "close it when nobody was there for so long, 10,080 at most; 0 or left out: not by itself"));
  static constexpr std::array errors{engine::kWrongPassphrase};
};

template <>
struct Shape<SetLockMinutes> {
  using Answer = LockState;
  static constexpr std::string_view name = "set_lock_minutes";
  static constexpr std::string_view about = "Another time after which it closes, by the same passphrase. As set_lock; cli_no_lock also if the lock is not on.";
  static constexpr auto fields =
      fields_in_order(field("minutes", &SetLockMinutes::minutes, "as of set_lock"));
  static constexpr std::array<ErrorCode, 0> errors{};
};

template <>
struct Shape<LockNow> {
  using Answer = LockState;
  static constexpr std::string_view name = "lock_now";
  static constexpr std::string_view about =
      "Closes the profile: every connection ends, what was said is sent (for 5 s at most), its keys are wiped, nothing comes in, "
      "and whoever comes is answered cli_locked until somebody gives the passphrase. What came in before it was closed is read "
      "from the chats: no notice tells of it. As read_lock, also when the lock is not on.";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array<ErrorCode, 0> errors{};
};

template <>
struct Shape<Unlock> {
  using Answer = LockState;
  static constexpr std::string_view name = "unlock";
  static constexpr std::string_view about = "Opens a profile that was closed. One that is open stays so, whatever is given.";
  static constexpr auto fields = fields_in_order(field("passphrase", &Unlock::passphrase, "of the profile"));
  static constexpr std::array errors{engine::kWrongPassphrase};
};

template <>
struct Shape<NoteActivity> {
  using Answer = LockState;
  static constexpr std::string_view name = "note_activity";
  static constexpr std::string_view about = "Somebody is there: the time until it closes begins anew. As read_lock.";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array<ErrorCode, 0> errors{};
};

template <>
struct Shape<Unlocked> {
  static constexpr std::string_view name = "unlocked";
  static constexpr std::string_view about =
      "The profile that was closed is open again, by whoever gave the passphrase: read what is shown. When it closes there is no notice: "
      "every connection ends with cli_locked.";
  static constexpr auto fields = fields_in_order();
};

}  // namespace godwit::api
