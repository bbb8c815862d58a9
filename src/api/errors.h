#pragma once
// Errors of api/: block 800. All of them are for the program that speaks JSON to us.

#include "base/error.h"

namespace godwit::api {

/// The line is not JSON (RFC 8259). JSON-RPC code -32700.
inline constexpr ErrorCode kNotJson{800, Action::kFix, "api_not_json"};
/// JSON, but not one request of JSON-RPC 2.0. JSON-RPC code -32600.
inline constexpr ErrorCode kNotARequest{801, Action::kFix, "api_not_a_request"};
/// JSON-RPC code -32601.
inline constexpr ErrorCode kUnknownMethod{802, Action::kFix, "api_unknown_method"};
/// JSON-RPC code -32602, as are the three that follow.
inline constexpr ErrorCode kUnknownField{803, Action::kFix, "api_unknown_field"};
inline constexpr ErrorCode kMissingField{804, Action::kFix, "api_missing_field"};
inline constexpr ErrorCode kWrongType{805, Action::kFix, "api_wrong_type"};
/// The line is longer than kLineSizeMax; it was skipped. JSON-RPC code -32600.
inline constexpr ErrorCode kLineTooLong{806, Action::kFix, "api_line_too_long"};
/// kPendingMax requests wait for their answers: wait for one of them, then ask again.
inline constexpr ErrorCode kTooManyPending{807, Action::kRetryLater, "api_too_many_pending"};
/// On a socket: something else than `authenticate` came first, or its token is wrong. The connection is closed.
inline constexpr ErrorCode kNotAuthenticated{808, Action::kFix, "api_not_authenticated"};
/// `subscribe` names a notice that is none. JSON-RPC code -32602.
inline constexpr ErrorCode kUnknownNotice{809, Action::kFix, "api_unknown_notice"};
/// On a socket: more waits for this program than it may leave unread. The connection is closed.
inline constexpr ErrorCode kNotReading{810, Action::kFix, "api_not_reading"};
/// On a socket: others hold all connections that there are. This one is closed.
inline constexpr ErrorCode kTooManyPrograms{811, Action::kRetryLater, "api_too_many_programs"};

// What the disk below the engine answers methods with; cli/errors.h and store/errors.h have the same.

inline constexpr ErrorCode kDiskFull{900, Action::kRetryLater, "store_disk_full"};
inline constexpr ErrorCode kProfileNoAccess{1203, Action::kFix, "cli_profile_no_access"};
inline constexpr ErrorCode kFileNoAccess{1227, Action::kFix, "cli_file_no_access"};
inline constexpr ErrorCode kFileExists{1228, Action::kFix, "cli_file_exists"};

}  // namespace godwit::api
