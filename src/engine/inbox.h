#pragma once
// From items of the mailbox to messages: fetched, opened, stored in one batch with the cursor, told, and acknowledged only
// then. Whatever cannot be opened is passed over by the cursor, never stops what comes after it, and is asked for again.

#include "engine/machine.h"

namespace godwit::engine {

/// How far this device is with its queue at this home; null: none of it is there any more.
MailboxQueue* queue_at(Machine& m, const wire::HomeKey& home);
/// Items of this home that came without a session: those after the cursor are taken as those of a Fetch.
void take_carried_items(Machine& m, const wire::HomeKey& home, const wire::Items& items);

/// Bytes of items in one answer.
constexpr uint32_t kFetchBytes = 64 * 1024;

/// Asks for what lies behind the cursor, and for what comes live.
void fetch(Machine& m);
/// The same at the account's home or the one where it was; of any other nothing.
void fetch_from(Machine& m, const wire::HomeKey& home);
/// Takes in what this home pushed, or fetches if that does not follow what we have.
void on_push(Machine& m, const wire::HomeKey& home, const wire::Items& items);
/// What became of a parcel.
enum class ParcelTaken : uint8_t {
  kTaken,     ///< What it led to is in the journal; also if it was known, or is no good and never will be.
  kNotForUs,  ///< It is not for this profile, or does not open.
  kNoRoom,    ///< It is of an epoch to come, and too many of these wait already: it may be taken another time.
};
/// Takes in an envelope that came without a home (bundle.h).
ParcelTaken take_parcel(Machine& m, const wire::Alias& alias, ByteView payload);
/// A new epoch has begun: opens what waited for it.
void take_pending(Machine& m, Chat& chat);
/// The log was read to its end: what still waits belongs to no epoch, and is asked for again.
void give_up_pending(Machine& m, Chat& chat);

/// Takes an item to the address of an invite of ours that leads into a chat of our other devices.
void take_welcome_item(Machine& m, const wire::Item& item);

}  // namespace godwit::engine
