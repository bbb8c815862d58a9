#include "session/handshake_messages.h"

#include <algorithm>

#include "codec/reader.h"
#include "codec/writer.h"
#include "session/errors.h"

namespace godwit::session {
namespace {

// Message 1 of NKhfs: e, e1 and the payload's tag (docs/protocol/session.md, "Full handshake").
constexpr size_t kHelloNoiseMin = 32 + (1184 + 16) + 16;
// Message 1 of NNpsk0: e and the payload's tag.
constexpr size_t kResumeNoiseMin = 32 + 16;
constexpr const char* kSizeRule = "docs/protocol/session.md, Handshake: a message has another size";

/// The error of a short message is one of the handshake, whatever part was missing.
template <typename T>
Result<T> in_handshake(Result<T> result) {
  REQUIRE(result, kBadHandshake, kSizeRule);
  return result;
}

}  // namespace

void write_message(Bytes& out, MessageKind kind, ByteView body) {
  ASSERT(body.size() <= 0xffff);
  out.push_back(static_cast<uint8_t>(kind));
  out.push_back(static_cast<uint8_t>(body.size() >> 8));
  out.push_back(static_cast<uint8_t>(body.size()));
  append(out, body);
}

Bytes Hello::encode() const {
  codec::Writer writer;
  if (work) {
    writer.raw(work->cookie);
    writer.u64(work->nonce);
  }
  writer.u8(version_highest);
  writer.raw(noise);
  return writer.take();
}

Result<Hello> Hello::parse(ByteView body, bool with_work) {
  codec::Reader reader(body);
  Hello out;
  if (with_work) {
    WorkProof& proof = out.work.emplace();
    const ByteView cookie = TRY(in_handshake(reader.raw(kCookieSize)));
    std::copy(cookie.begin(), cookie.end(), proof.cookie.begin());
    proof.nonce = TRY(in_handshake(reader.u64()));
  }
  out.version_highest = TRY(in_handshake(reader.u8()));
  const size_t size = reader.rest().size();
  REQUIRE(size >= kHelloNoiseMin && size <= kHelloNoiseMin + kHandshakePaddingMax, kBadHandshake, kSizeRule);
  out.noise = to_bytes(reader.rest());
  return out;
}

Bytes Resume::encode() const {
  codec::Writer writer;
  writer.u8(version_highest);
  writer.raw(id.view());
  writer.raw(noise);
  return writer.take();
}

Result<Resume> Resume::parse(ByteView body) {
  codec::Reader reader(body);
  Resume out;
  out.version_highest = TRY(in_handshake(reader.u8()));
  REQUIRE(TicketId::from(TRY(in_handshake(reader.raw(TicketId::kSize))), out.id), kBadHandshake, kSizeRule);
  const size_t size = reader.rest().size();
  REQUIRE(size >= kResumeNoiseMin && size <= kResumeNoiseMin + kFirstFlightSizeMax, kBadHandshake, kSizeRule);
  out.noise = to_bytes(reader.rest());
  return out;
}

Bytes encode_refusal(uint16_t code, Duration retry_after) {
  codec::Writer writer;
  writer.u16(code);
  writer.u32(static_cast<uint32_t>(std::clamp(retry_after.ms, int64_t{0}, int64_t{UINT32_MAX})));
  return writer.take();
}

Bytes Refused::encode() const { return encode_refusal(code, retry_after); }

Result<Refused> Refused::parse(ByteView body) {
  codec::Reader reader(body);
  Refused out;
  out.code = TRY(in_handshake(reader.u16()));
  out.retry_after = milliseconds(TRY(in_handshake(reader.u32())));
  REQUIRE(reader.at_end(), kBadHandshake, kSizeRule);
  return out;
}

Bytes hello_prologue(uint8_t version_highest, Form form) {
  Bytes out = to_bytes(as_bytes("godwit session"));
  out.push_back(version_highest);
  out.push_back(static_cast<uint8_t>(form));
  return out;
}

Bytes resume_prologue(uint8_t version_highest, Form form, SessionKind kind, const TicketId& id) {
  Bytes out = hello_prologue(version_highest, form);
  out.push_back(static_cast<uint8_t>(kind));
  append(out, id.view());
  return out;
}

}  // namespace godwit::session
