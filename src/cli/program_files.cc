#include "cli/program_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "archive/archive_parts.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/files.h"
#include "store/errors.h"

namespace godwit::cli {
namespace {

// A file, which goes with its pieces if it is only there for them.
Result<moving::Pieces> pieces_of(const std::string& path, bool removed) {
  struct Reading {
    ~Reading() {
      if (!remove.empty()) ::unlink(remove.c_str());
    }
    Descriptor file{-1};
    std::string remove{};
    Bytes piece = Bytes(archive::kFilePieceSize);
  };
  const auto reading = std::make_shared<Reading>();
  if (removed) reading->remove = path;
  reading->file = Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  REQUIRE(reading->file.valid(), kFileNoAccess, "a file that can be read");
  return moving::Pieces([reading]() -> Result<ByteView> {
    ssize_t count = -1;
    do count = ::read(reading->file.number(), reading->piece.data(), reading->piece.size());
    while (count < 0 && errno == EINTR);
    REQUIRE(count >= 0, kFileNoAccess, "read");
    return ByteView(reading->piece).first(static_cast<size_t>(count));
  });
}

}  // namespace

ProgramFiles::ProgramFiles(Client& client, const std::string& profile)
    : client_(client), media_(profile + "/media"), fetched_(absolute_path(profile) + "/archived/") {
  empty_folder();
}

ProgramFiles::~ProgramFiles() {
  empty_folder();
  ::rmdir(fetched_.c_str());
}

// What an earlier run has left there. Hidden ones are parts, with which a file goes on.
void ProgramFiles::empty_folder() {
  DIR* open = ::opendir(fetched_.c_str());
  if (open == nullptr) return;
  while (const dirent* entry = ::readdir(open)) {
    if (entry->d_name[0] != '.') ::unlink((fetched_ + entry->d_name).c_str());
  }
  ::closedir(open);
}

Result<moving::Pieces> ProgramFiles::kept(const std::string& name) { return pieces_of(media_ + "/" + name, false); }

bool ProgramFiles::is_connected(Duration limit) {
  const auto connected = [this] {
    return client_.connection() && client_.connection()->connection == engine::Connection::kConnected;
  };
  if (limit > Duration{}) static_cast<void>(client_.wait(connected, "waiting for the home", limit));
  return connected();
}

Result<moving::FetchedFile> ProgramFiles::fetch(const engine::ChatInfo& chat, const engine::Message& message,
                                                Duration limit) {
  TRY(make_folders(fetched_));
  Client::TakeNotice before = client_.on_notice(nullptr);
  client_.on_notice([this, &before, id = message.id](const engine::Notice& notice) {
    if (before) before(notice);
    const auto* progress = std::get_if<engine::FileProgress>(&notice);
    if (progress != nullptr && progress->message == id) client_.show_detail(print_progress(*progress));
  });
  const auto saved =
      client_.ask<engine::FileSaved>(engine::GetFile{chat.chat, message.id, fetched_}, "fetching a file", limit);
  client_.on_notice(std::move(before));
  if (!saved) {
    const ErrorCode& code = saved.error().code;
    if (code == kInterrupted || code == store::kDiskFull || code == kFileNoAccess) return saved.error();
    return moving::FetchedFile{{}, code == kTimedOut};
  }
  auto pieces = pieces_of(saved->path, true);
  if (!pieces) return moving::FetchedFile{};
  return moving::FetchedFile{std::move(*pieces), false};
}

}  // namespace godwit::cli
