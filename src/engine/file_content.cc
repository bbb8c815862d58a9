#include "engine/file_content.h"

#include <algorithm>

#include "engine/content_bodies.h"
#include "engine/errors.h"
#include "engine/shown_name.h"
#include "engine/sticker_pack.h"

namespace godwit::engine {
namespace {

constexpr std::string_view kUnknownMime = "application/octet-stream";

// What people send most; everything else is just bytes.
struct Ending {
  std::string_view ending;
  std::string_view mime;
};
constexpr Ending kEndings[] = {
    {".jpg", "image/jpeg"},      {".jpeg", "image/jpeg"},     {".png", "image/png"},       {".gif", "image/gif"},
    {".webp", "image/webp"},     {".heic", "image/heic"},     {".mp4", "video/mp4"},       {".webm", "video/webm"},
    {".mov", "video/quicktime"}, {".mp3", "audio/mpeg"},      {".ogg", "audio/ogg"},       {".opus", "audio/ogg"},
    {".m4a", "audio/mp4"},       {".pdf", "application/pdf"}, {".zip", "application/zip"}, {".txt", "text/plain"},
};

// What a file's name loses: what would break the line that it stands on, but for C0 and U+007F, which leave a trace; and what has no shape,
// so that names which look the same are the same (U+200B to U+200D, U+FEFF).
bool is_dropped(uint32_t scalar) {
  return (scalar >= 0x80 && breaks_line(scalar)) || (scalar >= 0x200b && scalar <= 0x200d) || scalar == 0xfeff;
}

// Shortens in the middle of a name, so that its ending stays.
std::string shortened(std::string name) {
  if (name.size() <= kFileNameSizeMax) return name;
  const size_t dot = name.rfind('.');
  const std::string ending = dot != std::string::npos && name.size() - dot <= 16 ? name.substr(dot) : "";
  size_t cut = kFileNameSizeMax - ending.size();
  while (cut > 0 && (static_cast<uint8_t>(name[cut]) & 0xc0) == 0x80) --cut;
  return name.substr(0, cut) + ending;
}

}  // namespace

std::string clean_file_name(std::string_view name) {
  if (!is_utf8(name)) return "file";
  const size_t slash = name.find_last_of("/\\");
  if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
  std::string out;
  uint32_t scalar = 0;
  while (!name.empty()) {
    const std::string_view here = name;
    if (!take_scalar(name, scalar)) return "file";
    const bool odd = scalar < 0x20 || scalar == 0x7f ||
                     (scalar < 0x80 && std::string_view("<>:\"|?*").find(here.front()) != std::string_view::npos);
    if (odd) {
      out += '_';
    } else if (!is_dropped(scalar)) {
      out += here.substr(0, here.size() - name.size());
    }
  }
  // No hidden files, and none whose end another system cuts off; a leading '-' would be an option somewhere.
  while (!out.empty() && (out.front() == '.' || out.front() == ' ' || out.front() == '-')) out.erase(0, 1);
  out = shortened(std::move(out));
  while (!out.empty() && (out.back() == '.' || out.back() == ' ')) out.pop_back();
  return has_visible(out) ? out : "file";
}

std::string clean_mime(std::string_view mime, std::string_view name) {
  const auto plain = [](char each) { return each > 0x20 && each < 0x7f; };
  if (!mime.empty() && mime.size() <= kMimeSizeMax && std::all_of(mime.begin(), mime.end(), plain))
    return std::string(mime);
  if (!mime.empty()) return std::string(kUnknownMime);
  std::string low(name.substr(name.rfind('.') == std::string_view::npos ? name.size() : name.rfind('.')));
  for (char& each : low) each = each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
  for (const Ending& each : kEndings) {
    if (each.ending == low) return std::string(each.mime);
  }
  return std::string(kUnknownMime);
}

Status check_media(const FileBody& file) {
  REQUIRE(file.caption.size() <= kCaptionSizeMax, kTooLong, "what stands under a file has at most 64 KiB");
  REQUIRE(is_utf8(file.caption), kNotText, "what stands under a file is UTF-8");
  REQUIRE(file.thumbnail.size() <= kThumbnailSizeMax, kBadMedia, "a small picture has at most 16 KiB");
  REQUIRE(file.thumbnail.empty() || begins_as_jpeg(file.thumbnail), kBadMedia, "a small picture is a JPEG");
  REQUIRE(file.waveform.size() <= kWaveformSizeMax, kBadMedia, "a waveform has at most 256 loudnesses");
  REQUIRE(is_plain_line(file.pack, kPackSizeMax), kBadMedia, "a pack has a short name");
  REQUIRE(is_plain_line(file.emoji, kReactionSizeMax), kBadMedia, "a sticker stands for an emoji");
  REQUIRE(file.kind != MediaKind::kSticker || file.size <= kStickerSizeMax, kBadMedia, "a sticker has at most 512 KiB");
  REQUIRE(file.kind != MediaKind::kStickerPack || file.size <= kStickerPackSizeMax, kBadMedia,
          "a pack has at most 8 MiB");
  return {};
}

Status settle_file(FileBody& file) {
  REQUIRE(file.size <= kFileSizeMax, kBadContent, "a file has at most 2 GiB");
  // Any other decoder of pictures is for who asks for the file.
  if (file.thumbnail.size() <= kThumbnailSizeMax && !begins_as_jpeg(file.thumbnail)) file.thumbnail.clear();
  REQUIRE(check_media(file).has_value(), kBadContent, "what is said of a file is within its bounds");
  REQUIRE(wire::check_home_address(file.home).has_value(), kBadContent, "a file is at a home");
  if (file.kind > MediaKind::kStickerPack) file.kind = MediaKind::kFile;
  file.name = clean_file_name(file.name);
  file.mime = clean_mime(file.mime.empty() ? kUnknownMime : file.mime, file.name);
  return {};
}

Result<FileBody> file_of(const Content& content) {
  REQUIRE(content.kind == ContentKind::kFile, kBadContent, "a file");
  codec::Reader reader(content.body);
  auto file = codec::decode<FileBody>(reader);
  REQUIRE(file.has_value() && (content.version > 1 || reader.at_end()), kBadContent, "a file's body is well-formed");
  TRY(settle_file(*file));
  return file;
}

}  // namespace godwit::engine
