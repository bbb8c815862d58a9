#include "home/records.h"

#include <algorithm>

#include "crypto/hash.h"

namespace godwit::home {

Bytes record_key(char kind, std::initializer_list<ByteView> ids) {
  Bytes key{static_cast<uint8_t>(kind)};
  for (const ByteView id : ids) append(key, id);
  return key;
}

Bytes queue_key(const wire::MailboxId& mailbox, const DeviceTag& tag) {
  return record_key('q', {mailbox.view(), tag.view()});
}

Bytes package_key(const wire::Alias& alias, const ShortHash& generation, uint16_t index) {
  const ByteArray<2> number{static_cast<uint8_t>(index >> 8), static_cast<uint8_t>(index)};
  return record_key('p', {alias.view(), generation.view(), number});
}

Bytes epoch_prefix(const wire::LogId& log, uint64_t epoch) {
  codec::Writer writer;
  writer.u64(epoch);
  return record_key('e', {log.view(), writer.view()});
}

Bytes entry_key(const wire::LogId& log, uint64_t epoch, uint8_t attempt) {
  Bytes key = epoch_prefix(log, epoch);
  key.push_back(attempt);
  return key;
}

ShortHash short_hash(std::string_view label, std::initializer_list<ByteView> parts) {
  crypto::Sha256 hash;
  hash.update(as_bytes(label));
  for (const ByteView part : parts) hash.update(part);
  const auto digest = hash.finish();
  ShortHash out;
  std::copy_n(digest.begin(), out.value.size(), out.value.begin());
  return out;
}

store::AppendId append_id(const Bytes& queue, const wire::DeliveryId& delivery) {
  return store::AppendId{short_hash("godwit append 1", {queue, delivery.view()}).value};
}

}  // namespace godwit::home
