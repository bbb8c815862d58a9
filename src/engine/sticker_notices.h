#pragma once
// Packs of stickers as people and programs see them.

#include <string>
#include <vector>

#include "base/bytes.h"
#include "engine/ids.h"

namespace godwit::engine {

/// One sticker of a pack.
struct StickerInfo {
  std::string emoji;  ///< What it stands for.
  std::string mime;
  uint32_t size = 0;  ///< Bytes.
  uint32_t width = 0;
  uint32_t height = 0;
};
/// A pack that this account has.
struct StickerPackInfo {
  StickerPackId pack;
  std::string name;    ///< As its maker has called it: two may be called alike.
  bool coming = false;  ///< Another own device has it, and this one is fetching it: there are no stickers yet.
  std::vector<StickerInfo> stickers;
};
/// Of ListStickerPacks, by name.
struct StickerPacks {
  std::vector<StickerPackInfo> packs;
};
/// Of NewStickerPack and AddStickerPack.
struct StickerPackAdded {
  StickerPackInfo pack;
};
/// Of ReadSticker.
struct StickerFound {
  Bytes picture;
  StickerInfo sticker;
};
/// A pack was added or removed, here or on another own device.
struct StickerPacksChanged {};

}  // namespace godwit::engine
