#include "store/wiping_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <new>
#include <span>

namespace godwit::store {
namespace {

constexpr const char* kName = "godwit-wiping";
constexpr int kPageSize = 4096;     // sqlite_client_store.cc
constexpr size_t kFirstPage = 100;  // bytes before the first page's own head

// https://www.sqlite.org/fileformat.html §1.6; numbers are big-endian.
void wipe(std::span<uint8_t> page, size_t head) {
  const auto number = [&](size_t at) { return size_t{page[at]} << 8 | page[at + 1]; };
  const uint8_t kind = page[head];
  const bool inner = kind == 2 || kind == 5;
  if (!inner && kind != 10 && kind != 13) return;  // no page of records: it begins with the number of another page
  const size_t begin = head + (inner ? 12 : 8) + 2 * number(head + 3);
  const size_t end = number(head + 5);  // 0 stands for 65,536, which no page of ours has
  if (begin < end && end <= page.size()) std::ranges::fill(page.subspan(begin, end - begin), uint8_t{0});
}

// What SQLite gets: it made room for this and for the file below, which stands behind it.
struct File {
  sqlite3_file base;
  bool database;
};
File& self(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
sqlite3_file* below(sqlite3_file* file) { return reinterpret_cast<sqlite3_file*>(&self(file) + 1); }
const sqlite3_io_methods* methods(sqlite3_file* file) { return below(file)->pMethods; }
sqlite3_vfs* under(sqlite3_vfs* vfs) { return static_cast<sqlite3_vfs*>(vfs->pAppData); }

// Of a full disk SQLite knows only ENOSPC; a quota and the bound of a file are the same to people.
int write_below(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  const int code = methods(file)->xWrite(below(file), bytes, size, offset);
  return code == SQLITE_IOERR_WRITE && (errno == EDQUOT || errno == EFBIG) ? SQLITE_FULL : code;
}

int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  if (!self(file).database || size != kPageSize || offset % kPageSize != 0) {
    return write_below(file, bytes, size, offset);
  }
  std::array<uint8_t, kPageSize> page;
  std::copy_n(static_cast<const uint8_t*>(bytes), page.size(), page.begin());
  wipe(page, offset == 0 ? kFirstPage : 0);
  return write_below(file, page.data(), size, offset);
}

// Version 1: without shared memory, which a database that one program has to itself does not need, and without maps of the file.
constexpr sqlite3_io_methods kMethods = {
    1,
    [](sqlite3_file* file) { return methods(file)->xClose(below(file)); },
    [](sqlite3_file* file, void* out, int size, sqlite3_int64 at) {
      return methods(file)->xRead(below(file), out, size, at);
    },
    write,
    [](sqlite3_file* file, sqlite3_int64 size) { return methods(file)->xTruncate(below(file), size); },
    [](sqlite3_file* file, int flags) { return methods(file)->xSync(below(file), flags); },
    [](sqlite3_file* file, sqlite3_int64* size) { return methods(file)->xFileSize(below(file), size); },
    [](sqlite3_file* file, int lock) { return methods(file)->xLock(below(file), lock); },
    [](sqlite3_file* file, int lock) { return methods(file)->xUnlock(below(file), lock); },
    [](sqlite3_file* file, int* held) { return methods(file)->xCheckReservedLock(below(file), held); },
    [](sqlite3_file* file, int what, void* value) { return methods(file)->xFileControl(below(file), what, value); },
    [](sqlite3_file* file) { return methods(file)->xSectorSize(below(file)); },
    [](sqlite3_file* file) { return methods(file)->xDeviceCharacteristics(below(file)); },
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
};

int open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
  new (file) File{{nullptr}, (flags & SQLITE_OPEN_MAIN_DB) != 0};
  const int code = under(vfs)->xOpen(under(vfs), name, below(file), flags, out_flags);
  if (below(file)->pMethods != nullptr) self(file).base.pMethods = &kMethods;
  return code;
}

sqlite3_vfs make() {
  sqlite3_vfs* const usual = sqlite3_vfs_find(nullptr);
  if (usual == nullptr) return {};
  sqlite3_vfs out = *usual;  // all else goes to the usual one as it is
  out.szOsFile = static_cast<int>(sizeof(File)) + usual->szOsFile;
  out.pNext = nullptr;
  out.zName = kName;
  out.pAppData = usual;
  out.xOpen = open;
  return out;
}

}  // namespace

const char* wiping_vfs() {
  static sqlite3_vfs vfs = make();
  static const bool registered = vfs.xOpen != nullptr && sqlite3_vfs_register(&vfs, 0) == SQLITE_OK;
  return registered ? kName : nullptr;
}

}  // namespace godwit::store
