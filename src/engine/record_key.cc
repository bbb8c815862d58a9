#include "engine/record_key.h"

#include <algorithm>

#include "codec/writer.h"
#include "crypto/aead.h"
#include "engine/errors.h"

namespace godwit::engine {

Bytes record_key(RecordKind kind) { return {static_cast<uint8_t>(kind)}; }

Bytes record_key(RecordKind kind, ByteView id) {
  Bytes key = record_key(kind);
  append(key, id);
  return key;
}

Bytes record_key(RecordKind kind, ByteView id, uint64_t number) {
  codec::Writer writer;
  writer.u8(static_cast<uint8_t>(kind));
  writer.raw(id);
  writer.u64(number);
  return writer.take();
}

Bytes record_key(RecordKind kind, ByteView id, ByteView within) {
  Bytes key = record_key(kind, id);
  append(key, within);
  return key;
}

uint64_t number_at_end(ByteView key) {
  uint64_t number = 0;
  for (size_t i = key.size() - std::min<size_t>(key.size(), 8); i < key.size(); ++i) number = (number << 8) | key[i];
  return number;
}

Bytes after_prefix(Bytes prefix) {
  while (!prefix.empty() && prefix.back() == 0xff) prefix.pop_back();
  ASSERT(!prefix.empty());
  ++prefix.back();
  return prefix;
}

Bytes seal_record(const StorageKey& storage_key, Random& random, ByteView key, ByteView value) {
  return crypto::box_seal(storage_key, random, key, value);
}

Result<crypto::SecretBuffer> open_record(const StorageKey& storage_key, ByteView key, ByteView sealed) {
  auto opened = crypto::box_open(storage_key, key, sealed);
  REQUIRE(opened.has_value(), kProfileDamaged, "a record opens with the profile's storage key");
  return crypto::SecretBuffer::adopt(std::move(*opened));
}

}  // namespace godwit::engine
