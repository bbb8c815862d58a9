#include "home/records.h"

#include <algorithm>

#include "crypto/hash.h"

namespace godwit::home {

Bytes record_key(char kind, std::initializer_list<ByteView> ids) {
  Bytes key{static_cast<uint8_t>(kind)};
  for (const ByteView id : ids) append(key, id);
  return key;
}

Bytes mailbox_key(const wire::MailboxId& mailbox) { return record_key('m', {mailbox.view()}); }

Bytes owner_prefix(const wire::MailboxId& mailbox) { return record_key('o', {mailbox.view()}); }

Bytes owner_key(const wire::MailboxId& mailbox, const wire::Alias& alias) {
  return record_key('o', {mailbox.view(), alias.view()});
}

Bytes address_key(const wire::Alias& alias) { return record_key('a', {alias.view()}); }

Bytes pool_key(const wire::Alias& alias) { return record_key('k', {alias.view()}); }

Bytes packages_prefix(const wire::Alias& alias) { return record_key('p', {alias.view()}); }

Bytes pending_key(const ShortHash& name) { return record_key('s', {name.view()}); }

Bytes log_key(const wire::LogId& log) { return record_key('g', {log.view()}); }

Bytes entries_prefix(const wire::LogId& log) { return record_key('e', {log.view()}); }

Bytes code_key(ByteView code) { return record_key('c', {short_hash("godwit admission used 1", {code}).view()}); }

Bytes backup_key(const wire::MailboxId& mailbox) { return record_key('j', {mailbox.view()}); }
Bytes bridges_key(const wire::MailboxId& mailbox) { return record_key('l', {mailbox.view()}); }
Bytes newcomer_key(const wire::MailboxId& mailbox) { return record_key('y', {mailbox.view()}); }

Bytes sealed_key(const session::SealedId& id) {
  return record_key('r', {short_hash("godwit sealed done 1", {id.view()}).view()});
}

Bytes queue_key(const wire::MailboxId& mailbox, const DeviceTag& tag) {
  return record_key('q', {mailbox.view(), tag.view()});
}

Bytes web_push_key(const wire::MailboxId& mailbox, const DeviceTag& tag) {
  return record_key('z', {mailbox.view(), tag.view()});
}

Bytes blob_key(const BlobHash& blob) { return record_key('b', {blob.view()}); }

Bytes chunk_key(const BlobHash& blob, uint32_t begun_day, uint32_t index) {
  codec::Writer day;
  day.u32(begun_day);
  codec::Writer number;
  number.u32(index);
  return record_key('d', {day.view(), blob.view(), number.view()});
}

Bytes spent_grant_key(const ShortHash& grant) { return record_key('n', {grant.view()}); }

Bytes name_key(const wire::NameId& name) { return record_key('u', {name.view()}); }

Bytes name_owner_key(const wire::MailboxId& mailbox) { return record_key('w', {mailbox.view()}); }

Bytes channel_key(const wire::ChannelId& channel) { return record_key('h', {channel.view()}); }

Bytes channel_entries_prefix(const wire::ChannelId& channel) { return record_key('i', {channel.view()}); }

Bytes channel_entry_key(const wire::ChannelId& channel, uint64_t sequence) {
  codec::Writer number;
  number.u64(sequence);
  return record_key('i', {channel.view(), number.view()});
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
