#include "crypto/sealed_item.h"

#include <algorithm>

#include "crypto/aead.h"
#include "crypto/hash.h"

namespace godwit::crypto {
namespace {

constexpr size_t kSaltSize = 16;
constexpr char kLabel[] = "godwit sealed item 1";
static_assert(kSealedItemOverhead == kSaltSize + kAeadTagSize);

struct ItemKey {
  AeadKey key;
  AeadNonce nonce{};
};

// The salt makes the key new for every item, so the nonce may come out of the same derivation.
ItemKey item_key(ByteView token, ByteView salt) {
  const Secret<32> pseudorandom_key = hkdf_extract(salt, token);
  Secret<kAeadKeySize + kAeadNonceSize> expanded;
  hkdf_expand(pseudorandom_key.reveal(), as_bytes(kLabel), expanded.fill());
  ItemKey out;
  const ByteView bytes = expanded.reveal();
  std::copy_n(bytes.begin(), kAeadKeySize, out.key.fill().begin());
  std::copy_n(bytes.begin() + kAeadKeySize, kAeadNonceSize, out.nonce.begin());
  return out;
}

}  // namespace

Bytes seal_item(ByteView token, ByteView alias, ByteView payload, Random& random) {
  const auto salt = random.bytes<kSaltSize>();
  const ItemKey key = item_key(token, salt);
  Bytes out(payload.size() + kSealedItemOverhead);
  std::ranges::copy(salt, out.begin());
  aead_seal_into(key.key, key.nonce, alias, payload, ByteSpan(out).subspan(kSaltSize));
  return out;
}

Result<Bytes> open_item(ByteView token, ByteView alias, ByteView item) {
  REQUIRE(item.size() >= kSealedItemOverhead, kBadTag, "a sealed item has a salt and a tag");
  const ItemKey key = item_key(token, item.first(kSaltSize));
  return aead_open(key.key, key.nonce, alias, item.subspan(kSaltSize));
}

}  // namespace godwit::crypto
