#pragma once
// The other end of healing.h and handing_over.h: a new device comes into the chats of its account.

#include "engine/machine.h"
#include "engine/sync_message.h"

namespace godwit::engine {

/// Another device offers to let us into a chat: gives it keys for that.
void take_chat_offer(Machine& m, ChatOffer offer, const ByteArray<32>& sender);
/// We have lost the epoch of a chat in which other devices of ours are: asks them to put a new leaf into `place`, the digest of the
/// leaf that it is to stand for.
void ask_own_devices(Machine& m, const Chat& chat, const ByteArray<32>& place);
/// The welcome to a chat that was offered, or into which we asked to be brought back.
void take_own_welcome(Machine& m, SyncWelcome welcome);
/// There is a parcel of history to be fetched.
void take_history(Machine& m, SyncHistory history);
/// The chat into which we have just come is as the offer says: its history has room, what is set for it holds.
void apply_offer(Machine& m, Chat& chat);
/// What was fetched of a parcel is wanted no more: wipes it.
void drop_fetched(Machine& m);
/// Fetches the next parcel.
void pump_history_in(Machine& m, Instant& wake);
/// True if there is one to be fetched.
bool has_parcels(const Machine& m);
/// This device is the only one now: what has not been handed over will not be.
void end_orphaned(Machine& m);
/// A stored record, when the profile is read.
void restore_entering(Machine& m, EnteringRecord record);

}  // namespace godwit::engine
