#pragma once
// Packs of stickers: made, fetched out of chats, kept, and sent. Files under way that are packs, or stickers of one, are no files of
// the host's: what is read comes out of the records here, what is fetched is held in memory until all of it was looked through.

#include "engine/machine.h"
#include "engine/sticker_pack.h"

namespace godwit::engine {

/// Packs of one account.
constexpr size_t kStickerPacksMax = 100;

/// Takes the command NewStickerPack.
void new_sticker_pack(Machine& m, CommandId id, const NewStickerPack& command);
/// Takes the command AddStickerPack.
void add_sticker_pack(Machine& m, CommandId id, const AddStickerPack& command);
/// Takes the command ListStickerPacks.
void list_sticker_packs(Machine& m, CommandId id);
/// Takes the command ReadSticker.
void read_sticker(Machine& m, CommandId id, const ReadSticker& command);
/// Takes the command RemoveStickerPack.
void remove_sticker_pack(Machine& m, CommandId id, const RemoveStickerPack& command);
/// Takes the command SendSticker.
void send_sticker(Machine& m, CommandId id, const SendSticker& command);
/// Takes the command ShareStickerPack.
void share_sticker_pack(Machine& m, CommandId id, const ShareStickerPack& command);

/// Whether a source or destination of a file is a pack of this profile and not the host's. No path begins so.
bool is_of_stickers(std::string_view place);
/// Reads a piece of a pack's file, or of one sticker: as the host would.
void read_stickers(Machine& m, const ReadFile& effect, std::function<void(const FileRead&)> done);
/// Takes a piece of a pack that is being fetched.
void write_stickers(Machine& m, WriteFile effect, std::function<void(const FileWritten&)> done);
/// All of it is there: looks through it and keeps it. The path in the answer is for added_stickers().
void finish_stickers(Machine& m, const FinishFile& effect, std::function<void(const FileWritten&)> done);
/// What AddStickerPack is answered with.
StickerPackAdded added_stickers(const Machine& m, const std::string& path);
/// Why a message's file cannot be added as a pack, whatever is in it.
Status may_be_stickers(const Machine& m, const FileBody& file);

/// Gives the bytes of a pack's file, empty if it is gone, once they are read.
void load_stickers(Machine& m, const StickerPackId& pack, std::function<void(Bytes)> done);
/// Keeps a pack; false if there is no room. The caller tells the other devices.
bool keep_stickers(Machine& m, ByteView file, const PackedStickers& pack);
/// The pack is not wanted here any more; nothing if it is not here.
void drop_stickers(Machine& m, const StickerPackId& pack);
/// What people see of a pack.
StickerPackInfo stickers_info(const StickerPackRecord& record);

}  // namespace godwit::engine
