#pragma once
// Sees whether a secret is left in heap memory that is given back. This header replaces the global operator new and
// delete, so one file of a test program includes it, and no other.

#include <malloc.h>

#include <cstdlib>
#include <cstring>
#include <new>

#include "base/bytes.h"

namespace godwit::testing {

/// While one is alive, blocks that are freed with the 16 bytes of `marker` in them are counted. One at a time.
class FreedBlocks {
 public:
  explicit FreedBlocks(const ByteArray<16>& marker) : marker_(marker) { watching = this; }
  ~FreedBlocks() { watching = nullptr; }
  FreedBlocks(const FreedBlocks&) = delete;
  FreedBlocks& operator=(const FreedBlocks&) = delete;

  /// How many blocks held the marker when they were freed.
  size_t leaks() const { return leaks_; }
  /// Called for every block that is freed.
  static void look_at(void* block) {
    if (watching == nullptr || block == nullptr) return;
    const auto& marker = watching->marker_;
    if (memmem(block, malloc_usable_size(block), marker.data(), marker.size()) != nullptr) ++watching->leaks_;
  }

 private:
  static inline FreedBlocks* watching = nullptr;
  const ByteArray<16>& marker_;  // not on the heap
  size_t leaks_ = 0;
};

}  // namespace godwit::testing

// Not inline: replacements must not be.
void* operator new(size_t size) {
  if (void* block = std::malloc(size > 0 ? size : 1)) return block;
  std::abort();
}
void operator delete(void* block) noexcept {
  godwit::testing::FreedBlocks::look_at(block);
  std::free(block);
}
void operator delete(void* block, size_t) noexcept { operator delete(block); }
