#include "session/pipe_buffer.h"

namespace godwit::session {
namespace {

constexpr size_t kMessageHeader = 3;
constexpr size_t kRecordHeader = 2;

size_t length_at(ByteView bytes, size_t at) { return (size_t{bytes[at]} << 8) | bytes[at + 1]; }

}  // namespace

// What was consumed is cut off before more is read, so that views into it stay valid until then.
void PipeBuffer::compact() {
  if (at_ == bytes_.size()) {
    bytes_ = Bytes();  // an idle session keeps no room for what may come
    at_ = 0;
    return;
  }
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(at_));
  at_ = 0;
}

std::optional<size_t> PipeBuffer::claimed_message_size() const {
  const ByteView bytes = waiting();
  if (bytes.size() < kMessageHeader) return {};
  return length_at(bytes, 1);
}

std::optional<PipeBuffer::Message> PipeBuffer::next_message() {
  compact();
  const auto claimed = claimed_message_size();
  if (!claimed || size() < kMessageHeader + *claimed) return {};
  const ByteView bytes = waiting();
  at_ += kMessageHeader + *claimed;
  return Message{bytes[0], bytes.subspan(kMessageHeader, *claimed)};
}

std::optional<ByteView> PipeBuffer::next_record() {
  // Many small records may wait: the buffer moves only when the consumed part is the larger one, or nothing is left.
  if (at_ * 2 >= bytes_.size()) compact();
  const ByteView bytes = waiting();
  if (bytes.size() < kRecordHeader) return {};
  const size_t length = length_at(bytes, 0);
  if (bytes.size() < kRecordHeader + length) return {};
  at_ += kRecordHeader + length;
  return bytes.subspan(kRecordHeader, length);
}

}  // namespace godwit::session
