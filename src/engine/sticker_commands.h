#pragma once
// What can be asked about packs of stickers.

#include <optional>
#include <string>
#include <vector>

#include "engine/ids.h"

namespace godwit::engine {

/// A picture that becomes a sticker.
struct NewSticker {
  std::string source;  ///< What the host finds it by: a path.
  std::string emoji;   ///< What it stands for.
};
/// Makes a pack of pictures: PNG, GIF or WebP. What cameras wrote into them is left out as of any that is sent. It is on all own
/// devices. Answered by StickerPackAdded once it is safe on this device's disk. kNoAccount, kBadStickerPack, kBadSticker,
/// kStickerPacksFull, or why the host cannot read a picture.
struct NewStickerPack {
  std::string name;
  std::vector<NewSticker> stickers;
};
/// Fetches the pack that a message brings, and keeps it, on all own devices. Answered by StickerPackAdded; FileProgress notices come
/// until then. kNoSuchChat, kNoSuchFile, kFileGone, kFileDamaged, kTransfersFull, kBadStickerPack, kBadSticker, kStickerPacksFull.
struct AddStickerPack {
  ChatId chat;
  MessageId message;
};
/// Answered by StickerPacks.
struct ListStickerPacks {};
/// The picture of one sticker. Answered by StickerFound. kNoSuchStickerPack, kNoSuchSticker.
struct ReadSticker {
  StickerPackId pack;
  uint32_t number = 0;  ///< From 0 on.
};
/// Forgets a pack, on all own devices. What was sent of it stays. Answered by Nothing. kNoSuchStickerPack.
struct RemoveStickerPack {
  StickerPackId pack;
};
/// Sends a sticker: a file of its kind, as SendFile does it. Answered by MessageQueued. kNoSuchStickerPack, kNoSuchSticker, and as
/// SendFile.
struct SendSticker {
  ChatId chat;
  StickerPackId pack;
  uint32_t number = 0;
  std::optional<MessageId> reply_to{};
};
/// Sends the whole pack, for others to add. Answered by MessageQueued. kNoSuchStickerPack, and as SendFile.
struct ShareStickerPack {
  ChatId chat;
  StickerPackId pack;
};

}  // namespace godwit::engine
