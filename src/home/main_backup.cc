// `godwit-home backup` and `restore`. A snapshot of the store is made by whoever has it open (a running home is asked: a file and
// SIGHUP), then copied, with the files that make the home what it is, into a folder that gets its name when all of it is durable.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "crypto/hash.h"
#include "crypto/random_sources.h"
#include "home/errors.h"
#include "home/main.h"
#include "home/main_disk.h"
#include "home/main_questions.h"
#include "home/main_status.h"
#include "home/main_store.h"
#include "store/errors.h"
#include "store/folder_lock.h"
#include "store/rocksdb_store.h"

namespace godwit::home {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSums = "SHA256SUMS";
constexpr const char* kSumsDraft = "SHA256SUMS.unfinished";
constexpr size_t kPiece = size_t{1} << 20;
constexpr uint64_t kProgressEvery = uint64_t{64} << 20;

/// Tells how far copying is, now and then.
class Progress {
 public:
  explicit Progress(uint64_t total) : total_(total) {}
  void add(uint64_t bytes) {
    done_ += bytes;
    if (done_ < next_) return;
    next_ = done_ + kProgressEvery;
    std::cerr << "godwit-home: " << (done_ >> 20) << " of " << (total_ >> 20) << " MiB" << std::endl;
  }

 private:
  uint64_t total_;
  uint64_t done_ = 0;
  uint64_t next_ = kProgressEvery;
};

// Removes a folder that is not finished, unless it was.
class Draft {
 public:
  explicit Draft(std::string path) : path_(std::move(path)) {}
  ~Draft() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  const std::string& path() const { return path_; }
  // It has the name that it is to have.
  void finished() { path_.clear(); }

 private:
  std::string path_;
};

bool sync_folder(const std::string& path) {
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return false;
  const bool synced = ::fsync(folder) == 0;
  ::close(folder);
  return synced;
}

// Copies a file durably and gives the SHA-256 of what it copied; nothing if it cannot.
std::optional<std::string> copy_file(const std::string& from, const std::string& to, Progress& progress) {
  std::ifstream in(from, std::ios::binary);
  const int file = ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  std::FILE* out = file < 0 ? nullptr : ::fdopen(file, "wb");
  if (!in || out == nullptr) {
    if (out != nullptr) std::fclose(out);
    return std::nullopt;
  }
  crypto::Sha256 hash;
  Bytes piece(kPiece);
  bool good = true;
  while (good) {
    in.read(reinterpret_cast<char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
    const auto size = static_cast<size_t>(in.gcount());
    if (size == 0) break;
    hash.update(ByteView(piece).first(size));
    good = std::fwrite(piece.data(), 1, size, out) == size;
    progress.add(size);
  }
  good = good && !in.bad() && std::fflush(out) == 0 && ::fsync(::fileno(out)) == 0;
  good = std::fclose(out) == 0 && good;
  if (!good) return std::nullopt;
  return to_hex(hash.finish());
}

uint64_t size_of_folder(const std::string& path) {
  uint64_t size = 0;
  std::error_code ignored;
  for (const auto& each : fs::recursive_directory_iterator(path, ignored)) {
    if (each.is_regular_file(ignored)) size += each.file_size(ignored);
  }
  return size;
}

// The files beside the store that make it this home, as the configuration names them. Not the key of tickets: it must not lie
// where the store lies, and a restored home gives new tickets.
std::vector<std::string> files_of(const Config& config) {
  std::vector<std::string> files = {"config.toml",
                                    config.identity_key,
                                    config.admission_key,
                                    config.sealing_key,
                                    config.bulletin_key,
                                    config.web_push_key,
                                    config.certificate,
                                    config.certificate_key,
                                    config.mail.password_file,
                                    config.web_push_authorities};
  std::erase(files, "");
  std::ranges::sort(files);  // certificate and key may be one file
  files.erase(std::ranges::unique(files).begin(), files.end());
  return files;
}

// What the programs of transports keep, relative to the home's folder: their keys, without which the routes that people have would lead
// nowhere. What is not a plain file stays away.
std::vector<std::string> transport_files(const Place& place) {
  std::vector<std::string> files;
  std::error_code error;
  auto at = fs::recursive_directory_iterator(place.file(kTransports), error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (at->symlink_status().type() != fs::file_type::regular) continue;
    files.push_back(std::string(kTransports) + "/" +
                    fs::path(at->path()).lexically_relative(place.file(kTransports)).string());
  }
  return files;
}

// The snapshot of the store, by the home that runs, or by ourselves if none does. An exit code.
int take_snapshot(const Place& place, const Config& config) {
  const std::string path = snapshot_folder(place, config);
  auto store = store::open_rocksdb(place.file(config.store));
  if (store) {
    remove_snapshot(path);
    const Status made = store::snapshot_rocksdb(**store, path);
    return made ? int{kExitDone} : fail(made.error(), path);
  }
  if (store.error().code != store::kLocked) return fail(store.error(), place.file(config.store));
  const auto told = ask_owner(place, "backup", "snapshot\n");
  if (!told) return fail(kExitFix, why_silent(place, config));
  if (*told != "done\n") return fail(kExitFix, "the running home made no snapshot: " + *told);
  return kExitDone;
}

// Copies everything into `draft`, and writes the sums. An exit code.
int fill_backup(const Place& place, const Config& config, const std::string& draft) {
  const std::string snapshot = snapshot_folder(place, config);
  Progress progress(size_of_folder(snapshot));
  std::ostringstream sums;
  const auto copy = [&](const std::string& from, const std::string& name) {
    std::error_code error;
    fs::create_directories(fs::path(draft) / fs::path(name).parent_path(), error);
    const auto sum = copy_file(from, draft + "/" + name, progress);
    if (sum) sums << *sum << "  " << name << "\n";
    return sum.has_value() && sync_folder((fs::path(draft) / fs::path(name).parent_path()).string());
  };
  for (const std::string& name : files_of(config)) {
    if (!fs::exists(place.file(name))) continue;
    if (!is_inside(name)) {
      std::cerr << "godwit-home: not in the backup, since it is not in the home's folder: " << name << std::endl;
    } else if (!copy(place.file(name), name)) {
      return fail(kExitFix, name + ": it cannot be copied");
    }
  }
  for (const std::string& name : transport_files(place)) {
    if (!copy(place.file(name), name)) return fail(kExitFix, name + ": it cannot be copied");
  }
  std::error_code error;
  for (const auto& each : fs::directory_iterator(snapshot, error)) {
    if (!copy(each.path().string(), "store/" + each.path().filename().string())) {
      return fail(kExitFix, each.path().string() + ": it cannot be copied; is there room?");
    }
  }
  if (error) return fail(kExitFix, snapshot + ": it cannot be read");
  const Status written = write_file(draft + "/" + kSumsDraft, sums.str(), false);
  if (!written || std::rename((draft + "/" + kSumsDraft).c_str(), (draft + "/" + kSums).c_str()) != 0) {
    return fail(kExitFix, draft + ": it cannot be written");
  }
  return sync_folder(draft + "/store") && sync_folder(draft) ? int{kExitDone}
                                                             : fail(kExitFix, draft + ": it cannot be synced");
}

// Gives a finished folder its name, which nothing else has (an empty folder may). An exit code.
int name_folder(Draft& draft, const std::string& path) {
  if (std::rename(draft.path().c_str(), path.c_str()) != 0)
    return fail(kExitFix, path + ": it cannot be made, or is not empty");
  draft.finished();
  sync_folder(fs::absolute(path).parent_path().string());
  return kExitDone;
}

std::string without_slashes(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

// Nothing is there, or an empty folder that another one can be renamed onto: no link, and no file system of its own.
bool is_free(const std::string& path) {
  struct stat held{};
  struct stat parent{};
  if (::lstat(path.c_str(), &held) != 0) return errno == ENOENT;
  std::error_code error;
  return S_ISDIR(held.st_mode) && ::stat(fs::absolute(path).parent_path().c_str(), &parent) == 0 &&
         parent.st_dev == held.st_dev && fs::is_empty(path, error);
}

// An empty folder that nobody else may look into, whatever the umask. False: it cannot be made.
bool make_draft(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  fs::create_directories(fs::absolute(path).parent_path(), error);
  return ::mkdir(path.c_str(), 0700) == 0;
}

// Copies what the sums list into `draft`. An exit code.
int fill_restored(const std::string& backup, const std::map<std::string, std::string>& sums, const std::string& draft) {
  Progress progress(size_of_folder(backup));
  for (const auto& [name, sum] : sums) {
    std::error_code error;
    fs::create_directories(fs::path(draft) / fs::path(name).parent_path(), error);
    const auto copied = copy_file(backup + "/" + name, draft + "/" + name, progress);
    if (!copied) return fail(kExitFix, name + ": it is missing from the backup, or there is no room for it");
    if (*copied != sum)
      return fail(kExitDamaged, name + ": it is not what the backup's SHA256SUMS says; take another backup");
    sync_folder((fs::path(draft) / fs::path(name).parent_path()).string());
  }
  return kExitDone;
}

// The restored home gives tickets under a new key: one that was used after the backup was made must not be good again.
int renew_ticket_key(const Place& restored, const Config& config) {
  if (config.ticket_key.empty()) return kExitDone;
  if (!is_inside(config.ticket_key)) {  // not to be written over on a backup's word: another home may use it
    std::cerr << "godwit-home: remove the old key of tickets before the start, if it is there: " << config.ticket_key
              << std::endl;
    return kExitDone;
  }
  crypto::SystemRandom random;
  const Status made = write_file(restored.file(config.ticket_key), print_key(crypto::Secret<32>::random(random)), true);
  return made ? int{kExitDone} : fail(made.error(), restored.file(config.ticket_key));
}

// Moves the store to where the configuration wants it, and lets its queues go on where no client has read yet. An exit code.
int open_restored(const Place& restored, const Config& config) {
  if (is_store_away(config) || !is_inside(config.store)) {
    return fail(kExitFix, "the configuration has its store elsewhere (" + config.store +
                              "): set store = \"store\" in the backup's copy");
  }
  if (config.store != "store") {
    std::error_code error;
    fs::create_directories(fs::path(restored.file(config.store)).parent_path(), error);
    fs::rename(restored.file("store"), restored.file(config.store), error);
    if (error) return fail(kExitFix, restored.file(config.store) + ": it cannot be made");
  }
  const Status store = store::begin_sequences_anew(restored.file(config.store), wall_clock());
  return store ? int{kExitDone} : fail(store.error(), restored.file(config.store));
}

}  // namespace

std::string snapshot_folder(const Place& place, const Config& config) {
  return without_slashes(place.file(config.store)) + ".snapshot";
}

void remove_snapshot(const std::string& folder) {
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  fs::remove_all(folder + ".tmp", ignored);
}

Result<int> lock_backup(const Place& place) { return store::lock_folder(place.folder, "backup.lock"); }

bool is_inside(const std::string& path) {
  const fs::path parts(path);
  if (path.empty() || parts.is_absolute()) return false;
  for (const auto& part : parts) {
    if (part == "..") return false;
  }
  return true;
}

std::optional<std::map<std::string, std::string>> parse_sums(std::string_view text) {
  std::map<std::string, std::string> sums;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;  // cut short
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    Bytes sum;
    if (line.size() < 67 || line.substr(64, 2) != "  " || !from_hex(line.substr(0, 64), sum)) return std::nullopt;
    const std::string name(line.substr(66));
    if (!is_inside(name) || !sums.emplace(name, line.substr(0, 64)).second) return std::nullopt;
  }
  return sums;
}

void clear_left_over(const Place& place, const Config& config) {
  remove_left_over(place);
  const std::string folder = snapshot_folder(place, config);
  if (!std::filesystem::exists(folder)) return;
  const auto lock = lock_backup(place);
  if (!lock) return;  // it is being copied
  remove_snapshot(folder);
  ::close(*lock);
}

int run_backup(const Place& place, const BackupOptions& options) {
  if (!is_own(place)) return fail(kExitFix, "the home belongs to another user; run this as that one (sudo -u)");
  const auto config = load_config(place);
  if (!config) return kExitConfig;
  if (is_store_away(*config)) {
    return fail(kExitFix, "a store on NATS is not backed up: its stream is kept by three servers, and a copy put back later would pass over\n"
                          "messages (docs/operations.md, \"The store on NATS\"). Copy the keys and the configuration in this folder by hand");
  }
  const std::string target = without_slashes(options.folder);
  if (!is_free(target))
    return fail(kExitFix, target + ": it is there already, or is a file system of its own; name a new folder");
  ::umask(0077);
  const auto lock = lock_backup(place);
  if (!lock) return fail(kExitFix, "another backup of this home is being made");
  Draft snapshot(snapshot_folder(place, *config));
  if (const int code = take_snapshot(place, *config); code != kExitDone) return code;
  Draft draft(target + ".unfinished");
  if (!make_draft(draft.path()) || ::mkdir((draft.path() + "/store").c_str(), 0700) != 0)
    return fail(kExitFix, draft.path() + ": it cannot be made");
  if (const int code = fill_backup(place, *config, draft.path()); code != kExitDone) return code;
  if (const int code = name_folder(draft, target); code != kExitDone) return code;
  std::cout << "backed up to " << target << ". It holds the home's keys: keep it as safe as the home." << std::endl;
  return kExitDone;
}

int run_restore(const Place& place, const BackupOptions& options) {
  const std::string target = without_slashes(place.folder);
  const std::string backup = without_slashes(options.folder);
  if (!is_free(target)) return fail(kExitFix, target + ": something is there; restore goes into a new folder only");
  const auto text = read_file(backup + "/" + kSums);
  if (!text) return fail(kExitFix, backup + ": no finished backup is there (SHA256SUMS is missing)");
  const auto sums = parse_sums(*text);
  if (!sums || !sums->contains("config.toml") || !sums->contains("store/CURRENT")) {
    return fail(kExitDamaged, backup + "/" + kSums + ": it does not list a home; take another backup");
  }
  Draft draft(target + ".unfinished");
  if (!make_draft(draft.path())) return fail(kExitFix, draft.path() + ": it cannot be made");
  if (const int code = fill_restored(backup, *sums, draft.path()); code != kExitDone) return code;
  const Place restored{draft.path()};
  const auto config = load_config(restored);
  if (!config) return kExitConfig;
  if (const int code = open_restored(restored, *config); code != kExitDone) return code;
  if (const int code = renew_ticket_key(restored, *config); code != kExitDone) return code;
  if (const int code = name_folder(draft, target); code != kExitDone) return code;
  std::cout << "restored. All is as it was when the backup was made: what was delivered since and not fetched is gone, what was\n"
               "acknowledged since comes once more, mailboxes and addresses that were opened since are not there, revoked ones\n"
               "are there again. Clients do a full handshake. Never run the old home again beside this one."
            << std::endl;
  return kExitDone;
}

}  // namespace godwit::home
