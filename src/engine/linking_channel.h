#pragma once
// How two devices that share a link or a typed code come to a key that nobody else has, and what they tell each other under it
// (docs/protocol/chat.md, "Linking a device"). Bytes only; linking.cc carries them through a meeting at the home.
//
// The password of a CPace run is the link's 32 random bytes or the code's digits, so a code is guessed at one try for each
// offer. An X-Wing key goes with it, named in the run's data, so what is recorded today stays closed to later computers.

#include <string>

#include "codec/members.h"
#include "crypto/cpace.h"
#include "crypto/xwing.h"
#include "engine/device_list.h"
#include "engine/device_records.h"

namespace godwit::engine {

/// Characters of a device's name, which own devices see and nobody else.
constexpr size_t kDeviceNameMax = 64;
/// Digits of a typed code: 4 name the meeting, 7 are the password, 1 finds slips.
constexpr size_t kCodeDigits = 12;

/// What an offer hands to the new device.
struct LinkOffer {
  wire::HomeAddress home;
  wire::MeetingId meeting;
  crypto::SecretBuffer password;
};

/// A fresh offer by link.
LinkOffer make_link_offer(const wire::HomeAddress& home, Random& random);
/// Its text: `godwit:d#…`. Secret until it was used.
std::string to_text(const LinkOffer& offer);
/// The reverse of to_text. kLinkDamaged, kLinkNotGodwit, kLinkNewer.
Result<LinkOffer> parse_device_link(std::string_view text);

/// A fresh code: digits only.
std::string make_link_code(Random& random);
/// A code as people read it: in groups of four.
std::string shown_code(std::string_view digits);
/// The offer that a code stands for at a home; blanks and dashes are forgiven. kCodeMistyped.
Result<LinkOffer> offer_of_code(std::string_view code, const wire::HomeAddress& home);

/// First message, by the new device.
struct LinkHello {
  uint8_t version = 1;
  crypto::CpaceShare share{};
  Bytes kem_key;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.share, self.kem_key);
  }
};
/// The answer of the one that is linked already.
struct LinkReply {
  uint8_t version = 1;
  crypto::CpaceShare share{};
  Bytes kem_ciphertext;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.share, self.kem_ciphertext);
  }
};

/// What both sides come out with.
struct LinkKeys {
  crypto::Secret<32> by_new;  ///< Seals what the new device says.
  crypto::Secret<32> by_old;
  ByteArray<32> transcript{};  ///< Of this run alone; what the new device signs.
  std::string check;           ///< Six digits, the same on both screens.
};

/// The new device's side, until the reply has come.
class LinkAsker {
 public:
  /// Begins a run for the offer.
  static LinkAsker begin(const LinkOffer& offer, Random& random);
  /// What is left in the meeting first.
  const LinkHello& hello() const { return hello_; }
  /// kLinkingFailed: the reply is broken.
  Result<LinkKeys> finish(const LinkReply& reply) const;

 private:
  LinkAsker(crypto::Cpace run, crypto::XWingKeyPair kem) : run_(std::move(run)), kem_(std::move(kem)) {}
  crypto::Cpace run_;
  crypto::XWingKeyPair kem_;
  LinkHello hello_;
};
/// The other side, in one step. kLinkingFailed: the hello is broken.
Result<std::pair<LinkReply, LinkKeys>> answer_link(const LinkOffer& offer, const LinkHello& hello, Random& random);

/// What the new device asks for, under the key.
struct LinkRequest {
  uint8_t version = 1;
  OwnDevice device;
  ByteArray<64> signature{};  ///< By the device's key over "godwit link 1" and the transcript.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.device, self.signature);
  }
};
/// What it gets once the person has said yes: the account.
struct LinkAnswer {
  uint8_t version = 1;
  AccountId account;
  std::string name;
  DeviceListIn devices;  ///< With the new one.
  wire::HomeAddress home;
  wire::MailboxId mailbox;
  SecretField sync_key;
  uint32_t sync_since = 1;
  wire::RecoveryHash recovery;
  Bytes backup_key;
  std::vector<FormerContact> former_contacts;
  std::vector<OwnDevice> own_devices;
  uint32_t home_number = 0;  ///< MemberInfo::home_number
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.account, self.name, self.devices, self.home, self.mailbox, self.sync_key,
                          self.sync_since, self.recovery, self.backup_key, self.former_contacts, self.own_devices,
                          self.home_number);
  }
};

/// Seals the request; `device` is the new device's signature key.
Bytes seal_request(const LinkKeys& keys, LinkRequest request, const crypto::Ed25519KeyPair& device, Random& random);
/// kLinkingFailed: another key (a wrong code), or it asks for what it may not.
Result<LinkRequest> open_request(const LinkKeys& keys, ByteView sealed);
/// Seals the account for the new device.
Bytes seal_answer(const crypto::Secret<32>& by_old, const LinkAnswer& answer, Random& random);
/// kLinkingFailed; the list is checked, and has `device_key` in it.
Result<LinkAnswer> open_answer(const crypto::Secret<32>& by_old, ByteView sealed, const ByteArray<32>& device_key);

}  // namespace godwit::engine
