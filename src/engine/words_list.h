#pragma once
// The device list that the words sign. It begins anew, whatever devices have made of the one before: so it does not matter which
// of their branches the words were shown (DeviceList::judge()).

#include "engine/device_list.h"

namespace godwit::engine {

/// A list with exactly `devices` in it, each added by the words at `now`, or right after the last time at which they have signed
/// in `known`. kBadDeviceList: these are not the account's words, or there are no devices, too many, or one twice.
Result<DeviceList> signed_by_words(const DeviceList& known, const std::vector<ByteArray<32>>& devices,
                                   const crypto::Ed25519KeyPair& words, Instant now);

}  // namespace godwit::engine
