#include "store/journal.h"

#include <rocksdb/file_system.h>

#include <algorithm>
#include <random>

#include "store/errors.h"
#include "store/journal_format.h"
#include "store/rocksdb_database.h"

namespace godwit::store {
namespace {

constexpr std::string_view kSuffix = ".journal";
constexpr size_t kReadBytes = size_t{1} << 20;

Bytes new_tag() {
  std::random_device device;
  Bytes tag(kJournalTagSize);
  for (uint8_t& byte : tag) byte = static_cast<uint8_t>(device());
  return tag;
}

std::string name_of(uint64_t number) {
  const std::string digits = std::to_string(number);
  return std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits + std::string(kSuffix);
}

std::string path_of(const std::string& folder, uint64_t number) { return folder + "/" + name_of(number); }

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

Result<std::vector<uint64_t>> numbers_in(rocksdb::FileSystem& files, const std::string& folder) {
  std::vector<std::string> names;
  const rocksdb::IOStatus status = files.GetChildren(folder, {}, &names, nullptr);
  if (!status.ok()) return error_of_io(status);
  std::vector<uint64_t> numbers;
  for (const std::string& name : names) {
    if (!name.ends_with(kSuffix)) continue;
    uint64_t number = 0;
    for (const char digit : name.substr(0, name.size() - kSuffix.size())) {
      number = number * 10 + static_cast<uint64_t>(digit - '0');  // the name is compared with what it should be below
    }
    if (name == name_of(number)) numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace

// ---- writing --------------------------------------------------------------------------------------------------------

Journal::~Journal() {
  if (file_) (void)file_->Close({}, nullptr);  // what counts is durable already
}

Result<std::unique_ptr<Journal>> Journal::begin(rocksdb::FileSystem& files, const std::string& folder, uint64_t number,
                                                uint64_t before_ends) {
  std::unique_ptr<Journal> journal(new Journal());
  journal->number_ = number;
  journal->tag_ = new_tag();
  const Bytes head = write_journal_head({journal->tag_, number, before_ends});
  const std::string path = path_of(folder, number);
  rocksdb::IOStatus status = files.NewWritableFile(path, {}, &journal->file_, nullptr);
  if (status.ok()) status = journal->file_->Append(slice(head), {}, nullptr);
  if (status.ok()) status = journal->file_->Sync({}, nullptr);
  std::unique_ptr<rocksdb::FSDirectory> directory;
  if (status.ok()) status = files.NewDirectory(folder, {}, &directory, nullptr);
  if (status.ok()) status = directory->Fsync({}, nullptr);
  if (!status.ok()) {
    journal->file_.reset();
    (void)files.DeleteFile(path, {}, nullptr);
    return error_of_io(status);
  }
  journal->end_ = head.size();
  return journal;
}

bool Journal::empty() const { return end_ == kJournalHeadSize; }

Status Journal::append(ByteView before, const Changes& changes, bool sync) {
  REQUIRE(!broken_, kUnavailable, "store: the disk takes what is written");
  const Bytes record = write_journal_record(tag_, before, changes);
  rocksdb::IOStatus status = file_->Append(slice(record), {}, nullptr);
  if (status.ok()) status = file_->Flush({}, nullptr);
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
  std::vector<uint64_t> numbers = TRY(numbers_in(files, folder));
  std::erase_if(numbers, [&](uint64_t number) { return number <= through; });
  // From the last one back: each says where the one before it ends.
  std::vector<Changes> found;
  uint64_t end = UINT64_MAX;
  uint64_t last = through;
  for (size_t i = numbers.size(); i-- > 0;) {
    REQUIRE(numbers[i] == through + 1 + i, kCorrupted, "store: no file of the journal is missing");
    const Bytes file = TRY(read_file(files, path_of(folder, numbers[i])));
    const auto head = read_journal_head(file);
    if (!head && i + 1 == numbers.size() && file.size() <= kJournalHeadSize) continue;  // nothing was ever added to it
    REQUIRE(head && head->number == numbers[i], kCorrupted, "store: a file of the journal begins as this program wrote it");
    found.emplace_back();
    TRY(read_journal_records(file, *head, end, found.back()));
    end = head->before_ends;
    last = std::max(last, numbers[i]);
  }
  for (; !found.empty(); found.pop_back()) {
    for (auto& [key, change] : found.back()) changes.insert_or_assign(key, std::move(change));
  }
  return last;
}

bool remove_journal(rocksdb::FileSystem& files, const std::string& folder, uint64_t through) {
  const auto numbers = numbers_in(files, folder);
  if (!numbers) return false;
  bool removed = true;
  for (const uint64_t number : *numbers) {
    if (number <= through) removed = files.DeleteFile(path_of(folder, number), {}, nullptr).ok() && removed;
  }
  return removed;
}

}  // namespace godwit::store
