#include "moving/archived_files.h"

#include <algorithm>
#include <utility>

#include "archive/archive_parts.h"
#include "crypto/hash.h"
#include "imports/media_path.h"

namespace godwit::moving {
namespace {

// So long a home is waited for before files, and so slow a file may come.
constexpr Duration kConnectLimit = seconds(20);
constexpr Duration kFileLimit = minutes(2);
constexpr Duration kFileLimitMax = minutes(20);
constexpr uint64_t kBytesPerSecondMin = 32 * 1024;
// After so many that did not come in their time, one after another, the others are not waited for.
constexpr size_t kLateMax = 3;

// False: it cannot be read to its end. `take` gets no more at once than fits a part.
Result<bool> give_pieces(const Pieces& pieces, const ArchivedFiles::TakePiece& take) {
  while (true) {
    const auto read = pieces();
    if (!read) return false;
    ByteView rest = *read;
    do {
      const ByteView piece = rest.first(std::min(rest.size(), archive::kFilePieceSize));
      TRY(take(piece));
      rest = rest.subspan(piece.size());
    } while (!rest.empty());
    if (read->empty()) return true;
  }
}

}  // namespace

std::string archived_media_name(const engine::ChatInfo& chat, const engine::Message& message) {
  if (message.kept && message.kept->omitted) return {};
  if (message.kept) return imports::media_path(message.kept->media) ? message.kept->media : std::string();
  if (!message.file) return {};
  // Whoever has sent it chooses its name and the message's id: with neither can he make it that of another file.
  crypto::Sha256 hash;
  hash.update(as_bytes("godwit archived file 1"));
  hash.update(chat.chat.view());
  hash.update(message.id.view());
  const std::string front = to_hex(ByteView(hash.finish()).first(8));
  const std::string name = imports::name_behind(front, message.file->name);
  return imports::media_path(name) && name.find('/') == std::string::npos ? name : front;
}

Result<bool> ArchivedFiles::read(const engine::ChatInfo& chat, const engine::Message& message, const TakePiece& take) {
  if (!message.kept) return fetch(chat, message, take);
  const auto pieces = source_.kept(message.kept->media);
  return pieces ? give_pieces(*pieces, take) : false;
}

Result<bool> ArchivedFiles::fetch(const engine::ChatInfo& chat, const engine::Message& message, const TakePiece& take) {
  if (message.file->sending || late_ >= kLateMax) return false;
  if (!source_.is_connected(std::exchange(waited_, true) ? Duration{} : kConnectLimit)) return false;
  const Duration limit =
      std::min(kFileLimitMax, kFileLimit + seconds(static_cast<int64_t>(message.file->size / kBytesPerSecondMin)));
  const FetchedFile fetched = TRY(source_.fetch(chat, message, limit));
  if (fetched.late) ++late_;
  if (!fetched.pieces) return false;
  late_ = 0;
  return give_pieces(*fetched.pieces, take);
}

}  // namespace godwit::moving
