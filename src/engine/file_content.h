#pragma once
// What a message that brings a file says: where the encrypted blob is, what opens it, and what it is called. Content kind 6.

#include "codec/members.h"
#include "engine/content.h"
#include "engine/content_notices.h"
#include "engine/secret_field.h"
#include "wire/home_link.h"
#include "wire/ids.h"

namespace godwit::engine {

/// The largest file.
constexpr uint64_t kFileSizeMax = uint64_t{2} << 30;
/// Bytes of a name: what file systems take.
constexpr size_t kFileNameSizeMax = 200;
/// Bytes of a mime type.
constexpr size_t kMimeSizeMax = 127;
/// Bytes of the small picture: JPEG.
constexpr size_t kThumbnailSizeMax = 16 * 1024;
/// Loudnesses in the waveform of a voice note.
constexpr size_t kWaveformSizeMax = 256;
/// Bytes of what stands under a file.
constexpr size_t kCaptionSizeMax = 64 * 1024;
/// Bytes of the name of a pack of stickers, and of the largest sticker.
constexpr size_t kPackSizeMax = 64;
constexpr uint64_t kStickerSizeMax = 512 * 1024;

/// The body of a kFile. Members that a later version appends are left unread.
struct FileBody {
  wire::HomeAddress home;  ///< Where the blob is.
  wire::BlobId blob;
  SecretField key;  ///< Opens its chunks (file_chunks.h); random, for this file alone.
  uint64_t size = 0;
  std::string name;  ///< Without folders: clean_file_name().
  std::string mime;
  uint32_t width = 0;  ///< Of a picture; 0: not known.
  uint32_t height = 0;
  Bytes thumbnail;
  std::string caption{};              ///< UTF-8; formatting and mentions are extensions of the content.
  MediaKind kind = MediaKind::kFile;  ///< An unknown one is a file.
  uint32_t duration_ms = 0;
  Bytes waveform{};
  std::string pack{};   ///< Of a sticker.
  std::string emoji{};  ///< Of a sticker.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.home, self.blob, self.key, self.size, self.name, self.mime, self.width, self.height,
                          self.thumbnail, self.caption, self.kind, self.duration_ms, self.waveform, self.pack,
                          self.emoji);
  }
  /// A second copy, asked for by name.
  FileBody clone() const {
    return {home,      blob,    key.clone(), size,        name,     mime, width, height,
            thumbnail, caption, kind,        duration_ms, waveform, pack, emoji};
  }
};

/// The file of a kFile, with its name cleaned. kBadContent.
Result<FileBody> file_of(const Content& content);
/// What file_of() does with a file that was read; a small picture that is no JPEG is left out. kBadContent.
Status settle_file(FileBody& file);
/// The checks on what is said of a file beside its name and type. kBadMedia, kTooLong, kNotText.
Status check_media(const FileBody& file);
/// A name that is none but a name: no folders, no control or direction characters, nothing that a shell or another system takes
/// for more, not hidden, at most kFileNameSizeMax bytes; "file" if nothing is left. For names from peers, and for one's own.
std::string clean_file_name(std::string_view name);
/// A mime type of printable characters, or "application/octet-stream". An empty one is guessed by the ending of `name`.
std::string clean_mime(std::string_view mime, std::string_view name);

}  // namespace godwit::engine
