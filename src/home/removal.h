#pragma once
// What the operator of a home takes away from it.

#include <optional>
#include <variant>

#include "base/result.h"
#include "wire/ids.h"

namespace godwit::home {

/// What is taken away, and what came of it.
struct Removal {
  std::variant<wire::BlobId, wire::ChannelId> what;
  std::optional<Status> outcome{};  ///< kNoSuchBlob, kNoSuchChannel, or why the store could not
};

}  // namespace godwit::home
