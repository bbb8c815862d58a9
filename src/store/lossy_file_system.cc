#include "store/lossy_file_system.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <random>
#include <vector>

namespace godwit::store {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

/// The bytes of a file that was never synced.
struct HeldFile {
  std::mutex mutex;
  std::string bytes;
};

/// Copies up to `count` bytes at `offset` of `file` to `scratch`.
Slice copy_out(HeldFile& file, uint64_t offset, size_t count, char* scratch) {
  const std::lock_guard hold(file.mutex);
  if (offset >= file.bytes.size()) return {scratch, 0};
  const size_t size = std::min(count, file.bytes.size() - static_cast<size_t>(offset));
  std::memcpy(scratch, file.bytes.data() + offset, size);
  return {scratch, size};
}

/// Reads a held file from its start.
class HeldSequentialFile final : public rocksdb::FSSequentialFile {
 public:
  explicit HeldSequentialFile(std::shared_ptr<HeldFile> file) : file_(std::move(file)) {}
  IOStatus Read(size_t count, const IOOptions&, Slice* result, char* scratch, IODebugContext*) override {
    *result = copy_out(*file_, offset_, count, scratch);
    offset_ += result->size();
    return IOStatus::OK();
  }
  IOStatus Skip(uint64_t count) override {
    offset_ += count;
    return IOStatus::OK();
  }

 private:
  std::shared_ptr<HeldFile> file_;
  uint64_t offset_ = 0;
};

/// Reads a held file anywhere.
class HeldRandomAccessFile final : public rocksdb::FSRandomAccessFile {
 public:
  explicit HeldRandomAccessFile(std::shared_ptr<HeldFile> file) : file_(std::move(file)) {}
  IOStatus Read(uint64_t offset, size_t count, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) const override {
    *result = copy_out(*file_, offset, count, scratch);
    return IOStatus::OK();
  }

 private:
  std::shared_ptr<HeldFile> file_;
};

class LossyFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit LossyFileSystem(std::shared_ptr<rocksdb::FileSystem> below)
      : rocksdb::FileSystemWrapper(std::move(below)) {}

  const char* Name() const override { return "GodwitLossyFileSystem"; }
  IOStatus NewSequentialFile(const std::string& path, const FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* result, IODebugContext* debug) override;
  IOStatus NewRandomAccessFile(const std::string& path, const FileOptions& options,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* result, IODebugContext* debug) override;
  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* debug) override;
  IOStatus ReopenWritableFile(const std::string&, const FileOptions&, std::unique_ptr<rocksdb::FSWritableFile>*,
                              IODebugContext*) override {
    return IOStatus::NotSupported("not modelled");
  }
  IOStatus ReuseWritableFile(const std::string&, const std::string&, const FileOptions&,
                             std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) override {
    return IOStatus::NotSupported("not modelled");
  }
  IOStatus NewRandomRWFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSRandomRWFile>* result, IODebugContext* debug) override;
  IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext* debug) override;
  IOStatus FileExists(const std::string& path, const IOOptions& options, IODebugContext* debug) override;
  IOStatus GetChildren(const std::string& folder, const IOOptions& options, std::vector<std::string>* result,
                       IODebugContext* debug) override;
  IOStatus GetChildrenFileAttributes(const std::string& folder, const IOOptions& options,
                                     std::vector<rocksdb::FileAttributes>* result, IODebugContext* debug) override {
    // The general form, made of the functions above, so that held files and renames count.
    return rocksdb::FileSystem::GetChildrenFileAttributes(folder, options, result, debug);
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions& options, IODebugContext* debug) override;
  IOStatus GetFileSize(const std::string& path, const IOOptions& options, uint64_t* size,
                       IODebugContext* debug) override;
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override;

  /// The first sync of `file`: from now on it has a real file below, with all its bytes so far.
  IOStatus make_real(const std::shared_ptr<HeldFile>& file, const FileOptions& options,
                     std::unique_ptr<rocksdb::FSWritableFile>* below, IODebugContext* debug);
  /// Carries out every rename that waits for it.
  IOStatus sync_directory(const IOOptions& options, IODebugContext* debug);

 private:
  std::shared_ptr<HeldFile> held(const std::string& path);
  /// Where the file called `path` really stands; empty if it was renamed away.
  std::string real(const std::string& path);

  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<HeldFile>> held_;  // by name
  std::map<std::string, std::string> renames_;             // the new name to where the file still really stands
};

/// A file that is being written; not to be used by two threads at once, as RocksDB promises.
class LossyFile final : public rocksdb::FSWritableFile {
 public:
  LossyFile(LossyFileSystem& file_system, std::shared_ptr<HeldFile> held, const FileOptions& options)
      : rocksdb::FSWritableFile(options), file_system_(file_system), held_(std::move(held)), options_(options) {}

  using rocksdb::FSWritableFile::Append;
  IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override {
    const std::lock_guard hold(held_->mutex);
    held_->bytes.append(data.data(), data.size());
    size_ += data.size();
    return IOStatus::OK();
  }
  IOStatus Truncate(uint64_t size, const IOOptions&, IODebugContext*) override {
    return size == size_ ? IOStatus::OK() : IOStatus::NotSupported("not modelled");
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    // Of a file that was synced once, what came after stays lost: nothing here reads it before the process ends.
    return below_ ? below_->Close(options, debug) : IOStatus::OK();
  }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override { return Sync(options, debug); }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    if (!below_) {
      IOStatus made = file_system_.make_real(held_, options_, &below_, debug);
      if (!made.ok()) return made;
    }
    const std::lock_guard hold(held_->mutex);
    if (!held_->bytes.empty()) {
      IOStatus appended = below_->Append(held_->bytes, options, debug);
      if (!appended.ok()) return appended;
      held_->bytes.clear();
    }
    return below_->Fsync(options, debug);
  }
  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return size_; }

 private:
  LossyFileSystem& file_system_;
  std::shared_ptr<HeldFile> held_;  // what is not synced
  FileOptions options_;
  std::unique_ptr<rocksdb::FSWritableFile> below_;  // once synced
  uint64_t size_ = 0;
};

/// A file that is written over; used by one thread at a time.
class LossyOverwrittenFile final : public rocksdb::FSRandomRWFile {
 public:
  LossyOverwrittenFile(std::unique_ptr<rocksdb::FSRandomRWFile> below, uint64_t size)
      : below_(std::move(below)), synced_end_(size) {}
  IOStatus Write(uint64_t offset, const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    held_.emplace_back(offset, data.ToString());
    for (size_t at = 0; at < data.size();) {
      const size_t size = std::min<size_t>(data.size() - at, kSector - (offset + at) % kSector);
      // A disk is free to write any of it early.
      if (chance_() % 4 == 0 && offset + at + size <= synced_end_) {
        IOStatus early = below_->Write(offset + at, Slice(data.data() + at, size), options, debug);
        if (!early.ok()) return early;
      }
      at += size;
    }
    return IOStatus::OK();
  }
  IOStatus Read(uint64_t, size_t, const IOOptions&, Slice*, char*, IODebugContext*) const override {
    return IOStatus::NotSupported("not modelled");
  }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    for (const auto& [offset, bytes] : held_) {
      IOStatus written = below_->Write(offset, bytes, options, debug);
      if (!written.ok()) return written;
      synced_end_ = std::max(synced_end_, offset + bytes.size());
    }
    held_.clear();
    return below_->Fsync(options, debug);
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override { return below_->Close(options, debug); }

 private:
  static constexpr uint64_t kSector = 512;
  std::unique_ptr<rocksdb::FSRandomRWFile> below_;
  std::vector<std::pair<uint64_t, std::string>> held_;  // what is not synced
  uint64_t synced_end_;                                 // beyond it the file would have to grow
  std::random_device chance_;
};

class LossyDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  LossyDirectory(LossyFileSystem& file_system, std::unique_ptr<rocksdb::FSDirectory> below)
      : rocksdb::FSDirectoryWrapper(std::move(below)), file_system_(file_system) {}
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    IOStatus renamed = file_system_.sync_directory(options, debug);
    return renamed.ok() ? rocksdb::FSDirectoryWrapper::Fsync(options, debug) : renamed;
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& what) override {
    IOStatus renamed = file_system_.sync_directory(options, debug);
    return renamed.ok() ? rocksdb::FSDirectoryWrapper::FsyncWithDirOptions(options, debug, what) : renamed;
  }

 private:
  LossyFileSystem& file_system_;
};

std::shared_ptr<HeldFile> LossyFileSystem::held(const std::string& path) {
  const std::lock_guard hold(mutex_);
  const auto found = held_.find(path);
  return found == held_.end() ? nullptr : found->second;
}

std::string LossyFileSystem::real(const std::string& path) {
  const std::lock_guard hold(mutex_);
  if (const auto found = renames_.find(path); found != renames_.end()) return found->second;
  const bool moved = std::any_of(renames_.begin(), renames_.end(), [&](const auto& one) { return one.second == path; });
  return moved ? std::string() : path;
}

IOStatus LossyFileSystem::NewSequentialFile(const std::string& path, const FileOptions& options,
                                            std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                            IODebugContext* debug) {
  if (auto file = held(path)) {
    *result = std::make_unique<HeldSequentialFile>(std::move(file));
    return IOStatus::OK();
  }
  return target()->NewSequentialFile(real(path), options, result, debug);
}

IOStatus LossyFileSystem::NewRandomAccessFile(const std::string& path, const FileOptions& options,
                                              std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                              IODebugContext* debug) {
  if (auto file = held(path)) {
    *result = std::make_unique<HeldRandomAccessFile>(std::move(file));
    return IOStatus::OK();
  }
  return target()->NewRandomAccessFile(real(path), options, result, debug);
}

IOStatus LossyFileSystem::NewWritableFile(const std::string& path, const FileOptions& options,
                                          std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext*) {
  auto file = std::make_shared<HeldFile>();
  const std::lock_guard hold(mutex_);
  held_[path] = file;
  renames_.erase(path);
  *result = std::make_unique<LossyFile>(*this, std::move(file), options);
  return IOStatus::OK();
}

IOStatus LossyFileSystem::NewRandomRWFile(const std::string& path, const FileOptions& options,
                                          std::unique_ptr<rocksdb::FSRandomRWFile>* result, IODebugContext* debug) {
  if (held(path) || real(path) != path) return IOStatus::NotSupported("not modelled");
  uint64_t size = 0;
  IOStatus status = target()->GetFileSize(path, options.io_options, &size, debug);
  std::unique_ptr<rocksdb::FSRandomRWFile> below;
  if (status.ok()) status = target()->NewRandomRWFile(path, options, &below, debug);
  if (!status.ok()) return status;
  *result = std::make_unique<LossyOverwrittenFile>(std::move(below), size);
  return status;
}

IOStatus LossyFileSystem::make_real(const std::shared_ptr<HeldFile>& file, const FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* below, IODebugContext* debug) {
  const std::lock_guard hold(mutex_);
  const auto at = std::find_if(held_.begin(), held_.end(), [&](const auto& one) { return one.second == file; });
  if (at == held_.end()) return IOStatus::PathNotFound("removed before its first sync");
  IOStatus made = target()->NewWritableFile(at->first, options, below, debug);
  if (made.ok()) held_.erase(at);
  return made;
}

IOStatus LossyFileSystem::NewDirectory(const std::string& path, const IOOptions& options,
                                       std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> below;
  IOStatus opened = target()->NewDirectory(path, options, &below, debug);
  if (opened.ok()) *result = std::make_unique<LossyDirectory>(*this, std::move(below));
  return opened;
}

IOStatus LossyFileSystem::sync_directory(const IOOptions& options, IODebugContext* debug) {
  const std::lock_guard hold(mutex_);
  while (!renames_.empty()) {
    const auto first = renames_.begin();
    IOStatus renamed = target()->RenameFile(first->second, first->first, options, debug);
    if (!renamed.ok()) return renamed;
    renames_.erase(first);
  }
  return IOStatus::OK();
}

IOStatus LossyFileSystem::FileExists(const std::string& path, const IOOptions& options, IODebugContext* debug) {
  if (held(path)) return IOStatus::OK();
  const std::string where = real(path);
  return where.empty() ? IOStatus::NotFound() : target()->FileExists(where, options, debug);
}

IOStatus LossyFileSystem::GetChildren(const std::string& folder, const IOOptions& options,
                                      std::vector<std::string>* result, IODebugContext* debug) {
  IOStatus listed = target()->GetChildren(folder, options, result, debug);
  if (!listed.ok()) return listed;
  const std::string start = folder.ends_with('/') ? folder : folder + "/";
  const std::lock_guard hold(mutex_);
  auto add = [&](const std::string& path) {
    if (!path.starts_with(start)) return;
    std::string name = path.substr(start.size());
    if (name.find('/') != std::string::npos) return;
    if (std::find(result->begin(), result->end(), name) == result->end()) result->push_back(std::move(name));
  };
  for (const auto& [to, from] : renames_) {
    std::erase_if(*result, [&, &source = from](const std::string& name) { return start + name == source; });
    add(to);
  }
  for (const auto& [path, file] : held_) add(path);
  return IOStatus::OK();
}

IOStatus LossyFileSystem::DeleteFile(const std::string& path, const IOOptions& options, IODebugContext* debug) {
  const std::string where = real(path);
  bool was_held = false;
  {
    const std::lock_guard hold(mutex_);
    was_held = held_.erase(path) > 0;
    renames_.erase(path);
  }
  // Below there may be a file of that name that the held or renamed one had replaced.
  if (was_held || where != path) {
    if (!was_held && !where.empty()) (void)target()->DeleteFile(where, options, debug);
    if (target()->FileExists(path, options, debug).ok()) return target()->DeleteFile(path, options, debug);
    return IOStatus::OK();
  }
  return target()->DeleteFile(path, options, debug);
}

IOStatus LossyFileSystem::GetFileSize(const std::string& path, const IOOptions& options, uint64_t* size,
                                      IODebugContext* debug) {
  if (const auto file = held(path)) {
    const std::lock_guard hold(file->mutex);
    *size = file->bytes.size();
    return IOStatus::OK();
  }
  return target()->GetFileSize(real(path), options, size, debug);
}

IOStatus LossyFileSystem::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                                     IODebugContext* debug) {
  const std::string where = real(from);
  const std::lock_guard hold(mutex_);
  if (const auto found = held_.find(from); found != held_.end()) {
    held_[to] = found->second;
    held_.erase(from);
    return IOStatus::OK();
  }
  IOStatus there = target()->FileExists(where, options, debug);
  if (!there.ok()) return there;
  renames_.erase(from);
  renames_[to] = where;
  return IOStatus::OK();
}

}  // namespace

std::shared_ptr<rocksdb::FileSystem> lossy_file_system(std::shared_ptr<rocksdb::FileSystem> below) {
  return std::make_shared<LossyFileSystem>(std::move(below));
}

}  // namespace godwit::store
