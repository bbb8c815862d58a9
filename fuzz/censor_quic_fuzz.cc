// Datagrams that may be QUIC Initial packets; and frames that would have been inside, since no fuzzer finds a right tag.

#include "base/assert.h"
#include "lab/censor/quic_initial.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit;
  using namespace godwit::lab;
  const ByteView bytes(data, size);
  QuicHello quic;
  TlsHello hello;
  if (quic.add(bytes, hello) == HelloState::kWhole) ASSERT(is_quic_initial(bytes));
  if (size > 1 && size < 1000) {
    // The first byte says where the second half stands: gaps and overlaps of CRYPTO data.
    const ByteView rest = bytes.subspan(1);
    const size_t half = rest.size() / 2;
    const Bytes id(8, data[0]);
    QuicHello joined;
    if (joined.add(make_quic_initial(id, 1, data[0], rest.subspan(half)), hello) == HelloState::kWhole) return 0;
    if (joined.add(make_quic_initial(id, 0, 0, rest.first(half)), hello) == HelloState::kWhole) return 0;
  }
  return 0;
}
