#pragma once
// The body of a small HTTP/1.1 response (RFC 9112 §6): by length, in chunks, or until the connection ends. Of texts of a few
// kilobytes, read whole.

#include <optional>

#include "base/result.h"
#include "net/http_message.h"

namespace godwit::net {

/// Reads the body behind a head. `rest` is all that came behind it; `ended`: the peer has closed. Nothing: more has to come.
/// kBadHttp: it is none, or has more than `size_max` bytes, or ends too early.
Result<std::optional<Bytes>> read_http_body(const HttpHeaders& headers, ByteView rest, bool ended, size_t size_max);

}  // namespace godwit::net
