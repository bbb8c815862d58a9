#pragma once
// Bytes on their way out: appended at the end, taken from the front.

#include "base/assert.h"
#include "base/bytes.h"

namespace godwit::net {

/// A first-in first-out string of bytes, without a bound of its own.
class ByteQueue {
 public:
  /// Bytes waiting.
  size_t size() const { return bytes_.size() - begin_; }
  /// True if none wait.
  bool empty() const { return size() == 0; }
  /// The bytes waiting; valid until the next change.
  ByteView view() const { return ByteView(bytes_).subspan(begin_); }
  /// Adds at the end.
  void append(ByteView bytes) { godwit::append(bytes_, bytes); }
  /// Removes from the front; not more than there are. An empty queue gives its memory back.
  void consume(size_t count) {
    ASSERT(count <= size());
    begin_ += count;
    if (empty()) {
      bytes_ = Bytes();
      begin_ = 0;
    } else if (begin_ > bytes_.size() / 2) {
      bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<ptrdiff_t>(begin_));
      begin_ = 0;
    }
  }
  /// Removes everything.
  void clear() { consume(size()); }

 private:
  Bytes bytes_;
  size_t begin_ = 0;
};

}  // namespace godwit::net
