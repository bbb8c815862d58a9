// What a stranger says first: what is taken for a call's relay goes to a program that is not ours, so it is that and nothing else, and
// no byte more can change what was said of a whole header.

#include "base/assert.h"
#include "net/stun_start.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit;
  const ByteView first(data, size);
  const net::StunStart whole = net::stun_start(first);
  if (whole == net::StunStart::kMore) ASSERT(size < net::kStunHeaderSize);
  if (whole == net::StunStart::kYes) ASSERT(size >= net::kStunHeaderSize && data[0] == 0 && data[1] == 3);
  for (size_t cut = 0; cut < size && cut < net::kStunHeaderSize; ++cut) {
    const net::StunStart part = net::stun_start(first.first(cut));
    if (whole != net::StunStart::kNo) ASSERT(part == net::StunStart::kMore);
  }
  // What a relay says is heard the same however it is cut.
  net::AllocateEar at_once;
  at_once.hear(first);
  net::AllocateEar slowly;
  for (size_t at = 0; at < size; ++at) slowly.hear(first.subspan(at, 1));
  ASSERT(at_once.heard() == slowly.heard());
  return 0;
}
