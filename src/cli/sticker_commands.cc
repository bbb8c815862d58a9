// sticker: list, make, add, remove, send, share, export.

#include "cli/sticker_commands.h"

#include <algorithm>
#include <filesystem>

#include "api/rpc_peer.h"
#include "cli/errors.h"
#include "cli/files.h"
#include "cli/transfer_files.h"
#include "engine/errors.h"
#include "engine/file_content.h"

namespace godwit::cli {
namespace {

// Digits of a pack's id that name it.
constexpr size_t kIdDigitsMin = 4;

// By name, or the first digits of its id.
Result<engine::StickerPackInfo> find_pack(Client& client, const std::string& wanted) {
  const auto all = TRY(client.ask<engine::StickerPacks>(engine::ListStickerPacks{})).packs;
  const engine::StickerPackInfo* found = nullptr;
  for (const engine::StickerPackInfo& each : all) {
    const bool begins = wanted.size() >= kIdDigitsMin && to_hex(each.pack.view()).starts_with(wanted);
    if (!begins && each.name != wanted) continue;
    REQUIRE(found == nullptr, engine::kAmbiguousName, "one pack of this name");
    found = &each;
  }
  REQUIRE(found != nullptr, engine::kNoSuchStickerPack, "a pack of this account");
  return *found;
}

Status print_pack(const engine::StickerPackInfo& pack) {
  std::string out = to_hex(pack.pack.view()).substr(0, 12) + "  " + safe_line(pack.name);
  if (pack.coming) out += "  [coming from another of your devices]";
  size_t number = 0;
  for (const engine::StickerInfo& each : pack.stickers)
    out += "  " + std::to_string(++number) + " " + safe_line(each.emoji);
  REQUIRE(print_out(out + "\n"), kNoOutput, "write");
  return {};
}

// "02 😺.png" says 😺.
std::string emoji_of(const std::filesystem::path& path, const std::string& otherwise) {
  const std::string name = path.stem().string();
  const std::string last = name.substr(name.rfind(' ') + 1);
  const bool has_letters = std::ranges::any_of(last, [](char each) { return static_cast<uint8_t>(each) < 0x80; });
  return last.empty() || has_letters ? otherwise : last;
}

std::string file_name(size_t number, const engine::StickerInfo& sticker) {
  const std::string digits = std::to_string(number);
  const std::string ending = sticker.mime == "image/png" ? ".png" : sticker.mime == "image/gif" ? ".gif" : ".webp";
  return engine::clean_file_name((digits.size() < 2 ? "0" : "") + digits + " " + sticker.emoji + ending);
}

}  // namespace

Status run_sticker_list(Context& context, const StickerOptions& options) {
  const auto client = TRY(open_client(context, false));
  const auto all = TRY(client->ask<engine::StickerPacks>(engine::ListStickerPacks{}));
  if (options.json) {
    REQUIRE(print_out(api::answer_json(all) + "\n"), kNoOutput, "write");
    return {};
  }
  for (const engine::StickerPackInfo& each : all.packs) TRY(print_pack(each));
  return {};
}

Status run_sticker_make(Context& context, const StickerOptions& options) {
  std::error_code error;
  std::vector<std::filesystem::path> paths;
  for (std::filesystem::directory_iterator at(options.folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().filename().string().starts_with('.')) continue;
    if (at->is_regular_file(error)) paths.push_back(at->path());
  }
  REQUIRE(!error, kFileNoAccess, "a folder that can be read");
  std::ranges::sort(paths);
  engine::NewStickerPack command{options.pack, {}};
  for (const auto& path : paths)
    command.stickers.push_back({absolute_path(path.string()), emoji_of(path, options.emoji)});
  const auto client = TRY(open_client(context, true));
  return print_pack(TRY(client->ask<engine::StickerPackAdded>(std::move(command), "reading the pictures")).pack);
}

Status run_sticker_add(Context& context, const StickerOptions& options) {
  const auto client = TRY(open_client(context, true));
  const engine::GetFile file = TRY(find_file(*client, options.message));
  REQUIRE(file.chat.has_value(), engine::kBadStickerPack, "a message of a chat");
  const engine::AddStickerPack command{*file.chat, file.message};
  return print_pack(
      TRY(client->ask<engine::StickerPackAdded>(command, "fetching the pack", kTransferTime)).pack);
}

Status run_sticker_remove(Context& context, const StickerOptions& options) {
  const auto client = TRY(open_client(context, true));
  const auto pack = TRY(find_pack(*client, options.pack));
  TRY(client->ask<engine::Nothing>(engine::RemoveStickerPack{pack.pack}));
  return {};
}

Status run_sticker_send(Context& context, const StickerOptions& options) {
  const auto client = TRY(open_client(context, true));
  const auto chat = TRY(find_chat(*client, options.chat));
  const auto pack = TRY(find_pack(*client, options.pack));
  REQUIRE(options.number >= 1, engine::kNoSuchSticker, "stickers are counted from 1");
  return send_and_wait(*client, engine::SendSticker{chat.chat, pack.pack, options.number - 1}, options.wait_seconds);
}

Status run_sticker_share(Context& context, const StickerOptions& options) {
  const auto client = TRY(open_client(context, true));
  const auto chat = TRY(find_chat(*client, options.chat));
  const auto pack = TRY(find_pack(*client, options.pack));
  return send_and_wait(*client, engine::ShareStickerPack{chat.chat, pack.pack}, options.wait_seconds);
}

Status run_sticker_export(Context& context, const StickerOptions& options) {
  const auto client = TRY(open_client(context, false));
  const auto pack = TRY(find_pack(*client, options.pack));
  const std::string folder = absolute_path(options.folder);
  TRY(make_folders(folder));
  for (uint32_t number = 0; number < pack.stickers.size(); ++number) {
    const auto found = TRY(client->ask<engine::StickerFound>(engine::ReadSticker{pack.pack, number}));
    TRY(write_new_file(folder + "/" + file_name(number + 1, found.sticker), found.picture));
  }
  return {};
}

}  // namespace godwit::cli
