#include "session/outbox.h"

#include <algorithm>

#include "session/record.h"

namespace godwit::session {
namespace {

// A large message gives way after so many bytes.
constexpr size_t kChunkMax = 4096;
// Splitting off less than this is not worth a frame's header.
constexpr size_t kChunkMin = 32;
constexpr size_t kTotalSize = 4;

}  // namespace

void Outbox::add_control(FrameKind kind, StreamId stream, ByteView payload) {
  Bytes frame;
  write_frame(frame, kind, 0, stream, payload);
  control_.push_back(std::move(frame));
}

void Outbox::add_message(FrameKind kind, StreamId stream, Bytes bytes) {
  waiting_ += bytes.size();
  Queue& queue = bytes.size() <= kSmallMessageMax ? small_ : large_;
  queue.push_back({kind, stream, std::move(bytes)});
}

void Outbox::add_push(Bytes bytes) {
  waiting_ += bytes.size();
  pushes_.push_back({FrameKind::kPush, StreamId{next_push_}, std::move(bytes)});
  next_push_ = (next_push_ + 1) | kPushStreamBit;
  if (next_push_ == kPushStreamBit) ++next_push_;
}

void Outbox::add_credit(StreamId stream, uint32_t bytes) {
  for (Queue* queue : {&large_, &pushes_}) {
    for (Message& message : *queue) {
      if (message.stream == stream) message.credit += bytes;
    }
  }
}

void Outbox::drop(StreamId stream) {
  for (Queue* queue : {&small_, &large_, &pushes_}) {
    const auto found = std::ranges::find(*queue, stream, &Message::stream);
    if (found == queue->end()) continue;
    waiting_ -= found->bytes.size() - found->sent;
    queue->erase(found);
    return;
  }
}

void Outbox::finish(ByteView close_payload) {
  close_.clear();
  write_frame(close_, FrameKind::kClose, 0, StreamId{}, close_payload);
}

void Outbox::clear() { *this = Outbox(); }

bool Outbox::ready() const {
  return keepalive_ || !control_.empty() || !small_.empty() || std::ranges::any_of(large_, can_send) ||
         (!pushes_.empty() && can_send(pushes_.front())) || !close_.empty();
}

uint32_t Outbox::lowest_unsent() const {
  uint32_t out = UINT32_MAX;
  for (const Queue* queue : {&small_, &large_}) {
    for (const Message& message : *queue) {
      if (message.sent == 0) out = std::min(out, message.stream.value);
    }
  }
  return out;
}

Bytes Outbox::fill(size_t size_max) {
  ASSERT(size_max >= 64);
  Bytes out;
  out.reserve(bucket_for(std::min(waiting_ + 2 * kFrameHeaderSize, size_max)));  // it is filled up to that
  if (std::exchange(keepalive_, false)) write_frame(out, FrameKind::kKeepalive, 0, StreamId{}, {});
  while (!control_.empty() && out.size() + control_.front().size() <= size_max) {
    append(out, control_.front());
    control_.pop_front();
  }
  fill_small(out, size_max);
  while (fill_large(out, size_max)) fill_small(out, size_max);
  const bool all_said = control_.empty() && small_.empty() && std::ranges::none_of(large_, can_send) &&
                        (pushes_.empty() || !can_send(pushes_.front()));
  if (!close_.empty() && all_said && out.size() + close_.size() <= size_max) {
    append(out, close_);
    clear();
  }
  return out;
}

// Small messages go whole: one that does not fit waits for the next record, unless it would never fit.
void Outbox::fill_small(Bytes& out, size_t size_max) {
  while (!small_.empty()) {
    Message& message = small_.front();
    const bool fits = out.size() + kFrameHeaderSize + message.bytes.size() <= size_max;
    const bool fits_never = kFrameHeaderSize + message.bytes.size() > size_max;
    if (!fits && !(fits_never && out.empty())) return;
    if (!fits) {
      // A record smaller than usual (the answer to a first flight): from now on it is cut up like a large one.
      large_.push_back(std::move(message));
    } else {
      write_frame(out, message.kind, kFlagWhole, message.stream, message.bytes);
      waiting_ -= message.bytes.size();
    }
    small_.pop_front();
  }
}

// One chunk of the push at the front or of the large message whose turn it is. False if nothing more fits or may go.
bool Outbox::fill_large(Bytes& out, size_t size_max) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    push_turn_ = !push_turn_;
    if (push_turn_) {
      if (pushes_.empty() || !send_some(pushes_.front(), out, size_max)) continue;
      if (pushes_.front().sent == pushes_.front().bytes.size()) pushes_.pop_front();
      return true;
    }
    const auto turn = std::ranges::find_if(large_, can_send);
    if (turn == large_.end() || !send_some(*turn, out, size_max)) continue;
    Message message = std::move(*turn);
    large_.erase(turn);
    if (message.sent < message.bytes.size()) large_.push_back(std::move(message));
    return true;
  }
  return false;
}

// Writes the next frame of `message` into `out`; false if there is no room or no credit for one.
bool Outbox::send_some(Message& message, Bytes& out, size_t size_max) {
  if (!can_send(message) || out.size() + kFrameHeaderSize > size_max) return false;
  const size_t room = size_max - out.size() - kFrameHeaderSize;
  const size_t left = message.bytes.size() - message.sent;
  const bool first = message.sent == 0;
  const size_t allowed = std::min(message.credit - message.sent, kChunkMax);
  if (left <= room && left <= allowed) {
    const auto flags = static_cast<uint8_t>(kFlagLast | (first ? kFlagFirst : 0));
    write_frame(out, message.kind, flags, message.stream, ByteView(message.bytes).subspan(message.sent));
    message.sent = message.bytes.size();
    waiting_ -= left;
    return true;
  }
  const size_t overhead = first ? kTotalSize : 0;
  if (room < overhead + kChunkMin) return false;
  const size_t size = std::min({left, allowed, room - overhead});
  Bytes payload;
  if (first) {
    const auto total = static_cast<uint32_t>(message.bytes.size());
    for (int shift = 24; shift >= 0; shift -= 8) payload.push_back(static_cast<uint8_t>(total >> shift));
  }
  append(payload, ByteView(message.bytes).subspan(message.sent, size));
  ASSERT(size < left);
  write_frame(out, message.kind, first ? kFlagFirst : 0, message.stream, payload);
  message.sent += size;
  waiting_ -= size;
  return true;
}

}  // namespace godwit::session
