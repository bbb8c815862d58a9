#pragma once
// What proves to somebody outside of a chat who has said something in it: a signature by the sender's device over the chat and the
// words. MLS signs as well, but over the group's context, which would have to be shown with it. Like MLS's own it is encrypted with
// the words: outside of them it would let whoever finds old envelopes and their keys try out what they may have said.

#include <optional>

#include "codec/members.h"
#include "crypto/ed25519.h"
#include "engine/content.h"
#include "engine/device_list.h"
#include "wire/home_link.h"
#include "wire/ids.h"

namespace godwit::engine {

/// The plaintext of an MLS message.
struct Said {
  uint8_t version = 1;
  Bytes content;    ///< An encoded Content.
  Bytes signature;  ///< sign_said() of what people read; else empty.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.content, self.signature);
  }
};

/// Reads it; members that a later version has appended pass unread. kBadContent: drop it.
Result<Said> parse_said(ByteView plaintext);

/// The signature of one content, as it is kept with the message or the edit that came of it.
struct SaidProof {
  ByteArray<32> device_key{};
  wire::HomeKey home;  ///< Of its sender, as his leaf said.
  ByteArray<64> signature{};
  uint64_t clock = 0;            ///< As its sender claimed it, which is part of the words.
  std::optional<Bytes> content;  ///< As it came, if what is kept of the message does not give the same bytes.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.device_key, self.home, self.signature, self.clock, self.content);
  }
};

/// A device that has spoken in a chat, and the list that makes it its account's: kept with the chat, since the member may go.
struct SpeakerRecord {
  AccountId account;
  DeviceListIn devices;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.account, self.devices);
  }
};

/// True of what people read: messages of any kind, and edits. Nothing else is signed, so that nothing else can be shown.
bool needs_proof(ContentKind kind);
/// Signs an encoded content that is said in `chat` by somebody of `home`.
ByteArray<64> sign_said(const crypto::Ed25519KeyPair& device, const ChatId& chat, const wire::HomeKey& home,
                        ByteView content);
/// Checks such a signature. kBadSignature: nobody has said this there.
Status check_said(ByteView device_key, const ChatId& chat, const wire::HomeKey& home, ByteView content,
                  ByteView signature);
/// True if `list`, which holds or not, adds this device somewhere.
bool adds(const DeviceListIn& list, const ByteArray<32>& device_key);

}  // namespace godwit::engine
