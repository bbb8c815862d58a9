#pragma once
// Frames: what stands in a record's plaintext, in a first flight and in its answer (docs/protocol/session.md, "Frames").
//
// 1 byte kind, 1 byte flags, 4 bytes stream, 2 bytes size, payload. A kind of 0 begins the padding: zeros to the end.

#include <vector>

#include "base/result.h"
#include "session/types.h"

namespace godwit::session {

/// What a frame is.
enum class FrameKind : uint8_t {
  kPadding = 0,
  kRequest = 1,    ///< client: (a part of) a request
  kReply = 2,      ///< home: (a part of) the answer to one
  kPush = 3,       ///< home: (a part of) something by itself
  kCredit = 4,     ///< either: 4 bytes; so many more bytes of this stream's message may come
  kCancel = 5,     ///< client: wants no answer on this stream any more
  kTicket = 6,     ///< client: 1 byte, wants so many; home: count, kind, 4 bytes lifetime in seconds: these are valid now
  kKeepalive = 7,  ///< client: are you there; home: yes
  kRekey = 8,      ///< either, last in its record: the next record is under a new key
  kError = 9,      ///< home: 2 bytes code, 4 bytes milliseconds; answers the request instead of a reply
  kClose = 10,     ///< either: 2 bytes code, 4 bytes milliseconds; the session is over
};

/// The first frame of a message; if it is not also the last, its payload starts with the whole message's size (4 bytes).
constexpr uint8_t kFlagFirst = 0x01;
/// The last frame of a message.
constexpr uint8_t kFlagLast = 0x02;
/// Both: a message in one frame.
constexpr uint8_t kFlagWhole = kFlagFirst | kFlagLast;

/// Streams of pushes have this bit set, those of requests have not.
constexpr uint32_t kPushStreamBit = 0x80000000;

constexpr size_t kFrameHeaderSize = 8;
/// Of a frame's payload: what fits into the largest record.
constexpr size_t kFramePayloadMax = 61'440 - kFrameHeaderSize;

/// One frame; `payload` views the plaintext it was read from.
struct Frame {
  FrameKind kind = FrameKind::kPadding;
  uint8_t flags = 0;
  StreamId stream;
  ByteView payload;
};

/// Appends a frame to `out`; the payload has at most kFramePayloadMax bytes (more is a fault of ours).
void write_frame(Bytes& out, FrameKind kind, uint8_t flags, StreamId stream, ByteView payload);

/// All frames of a plaintext, without its padding. kBadFrame: unknown kind or flags, a stream where none belongs or the
/// reverse, a payload of another size than its kind has, bytes other than zeros in the padding; close the session.
Result<std::vector<Frame>> parse_frames(ByteView plaintext);

/// The code and the time of a kError or kClose frame that parse_frames let through.
struct Refusal {
  uint16_t code = 0;
  Duration retry_after;
};
/// Reads it; of another kind of frame it is a fault of ours.
Refusal refusal_in(const Frame& frame);
/// The 4-byte number at the start of a payload that parse_frames let through.
uint32_t number_in(ByteView payload);

}  // namespace godwit::session
