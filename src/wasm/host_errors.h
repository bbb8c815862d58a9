#pragma once
// The errors that JavaScript may tell, by their names. Those of net/ and store/ stand here once more, because neither folder is
// part of this program; host_codec_test.cc compares.

#include <array>

#include "base/error.h"
#include "engine/errors.h"
#include "wasm/errors.h"

namespace godwit::wasm {

/// The first one stands for whatever has another name.
inline constexpr std::array kHostErrors{
    ErrorCode{1000, Action::kRetryLater, "unknown_failure"},
    ErrorCode{1004, Action::kRetryLater, "network_unreachable"},
    ErrorCode{1005, Action::kRetryLater, "generic_timeout_error"},
    ErrorCode{1006, Action::kRetryLater, "eof_error"},
    ErrorCode{1042, Action::kRetryLater, "websocket_protocol_error"},
    ErrorCode{1061, Action::kRetryLater, "pipe_closed_by_peer"},
    ErrorCode{900, Action::kRetryLater, "store_disk_full"},
    ErrorCode{902, Action::kRetryLater, "store_unavailable"},
    engine::kPartMissing,
    engine::kBadMedia,
    kOwnCertificate,
    kFileGone,
    kNoFiles,
};

}  // namespace godwit::wasm
