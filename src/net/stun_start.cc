#include "net/stun_start.h"

#include <algorithm>

namespace godwit::net {
namespace {

constexpr uint8_t kAllocateRequest[2] = {0x00, 0x03};
constexpr uint8_t kAllocateSuccess[2] = {0x01, 0x03};
constexpr uint8_t kMagicCookie[4] = {0x21, 0x12, 0xa4, 0x42};

// As far as `first` goes, it is `wanted` at `at`.
bool agrees(ByteView first, size_t at, ByteView wanted) {
  if (first.size() <= at) return true;
  const ByteView there = first.subspan(at, std::min(wanted.size(), first.size() - at));
  return std::equal(there.begin(), there.end(), wanted.begin());
}

}  // namespace

StunStart stun_start(ByteView first) {
  if (!agrees(first, 0, kAllocateRequest) || !agrees(first, 4, kMagicCookie)) return StunStart::kNo;
  if (first.size() >= 4) {
    const size_t size = static_cast<size_t>(first[2]) << 8 | first[3];
    if (size % 4 != 0 || size > kStunFirstMax) return StunStart::kNo;
  }
  return first.size() < kStunHeaderSize ? StunStart::kMore : StunStart::kYes;
}

bool AllocateEar::hear(ByteView bytes) {
  while (!over_ && !bytes.empty()) {
    const size_t passed = std::min(skip_, bytes.size());
    skip_ -= passed;
    bytes = bytes.subspan(passed);
    const size_t taken = std::min(kStunHeaderSize - header_.size(), bytes.size());
    append(header_, bytes.first(taken));
    bytes = bytes.subspan(taken);
    if (header_.size() < kStunHeaderSize) break;
    const bool is_stun = header_[0] < 0x40 && agrees(header_, 4, kMagicCookie);
    heard_ = is_stun && agrees(header_, 0, kAllocateSuccess);
    over_ = heard_ || !is_stun;
    skip_ = static_cast<size_t>(header_[2]) << 8 | header_[3];
    header_.clear();
  }
  return !over_;
}

}  // namespace godwit::net
