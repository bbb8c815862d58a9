#pragma once
// The table that a log of batches describes, in memory, and which messages of the log it still needs. Pure. Inside store/ only.
//
// A message is needed while one of its records is the last word about its key: a value, or that the key is gone while an older message
// that is still in the log says otherwise. What is not needed may be taken out of the log, the oldest first; then who reads the log from
// its beginning gets the same table.

#include <map>
#include <vector>

#include "store/log_batch.h"
#include "store/table.h"

namespace godwit::store {

/// The table, only for reading as a Table; changed by apply(). Used from one thread, or behind a lock.
class LogTable final : public Table {
 public:
  Result<std::optional<Bytes>> get(ByteView key, size_t count_max = SIZE_MAX) override;
  Status visit(ByteView first, ByteView last, const Visitor& visitor) override;
  /// Never: changes come through the log.
  void put(ByteView key, Bytes value) override;
  void erase(ByteView key) override;

  /// The message at `sequence`, above all before it, has changed this.
  void apply(uint64_t sequence, const std::vector<LogChange>& changes);
  /// The message at `sequence` has gone from the log; what it said last must have been said again by a later one.
  void removed(uint64_t sequence);

  /// Those of `changes`, the contents of the message at `sequence`, that the table still needs.
  std::vector<LogChange> needed_of(uint64_t sequence, std::vector<LogChange> changes) const;
  /// The same without its contents, which were lost: looks at every record.
  std::vector<LogChange> all_of(uint64_t sequence) const;
  /// True if nothing of that message is needed.
  bool is_empty(uint64_t sequence) const;
  /// Begins a round of cleaning: the messages below `end`, oldest first, that hold what is gone, or little else than what was
  /// overwritten. Their needed changes are to be said again before they go.
  std::vector<uint64_t> begin_round(uint64_t end);
  /// True if a round would find much to clean: what is not needed any more takes more than what is, and not little.
  bool wants_round() const;
  /// Bytes of the keys and values of all records.
  size_t bytes() const { return bytes_; }

 private:
  struct Record {
    Bytes value;
    uint64_t sequence;
  };
  struct Message {
    size_t needed = 0;
    size_t records = 0;
    bool holds_what_is_gone = false;
    std::vector<Bytes> stale;  // keys of values that were true once
  };
  void supersede(const Bytes& key, bool gone);

  std::map<Bytes, Record, KeyOrder> records_;
  std::map<Bytes, uint64_t, KeyOrder> gone_;  // of keys that older messages still have: who says that they are gone
  std::map<Bytes, size_t, KeyOrder> stale_;   // in how many messages a key stands with a value that is not true any more
  std::map<uint64_t, Message> messages_;      // all of the log
  std::vector<Bytes> forgettable_;            // keys of gone_ that no message has had since the last round
  size_t bytes_ = 0;
  size_t stale_count_ = 0;  // keys in all Message::stale
};

/// A table on top of another: what is written stands here and is read back; the other is not changed.
class OverlayTable final : public Table {
 public:
  /// `below` must outlive it and stay as it is.
  explicit OverlayTable(Table& below) : below_(below) {}
  OverlayTable(const OverlayTable&) = delete;
  OverlayTable& operator=(const OverlayTable&) = delete;
  Result<std::optional<Bytes>> get(ByteView key, size_t count_max = SIZE_MAX) override;
  Status visit(ByteView first, ByteView last, const Visitor& visitor) override;
  void put(ByteView key, Bytes value) override;
  void erase(ByteView key) override;

  /// What was written and erased.
  const std::map<Bytes, std::optional<Bytes>, KeyOrder>& changes() const { return changes_; }
  /// Bytes of a batch that has these changes, without its head.
  size_t encoded_bytes() const { return encoded_bytes_; }
  /// The changes as a batch has them; this table is empty afterwards.
  std::vector<LogChange> take();

 private:
  void change(LogChange change);

  Table& below_;
  std::map<Bytes, std::optional<Bytes>, KeyOrder> changes_;
  size_t encoded_bytes_ = 0;
};

}  // namespace godwit::store
