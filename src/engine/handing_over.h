#pragma once
// A chat's history on its way from one device to a new one of the same account: in parcels of some hundred messages, the newest
// first, each a blob at the own home under a key that only the own devices are told. Both sides go on after an interruption with
// the parcel at which it came.

#include "engine/history.h"
#include "engine/sync_message.h"

namespace godwit::engine {

/// Messages in one parcel.
constexpr uint32_t kParcelMessages = 256;
/// Bytes of one that is taken.
constexpr uint64_t kParcelSizeMax = uint64_t{64} << 20;

/// The history of the chat is to be handed to a device that has just been let into it.
void begin_history(Machine& m, const Chat& chat, const ByteArray<32>& device_key);
/// Brings the next parcel to the home, and tells the new device.
void pump_history_out(Machine& m, Instant& wake);

}  // namespace godwit::engine
