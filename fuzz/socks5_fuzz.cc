// Whatever a SOCKS server answers, however it is cut, the client takes no more than the protocol gives it and ends.

#include "base/assert.h"
#include "routes/socks5.h"

using godwit::ByteView;
using godwit::routes::Socks5Client;
using godwit::routes::Socks5Login;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const bool with_login = (data[0] & 1) != 0;
  const size_t step = 1 + (data[0] >> 1);
  auto client = *Socks5Client::create(
      "192.0.2.1", 443, with_login ? std::optional(Socks5Login{"cert=x", std::string(1, '\0')}) : std::nullopt);
  size_t taken_all = 0;
  for (ByteView rest(data + 1, size - 1); !rest.empty() && !client.is_done();) {
    const ByteView piece = rest.first(std::min(step, rest.size()));
    const auto taken = client.feed(piece);
    if (!taken) return 0;
    ASSERT(*taken <= piece.size());
    ASSERT(*taken == piece.size() || client.is_done());
    taken_all += *taken;
    static_cast<void>(client.take_output());
    rest = rest.subspan(*taken);
  }
  // Methods, login, and the longest reply: a name of 255 bytes.
  ASSERT(taken_all <= 2 + 2 + 4 + 1 + 255 + 2);
  return 0;
}
