#include "session/record.h"

#include <algorithm>

#include "session/errors.h"

namespace godwit::session {

size_t bucket_for(size_t size) {
  constexpr size_t kLargeStep = 4096;
  for (size_t bucket = 256; bucket <= kLargeStep; bucket *= 2) {
    if (size <= bucket) return bucket;
  }
  return (size + kLargeStep - 1) / kLargeStep * kLargeStep;
}

Status RecordSender::seal(Bytes& out, Bytes content) {
  ASSERT(content.size() <= kRecordPlaintextMax);
  content.resize(bucket_for(content.size()));
  const size_t start = out.size();
  const size_t size = cipher_.encrypted_size(content.size());
  if (start + 2 + size > out.capacity()) out.reserve(std::max(start + 2 + size, 2 * out.capacity()));
  out.push_back(static_cast<uint8_t>(size >> 8));
  out.push_back(static_cast<uint8_t>(size));
  const Status sealed = cipher_.encrypt_onto(out, content);
  if (!sealed) out.resize(start);
  TRY(sealed);
  ++records_;
  return {};
}

// The record that carries the rekey frame is the last one under the old key, hence one less than the receiver's bound.
bool RecordSender::rekey_is_due(Instant now) const {
  return records_ + 1 >= records_max_ || now - keyed_ >= kRekeyInterval;
}

void RecordSender::rekey(Instant now) {
  cipher_.rekey();
  records_ = 0;
  keyed_ = now;
}

Result<Bytes> RecordReceiver::open(ByteView record) {
  REQUIRE(records_ < records_max_, kRekeyOverdue, "docs/protocol/session.md, Rekey: at most 2^20 records under one key");
  const bool has_tag = record.size() >= crypto::kAeadTagSize;
  const size_t size = has_tag ? record.size() - crypto::kAeadTagSize : 0;
  REQUIRE(has_tag && size != 0 && size <= kRecordPlaintextMax && bucket_for(size) == size, kBadRecord,
          "docs/protocol/session.md, Records: not the size of a bucket");
  Bytes out = TRY(cipher_.decrypt({}, record));
  ++records_;
  return out;
}

void RecordReceiver::rekey() {
  cipher_.rekey();
  records_ = 0;
}

}  // namespace godwit::session
