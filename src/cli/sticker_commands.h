#pragma once
// The commands of `godwit sticker`; commands.h for the others.

#include <string>

#include "cli/commands.h"

namespace godwit::cli {

/// Of all of them. A pack is named by its name or the first digits of its id.
struct StickerOptions {
  std::string pack;
  std::string chat;
  std::string message;  ///< its id, or the first digits
  std::string folder;
  std::string emoji = "⭐";  ///< of pictures whose names have none
  uint32_t number = 0;       ///< from 1 on
  uint32_t wait_seconds = SendOptions{}.wait_seconds;
  bool json = false;
};
/// Prints the packs of the account.
Status run_sticker_list(Context& context, const StickerOptions& options);
/// Makes a pack of the pictures in a folder, in the order of their names; the last word of a name is the emoji, if it has one.
Status run_sticker_make(Context& context, const StickerOptions& options);
/// Adds the pack that a message brings.
Status run_sticker_add(Context& context, const StickerOptions& options);
/// Forgets a pack.
Status run_sticker_remove(Context& context, const StickerOptions& options);
/// Sends a sticker; prints as run_send.
Status run_sticker_send(Context& context, const StickerOptions& options);
/// Sends a whole pack; prints as run_send.
Status run_sticker_share(Context& context, const StickerOptions& options);
/// Writes the pictures of a pack into a folder, named so that run_sticker_make makes the same pack of them. Replaces nothing.
Status run_sticker_export(Context& context, const StickerOptions& options);

}  // namespace godwit::cli
