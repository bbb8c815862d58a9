#include "engine/said_proof.h"

#include <algorithm>

#include "codec/codec.h"
#include "engine/errors.h"

namespace godwit::engine {
namespace {

constexpr uint8_t kVersion = 1;

// All before the content has a fixed length, so nothing can be read in two ways.
Bytes to_be_signed(const ChatId& chat, const wire::HomeKey& home, ByteView content) {
  Bytes out = to_bytes(as_bytes("godwit said 1"));
  append(out, chat.view());
  append(out, home.view());
  append(out, content);
  return out;
}

}  // namespace

Result<Said> parse_said(ByteView plaintext) {
  codec::Reader reader(plaintext);
  auto said = codec::decode<Said>(reader);
  REQUIRE(said.has_value() && said->version >= kVersion, kBadContent, "what an MLS message has in it is well-formed");
  REQUIRE(said->version > kVersion || reader.at_end(), kBadContent, "nothing follows what is said in version 1");
  return said;
}

bool needs_proof(ContentKind kind) {
  switch (kind) {
    case ContentKind::kReceipt:
    case ContentKind::kResend:
    case ContentKind::kHello:
    case ContentKind::kBulletin:
    case ContentKind::kReaction:
    case ContentKind::kDelete:
    case ContentKind::kVote:
    case ContentKind::kPollClose:
    case ContentKind::kPin:
      return false;
    default:
      return static_cast<uint16_t>(kind) < kSilentKinds;
  }
}

ByteArray<64> sign_said(const crypto::Ed25519KeyPair& device, const ChatId& chat, const wire::HomeKey& home,
                        ByteView content) {
  return device.sign(to_be_signed(chat, home, content));
}

Status check_said(ByteView device_key, const ChatId& chat, const wire::HomeKey& home, ByteView content,
                  ByteView signature) {
  return crypto::ed25519_verify(device_key, to_be_signed(chat, home, content), signature);
}

bool adds(const DeviceListIn& list, const ByteArray<32>& device_key) {
  return std::ranges::any_of(list, [&](const DeviceEntry& entry) {
    return entry.change == DeviceChange::kAdd && entry.device_key == device_key;
  });
}

}  // namespace godwit::engine
