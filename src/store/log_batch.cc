#include "store/log_batch.h"

#include <algorithm>

namespace godwit::store {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint8_t kErased = 0;
constexpr uint8_t kWritten = 1;
constexpr size_t kLengthSize = 4;
constexpr size_t kNumberSize = 8;

void append_number(Bytes& out, uint64_t number, size_t size) {
  for (size_t i = size; i-- > 0;) out.push_back(static_cast<uint8_t>(number >> (8 * i)));
}
void append_string(Bytes& out, ByteView bytes) {
  append_number(out, bytes.size(), kLengthSize);
  append(out, bytes);
}

// Each reader takes from the front, and gives nothing where there is too little.
std::optional<ByteView> take(ByteView& in, size_t size) {
  if (in.size() < size) return std::nullopt;
  const ByteView taken = in.first(size);
  in = in.subspan(size);
  return taken;
}
std::optional<uint64_t> take_number(ByteView& in, size_t size) {
  const auto bytes = take(in, size);
  if (!bytes) return std::nullopt;
  uint64_t number = 0;
  for (const uint8_t byte : *bytes) number = number << 8 | byte;
  return number;
}
std::optional<ByteView> take_string(ByteView& in) {
  const auto size = take_number(in, kLengthSize);
  return size ? take(in, *size) : std::nullopt;
}

std::optional<LogChange> take_change(ByteView& in) {
  const auto kind = take_number(in, 1);
  if (!kind || *kind > kWritten) return std::nullopt;
  const auto key = take_string(in);
  if (!key || key->empty()) return std::nullopt;
  LogChange change{to_bytes(*key), std::nullopt};
  if (*kind == kErased) return change;
  const auto value = take_string(in);
  if (!value) return std::nullopt;
  change.value = to_bytes(*value);
  return change;
}

}  // namespace

size_t encoded_size(const LogChange& change) {
  return 1 + kLengthSize + change.key.size() + (change.value ? kLengthSize + change.value->size() : 0);
}

Bytes encode_batch(const Batch& batch) {
  size_t size = kBatchHeadSize;
  for (const LogChange& change : batch.changes) size += encoded_size(change);
  Bytes out;
  out.reserve(size);
  append(out, as_bytes("GL"));
  out.push_back(kVersion);
  out.push_back(static_cast<uint8_t>(batch.kind));
  append(out, batch.writer.view());
  append_number(out, batch.number, kNumberSize);
  append_number(out, batch.changes.size(), kLengthSize);
  for (const LogChange& change : batch.changes) {
    out.push_back(change.value ? kWritten : kErased);
    append_string(out, change.key);
    if (change.value) append_string(out, *change.value);
  }
  return out;
}

std::optional<Batch> decode_batch(ByteView in) {
  const auto mark = take(in, 2);
  if (!mark || !equal(*mark, as_bytes("GL")) || take_number(in, 1) != kVersion) return std::nullopt;
  const auto kind = take_number(in, 1);
  if (!kind || *kind < 1 || *kind > 3) return std::nullopt;
  Batch batch;
  batch.kind = static_cast<BatchKind>(*kind);
  const auto writer = take(in, WriterId::kSize);
  if (!writer || !WriterId::from(*writer, batch.writer)) return std::nullopt;
  const auto number = take_number(in, kNumberSize);
  const auto count = take_number(in, kLengthSize);
  if (!number || !count) return std::nullopt;
  batch.number = *number;
  for (uint64_t i = 0; i < *count; ++i) {
    auto change = take_change(in);
    if (!change) return std::nullopt;
    batch.changes.push_back(std::move(*change));
  }
  if (!in.empty()) return std::nullopt;
  return batch;
}

}  // namespace godwit::store
