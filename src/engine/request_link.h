#pragma once
// Where somebody takes contact requests: what stands behind a name, and the text of an invite for many; and a contact request
// itself.
//
//   godwit:m#<link payload>          (codec/link_payload.h)

#include "codec/members.h"
#include "crypto/aead.h"
#include "crypto/ed25519.h"
#include "engine/device_list.h"
#include "engine/secret_field.h"
#include "wire/home_link.h"

namespace godwit::engine {

/// See above.
struct RequestLink {
  uint8_t version = 1;
  AccountId account;
  std::string name;
  wire::HomeAddress home;
  wire::Alias alias;           ///< An address that takes contact requests.
  SecretField token;           ///< Delivers there.
  SecretField key;             ///< Whoever has the link: for those who have not, requests are sealed under it.
  ByteArray<32> public_key{};  ///< X25519: for all but its owner, requests are sealed to it.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.account, self.name, self.home, self.alias, self.token, self.key,
                          self.public_key);
  }
};

/// True if `text` begins as a request link does.
bool is_request_link(std::string_view text);
/// The text of a link.
std::string to_text(const RequestLink& link);
/// The reverse. kLinkNotGodwit, kLinkDamaged, kLinkNewer.
Result<RequestLink> parse_request_link(std::string_view text);

/// A link sealed as it lies behind a name.
Bytes seal_card(const RequestLink& link, const crypto::AeadKey& key, const wire::NameId& name, Random& random);
/// The reverse. kBadContent: the home has changed it.
Result<RequestLink> open_card(ByteView card, const crypto::AeadKey& key, const wire::NameId& name);

/// What a contact request says. `invite` is a single-use invite of the sender: accepting is taking it.
struct ContactRequest {
  uint8_t version = 1;
  std::string name;
  std::string greeting;
  std::string invite;
  DeviceListIn devices;
  ByteArray<32> device{};     ///< The device that signs.
  ByteArray<64> signature{};  ///< Over "godwit contact request 1", the place (see below), and the fields above.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.name, self.greeting, self.invite, self.devices, self.device,
                          self.signature);
  }
};

/// Seals `plaintext` twice, as a padded request for `link` is sealed, whatever it is. Errors as hpke_seal.
Result<Bytes> seal_for(const RequestLink& link, ByteView plaintext, Random& random);
/// Signs and seals a request for `link`; `request` lacks device and signature. It is bound to its place, the hash of the link's
/// account, home, alias and public key: so whoever gets it cannot pass it on to somebody else as if it were for him.
Result<Bytes> seal_request(ContactRequest request, const crypto::Ed25519KeyPair& device, const RequestLink& link,
                           Random& random);
/// A request that was opened, and whose signature and device list hold.
struct OpenedRequest {
  AccountId account;
  ContactRequest request;
};
/// The reverse, with the own link and the private half of its public key. kRequestDamaged.
Result<OpenedRequest> open_request(ByteView payload, const RequestLink& link, const crypto::Secret<32>& private_key);

}  // namespace godwit::engine
