#include "store/journal.h"

#include <rocksdb/file_system.h>

#include <algorithm>
#include <random>
#include <vector>

#include "store/errors.h"
#include "store/journal_format.h"
#include "store/rocksdb_database.h"

namespace godwit::store {
namespace {

constexpr std::string_view kSuffix = ".journal";
constexpr size_t kNameDigits = 6;
constexpr size_t kReadBytes = size_t{1} << 20;

Bytes new_tag() {
  std::random_device device;
  Bytes tag(kJournalTagSize);
  for (uint8_t& byte : tag) byte = static_cast<uint8_t>(device());
  return tag;
}

std::string name_of(uint64_t number) {
  const std::string digits = std::to_string(number);
  std::string name(digits.size() < kNameDigits ? kNameDigits - digits.size() : 0, '0');
  return name.append(digits).append(kSuffix);
}

Error error_of_io(const rocksdb::IOStatus& status) { return error_of(status); }

rocksdb::Slice slice(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

Result<Bytes> read_file(rocksdb::FileSystem& files, const std::string& path) {
  std::unique_ptr<rocksdb::FSSequentialFile> file;
  rocksdb::IOStatus status = files.NewSequentialFile(path, {}, &file, nullptr);
  if (!status.ok()) return error_of_io(status);
  Bytes out;
  std::string piece(kReadBytes, '\0');
  for (;;) {
    rocksdb::Slice read;
    status = file->Read(piece.size(), {}, &read, piece.data(), nullptr);
    if (!status.ok()) return error_of_io(status);
    if (read.empty()) return out;
    append(out, as_bytes({read.data(), read.size()}));
  }
}

// Whether it has the form that name_of() gives.
bool is_name(std::string_view name) {
  if (!name.ends_with(kSuffix)) return false;
  name.remove_suffix(kSuffix.size());
  const bool digits = std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits && name.size() >= kNameDigits && (name.size() == kNameDigits || name[0] != '0');
}

Result<std::vector<std::string>> names_in(rocksdb::FileSystem& files, const std::string& folder) {
  std::vector<std::string> names;
  const rocksdb::IOStatus status = files.GetChildren(folder, {}, &names, nullptr);
  if (!status.ok()) return error_of_io(status);
  std::erase_if(names, [](const std::string& name) { return !is_name(name); });
  return names;
}

/// Makes `name` in `folder`, durably, as long as it is to be.
rocksdb::IOStatus make_file(rocksdb::FileSystem& files, const std::string& folder, const std::string& name, uint64_t room) {
  const std::string path = folder + "/" + name;
  std::unique_ptr<rocksdb::FSWritableFile> file;
  rocksdb::IOStatus status = files.NewWritableFile(path, {}, &file, nullptr);
  if (status.ok()) status = file->Append(std::string(room, '\0'), {}, nullptr);
  if (status.ok()) status = file->Sync({}, nullptr);
  if (status.ok()) status = file->Close({}, nullptr);
  std::unique_ptr<rocksdb::FSDirectory> directory;
  if (status.ok()) status = files.NewDirectory(folder, {}, &directory, nullptr);
  if (status.ok()) status = directory->Fsync({}, nullptr);
  return status;
}

// A file that was made and never begun.
bool is_blank(ByteView file) {
  return file.size() <= kJournalHeadSize || std::all_of(file.begin(), file.end(), [](uint8_t byte) { return byte == 0; });
}

/// One file of the journal as it was found.
struct FoundFile {
  JournalHead head;
  Bytes bytes;
};

// Those above `through`, in their order.
Result<std::vector<FoundFile>> files_above(rocksdb::FileSystem& files, const std::string& folder, uint64_t through) {
  std::vector<FoundFile> found;
  for (const std::string& name : TRY(names_in(files, folder))) {
    Bytes file = TRY(read_file(files, folder + "/" + name));
    auto head = read_journal_head(file);
    if (!head && is_blank(file)) continue;
    REQUIRE(head.has_value(), kCorrupted, "store: a file of the journal begins as this program wrote it");
    if (head->number > through) found.push_back({std::move(*head), std::move(file)});
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.head.number < b.head.number; });
  for (size_t i = 0; i < found.size(); ++i) {
    REQUIRE(found[i].head.number == through + 1 + i, kCorrupted, "store: no file of the journal is missing");
  }
  return found;
}

}  // namespace

// ---- writing --------------------------------------------------------------------------------------------------------

Journal::~Journal() {
  if (file_) (void)file_->Close({}, nullptr);  // what counts is durable already
}

Result<std::unique_ptr<Journal>> Journal::begin(rocksdb::FileSystem& files, const std::string& folder, uint64_t number,
                                                uint64_t before_ends, uint64_t room, std::unique_ptr<Journal>& over) {
  std::unique_ptr<Journal> journal(new Journal());
  journal->number_ = number;
  journal->tag_ = new_tag();
  journal->over_ = over != nullptr;
  journal->name_ = over ? over->name_ : name_of(number);
  const std::string path = folder + "/" + journal->name_;
  const Bytes head = write_journal_head({journal->tag_, number, before_ends});
  rocksdb::IOStatus status;
  if (!over) status = make_file(files, folder, journal->name_, room);
  if (status.ok()) status = files.NewRandomRWFile(path, {}, &journal->file_, nullptr);
  // Within one sector, which a disk writes whole or not at all: after a loss of power it is the new start or the old one.
  if (status.ok()) status = journal->file_->Write(0, slice(head), {}, nullptr);
  if (status.ok()) status = journal->file_->Sync({}, nullptr);
  if (!status.ok()) {
    if (!over) (void)files.DeleteFile(path, {}, nullptr);
    return error_of_io(status);
  }
  journal->end_ = head.size();
  over.reset();
  return journal;
}

bool Journal::empty() const { return end_ == kJournalHeadSize; }

Status Journal::append(ByteView before, const Changes& changes, bool sync) {
  REQUIRE(!broken_, kUnavailable, "store: the disk takes what is written");
  const Bytes record = write_journal_record(tag_, before, changes);
  rocksdb::IOStatus status = file_->Write(end_, slice(record), {}, nullptr);
  if (status.ok() && sync) status = file_->Sync({}, nullptr);
  if (!status.ok()) {
    broken_ = true;
    return error_of_io(status);
  }
  end_ += record.size();
  return {};
}

// ---- reading --------------------------------------------------------------------------------------------------------

Result<uint64_t> replay_journal(rocksdb::FileSystem& files, const std::string& folder, uint64_t through,
                                Changes& changes) {
  const std::vector<FoundFile> found = TRY(files_above(files, folder, through));
  for (size_t i = 0; i < found.size(); ++i) {
    const uint64_t end = i + 1 < found.size() ? found[i + 1].head.before_ends : UINT64_MAX;
    TRY(read_journal_records(found[i].bytes, found[i].head, end, changes));
  }
  return through + found.size();
}

bool remove_journal(rocksdb::FileSystem& files, const std::string& folder, const std::set<std::string>& but) {
  const auto names = names_in(files, folder);
  if (!names) return false;
  bool removed = true;
  for (const std::string& name : *names) {
    if (!but.contains(name)) removed = files.DeleteFile(folder + "/" + name, {}, nullptr).ok() && removed;
  }
  return removed;
}

}  // namespace godwit::store
