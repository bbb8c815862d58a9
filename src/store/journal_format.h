#pragma once
// How the journal's files look. Pure. Inside store/ only.
//
//   file    = "GDWTJRNL", tag(8), number(8), end of the file before(8), crc(4) of all that; then records
//   record  = tag(8), size(4), crc(4) of tag, size and payload, payload
//   payload = changes: key size(4), value size(4) or 0xffffffff for erased, key, value
//
// Numbers are big-endian, the crc is CRC-32 as in zlib. The tag differs from file to file, by chance: no item can look like a record.

#include "base/result.h"
#include "store/young.h"

namespace godwit::store {

constexpr size_t kJournalTagSize = 8;
constexpr size_t kJournalHeadSize = 8 + kJournalTagSize + 8 + 8 + 4;

/// What the start of a file says.
struct JournalHead {
  Bytes tag;             ///< kJournalTagSize bytes
  uint64_t number;       ///< of this file
  uint64_t before_ends;  ///< how long the one before it is as far as it counts; 0: there was none
};

/// The start of a file: kJournalHeadSize bytes.
Bytes write_journal_head(const JournalHead& head);
/// Reads it; nothing if it is not whole.
std::optional<JournalHead> read_journal_head(ByteView file);

/// Adds `changes` to a payload.
void write_journal_changes(const Changes& changes, Bytes& payload);
/// A record with the payload `before` and after it `changes`, of less than 4 GiB.
Bytes write_journal_record(ByteView tag, ByteView before, const Changes& changes);
/// A record with `payload`, whatever it is.
Bytes write_journal_record(ByteView tag, ByteView payload);
/// Reads the records of `file`, which begins with `head`, up to byte `end` (UINT64_MAX: to its torn end), into `changes`, the newest of
/// each key. kCorrupted: something whole stands behind what is damaged, or it is shorter than `end`.
Status read_journal_records(ByteView file, const JournalHead& head, uint64_t end, Changes& changes);

}  // namespace godwit::store
