#include "store/journal_format.h"

#include <zlib.h>

#include <algorithm>

#include "store/errors.h"

namespace godwit::store {
namespace {

constexpr std::string_view kMagic = "GDWTJRNL";
constexpr size_t kRecordHeadSize = kJournalTagSize + 4 + 4;
constexpr uint32_t kErased = UINT32_MAX;

constexpr const char* kDamaged = "store: the journal is as this program wrote it";

void put_number(Bytes& out, uint64_t number, size_t size) {
  for (size_t i = size; i-- > 0;) out.push_back(static_cast<uint8_t>(number >> (8 * i)));
}

// `bytes` must be long enough.
uint64_t number_at(ByteView bytes, size_t offset, size_t size) {
  uint64_t number = 0;
  for (const uint8_t byte : bytes.subspan(offset, size)) number = number << 8 | byte;
  return number;
}

// zlib begins anew at a null pointer, which an empty view may have.
uint32_t crc_of(ByteView first, ByteView second = {}) {
  uLong sum = 0;
  for (const ByteView part : {first, second}) {
    if (!part.empty()) sum = crc32_z(sum, part.data(), part.size());
  }
  return static_cast<uint32_t>(sum);
}

// All before the payload, the checksum still to come.
Bytes record_head(ByteView tag, size_t payload_size) {
  Bytes record;
  record.reserve(kRecordHeadSize + payload_size);
  append(record, tag);
  put_number(record, payload_size, 4);
  put_number(record, 0, 4);
  return record;
}

Bytes finished(Bytes record) {
  constexpr size_t kAt = kJournalTagSize + 4;
  const uint32_t crc = crc_of(ByteView(record).first(kAt), ByteView(record).subspan(kRecordHeadSize));
  for (size_t i = 0; i < 4; ++i) record[kAt + i] = static_cast<uint8_t>(crc >> (24 - 8 * i));
  return record;
}

/// The payload of the record at `offset`; nothing if there is no whole one.
std::optional<ByteView> payload_at(ByteView file, ByteView tag, uint64_t offset) {
  if (file.size() - offset < kRecordHeadSize) return std::nullopt;
  const ByteView head = file.subspan(offset, kRecordHeadSize);
  const uint64_t size = number_at(head, kJournalTagSize, 4);
  if (!equal(head.first(kJournalTagSize), tag) || file.size() - offset - kRecordHeadSize < size) return std::nullopt;
  const ByteView payload = file.subspan(offset + kRecordHeadSize, size);
  if (crc_of(head.first(kJournalTagSize + 4), payload) != number_at(head, kJournalTagSize + 4, 4)) return std::nullopt;
  return payload;
}

bool whole_record_after(ByteView file, ByteView tag, uint64_t offset) {
  for (auto at = file.begin() + static_cast<ptrdiff_t>(offset) + 1;; ++at) {
    at = std::search(at, file.end(), tag.begin(), tag.end());
    if (at == file.end()) return false;
    if (payload_at(file, tag, static_cast<uint64_t>(at - file.begin()))) return true;
  }
}

Status read_payload(ByteView payload, Changes& changes) {
  while (!payload.empty()) {
    REQUIRE(payload.size() >= 8, kCorrupted, kDamaged);
    const uint64_t key_size = number_at(payload, 0, 4);
    const uint64_t value_size = number_at(payload, 4, 4);
    const bool erased = value_size == kErased;
    payload = payload.subspan(8);
    REQUIRE(payload.size() >= key_size, kCorrupted, kDamaged);
    Bytes key = to_bytes(payload.first(key_size));
    payload = payload.subspan(key_size);
    REQUIRE(erased || payload.size() >= value_size, kCorrupted, kDamaged);
    Change change;
    if (!erased) {
      change.value = to_bytes(payload.first(value_size));
      payload = payload.subspan(value_size);
    }
    changes.insert_or_assign(std::move(key), std::move(change));
  }
  return {};
}

}  // namespace

// ---- heads ----------------------------------------------------------------------------------------------------------

Bytes write_journal_head(const JournalHead& head) {
  Bytes out = to_bytes(as_bytes(kMagic));
  append(out, head.tag);
  put_number(out, head.number, 8);
  put_number(out, head.before_ends, 8);
  put_number(out, crc_of(out), 4);
  return out;
}

std::optional<JournalHead> read_journal_head(ByteView file) {
  if (file.size() < kJournalHeadSize || !equal(file.first(kMagic.size()), as_bytes(kMagic))) return std::nullopt;
  const size_t tag = kMagic.size();
  if (crc_of(file.first(kJournalHeadSize - 4)) != number_at(file, kJournalHeadSize - 4, 4)) return std::nullopt;
  return JournalHead{to_bytes(file.subspan(tag, kJournalTagSize)), number_at(file, tag + kJournalTagSize, 8),
                     number_at(file, tag + kJournalTagSize + 8, 8)};
}

// ---- records --------------------------------------------------------------------------------------------------------

void write_journal_changes(const Changes& changes, Bytes& payload) {
  for (const auto& [key, change] : changes) {
    put_number(payload, key.size(), 4);
    put_number(payload, change.value ? change.value->size() : kErased, 4);
    append(payload, key);
    if (change.value) append(payload, *change.value);
  }
}

Bytes write_journal_record(ByteView tag, ByteView before, const Changes& changes) {
  size_t size = before.size();
  for (const auto& [key, change] : changes) size += 8 + key.size() + (change.value ? change.value->size() : 0);
  Bytes record = record_head(tag, size);
  append(record, before);
  write_journal_changes(changes, record);
  return finished(std::move(record));
}

Bytes write_journal_record(ByteView tag, ByteView payload) {
  Bytes record = record_head(tag, payload.size());
  append(record, payload);
  return finished(std::move(record));
}

Status read_journal_records(ByteView file, const JournalHead& head, uint64_t end, Changes& changes) {
  const bool torn_end = end == UINT64_MAX;
  REQUIRE(torn_end || (end >= kJournalHeadSize && end <= file.size()), kCorrupted, kDamaged);
  if (!torn_end) file = file.first(end);
  for (uint64_t at = kJournalHeadSize; at < file.size();) {
    const auto payload = payload_at(file, head.tag, at);
    if (!payload) {
      REQUIRE(torn_end && !whole_record_after(file, head.tag, at), kCorrupted, kDamaged);
      return {};
    }
    TRY(read_payload(*payload, changes));
    at += kRecordHeadSize + payload->size();
  }
  return {};
}

}  // namespace godwit::store
