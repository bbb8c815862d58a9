#pragma once
// One valid record of every kind: for the tests and for the corpora of the fuzz targets.

#include "wire/replies.h"

namespace godwit::wire::testing {

/// An id whose bytes are all `byte`.
template <typename Id>
Id id_of(uint8_t byte) {
  Id id;
  id.value.fill(byte);
  return id;
}

/// Every request once, with fields that are not empty, in the order of Request.
std::vector<Request> sample_requests();
/// Every reply once, in the order of Reply.
std::vector<Reply> sample_replies();

}  // namespace godwit::wire::testing
