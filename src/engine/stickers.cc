#include "engine/stickers.h"

#include <algorithm>
#include <charconv>

#include "engine/downloads.h"
#include "engine/file_chunks.h"
#include "engine/sticker_pack.h"
#include "engine/sticker_sharing.h"
#include "engine/sync.h"
#include "engine/transfers.h"
#include "engine/uploads.h"

namespace godwit::engine {
namespace {

// No path begins so, on any system.
constexpr std::string_view kMark = "\x01stickers ";
// Behind the pack's id: all of it, and not one sticker.
constexpr std::string_view kWhole = "all";

Bytes pack_key(const StickerPackId& pack) { return record_key(RecordKind::kStickerPack, pack.view()); }
Bytes piece_key(const StickerPackId& pack, uint64_t piece) {
  return record_key(RecordKind::kStickerPiece, pack.view(), piece);
}

std::string source_of(const StickerPackId& pack, std::string_view which) {
  return std::string(kMark) + to_hex(pack.view()) + " " + std::string(which);
}

// Bytes of a pack's file that are asked for.
struct Stretch {
  StickerPackId pack;
  uint64_t offset = 0;
  uint64_t size = 0;
};

// What a source names; nothing: a pack or sticker that is not here.
std::optional<Stretch> stretch_of(const Machine& m, std::string_view source) {
  source.remove_prefix(kMark.size());
  const size_t space = source.find(' ');
  Bytes id;
  Stretch out;
  if (space == std::string_view::npos || !from_hex(source.substr(0, space), id) || !StickerPackId::from(id, out.pack))
    return std::nullopt;
  const auto found = m.stickers.packs.find(out.pack);
  if (found == m.stickers.packs.end()) return std::nullopt;
  const std::string_view which = source.substr(space + 1);
  out.size = found->second.size;
  if (which == kWhole) return out;
  size_t number = 0;
  const auto [end, bad] = std::from_chars(which.data(), which.data() + which.size(), number);
  if (bad != std::errc() || end != which.data() + which.size() || number >= found->second.stickers.size())
    return std::nullopt;
  const StickerPlace& place = found->second.stickers[number];
  return Stretch{out.pack, place.offset, place.size};
}

// Out of the pieces that hold it. Fewer bytes: the pack is gone.
void load_stretch(Machine& m, const Stretch& stretch, std::function<void(Bytes)> done) {
  const uint64_t first = stretch.offset / kChunkPlainSize;
  const uint64_t end = (stretch.offset + stretch.size + kChunkPlainSize - 1) / kChunkPlainSize;
  m.journal.then([&m, stretch, first, end, done = std::move(done)] {
    m.load(piece_key(stretch.pack, first), piece_key(stretch.pack, end), static_cast<uint32_t>(end - first), false,
           [stretch, first, done](const std::vector<LoadedRecord>& records) {
             Bytes bytes;
             for (const LoadedRecord& each : records) append(bytes, each.value.reveal());
             const auto skip = static_cast<size_t>(stretch.offset - first * kChunkPlainSize);
             if (bytes.size() < skip + stretch.size) return done({});
             done(to_bytes(ByteView(bytes).subspan(skip, static_cast<size_t>(stretch.size))));
           });
  });
}

StickerInfo sticker_info(const StickerPlace& place) {
  return {place.emoji, place.mime, place.size, place.width, place.height};
}

// A pack while its pictures are read.
struct Making {
  CommandId command;
  NewStickerPack asked;
  PackedStickers pack;
  Bytes picture;  ///< Of the one that is being read.
};

// Kept, and told to the other own devices.
Result<StickerPackInfo> take_pack(Machine& m, ByteView file, const PackedStickers& pack) {
  const StickerPackId id = sticker_pack_id(file);
  REQUIRE(keep_stickers(m, file, pack), kStickerPacksFull, "an account has at most 100 packs");
  end_stickers_coming(m, id);
  put_field(m, SyncKind::kStickerPack, to_bytes(id.view()), codec::encoded(SyncedStickers{pack.name}));
  return stickers_info(m.stickers.packs.at(id));
}

void finish_making(Machine& m, const Making& making) {
  const auto file = pack_stickers(making.pack);
  if (!file) return m.fail(making.command, file.error());
  auto info = take_pack(m, *file, making.pack);
  if (!info) return m.fail(making.command, info.error());
  m.done_then(making.command, StickerPackAdded{std::move(*info)});
}

void read_next(Machine& m, const std::shared_ptr<Making>& making) {
  const size_t number = making->pack.stickers.size();
  if (number == making->asked.stickers.size()) return finish_making(m, *making);
  const NewSticker& next = making->asked.stickers[number];
  read_file(m, next.source, making->picture.size(), static_cast<uint32_t>(kChunkPlainSize),
            [&m, making, emoji = next.emoji](const FileRead& read) {
              if (read.error) return m.fail(making->command, *read.error);
              const bool odd = read.size > kStickerSizeMax || making->picture.size() + read.bytes.size() > read.size ||
                               (read.bytes.empty() && making->picture.size() < read.size);
              if (odd) return m.fail(making->command, {kBadSticker, "a sticker has at most 512 KiB"});
              append(making->picture, read.bytes);
              if (making->picture.size() == read.size) {
                const auto found = look_at_sticker(making->picture);
                if (!found) return m.fail(making->command, found.error());
                making->pack.stickers.push_back({emoji, std::exchange(making->picture, {})});
              }
              read_next(m, making);
            });
}

std::string_view ending_of(std::string_view mime) {
  return mime == "image/png" ? ".png" : mime == "image/gif" ? ".gif" : ".webp";
}

constexpr Error kNoPack{kNoSuchStickerPack, "a pack of this account"};
constexpr Error kNoSticker{kNoSuchSticker, "a sticker of this pack"};

}  // namespace

bool is_of_stickers(std::string_view place) { return place.starts_with(kMark); }

StickerPackInfo stickers_info(const StickerPackRecord& record) {
  StickerPackInfo info{record.pack, record.name, false, {}};
  for (const StickerPlace& each : record.stickers) info.stickers.push_back(sticker_info(each));
  return info;
}

bool keep_stickers(Machine& m, ByteView file, const PackedStickers& pack) {
  const StickerPackId id = sticker_pack_id(file);
  if (m.stickers.packs.contains(id)) return true;
  if (m.stickers.packs.size() >= kStickerPacksMax) return false;
  StickerPackRecord record;
  record.pack = id;
  record.name = pack.name;
  record.size = static_cast<uint32_t>(file.size());
  // The stickers stand at the file's end, each behind its emoji and the length of its picture.
  size_t at = file.size();
  for (auto each = pack.stickers.rbegin(); each != pack.stickers.rend(); ++each) {
    const auto looked = look_at_sticker(each->picture);
    if (!looked) return false;
    at -= each->picture.size();
    record.stickers.push_back({each->emoji, std::string(looked->mime), static_cast<uint32_t>(at),
                               static_cast<uint32_t>(each->picture.size()), looked->width, looked->height});
    at -= codec::encoded(*each).size() - each->picture.size();
  }
  std::ranges::reverse(record.stickers);
  for (size_t from = 0; from < file.size(); from += kChunkPlainSize) {
    const ByteView piece = file.subspan(from, std::min<size_t>(kChunkPlainSize, file.size() - from));
    m.journal.put_bytes(piece_key(id, from / kChunkPlainSize), crypto::SecretBuffer::copy_of(piece));
  }
  m.journal.put(pack_key(id), record);
  m.stickers.packs.insert_or_assign(id, std::move(record));
  m.tell_then(StickerPacksChanged{});
  return true;
}

void drop_stickers(Machine& m, const StickerPackId& pack) {
  const auto found = m.stickers.packs.find(pack);
  if (found == m.stickers.packs.end()) return;
  for (uint64_t from = 0; from < found->second.size; from += kChunkPlainSize)
    m.journal.erase(piece_key(pack, from / kChunkPlainSize));
  m.journal.erase(pack_key(pack));
  m.stickers.packs.erase(found);
  m.tell_then(StickerPacksChanged{});
}

void load_stickers(Machine& m, const StickerPackId& pack, std::function<void(Bytes)> done) {
  const auto found = m.stickers.packs.find(pack);
  if (found == m.stickers.packs.end()) return done({});
  load_stretch(m, {pack, 0, found->second.size}, std::move(done));
}

void read_stickers(Machine& m, const ReadFile& effect, std::function<void(const FileRead&)> done) {
  auto stretch = stretch_of(m, effect.source);
  if (!stretch) {
    return m.journal.then([op = effect.op, done = std::move(done)] {
      done({op, {}, 0, 0, Error{kNoSuchStickerPack, "a pack of this account"}});
    });
  }
  const uint64_t size = stretch->size;
  const uint64_t from = std::min(effect.offset, size);
  stretch->offset += from;
  stretch->size = std::min<uint64_t>(effect.size, size - from);
  load_stretch(m, *stretch, [op = effect.op, size, done = std::move(done)](Bytes bytes) {
    done({op, std::move(bytes), size, 1, {}});
  });
}

void write_stickers(Machine& m, WriteFile effect, std::function<void(const FileWritten&)> done) {
  Bytes& file = m.stickers.arriving[effect.part];
  FileWritten out{effect.op, {}, {}};
  if (file.size() < effect.offset) {
    out.error = Error{kPartMissing, "what was written before is there"};
  } else if (effect.offset + effect.bytes.size() > kStickerPackSizeMax) {
    out.error = Error{kBadStickerPack, "a pack has at most 8 MiB"};
  } else {
    file.resize(static_cast<size_t>(effect.offset));
    append(file, effect.bytes);
  }
  m.journal.then([out, done = std::move(done)] { done(out); });
}

void finish_stickers(Machine& m, const FinishFile& effect, std::function<void(const FileWritten&)> done) {
  m.journal.then([&m, effect, done = std::move(done)] {
    FileWritten out{effect.op, {}, {}};
    const auto node = m.stickers.arriving.extract(effect.part);
    const Bytes file = node.empty() ? Bytes{} : std::move(node.mapped());
    const auto pack = unpack_stickers(file);
    const auto info = pack ? take_pack(m, file, *pack) : Result<StickerPackInfo>(pack.error());
    if (!info) {
      out.error = info.error();
    } else {
      out.path = to_hex(info->pack.view());
    }
    done(out);
  });
}

StickerPackAdded added_stickers(const Machine& m, const std::string& path) {
  StickerPackId id;
  Bytes bytes;
  if (!from_hex(path, bytes) || !StickerPackId::from(bytes, id)) return {};
  const auto found = m.stickers.packs.find(id);
  return found == m.stickers.packs.end() ? StickerPackAdded{} : StickerPackAdded{stickers_info(found->second)};
}

Status may_be_stickers(const Machine& m, const FileBody& file) {
  REQUIRE(file.kind == MediaKind::kStickerPack && file.size <= kStickerPackSizeMax, kBadStickerPack,
          "a message with a pack of stickers");
  REQUIRE(m.stickers.packs.size() < kStickerPacksMax, kStickerPacksFull, "an account has at most 100 packs");
  return {};
}

void new_sticker_pack(Machine& m, CommandId id, const NewStickerPack& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "there is an account"});
  if (command.stickers.empty() || command.stickers.size() > kStickersMax)
    return m.fail(id, {kBadStickerPack, "a pack has 1 to 60 stickers"});
  if (m.stickers.packs.size() >= kStickerPacksMax)
    return m.fail(id, {kStickerPacksFull, "an account has at most 100 packs"});
  auto making = std::make_shared<Making>(Making{id, command, {}, {}});
  making->pack.name = command.name;
  read_next(m, making);
}

void add_sticker_pack(Machine& m, CommandId id, const AddStickerPack& command) {
  get_file(m, id, GetFile{command.chat, command.message, source_of({}, kWhole), {}, 0});
}

void list_sticker_packs(Machine& m, CommandId id) {
  StickerPacks out;
  for (const auto& [pack, record] : m.stickers.packs) out.packs.push_back(stickers_info(record));
  for (const auto& [pack, coming] : m.stickers.coming) out.packs.push_back({pack, coming.record.name, true, {}});
  std::ranges::sort(out.packs, {}, [](const StickerPackInfo& each) { return std::tie(each.name, each.pack); });
  m.done(id, std::move(out));
}

void read_sticker(Machine& m, CommandId id, const ReadSticker& command) {
  const auto found = m.stickers.packs.find(command.pack);
  if (found == m.stickers.packs.end()) return m.fail(id, kNoPack);
  if (command.number >= found->second.stickers.size()) return m.fail(id, kNoSticker);
  const StickerPlace& place = found->second.stickers[command.number];
  load_stretch(m, {command.pack, place.offset, place.size}, [&m, id, info = sticker_info(place)](Bytes bytes) {
    if (bytes.empty()) return m.fail(id, kNoPack);
    m.done(id, StickerFound{std::move(bytes), info});
  });
}

void remove_sticker_pack(Machine& m, CommandId id, const RemoveStickerPack& command) {
  const bool coming = m.stickers.coming.contains(command.pack);
  if (!coming && !m.stickers.packs.contains(command.pack)) return m.fail(id, kNoPack);
  end_stickers_coming(m, command.pack);
  drop_stickers(m, command.pack);
  put_field(m, SyncKind::kStickerPack, to_bytes(command.pack.view()), {});
  m.done_then(id, Nothing{});
}

void send_sticker(Machine& m, CommandId id, const SendSticker& command) {
  const auto found = m.stickers.packs.find(command.pack);
  if (found == m.stickers.packs.end()) return m.fail(id, kNoPack);
  if (command.number >= found->second.stickers.size()) return m.fail(id, kNoSticker);
  const StickerPlace& place = found->second.stickers[command.number];
  SendFile file{command.chat, source_of(command.pack, std::to_string(command.number)),
                "sticker" + std::string(ending_of(place.mime)), place.mime};
  file.reply_to = command.reply_to;
  MediaInfo& media = file.media.emplace();
  media.kind = MediaKind::kSticker;
  media.width = place.width;
  media.height = place.height;
  media.pack = found->second.name;
  media.emoji = place.emoji;
  send_file(m, id, file);
}

void share_sticker_pack(Machine& m, CommandId id, const ShareStickerPack& command) {
  const auto found = m.stickers.packs.find(command.pack);
  if (found == m.stickers.packs.end()) return m.fail(id, kNoPack);
  SendFile file{command.chat, source_of(command.pack, kWhole), found->second.name + ".stickers",
                "application/x-godwit-stickers"};
  MediaInfo& media = file.media.emplace();
  media.kind = MediaKind::kStickerPack;
  media.pack = found->second.name;
  media.emoji = found->second.stickers.front().emoji;
  send_file(m, id, file);
}

}  // namespace godwit::engine
