#include "cli/archived_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "archive/archive_parts.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/files.h"
#include "crypto/hash.h"
#include "imports/media_path.h"
#include "store/errors.h"

namespace godwit::cli {
namespace {

// So long a home is waited for before files, and so slow a file may come.
constexpr Duration kConnectLimit = seconds(20);
constexpr Duration kFileLimit = minutes(2);
constexpr Duration kFileLimitMax = minutes(20);
constexpr uint64_t kBytesPerSecondMin = 32 * 1024;
// After so many that did not come in their time, one after another, the others are not waited for.
constexpr size_t kLateMax = 3;

// False: it cannot be read, or not to its end.
Result<bool> read_pieces(const std::string& path, const ArchivedFiles::TakePiece& take) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.valid()) return false;
  Bytes piece(archive::kFilePieceSize);
  while (true) {
    const ssize_t count = ::read(file.number(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    TRY(take(ByteView(piece).first(static_cast<size_t>(count))));
    if (count == 0) return true;
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

ArchivedFiles::ArchivedFiles(Client& client, const std::string& profile)
    : client_(client), media_(profile + "/media"), fetched_(absolute_path(profile) + "/archived/") {
  empty_folder();
}

ArchivedFiles::~ArchivedFiles() {
  empty_folder();
  ::rmdir(fetched_.c_str());
}

// What an earlier run has left there. Hidden ones are parts, with which a file goes on.
void ArchivedFiles::empty_folder() {
  DIR* open = ::opendir(fetched_.c_str());
  if (open == nullptr) return;
  while (const dirent* entry = ::readdir(open)) {
    if (entry->d_name[0] != '.') ::unlink((fetched_ + entry->d_name).c_str());
  }
  ::closedir(open);
}

Result<bool> ArchivedFiles::read(const engine::ChatInfo& chat, const engine::Message& message, const TakePiece& take) {
  return message.kept ? read_kept(message.kept->media, take) : fetch(chat, message, take);
}

Result<bool> ArchivedFiles::read_kept(const std::string& name, const TakePiece& take) {
  return read_pieces(media_ + "/" + name, take);
}

bool ArchivedFiles::is_connected() {
  const auto connected = [this] {
    return client_.connection() && client_.connection()->connection == engine::Connection::kConnected;
  };
  if (!std::exchange(waited_, true)) static_cast<void>(client_.wait(connected, "waiting for the home", kConnectLimit));
  return connected();
}

Result<bool> ArchivedFiles::fetch(const engine::ChatInfo& chat, const engine::Message& message, const TakePiece& take) {
  if (message.file->sending || late_ >= kLateMax || !is_connected()) return false;
  TRY(make_folders(fetched_));
  Client::TakeNotice before = client_.on_notice(nullptr);
  client_.on_notice([this, &before, id = message.id](const engine::Notice& notice) {
    if (before) before(notice);
    const auto* progress = std::get_if<engine::FileProgress>(&notice);
    if (progress != nullptr && progress->message == id) client_.show_detail(print_progress(*progress));
  });
  const Duration limit =
      std::min(kFileLimitMax, kFileLimit + seconds(static_cast<int64_t>(message.file->size / kBytesPerSecondMin)));
  const auto saved =
      client_.ask<engine::FileSaved>(engine::GetFile{chat.chat, message.id, fetched_}, "fetching a file", limit);
  client_.on_notice(std::move(before));
  if (!saved) {
    const ErrorCode& code = saved.error().code;
    if (code == kTimedOut) ++late_;
    if (code == kInterrupted || code == store::kDiskFull || code == kFileNoAccess) return saved.error();
    return false;
  }
  late_ = 0;
  auto read = read_pieces(saved->path, take);
  ::unlink(saved->path.c_str());
  return read;
}

}  // namespace godwit::cli
