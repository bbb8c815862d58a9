#include "home/main_disk.h"

#include <sys/stat.h>
#include <unistd.h>

#include "home/main_status.h"
#include "home/main_store.h"

namespace godwit::home {
namespace {

// What questions and answers want.
constexpr uint64_t kFolderFree = uint64_t{256} << 10;

}  // namespace


std::string disk_trouble(const Place& place, const Config& config) {
  const auto found = [](const std::string& path, uint64_t free) {
    return "it is full: " + std::to_string(free >> 10) + " KiB free at " + path;
  };
  const std::string store = is_store_away(config) || is_store_absent(place, config) ? place.folder : place.file(config.store);
  const auto free = free_bytes(store);
  if (!is_store_away(config) && free && *free < kDiskFree) {
    return found(store, *free).append(", and below ").append(std::to_string(kDiskFree >> 20)).append(
        " MiB nothing new is taken. Reading goes on, and what was acknowledged is there; people are told, and what they send waits with them and "
        "comes by itself. Make room there; a home that runs goes on within seconds and needs no restart, one that does not cannot be started before");
  }
  const auto beside = free_bytes(place.folder);
  if (beside && *beside < kFolderFree)
    return found(place.folder, *beside).append(", so that a home that runs cannot be asked anything. What people do goes on. Make room there");
  return {};
}

bool is_open_to_others(const std::string& path) {
  struct stat held{};
  if (::stat(path.c_str(), &held) != 0) return false;
  return (held.st_mode & 0007) != 0 || (held.st_uid == ::geteuid() && (held.st_mode & 0070) != 0);
}

std::string why_silent(const Place& place, const Config& config) {
  const std::string trouble = disk_trouble(place, config);
  if (trouble.empty()) return "the home that runs on this folder does not answer: run this command as its user (sudo -u)";
  return "the home that runs on this folder cannot be asked while there is no room for an answer. The disk: " + trouble;
}

}  // namespace godwit::home
