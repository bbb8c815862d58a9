#pragma once
// Errors of cli/: block 1200. Each has its sentence in api/messages.

#include "base/error.h"

namespace godwit::cli {

inline constexpr ErrorCode kNoProfile{1200, Action::kFix, "cli_no_profile"};
inline constexpr ErrorCode kProfileExists{1201, Action::kFix, "cli_profile_exists"};
/// Another process has this profile open.
inline constexpr ErrorCode kProfileInUse{1202, Action::kFix, "cli_profile_in_use"};
/// The folder cannot be made, read or written.
inline constexpr ErrorCode kProfileNoAccess{1203, Action::kFix, "cli_profile_no_access"};
/// There is no terminal to ask for the passphrase, and none was given.
inline constexpr ErrorCode kNoPassphrase{1210, Action::kFix, "cli_no_passphrase"};
inline constexpr ErrorCode kPassphrasesDiffer{1211, Action::kFix, "cli_passphrases_differ"};
inline constexpr ErrorCode kPassphraseFile{1212, Action::kFix, "cli_passphrase_file"};
inline constexpr ErrorCode kKeyFile{1213, Action::kFix, "cli_key_file"};
inline constexpr ErrorCode kKeyFileExists{1214, Action::kFix, "cli_key_file_exists"};
inline constexpr ErrorCode kKeyFileWanted{1215, Action::kFix, "cli_key_file_wanted"};
inline constexpr ErrorCode kPassphraseWanted{1216, Action::kFix, "cli_passphrase_wanted"};
/// What was waited for did not happen in the time given.
inline constexpr ErrorCode kTimedOut{1220, Action::kRetryLater, "cli_timed_out"};
inline constexpr ErrorCode kInterrupted{1221, Action::kRetryLater, "cli_interrupted"};
inline constexpr ErrorCode kNoInput{1222, Action::kFix, "cli_no_input"};
/// libsodium cannot be readied: the program would not be safe.
inline constexpr ErrorCode kCryptoUnready{1223, Action::kStop, "cli_crypto_unready"};

/// The message is safe on this device, and the home could not be reached in the time given.
inline constexpr ErrorCode kStillQueued{1224, Action::kRetryLater, "cli_still_queued"};
/// `new` without --name or --home, and no terminal to ask.
inline constexpr ErrorCode kNoName{1225, Action::kFix, "cli_no_name"};
/// Standard output is gone or full.
inline constexpr ErrorCode kNoOutput{1226, Action::kFix, "cli_no_output"};
/// A file that somebody names cannot be read, or cannot be made.
inline constexpr ErrorCode kFileNoAccess{1227, Action::kFix, "cli_file_no_access"};
/// A person was asked and did not say yes.
inline constexpr ErrorCode kNotConfirmed{1229, Action::kFix, "cli_not_confirmed"};

/// A day that is no day, or not written YYYY-MM-DD.
inline constexpr ErrorCode kBadDay{1239, Action::kFix, "cli_bad_day"};

/// There is a file already where one should go.
inline constexpr ErrorCode kFileExists{1228, Action::kFix, "cli_file_exists"};

/// As kProfileInUse, by `godwit serve`.
inline constexpr ErrorCode kProfileServed{1230, Action::kFix, "cli_profile_served"};
/// The token of the API cannot be read or made.
inline constexpr ErrorCode kTokenFile{1231, Action::kFix, "cli_token_file"};
/// `verify` was given a number that is not this chat's.
inline constexpr ErrorCode kNumberDiffers{1232, Action::kFix, "cli_number_differs"};
/// `verify` was given something that is no safety number.
inline constexpr ErrorCode kNotNumber{1233, Action::kFix, "cli_not_number"};
/// `web` does not find the files of the page.
inline constexpr ErrorCode kNoPage{1234, Action::kFix, "cli_no_page"};
/// `web` has closed the profile.
inline constexpr ErrorCode kLocked{1235, Action::kFix, "cli_locked"};
/// What is asked needs a lock, which this program or profile has not.
inline constexpr ErrorCode kNoLock{1236, Action::kFix, "cli_no_lock"};

}  // namespace godwit::cli
