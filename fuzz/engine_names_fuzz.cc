// What strangers write: a name, a request link, what lies behind a name, and a contact request. The last two are sealed here
// under keys that are known, so that what is inside is any bytes.

#include "base/assert.h"
#include "codec/link_payload.h"
#include "crypto/random_sources.h"
#include "crypto/x25519.h"
#include "engine/name_text.h"
#include "engine/request_link.h"

namespace {

using namespace godwit;

void try_card(ByteView inside, Random& random) {
  const auto key = crypto::Secret<32>::random(random);
  const wire::NameId name;
  const auto link = engine::open_card(crypto::box_seal(key, random, name.view(), inside), key, name);
  if (link) ASSERT(engine::parse_request_link(engine::to_text(*link)).has_value());
}

void try_request(ByteView inside, Random& random) {
  const auto private_key = crypto::Secret<32>::random(random);
  engine::RequestLink link;
  link.key.value = crypto::Secret<32>::random(random);
  link.public_key = crypto::X25519KeyPair::from_private(private_key.clone()).public_key;
  const auto payload = engine::seal_for(link, inside, random);
  ASSERT(payload.has_value());
  static_cast<void>(engine::open_request(*payload, link, private_key));
  static_cast<void>(engine::open_request(inside, link, private_key));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView bytes{data, size};
  const std::string text(as_text(bytes));
  if (const auto name = engine::canonical_name(text)) {
    const auto again = engine::canonical_name(*name);
    ASSERT(again.has_value() && *again == *name);
  }
  for (const std::string& link : {text, "godwit:m#" + codec::to_link_payload(bytes)}) {
    if (const auto request = engine::parse_request_link(link)) {
      ASSERT(link.find(engine::to_text(*request)) != std::string::npos);
    }
  }
  crypto::SeededRandom random{1};
  try_card(bytes, random);
  try_request(bytes, random);
  return 0;
}
