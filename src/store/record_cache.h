#pragma once
// Records that were read lately, for the thread that submits: what a home asks for again and again (whose address is this, which
// devices has the mailbox) costs no other thread. Inside store/ only.
//
// A record is here only while no change of it is under way and none was submitted since it was read; whoever submits a change
// says so first. So what is answered from here is what the engine would answer.

#include <map>
#include <optional>

#include "base/bytes.h"

namespace godwit::store {

/// Bytes of keys and values kept at most, and about as much again for the keys' own keeping.
constexpr size_t kRecordCacheBytesMax = size_t{4} << 20;

/// Used from one thread.
class RecordCache {
 public:
  /// What stands at `key` (nothing: no record), or null: not known here. Valid until the next call.
  const std::optional<Bytes>* find(const Bytes& key) const;
  /// `key` is being read from the engine, with no change of it under way. Gives the read's number, never 0; read() or
  /// read_failed() follows.
  uint64_t reading(const Bytes& key);
  /// The engine's answer to that read. Kept, unless a change was submitted meanwhile.
  void read(const Bytes& key, uint64_t number, const std::optional<Bytes>& value);
  /// The engine had no answer to it.
  void read_failed(const Bytes& key, uint64_t number) { static_cast<void>(finish(key, number)); }
  /// A change of `key` is being submitted: nothing of it is kept, nor what is being read.
  void changing(const Bytes& key);

 private:
  // Reads of one key that no change has overtaken.
  struct Reading {
    uint64_t first;  ///< older ones were overtaken
    size_t count;
  };
  bool finish(const Bytes& key, uint64_t number);
  void forget(const Bytes& key);

  std::map<Bytes, std::optional<Bytes>> records_;
  std::map<Bytes, Reading> reading_;
  uint64_t last_number_ = 0;
  size_t bytes_ = 0;
};

}  // namespace godwit::store
