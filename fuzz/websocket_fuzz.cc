// A peer's bytes as WebSocket frames, to a server or a client, whole or in two pieces: the same data comes out, as far as
// both are read. (The library judges the text in a close frame by the pieces it comes in, so that one may be refused where
// the other is not.)

#include <algorithm>

#include "base/assert.h"
#include "base/bytes.h"
#include "net/websocket.h"

namespace {

struct Outcome {
  godwit::Bytes data;
  bool good = true;
  bool closed = false;
};

Outcome read(godwit::net::WebSocket::Role role, godwit::ByteView first, godwit::ByteView second) {
  godwit::net::WebSocket socket(role);
  Outcome out;
  for (const auto part : {first, second}) {
    out.good = out.good && !socket.is_closed_by_peer() && socket.feed(part, out.data).has_value();
    out.closed = socket.is_closed_by_peer();
    if (!out.good || out.closed) break;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const auto role = data[0] % 2 == 0 ? godwit::net::WebSocket::Role::kClient : godwit::net::WebSocket::Role::kServer;
  const godwit::ByteView bytes(data + 2, size - 2);
  const size_t cut = bytes.empty() ? 0 : data[1] % bytes.size();
  const Outcome whole = read(role, bytes, {});
  const Outcome split = read(role, bytes.first(cut), bytes.subspan(cut));
  const size_t common = std::min(whole.data.size(), split.data.size());
  ASSERT(godwit::equal(godwit::ByteView(whole.data).first(common), godwit::ByteView(split.data).first(common)));
  if (whole.good && split.good) ASSERT(whole.data == split.data && whole.closed == split.closed);
  ASSERT(whole.data.size() <= bytes.size());
  return 0;
}
