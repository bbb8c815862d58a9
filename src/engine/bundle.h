#pragma once
// Messages that people carry themselves: what waits in the outboxes, written into a bundle that goes to its receivers on a
// stick, by mail, or over a local network, without any home in between (docs/protocol/bundle.md). What came this way may
// come again over the home: the receiver shows each message once.
//
// Not here: which file, which network.

#include "engine/machine.h"
#include "engine/parcel.h"

namespace godwit::engine {

/// Bytes of one bundle at most: what a profile may hold in memory while it writes or reads one.
constexpr uint32_t kBundleSizeMax = 16 * 1024 * 1024;
/// Parcels in one bundle.
constexpr uint32_t kParcelsMax = 10'000;

/// The bytes of a bundle.
Bytes encode_bundle(const std::vector<Parcel>& parcels);
/// The reverse. kNotBundle: it does not start like one; kBundleDamaged: cut or changed on the way, nothing of it may be used;
/// kBundleNewer: a newer version made it.
Result<std::vector<Parcel>> parse_bundle(ByteView bytes);

/// Takes the command WriteBundle.
void write_bundle(Machine& m, CommandId id, const WriteBundle& command);
/// Takes the command ReadBundle.
void read_bundle(Machine& m, CommandId id, const ReadBundle& command);

}  // namespace godwit::engine
