#pragma once
// Which replies may answer which request. A home that answers with another is broken or hostile: nothing can be told from it
// about what was asked.

#include <cstdint>

#include "wire/replies.h"

namespace godwit::wire {

/// Kinds of replies: a bit for each, by its place in Reply.
using ReplyKinds = uint32_t;

/// What may answer `request`; a Refused may always.
ReplyKinds answers_to(const Request& request);
/// True if `reply` is one of `kinds`.
bool is_among(ReplyKinds kinds, const Reply& reply);

}  // namespace godwit::wire
