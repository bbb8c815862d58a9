#pragma once
// The table's part about packs of stickers.

#include <array>

#include "api/errors.h"
#include "api/shapes.h"
#include "engine/commands.h"
#include "engine/errors.h"
#include "engine/notices.h"

namespace godwit::api {

inline constexpr Scalar kStickerPackIdScalar{
    "sticker_pack_id", "string", "a pack of stickers, the same for everybody who has it: 32 hexadecimal digits"};

template <>
struct Shape<engine::NewSticker> {
  static constexpr std::string_view name = "new_sticker";
  static constexpr std::string_view about = "A picture that becomes a sticker.";
  static constexpr auto fields = fields_in_order(
      field("source", &engine::NewSticker::source,
            "its path on this machine, as in send_file: PNG, GIF or WebP, at most 512 KiB and 1,024 pixels each way"),
      field("emoji", &engine::NewSticker::emoji, "what it stands for, at most 64 bytes"));
};

template <>
struct Shape<engine::NewStickerPack> {
  using Answer = engine::StickerPackAdded;
  static constexpr std::string_view name = "new_sticker_pack";
  static constexpr std::string_view about =
      "Makes a pack of stickers out of pictures. It is on all own devices. The same pictures with the same name are "
      "the " "same pack.";
  static constexpr auto fields = fields_in_order(
      field("name", &engine::NewStickerPack::name, "at most 64 bytes in one line"),
      field("stickers", &engine::NewStickerPack::stickers, "1 to 60, at most 8 MiB together, in their order"));
  static constexpr std::array errors{engine::kNoAccount,        engine::kBadStickerPack, engine::kBadSticker,
                                     engine::kStickerPacksFull, engine::kBadMedia,       kFileNoAccess};
};

template <>
struct Shape<engine::AddStickerPack> {
  using Answer = engine::StickerPackAdded;
  static constexpr std::string_view name = "add_sticker_pack";
  static constexpr std::string_view
      about =
          "Fetches the pack of stickers that a message brings (its media's kind is sticker_pack), and keeps it, on all "
          "own " "devices. file_progress notices come until then.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::AddStickerPack::chat, "which chat"),
                                                 field("message", &engine::AddStickerPack::message, "which message"));
  static constexpr std::array errors{engine::kNoSuchChat,  engine::kNoSuchFile,      engine::kFileGone,
                                     engine::kFileDamaged, engine::kTransfersFull,   engine::kBadStickerPack,
                                     engine::kBadSticker,  engine::kStickerPacksFull};
};

template <>
struct Shape<engine::ListStickerPacks> {
  using Answer = engine::StickerPacks;
  static constexpr std::string_view name = "list_sticker_packs";
  static constexpr std::string_view about = "The packs of stickers that this account has.";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array<ErrorCode, 0> errors{};
};

template <>
struct Shape<engine::ReadSticker> {
  using Answer = engine::StickerFound;
  static constexpr std::string_view name = "read_sticker";
  static constexpr std::string_view about = "The picture of one sticker, to be shown.";
  static constexpr auto fields = fields_in_order(field("pack", &engine::ReadSticker::pack, "of which pack"),
                                                 field("number", &engine::ReadSticker::number, "which, from 0 on"));
  static constexpr std::array errors{engine::kNoSuchStickerPack, engine::kNoSuchSticker};
};

template <>
struct Shape<engine::RemoveStickerPack> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "remove_sticker_pack";
  static constexpr std::string_view about =
      "Forgets a pack of stickers, on all own devices. What was sent of it stays where it was sent.";
  static constexpr auto fields = fields_in_order(field("pack", &engine::RemoveStickerPack::pack, "which"));
  static constexpr std::array errors{engine::kNoSuchStickerPack};
};

template <>
struct Shape<engine::SendSticker> {
  using Answer = engine::MessageQueued;
  static constexpr std::string_view name = "send_sticker";
  static constexpr std::string_view about =
      "Sends a sticker: a file whose media's kind is sticker, as send_file does it.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::SendSticker::chat, "where to"),
                                                 field("pack", &engine::SendSticker::pack, "of which pack"),
                                                 field("number", &engine::SendSticker::number, "which, from 0 on"),
                                                 field("reply_to", &engine::SendSticker::reply_to, "what it answers"));
  static constexpr std::array errors{engine::kNoSuchStickerPack, engine::kNoSuchSticker, engine::kNoAccount,
                                     engine::kNoSuchChat,        engine::kTransfersFull, engine::kNewDevices,
                                     engine::kCameBack};
};

template <>
struct Shape<engine::ShareStickerPack> {
  using Answer = engine::MessageQueued;
  static constexpr std::string_view name = "share_sticker_pack";
  static constexpr std::string_view about =
      "Sends a whole pack of stickers, for others to add: a file whose media's kind is sticker_pack.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::ShareStickerPack::chat, "where to"),
                                                 field("pack", &engine::ShareStickerPack::pack, "which"));
  static constexpr std::array errors{engine::kNoSuchStickerPack, engine::kNoAccount,  engine::kNoSuchChat,
                                     engine::kTransfersFull,     engine::kNewDevices, engine::kCameBack};
};

template <>
struct Shape<engine::StickerInfo> {
  static constexpr std::string_view name = "sticker";
  static constexpr std::string_view about = "One sticker of a pack.";
  static constexpr auto fields =
      fields_in_order(field("emoji", &engine::StickerInfo::emoji, "what it stands for"),
                      field("mime", &engine::StickerInfo::mime, "image/png, image/gif or image/webp"),
                      field("size", &engine::StickerInfo::size, "bytes"),
                      field("width", &engine::StickerInfo::width, "as the picture says, at most 1,024"),
                      field("height", &engine::StickerInfo::height, "likewise"));
};

template <>
struct Shape<engine::StickerPackInfo> {
  static constexpr std::string_view name = "sticker_pack";
  static constexpr std::string_view about = "A pack of stickers.";
  static constexpr auto fields = fields_in_order(
      field("pack", &engine::StickerPackInfo::pack, "its id"),
      field("name", &engine::StickerPackInfo::name, "as its maker has called it: two may be called alike"),
      field("coming", &engine::StickerPackInfo::coming,
            "another own device has it, and this one is fetching it: there are no stickers yet"),
      field("stickers", &engine::StickerPackInfo::stickers, "in their order"));
};

template <>
struct Shape<engine::StickerPacks> {
  static constexpr std::string_view name = "sticker_packs";
  static constexpr std::string_view about = "The packs.";
  static constexpr auto fields = fields_in_order(field("packs", &engine::StickerPacks::packs, "by name"));
};

template <>
struct Shape<engine::StickerPackAdded> {
  static constexpr std::string_view name = "sticker_pack_added";
  static constexpr std::string_view about = "The pack is safe on this device's disk.";
  static constexpr auto fields = fields_in_order(field("pack", &engine::StickerPackAdded::pack, "the pack"));
};

template <>
struct Shape<engine::StickerFound> {
  static constexpr std::string_view name = "sticker_found";
  static constexpr std::string_view about = "A sticker with its picture.";
  static constexpr auto fields = fields_in_order(field("picture", &engine::StickerFound::picture, "the file's bytes"),
                                                 field("sticker", &engine::StickerFound::sticker, "what it is"));
};

template <>
struct Shape<engine::StickerPacksChanged> {
  static constexpr std::string_view name = "sticker_packs_changed";
  static constexpr std::string_view about =
      "A pack of stickers was added or removed, here or on another own device: list_sticker_packs tells.";
  static constexpr auto fields = fields_in_order();
};

}  // namespace godwit::api
