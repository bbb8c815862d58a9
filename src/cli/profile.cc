#include "cli/profile.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <utility>

#include "cli/errors.h"
#include "net/local_server.h"
#include "store/sqlite_client_store.h"

namespace godwit::cli {
namespace {

/// Bytes of a header at most; it is some hundred.
constexpr size_t kHeaderSizeMax = 64 * 1024;

std::string header_path(const std::string& folder) { return folder + "/header"; }
std::string records_path(const std::string& folder) { return folder + "/records"; }

// `godwit profiles` holds every lock that it looks at for a moment: nobody is turned away for that.
bool locks(const Descriptor& lock) {
  constexpr int kTries = 5;
  for (int i = 0; i < kTries; ++i) {
    if (i > 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (::flock(lock.number(), LOCK_EX | LOCK_NB) == 0) return true;
  }
  return false;
}

Result<Descriptor> take_lock(const std::string& folder) {
  Descriptor lock(::open((folder + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  REQUIRE(lock.valid(), kProfileNoAccess, "the lock cannot be opened");
  if (locks(lock)) {
    (void)::futimens(lock.number(), nullptr);  // for profiles_in(); one that cannot be set costs a date
    // Of a change of the passphrase that was killed: it opens by the other one.
    (void)::unlink((header_path(folder) + ".new").c_str());
    return lock;
  }
  REQUIRE(!net::LocalServer::answers(api_socket(folder)), kProfileServed, "the lock is held, and the socket answers");
  return Error{kProfileInUse, "the lock is held"};
}

std::string_view text_of(const crypto::SecretBuffer& passphrase) { return as_text(passphrase.reveal()); }

// A header that has lost its last name, the new one being durable: with it the old passphrase would open. One that has another name
// (a copy by a hard link) is somebody's own. What a disk or a file system keeps of what is overwritten is beyond us.
void overwrite(const Descriptor& old) {
  struct stat found{};
  if (!old.valid() || ::fstat(old.number(), &found) != 0 || found.st_nlink != 0) return;
  const Bytes zeros(std::min(static_cast<size_t>(found.st_size), kHeaderSizeMax));
  if (::lseek(old.number(), 0, SEEK_SET) == 0 && write_all(old.number(), zeros)) (void)::fdatasync(old.number());
}

OpenedBy by(std::string_view passphrase) { return passphrase.empty() ? OpenedBy::kNothing : OpenedBy::kPassphrase; }

Result<engine::NewProfile> make_key(const SecretSources& sources, Random& random, OpenedBy& opened_by) {
  if (!sources.key_file.empty()) {
    opened_by = OpenedBy::kKeyFile;
    const auto file_key = TRY(read_or_make_key_file(sources.key_file, random));
    return engine::new_profile_by_key_file(file_key, random);
  }
  const auto passphrase = TRY(obtain_passphrase(sources, true));
  opened_by = by(text_of(passphrase));
  return engine::new_profile_by_passphrase(text_of(passphrase), crypto::kPasswordCostDefault, random);
}

Result<engine::StorageKey> open_key(ByteView header, const SecretSources& sources, OpenedBy& opened_by) {
  const bool by_file = TRY(engine::wants_key_file(header));
  if (by_file) {
    REQUIRE(!sources.key_file.empty(), kKeyFileWanted, "the header says so");
    opened_by = OpenedBy::kKeyFile;
    const auto file_key = TRY(read_key_file(sources.key_file));
    return engine::open_by_key_file(header, file_key);
  }
  REQUIRE(sources.key_file.empty(), kPassphraseWanted, "the header says so");
  const auto passphrase = TRY(obtain_passphrase(sources, false));
  opened_by = by(text_of(passphrase));
  return engine::open_by_passphrase(header, text_of(passphrase));
}

// A shared lock: those who look at the same time do not take each other for a program that has it open.
ProfileUse use_of(const std::string& folder, int lock) {
  if (::flock(lock, LOCK_SH | LOCK_NB) == 0) return ProfileUse::kFree;
  return net::LocalServer::answers(api_socket(folder)) ? ProfileUse::kServed : ProfileUse::kInUse;
}

// Not blocking: what is called "lock" or "header" in somebody else's folder may be a pipe.
Result<FoundProfile> look_at(const std::string& folder) {
  struct stat header{};
  REQUIRE(::stat(header_path(folder).c_str(), &header) == 0 && S_ISREG(header.st_mode), kNoProfile, "a header");
  FoundProfile out;
  out.folder = folder;
  out.by_key_file = TRY(engine::wants_key_file(TRY(read_file(header_path(folder), kHeaderSizeMax))));
  const Descriptor lock(::open((folder + "/lock").c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat used{};
  REQUIRE(lock.valid() && ::fstat(lock.number(), &used) == 0, kProfileNoAccess, "the lock cannot be opened");
  out.last_used = Instant{static_cast<int64_t>(used.st_mtim.tv_sec) * 1000};
  out.use = use_of(folder, lock.number());
  return out;
}

}  // namespace

std::vector<FoundProfile> profiles_in(const std::string& folder) {
  std::vector<FoundProfile> out;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
  if (!open) return out;
  while (const dirent* each = ::readdir(open.get())) {
    const std::string name = each->d_name;
    if (name == "." || name == "..") continue;
    auto found = look_at((folder.ends_with('/') ? folder : folder + "/") + name);
    if (found) out.push_back(std::move(*found));
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.folder < b.folder; });
  return out;
}

std::string default_profile_folder() {
  const char* data = std::getenv("XDG_DATA_HOME");
  if (data != nullptr && *data == '/') return std::string(data) + "/godwit";
  const char* home = std::getenv("HOME");
  return std::string(home == nullptr ? "." : home) + "/.local/share/godwit";
}

std::string api_folder(const std::string& folder) { return folder + "/api"; }
std::string api_socket(const std::string& folder) { return api_folder(folder) + "/socket"; }

bool profile_exists(const std::string& folder) { return ::access(header_path(folder).c_str(), F_OK) == 0; }

Result<Profile> Profile::create(const std::string& folder, const SecretSources& sources, Random& random) {
  REQUIRE(!profile_exists(folder), kProfileExists, "its header is there");
  TRY(make_folders(folder));
  Descriptor lock = TRY(take_lock(folder));
  REQUIRE(!profile_exists(folder), kProfileExists, "its header is there");
  OpenedBy opened_by{};
  engine::NewProfile made = TRY(make_key(sources, random, opened_by));
  // The header last: a folder without one is no profile, so dying in between leaves nothing that cannot be made again.
  auto records = TRY(store::open_sqlite(records_path(folder)));
  TRY(write_new_file(header_path(folder), made.header));
  return Profile(std::move(lock), std::move(made.key), opened_by, std::move(records));
}

Result<Profile> Profile::open(const std::string& folder, const SecretSources& sources) {
  REQUIRE(profile_exists(folder), kNoProfile, "there is no header");
  Descriptor lock = TRY(take_lock(folder));
  const Bytes header = TRY(read_file(header_path(folder), kHeaderSizeMax));
  OpenedBy opened_by{};
  engine::StorageKey key = TRY(open_key(header, sources, opened_by));
  auto records = TRY(store::open_sqlite(records_path(folder)));
  return Profile(std::move(lock), std::move(key), opened_by, std::move(records));
}

Result<Profile> Profile::open_by(const std::string& folder, std::string_view passphrase) {
  REQUIRE(profile_exists(folder), kNoProfile, "there is no header");
  Descriptor lock = TRY(take_lock(folder));
  const Bytes header = TRY(read_file(header_path(folder), kHeaderSizeMax));
  REQUIRE(!TRY(engine::wants_key_file(header)), kKeyFileWanted, "the header says so");
  engine::StorageKey key = TRY(engine::open_by_passphrase(header, passphrase));
  auto records = TRY(store::open_sqlite(records_path(folder)));
  return Profile(std::move(lock), std::move(key), by(passphrase), std::move(records));
}

Status Profile::change_passphrase(const std::string& folder, std::string_view current, std::string_view passphrase,
                                  Random& random) {
  const Bytes header = TRY(read_file(header_path(folder), kHeaderSizeMax));
  REQUIRE(!TRY(engine::wants_key_file(header)), kPassphraseWanted, "the header says so");
  const engine::StorageKey key = TRY(engine::open_by_passphrase(header, current));
  const Bytes sealed = TRY(engine::seal_by_passphrase(key, passphrase, crypto::kPasswordCostDefault, random));
  const Descriptor old(::open(header_path(folder).c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  const Status replaced = replace_file(header_path(folder), sealed);
  if (replaced) {
    overwrite(old);
    return {};
  }
  // What fails after the new one has its place (the folder is not flushed) has changed the passphrase all the same.
  const auto now = read_file(header_path(folder), kHeaderSizeMax);
  if (now && *now == sealed) return {};
  return replaced.error();
}

}  // namespace godwit::cli
