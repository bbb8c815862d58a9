#pragma once
// What a member of a chat says of himself: the private-use extension of his MLS leaf. It is covered by the leaf's
// signature, and the device list inside says that the leaf's key speaks for the account.

#include "codec/members.h"
#include "engine/device_list.h"
#include "engine/secret_field.h"
#include "engine/shown_name.h"
#include "mls/group.h"
#include "wire/home_link.h"

namespace godwit::engine {

/// RFC 9420 §17.3: 0xf000 and above are for private use.
constexpr auto kMemberInfoExtension = static_cast<mls::ExtensionType>(0xf0d1);

/// The extension as it stands on the wire: nothing in it has been checked. Version 2 appends the number of the name (MemberInfo), a
/// uint32; version 3 the number of the home behind it, a uint32. It is 1 as long as neither was ever changed.
struct MemberInfoIn {
  uint8_t version = 1;
  std::string name;
  DeviceListIn devices;
  wire::HomeAddress home;
  wire::Alias alias;  ///< Where this member takes messages of this chat, with all devices.
  /// Writes to the alias until the member is in and has given it the derived token.
  std::optional<SecretField> entry_token = std::nullopt;
  /// Of a member who comes back: leaf_digest() of the leaf that this one stands for, so that these keys are good once.
  std::optional<ByteArray<32>> replaces = std::nullopt;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.name, self.devices, self.home, self.alias, self.entry_token,
                          self.replaces);
  }
};

/// A member whose leaf, device list and address fit together.
struct MemberInfo {
  AccountId account;
  std::string name;  ///< shown_name() of what the leaf says.
  DeviceList devices;
  wire::HomeAddress home;
  wire::Alias alias;
  std::optional<SecretField> entry_token = std::nullopt;
  std::optional<ByteArray<32>> replaces = std::nullopt;
  uint32_t name_number =
      0;  ///< How often the account has changed its name: of several leaves the largest is the one that holds.
  uint32_t home_number = 0;  ///< How often the account has moved: the address of the leaf with the largest holds.
};

/// How many moves of an account one step may count: between two looks it may have moved more than once.
constexpr uint32_t kMovesAtOnceMax = 16;

/// SHA-256 of what a leaf says of its member: identity, signature key and extensions.
ByteArray<32> leaf_digest(const mls::Member& leaf);
/// The extension of one's own leaf.
mls::Extension member_extension(const MemberInfo& info);
/// What a leaf that was checked before says as its member's address; nothing: it is none.
struct SaidAddress {
  wire::Alias alias;
  wire::HomeKey home;
  uint32_t home_number = 0;
};
/// See above.
std::optional<SaidAddress> address_in_leaf(const mls::Member& leaf);
/// What a leaf that was checked before says as its member's name, letter by letter; empty: it is none.
std::string name_in_leaf(const mls::Member& leaf);
/// Reads and checks a member's leaf: identity, device list, key in the list, name, home. kBadDeviceList, kBadContent.
Result<MemberInfo> validate_member(ByteView identity, ByteView signature_key, const mls::Extensions& extensions);
/// As above.
Result<MemberInfo> validate_member(const mls::Member& member);

}  // namespace godwit::engine
