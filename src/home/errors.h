#pragma once
// Errors of home/: block 1100. What a client is told stands in wire/errors.h; these are for the operator.

#include "base/error.h"

namespace godwit::home {

/// A record in the store is not what its key says: damaged, or written by something else. It is left alone; what needs it
/// is refused, everything else goes on.
inline constexpr ErrorCode kBadRecord{1100, Action::kRetryLater, "home_bad_record"};
/// The store was written by a newer version of this program.
inline constexpr ErrorCode kNewerStore{1101, Action::kFix, "home_newer_store"};
/// The store was written before the forms of records changed; nothing reads them any more.
inline constexpr ErrorCode kOlderStore{1105, Action::kFix, "home_older_store"};
/// The configuration file says something that cannot be; the line is named beside it.
inline constexpr ErrorCode kBadConfig{1102, Action::kFix, "home_bad_config"};
/// A key file is missing, unreadable, or of the wrong size.
inline constexpr ErrorCode kBadKeyFile{1103, Action::kFix, "home_bad_key_file"};
/// There is a home in this folder already.
inline constexpr ErrorCode kHomeExists{1104, Action::kFix, "home_exists"};
/// The link between a front and the home that has the store has lost a packet, or ends: begin another.
inline constexpr ErrorCode kFrontLinkLost{1106, Action::kCloseSession, "home_front_link_lost"};
/// What came over such a link is not what its other end says.
inline constexpr ErrorCode kBadFrontMessage{1107, Action::kCloseSession, "home_bad_front_message"};
/// The home that has the store speaks another version of such links: run the same program at all homes.
inline constexpr ErrorCode kOtherFrontVersion{1108, Action::kFix, "home_other_front_version"};

}  // namespace godwit::home
