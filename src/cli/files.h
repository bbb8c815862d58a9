#pragma once
// The few things that the program does with files itself.

#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "base/result.h"

namespace godwit::cli {

/// Owns a file descriptor.
class Descriptor {
 public:
  /// Takes `number` over; -1 owns nothing.
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.number_) { other.number_ = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();

  /// True if it owns one.
  bool valid() const { return number_ >= 0; }
  /// The number, -1 if none.
  int number() const { return number_; }

 private:
  int number_;
};

/// What the last call of the system has failed with (errno): store::kDiskFull if there is no room for more, be it on the disk, in a
/// quota or in what one file may hold; else `otherwise`. `rule`: what was to be true.
Error error_of_system(const ErrorCode& otherwise, const char* rule);
/// Writes all of `bytes`; false if that did not work: error_of_system says why.
[[nodiscard]] bool write_all(int descriptor, ByteView bytes);
/// Reads at most `size_max` bytes of a file. kProfileNoAccess: it cannot be read, or is longer.
Result<Bytes> read_file(const std::string& path, size_t size_max);
/// What was given on the command line, or standard input if that is "-": without its last newline. Reading stops
/// once it is larger than `size_max` bytes, which the caller refuses. kNoInput: there is nothing.
Result<std::string> text_given(const std::string& given, size_t size_max);
/// Makes the file `path` (mode 0600) durably, whole or not at all. kFileExists, kProfileNoAccess,
/// store::kDiskFull.
Status write_new_file(const std::string& path, ByteView bytes);
/// Puts `bytes` in the place of the file `path` (mode 0600), or makes it, durably: the old or the new one is there, whole. As above,
/// without kFileExists.
Status replace_file(const std::string& path, ByteView bytes);
/// Makes durable what was written to files below `folder`, and their names: the whole file system, once instead of each file.
/// kProfileNoAccess, store::kDiskFull: something may not be there after a loss of power.
Status sync_file_system(const std::string& folder);
/// True if `path` is a folder (or else a regular file) of this user that nobody else may read or change, and no link.
bool is_private(const std::string& path, bool folder);
/// Makes a folder (mode 0700) and those above it, as far as they are missing. kProfileNoAccess, store::kDiskFull.
Status make_folders(const std::string& path);

}  // namespace godwit::cli
