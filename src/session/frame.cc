#include "session/frame.h"

#include <algorithm>

#include "codec/reader.h"
#include "codec/writer.h"
#include "session/errors.h"

namespace godwit::session {
namespace {

constexpr const char* kRule = "docs/protocol/session.md, Frames";

bool is_message(FrameKind kind) {
  return kind == FrameKind::kRequest || kind == FrameKind::kReply || kind == FrameKind::kPush;
}

bool has_stream(FrameKind kind) {
  return is_message(kind) || kind == FrameKind::kCredit || kind == FrameKind::kCancel || kind == FrameKind::kError;
}

bool size_is_right(const Frame& frame) {
  const size_t size = frame.payload.size();
  switch (frame.kind) {
    case FrameKind::kCredit:
      return size == 4;
    case FrameKind::kTicket:
      return size == 1 || size == 6;
    case FrameKind::kError:
    case FrameKind::kClose:
      return size == 6;
    case FrameKind::kCancel:
    case FrameKind::kKeepalive:
    case FrameKind::kRekey:
      return size == 0;
    default:
      return frame.flags != kFlagFirst || size >= 4;
  }
}

Status check(const Frame& frame) {
  REQUIRE(frame.kind <= FrameKind::kClose, kBadFrame, kRule);
  REQUIRE((frame.flags & ~kFlagWhole) == 0 && (is_message(frame.kind) || frame.flags == 0), kBadFrame, kRule);
  REQUIRE((frame.stream.value != 0) == has_stream(frame.kind), kBadFrame, kRule);
  const bool push_stream = (frame.stream.value & kPushStreamBit) != 0;
  REQUIRE(frame.kind == FrameKind::kCredit || push_stream == (frame.kind == FrameKind::kPush), kBadFrame, kRule);
  REQUIRE(size_is_right(frame), kBadFrame, kRule);
  return {};
}

}  // namespace

void write_frame(Bytes& out, FrameKind kind, uint8_t flags, StreamId stream, ByteView payload) {
  ASSERT(payload.size() <= kFramePayloadMax);
  codec::Writer writer;
  writer.u8(static_cast<uint8_t>(kind));
  writer.u8(flags);
  writer.u32(stream.value);
  writer.u16(static_cast<uint16_t>(payload.size()));
  append(out, writer.view());
  append(out, payload);
}

Result<std::vector<Frame>> parse_frames(ByteView plaintext) {
  std::vector<Frame> out;
  codec::Reader reader(plaintext);
  while (!reader.at_end()) {
    if (reader.rest().front() == static_cast<uint8_t>(FrameKind::kPadding)) {
      const bool clean = std::ranges::all_of(reader.rest(), [](uint8_t byte) { return byte == 0; });
      REQUIRE(clean, kBadFrame, "docs/protocol/session.md, Records: padding is zeros");
      break;
    }
    REQUIRE(reader.rest().size() >= kFrameHeaderSize, kBadFrame, kRule);
    Frame frame;
    frame.kind = static_cast<FrameKind>(TRY(reader.u8()));
    frame.flags = TRY(reader.u8());
    frame.stream.value = TRY(reader.u32());
    const uint16_t size = TRY(reader.u16());
    REQUIRE(reader.rest().size() >= size, kBadFrame, kRule);
    frame.payload = TRY(reader.raw(size));
    TRY(check(frame));
    out.push_back(frame);
  }
  return out;
}

uint32_t number_in(ByteView payload) {
  ASSERT(payload.size() >= 4);
  return (uint32_t{payload[0]} << 24) | (uint32_t{payload[1]} << 16) | (uint32_t{payload[2]} << 8) | payload[3];
}

Refusal refusal_in(const Frame& frame) {
  ASSERT(frame.payload.size() == 6);
  const auto code = static_cast<uint16_t>((frame.payload[0] << 8) | frame.payload[1]);
  return {code, milliseconds(number_in(frame.payload.subspan(2)))};
}

}  // namespace godwit::session
