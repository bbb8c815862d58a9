#pragma once
// What the two files that know NATS have in common. Inside store/ only.

#include <nats/nats.h>

#include <memory>

#include "store/nats_store.h"

namespace godwit::store {

/// Destroys what the library has made.
template <auto Destroy>
struct NatsDestroyer {
  template <typename T>
  void operator()(T* object) const {
    Destroy(object);
  }
};

/// Options of a connection.
using NatsConnectOptions = std::unique_ptr<natsOptions, NatsDestroyer<natsOptions_Destroy>>;
/// Of one to the servers of `place` that calls itself `name` and is tried again for ever once it stood. kUnavailable, kNoAccess: as of
/// open_nats().
Result<NatsConnectOptions> nats_connect_options(const NatsPlace& place, const NatsTls& tls, const char* name);

}  // namespace godwit::store
