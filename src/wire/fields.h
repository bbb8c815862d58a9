#pragma once
// What the headers of wire/ that hold requests and replies have in common. Inside wire/ only.

#include "codec/codec.h"

namespace godwit::wire {

#define GODWIT_WIRE_FIELDS(...)                     \
  template <typename Self>                          \
  static auto fields([[maybe_unused]] Self& self) { \
    return codec::members(__VA_ARGS__);             \
  }

/// A number that makes SHA-256(kWorkLabel || subject || nonce) start with as many zero bits as the home asks for.
struct ProofOfWork {
  uint64_t nonce{};
  GODWIT_WIRE_FIELDS(self.nonce)
};

}  // namespace godwit::wire
