#pragma once
// What goes from one person to another, on whatever way.

#include <tuple>

#include "wire/ids.h"

namespace godwit::engine {

/// One envelope and whose it is: what a Deliver carries, without the token, since no home has to be shown anything.
struct Parcel {
  wire::Alias alias;
  Bytes payload;  ///< at most wire::kPayloadSizeMax
  template <typename Self>
  static auto fields(Self& self) {
    return std::tie(self.alias, self.payload);
  }
};

}  // namespace godwit::engine
