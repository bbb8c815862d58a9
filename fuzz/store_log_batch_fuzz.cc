// What a stream on NATS holds: messages of this program, or of whoever reached the servers. Several of them, each behind two bytes of length.

#include <algorithm>

#include "base/assert.h"
#include "store/log_batch.h"
#include "store/log_table.h"
#include "store/nats_store.h"

using namespace godwit;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteView in{data, size};
  (void)store::parse_nats_place(as_text(in));
  store::LogTable table;
  uint64_t sequence = 0;
  while (in.size() >= 2) {
    const size_t length = std::min(size_t{in[0]} << 8 | in[1], in.size() - 2);
    const ByteView message = in.subspan(2, length);
    in = in.subspan(2 + length);
    const auto batch = store::decode_batch(message);
    if (!batch) continue;
    ASSERT(store::encode_batch(*batch) == to_bytes(message));
    table.apply(++sequence, batch->changes);
    ASSERT(table.is_empty(sequence) == table.needed_of(sequence, batch->changes).empty());
  }
  // A round of cleaning leaves the same table.
  const size_t bytes = table.bytes();
  for (const uint64_t going : table.begin_round(sequence)) {
    if (table.is_empty(going)) table.removed(going);
  }
  ASSERT(table.bytes() == bytes);
  return 0;
}
