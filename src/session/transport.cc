#include "session/transport.h"

#include "session/errors.h"

namespace godwit::session {
namespace {

// A record is filled up to this, so that a message which becomes ready meanwhile waits for no more than one such.
constexpr size_t kRecordFillMax = 16'384;

}  // namespace

Result<std::vector<Frame>> Transport::frames_in(ByteView plaintext) {
  std::vector<Frame> frames = TRY(parse_frames(plaintext));
  if (frames.empty() || frames.back().kind != FrameKind::kRekey) return frames;
  receiver_.rekey();
  frames.pop_back();
  return frames;
}

Bytes Transport::take_output(Instant now, size_t size_max) {
  Bytes out;
  while (outbox_.ready() && out.size() < size_max) {
    Bytes content = outbox_.fill(kRecordFillMax - kFrameHeaderSize);
    ASSERT(!content.empty());
    const bool rekey = sender_.rekey_is_due(now);
    if (rekey) write_frame(content, FrameKind::kRekey, 0, StreamId{}, {});
    // Fails after 2^64 - 1 records only, with a rekey after every 2^20: never.
    const Status sealed = sender_.seal(out, std::move(content));
    ASSERT(sealed);
    if (rekey) sender_.rekey(now);
  }
  return out;
}

void Transport::give_credit() {
  while (const auto credit = inbox_.credit_due()) {
    Bytes payload;
    for (int shift = 24; shift >= 0; shift -= 8) payload.push_back(static_cast<uint8_t>(credit->bytes >> shift));
    outbox_.add_control(FrameKind::kCredit, credit->stream, payload);
  }
}

}  // namespace godwit::session
