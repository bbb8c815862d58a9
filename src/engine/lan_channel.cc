#include "engine/lan_channel.h"

#include "codec/writer.h"
#include "crypto/hash.h"
#include "session/errors.h"

namespace godwit::engine {
namespace {

constexpr std::string_view kProtocol = "Noise_NNpsk0_25519_ChaChaPoly_SHA256";
constexpr size_t kNoiseSize = crypto::kX25519KeySize + crypto::kAeadTagSize;  // of both messages
constexpr size_t kFirstSize = LanName::kSize + kNoiseSize;
constexpr size_t kLengthSize = 2;
constexpr size_t kUsedSize = 2;  // how much of a record is no padding
constexpr size_t kHeadSize = 5;  // of a message: length and kind
// A record's content: not more than fits a packet or a few, so that text does not wait behind a long message's record.
constexpr size_t kContentMax = 16'384 - kUsedSize;

Bytes prologue_of(const LanName& name) {
  Bytes out = to_bytes(as_bytes("godwit lan 1"));
  append(out, name.view());
  return out;
}

Result<session::HandshakeState> handshake_of(bool initiator, const LanName& name, crypto::Secret<32> psk,
                                             Random& random) {
  session::HandshakeKeys keys;
  keys.psks.push_back(std::move(psk));
  return session::HandshakeState::create(kProtocol, initiator, prologue_of(name), std::move(keys), random);
}

uint32_t number_at(const Bytes& bytes, size_t at, size_t size) {
  uint32_t out = 0;
  for (size_t i = 0; i < size; ++i) out = out << 8 | bytes[at + i];
  return out;
}

void drop_front(Bytes& bytes, size_t count) {
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(count));
}

}  // namespace

LanName lan_name(const crypto::AeadKey& envelope, uint64_t hour) {
  codec::Writer info;
  info.raw(as_bytes("godwit lan name 1"));
  info.u64(hour);
  LanName out;
  crypto::hkdf_expand(envelope.reveal(), info.take(), out.value);
  return out;
}

crypto::Secret<32> lan_psk(const crypto::AeadKey& listener, const crypto::AeadKey& dialler, const LanName& name) {
  crypto::Secret<64> both;
  std::copy_n(listener.reveal().begin(), 32, both.fill().begin());
  std::copy_n(dialler.reveal().begin(), 32, both.fill().begin() + 32);
  Bytes info = to_bytes(as_bytes("godwit lan psk 1"));
  append(info, name.view());
  crypto::Secret<32> out;
  crypto::hkdf_expand(both.reveal(), info, out.fill());
  return out;
}

Result<LanChannel> LanChannel::dial(const LanName& name, crypto::Secret<32> psk, Random& random) {
  LanChannel out(random);
  out.name_ = name;
  out.handshake_ = TRY(handshake_of(true, name, std::move(psk), random));
  out.output_ = to_bytes(name.view());
  append(out.output_, TRY(out.handshake_->write_message({})));
  return out;
}

Status LanChannel::take_first(const PskOf& psk_of, Instant now) {
  LanName name;
  const bool whole = LanName::from(ByteView(input_).first(LanName::kSize), name);
  ASSERT(whole);
  auto psk = psk_of(name);
  REQUIRE(psk.has_value(), session::kBadHandshake, "carrier-lan.md: a name that is answered to");
  name_ = name;
  handshake_ = TRY(handshake_of(false, name, std::move(*psk), *random_));
  TRY(handshake_->read_message(ByteView(input_).subspan(LanName::kSize, kNoiseSize)));
  append(output_, TRY(handshake_->write_message({})));
  auto ciphers = handshake_->split();
  sender_.emplace(std::move(ciphers.responder), now);
  receiver_.emplace(std::move(ciphers.initiator));
  handshake_.reset();
  drop_front(input_, kFirstSize);
  return {};
}

Status LanChannel::take_second(Instant now) {
  TRY(handshake_->read_message(ByteView(input_).first(kNoiseSize)));
  auto ciphers = handshake_->split();
  sender_.emplace(std::move(ciphers.initiator), now);
  receiver_.emplace(std::move(ciphers.responder));
  handshake_.reset();
  drop_front(input_, kNoiseSize);
  open_ = true;
  return send_record({});  // shows the listener that we are no recording
}

Status LanChannel::take_record(ByteView record) {
  const Bytes content = TRY(receiver_->open(record));
  const size_t used = number_at(content, 0, kUsedSize);
  REQUIRE(used <= content.size() - kUsedSize, session::kBadRecord, "carrier-lan.md: a record holds what it says");
  open_ = true;
  append(stream_, ByteView(content).subspan(kUsedSize, used));
  return {};
}

// All messages that are whole; what is left of the next one stays.
Status LanChannel::take_messages(std::vector<LanMessage>& out) {
  size_t at = 0;
  while (stream_.size() - at >= kHeadSize) {
    const uint32_t size = number_at(stream_, at, 4);
    REQUIRE(size <= kLanBodyMax, session::kBadRecord, "carrier-lan.md: a message has at most 128 KiB");
    if (stream_.size() - at - kHeadSize < size) break;
    const auto kind = static_cast<LanKind>(stream_[at + 4]);
    if (kind == LanKind::kParcel || kind == LanKind::kTaken) {
      out.push_back({kind, to_bytes(ByteView(stream_).subspan(at + kHeadSize, size))});
    } else {
      REQUIRE(++unknown_ <= kLanUnknownMax, session::kBadRecord,
              "carrier-lan.md: at most 64 messages of unknown kinds");
    }
    at += kHeadSize + size;
  }
  drop_front(stream_, at);
  return {};
}

Result<std::vector<LanMessage>> LanChannel::receive(ByteView bytes, const PskOf& psk_of, Instant now) {
  std::vector<LanMessage> out;
  append(input_, bytes);
  if (!name_) {
    if (input_.size() < kFirstSize) return out;
    TRY(take_first(psk_of, now));
  }
  if (handshake_) {
    if (input_.size() < kNoiseSize) return out;
    TRY(take_second(now));
  }
  size_t at = 0;
  while (input_.size() - at >= kLengthSize) {
    const size_t size = number_at(input_, at, kLengthSize);
    if (input_.size() - at - kLengthSize < size) break;
    TRY(take_record(ByteView(input_).subspan(at + kLengthSize, size)));
    at += kLengthSize + size;
    TRY(take_messages(out));
  }
  drop_front(input_, at);
  return out;
}

Status LanChannel::send_record(ByteView content) {
  Bytes plain = {static_cast<uint8_t>(content.size() >> 8), static_cast<uint8_t>(content.size())};
  append(plain, content);
  return sender_->seal(output_, std::move(plain));
}

Status LanChannel::send(LanKind kind, ByteView body) {
  ASSERT(can_send() && body.size() <= kLanBodyMax);
  codec::Writer writer;
  writer.u32(static_cast<uint32_t>(body.size()));
  writer.u8(static_cast<uint8_t>(kind));
  writer.raw(body);
  const Bytes message = writer.take();
  for (ByteView rest = message; !rest.empty();) {
    const size_t size = std::min(rest.size(), kContentMax);
    TRY(send_record(rest.first(size)));
    rest = rest.subspan(size);
  }
  return {};
}

}  // namespace godwit::engine
