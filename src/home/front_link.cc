#include "home/front_link.h"

#include "codec/codec.h"
#include "crypto/hash.h"
#include "home/errors.h"
#include "home/front_messages.h"

namespace godwit::home {
namespace {

// A record: its kind, the link, the number of the packet; then sealed, how much has come, and bytes of messages.
constexpr size_t kRecordHeadSize = 1 + FrontLinkId::kSize + 8;
constexpr size_t kConfirmSize = 8;
constexpr size_t kRecordMin = kRecordHeadSize + kConfirmSize + crypto::kAeadTagSize;
constexpr size_t kStreamMax = kFrontPacketSizeMax - kRecordMin;
// A message is behind four bytes of length.
constexpr size_t kLengthSize = 4;
// So much that came is confirmed at once, the rest once a second.
constexpr size_t kConfirmAfter = kFrontWindow / 4;

constexpr const char* kInOrder = "docs/protocol/fronts.md: no packet of a link is missing";

crypto::AeadNonce nonce_of(uint64_t number) {
  crypto::AeadNonce nonce{};
  for (size_t i = 0; i < 8; ++i) nonce[nonce.size() - 1 - i] = static_cast<uint8_t>(number >> (8 * i));
  return nonce;
}

uint32_t length_at(ByteView bytes) {
  return static_cast<uint32_t>(bytes[0]) << 24 | static_cast<uint32_t>(bytes[1]) << 16 |
         static_cast<uint32_t>(bytes[2]) << 8 | bytes[3];
}

}  // namespace

FrontClusterKey FrontClusterKey::of(const Keys& keys) {
  return {crypto::hkdf_extract(as_bytes("godwit fronts of one cluster, 1"), keys.identity.private_key.reveal())};
}

std::optional<FrontPacketKind> front_packet_kind(ByteView packet) {
  if (packet.empty() || packet[0] < 1 || packet[0] > 4) return std::nullopt;
  return static_cast<FrontPacketKind>(packet[0]);
}

std::optional<FrontLinkId> front_link_of(ByteView packet) {
  FrontLinkId id;
  const bool whole = packet.size() >= kRecordMin && packet[0] == static_cast<uint8_t>(FrontPacketKind::kRecord);
  if (!whole || !FrontLinkId::from(packet.subspan(1, FrontLinkId::kSize), id)) return std::nullopt;
  return id;
}

FrontLink::~FrontLink() {
  for (Part& part : parts_) crypto::wipe(part.bytes);
  crypto::wipe(incoming_);
}

void FrontLink::send(Bytes message) {
  ASSERT(message.size() <= kFrontMessageSizeMax);
  Bytes whole(kLengthSize + message.size());
  for (size_t i = 0; i < kLengthSize; ++i)
    whole[i] = static_cast<uint8_t>(message.size() >> (8 * (kLengthSize - 1 - i)));
  std::copy(message.begin(), message.end(), whole.begin() + kLengthSize);
  crypto::wipe(message);
  waiting_ += whole.size();
  parts_.push_back({std::move(whole), 0});
}

// As much as fits behind what stands there.
void FrontLink::take_some(Bytes& out) {
  const uint64_t under_way = bytes_sent_ - bytes_confirmed_;
  size_t room =
      std::min<size_t>(kStreamMax, under_way >= kFrontWindow ? 0 : kFrontWindow - static_cast<size_t>(under_way));
  while (room > 0 && !parts_.empty()) {
    Part& part = parts_.front();
    const size_t size = std::min(room, part.bytes.size() - part.sent);
    append(out, ByteView(part.bytes).subspan(part.sent, size));
    part.sent += size;
    room -= size;
    waiting_ -= size;
    bytes_sent_ += size;
    if (part.sent < part.bytes.size()) return;
    crypto::wipe(part.bytes);
    parts_.pop_front();
  }
}

bool FrontLink::has_packet() const {
  const bool speaks = !parts_.empty() && bytes_sent_ - bytes_confirmed_ < kFrontWindow;
  return speaks || says_something_ || bytes_received_ - bytes_told_ >= kConfirmAfter;
}

std::optional<Bytes> FrontLink::next_packet() {
  if (!has_packet()) return std::nullopt;
  codec::Writer plain;
  plain.u64(bytes_received_);
  Bytes inner = plain.take();
  inner.reserve(kConfirmSize + std::min(kStreamMax, waiting_));
  take_some(inner);
  says_something_ = false;
  said_something_ = true;
  bytes_told_ = bytes_received_;
  codec::Writer head;
  head.u8(static_cast<uint8_t>(FrontPacketKind::kRecord));
  head.raw(id_.view());
  head.u64(next_sent_);
  Bytes packet = head.take();
  packet.resize(kRecordHeadSize + inner.size() + crypto::kAeadTagSize);
  const ByteSpan whole(packet);
  crypto::aead_seal_into(sending_, nonce_of(next_sent_++), whole.first(kRecordHeadSize), inner,
                         whole.subspan(kRecordHeadSize));
  crypto::wipe(inner);
  return packet;
}

Status FrontLink::receive(ByteView packet) {
  if (front_link_of(packet) != id_) return {};
  codec::Reader reader(packet.subspan(1 + FrontLinkId::kSize));
  const uint64_t number = TRY(reader.u64());
  if (number < next_received_) return {};
  auto opened = crypto::aead_open(receiving_, nonce_of(number), packet.first(kRecordHeadSize), reader.rest());
  if (!opened) return {};
  REQUIRE(number == next_received_, kFrontLinkLost, kInOrder);
  ++next_received_;
  silent_ticks_ = 0;
  codec::Reader inner(*opened);
  const uint64_t confirmed = TRY(inner.u64());
  REQUIRE(confirmed >= bytes_confirmed_ && confirmed <= bytes_sent_, kFrontLinkLost,
          "docs/protocol/fronts.md: what was sent is confirmed");
  bytes_confirmed_ = confirmed;
  bytes_received_ += inner.rest().size();
  if (taken_ == incoming_.size()) {
    incoming_.clear();
    taken_ = 0;
  }
  append(incoming_, inner.rest());
  crypto::wipe(*opened);
  const size_t left = incoming_.size() - taken_;
  const bool fits = left < kLengthSize || length_at(ByteView(incoming_).subspan(taken_)) <= kFrontMessageSizeMax;
  REQUIRE(fits, kFrontLinkLost, "docs/protocol/fronts.md: a message has so many bytes at most");
  return {};
}

std::optional<Bytes> FrontLink::next_message() {
  const ByteView left = ByteView(incoming_).subspan(taken_);
  if (left.size() < kLengthSize) return std::nullopt;
  const uint32_t length = length_at(left);
  if (left.size() - kLengthSize < length) return std::nullopt;
  Bytes message = to_bytes(left.subspan(kLengthSize, length));
  crypto::wipe(ByteSpan(incoming_).subspan(taken_, kLengthSize + length));
  taken_ += kLengthSize + length;
  if (taken_ == incoming_.size()) {
    incoming_.clear();
    taken_ = 0;
  } else if (taken_ > kFrontPacketSizeMax) {
    incoming_.erase(incoming_.begin(), incoming_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
  }
  return message;
}

Status FrontLink::tick() {
  REQUIRE(++silent_ticks_ <= kFrontSilentTicksMax, kFrontLinkLost,
          "docs/protocol/fronts.md: the other end is heard once a second");
  if (!said_something_ || bytes_received_ != bytes_told_) says_something_ = true;
  said_something_ = false;
  return {};
}

}  // namespace godwit::home
