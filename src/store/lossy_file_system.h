#pragma once
// A file system that forgets at SIGKILL what a power cut would forget. Inside store/ only; for tests of whole programs.
//
// What a process hands to the kernel survives the process, so killing it proves nothing about fsync. Here bytes stay in
// this process's memory until they are synced, and only then reach the real file system. Modelled:
//  - appended bytes: lost unless Sync or Fsync followed (RangeSync does not count: it promises nothing for power cuts);
//  - bytes written over others, in files that were synced before: unless a sync followed, some sectors have the new bytes and the others
//    the old ones, by chance;
//  - new files: not there unless synced; a sync of the file makes its name durable too, as ext4, xfs and btrfs do;
//  - renames: undone unless a sync of a directory followed; of a file never synced, the file is lost altogether;
//  - removals: durable at once, which is the unkind order (a file may be gone before what replaces it is there).
// Not modelled: torn sectors, appended bytes that reach the disk without a sync, directories that are made and lost.

#include <memory>

namespace rocksdb {
class FileSystem;
}  // namespace rocksdb

namespace godwit::store {

/// A lossy file system over `below`, for one database.
std::shared_ptr<rocksdb::FileSystem> lossy_file_system(std::shared_ptr<rocksdb::FileSystem> below);

}  // namespace godwit::store
