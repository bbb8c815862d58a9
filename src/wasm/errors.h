#pragma once
// Errors of wasm/: block 1700.

#include "base/error.h"

namespace godwit::wasm {

/// A page cannot write letters; a native program of the same account, or another route, can.
inline constexpr ErrorCode kNoMail{1700, Action::kFix, "browser_cannot_mail"};
/// The route wants what a page cannot do: another carrier, or another server name than the host's.
inline constexpr ErrorCode kNoSuchCarrier{1701, Action::kFix, "browser_cannot_dial_route"};
/// The route has a pin, which a page cannot look at, and the browser did not let the connection come about. As it does not say
/// why, this may also be the network. (routes::end_of_failure reads the beginning of the name.)
inline constexpr ErrorCode kOwnCertificate{1702, Action::kRetryLater, "ssl_browser_cannot_pin"};
/// What the page has handed over under this name is not there any more, or cannot be read.
inline constexpr ErrorCode kFileGone{1703, Action::kFix, "browser_file_gone"};
/// The browser keeps no files for pages here.
inline constexpr ErrorCode kNoFiles{1704, Action::kFix, "browser_keeps_no_files"};
/// A person has stopped an import.
inline constexpr ErrorCode kStopped{1705, Action::kRetryLater, "browser_stopped"};
/// A part of the page that is fetched when it is needed could not be.
inline constexpr ErrorCode kPartNotThere{1706, Action::kRetryLater, "browser_part_not_there"};

}  // namespace godwit::wasm
