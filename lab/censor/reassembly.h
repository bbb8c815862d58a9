#pragma once
// The first bytes of one direction of a TCP connection in order, as a reassembling box keeps them.

#include <map>

#include "base/bytes.h"

namespace godwit::lab {

/// Segments in, contiguous bytes out. Where segments overlap, what came first counts.
class StreamHead {
 public:
  static constexpr size_t kBytesMax = 18 * 1024;  ///< more than the largest hello with its record headers
  static constexpr size_t kGapsMax = 32;          ///< segments waiting behind a gap; a box gives up as well

  /// Says which sequence number the first byte has. Without it the first segment added decides.
  void start(uint32_t sequence);
  /// Takes a segment. True if there are more contiguous bytes than before.
  bool add(uint32_t sequence, ByteView payload);
  /// What is contiguous from the start; lives until the next add() or close().
  ByteView bytes() const { return bytes_; }
  /// True if no more bytes are kept: enough is known, or it was too much.
  bool closed() const { return closed_; }
  /// Frees everything; add() does nothing from now on.
  void close();

 private:
  bool take(uint32_t offset, ByteView payload);

  bool started_ = false;
  bool closed_ = false;
  uint32_t first_ = 0;
  Bytes bytes_;
  std::map<uint32_t, Bytes> waiting_;  ///< By offset from first_.
};

}  // namespace godwit::lab
