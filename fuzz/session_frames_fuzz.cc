// Any plaintext is either refused or frames that write to the same bytes again.

#include "base/assert.h"
#include "session/frame.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit::session;
  const godwit::ByteView plaintext(data, size);
  const auto frames = parse_frames(plaintext);
  if (!frames) return 0;
  godwit::Bytes again;
  for (const Frame& frame : *frames) write_frame(again, frame.kind, frame.flags, frame.stream, frame.payload);
  ASSERT(again.size() <= size);
  again.resize(size);
  ASSERT(godwit::equal(again, plaintext));
  return 0;
}
