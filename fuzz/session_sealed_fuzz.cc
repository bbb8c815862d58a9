// Sealed requests and replies, from outside and with any plaintext inside; tickets as stored.

#include "crypto/xwing.h"
#include "fuzz/session_fuzz_common.h"
#include "session/sealed_request.h"

namespace {

using namespace godwit;
using namespace godwit::session;

/// A request that is sealed right, whatever is in it.
Bytes seal_anything(const crypto::SecretBuffer& home_key, ByteView plaintext, Random& random) {
  const crypto::HpkeSuite suite{&crypto::kem_xwing(), &crypto::chacha20_poly1305()};
  auto sender = *crypto::hpke_setup_sender(suite, *suite.kem->public_key(home_key), as_bytes("godwit sealed request 1"),
                                           random);
  Bytes out{1};
  append(out, sender.encapsulated_key);
  append(out, *sender.context.seal({}, plaintext));
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzzing::Input input(data, size);
  fuzzing::Keys keys;
  const auto home_key = crypto::SecretBuffer::random(keys.random, crypto::kXWingSeedSize);
  const uint8_t mode = input.byte() % 3;
  const ByteView rest = input.bytes(size);
  if (mode == 0) static_cast<void>(open_requests(home_key, rest));
  if (mode == 1) {
    const auto opened = open_requests(home_key, seal_anything(home_key, rest, keys.random));
    if (opened) ASSERT(!opened->requests.empty() && opened->requests.size() <= kSealedRequestsMax);
  }
  if (mode == 2) {
    static_cast<void>(Ticket::parse(crypto::SecretBuffer::copy_of(rest)));
    static_cast<void>(SealedReplyKey::parse(crypto::SecretBuffer::copy_of(rest)));
  }
  return 0;
}
