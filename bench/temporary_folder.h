#pragma once
// A folder that goes with its owner.

#include <string>

namespace godwit::bench {

/// A new empty folder below the system's folder for temporary files; removed with all that is in it in the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  /// Absolute.
  const std::string& path() const { return path_; }
  /// True if it lies in memory (tmpfs), where an fsync costs nothing and makes nothing durable.
  bool is_in_memory() const;

 private:
  std::string path_;
};

/// What a report says then.
inline constexpr const char* kInMemory =
    "The temporary folder lies in memory: what is called durable here reached no disk. Set TMPDIR to one.";

}  // namespace godwit::bench
