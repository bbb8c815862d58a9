#pragma once
// Packs of stickers reach the own other devices: a field says which there are; a device that has not got one asks the device that
// told of it, which puts the pack's file at the home as a parcel (handing_over.h).

#include "engine/machine.h"

namespace godwit::engine {

/// A field kStickerPack, as another device has set it: nothing in it, the pack was removed.
void take_stickers_field(Machine& m, ByteView key, ByteView value, const ByteArray<32>& sender);
/// Another device wants one.
void take_stickers_wanted(Machine& m, const SyncStickersWanted& wanted, const ByteArray<32>& sender);
/// One that was asked for is at the home.
void take_stickers_parcel(Machine& m, SyncStickersParcel parcel, const ByteArray<32>& sender);
/// Asks for what is to come and was not asked for; who is asked is one of the own devices.
void pump_stickers(Machine& m);

/// Parcels are named by chats, and packs of stickers are beside these. Whoever makes a pack could make a chat of the same 16 bytes: so a pack
/// is named by what this device alone can tell, and the name goes nowhere.
ChatId parcel_name(const Machine& m, const StickerPackId& pack);
/// The reverse.
StickerPackId pack_named(const Machine& m, const ChatId& name);
/// The parcel that is fetched next; null: there is none.
const StickersComing* next_stickers(const Machine& m);
/// The parcel of this pack; null: there is none.
const HistoryParcel* stickers_parcel(const Machine& m, const ChatId& name);
/// Keeps the pack whose file was fetched. Bytes that are not that pack's are dropped.
void open_stickers_parcel(Machine& m, const ChatId& name, ByteView file);
/// The parcel cannot be had: it is asked for again when the program starts the next time.
void drop_stickers_parcel(Machine& m, const ChatId& name);
/// The pack is here, or not wanted; who has asked for it here gets it, if it is here.
void end_stickers_coming(Machine& m, const StickerPackId& pack);

}  // namespace godwit::engine
