#pragma once
// Chats that are only kept reach the own other devices: a device that has one offers it, one that does not have all of it asks for
// it, and gets it in parcels (handing_over.h), the oldest messages first. Ids stay, so that a later import there is known.
//
// Not here: files of such chats. Their names come along; the files stay where they were imported.

#include "codec/members.h"
#include "engine/machine.h"
#include "engine/sync_message.h"

namespace godwit::engine {

/// One message of a parcel.
struct HandedKept {
  Bytes record;  ///< An encoded KeptMessageRecord.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.record);
  }
};

/// A new device is there: it is offered all such chats.
void offer_kept_to(Machine& m, const ByteArray<32>& device_key);
/// Offers what was imported since the last time, once nothing more is imported. Ends what will not go on.
void pump_kept_sharing(Machine& m, Instant& wake);
/// Another device offers a chat.
void take_kept_offer(Machine& m, SyncKeptOffer offer, const ByteArray<32>& sender);
/// Another device wants one that was offered.
void take_kept_wanted(Machine& m, const SyncKeptWanted& wanted, const ByteArray<32>& sender);

/// There is a parcel to be fetched.
void take_kept_parcel(Machine& m, SyncKeptParcel parcel, const ByteArray<32>& sender);
/// The one whose turn it is; null if it has not been told of.
const HistoryParcel* next_kept_parcel(const KeptComingRecord& record);
/// Stores the messages of the parcel that was fetched. The bytes are its content.
void open_kept_parcel(Machine& m, const ChatId& chat, Bytes bytes);
/// The first parcel is done with: `whole`, so stored, or not to be had any more; then the chat is offered again with the next import.
void end_kept_parcel(Machine& m, const ChatId& chat, bool whole);
/// Puts the record of a chat that is on its way.
void put_kept_coming(Machine& m, const KeptComingRecord& record);
/// The chat is deleted here: nothing more of it is taken, and who takes it from here is told.
void stop_kept_sharing(Machine& m, const ChatId& chat);
/// A stored record, when the profile is read.
void restore_kept_coming(Machine& m, KeptComingRecord record);

}  // namespace godwit::engine
