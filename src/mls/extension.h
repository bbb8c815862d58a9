#pragma once
// Extensions (RFC 9420 §13), opaque to the protocol but for a few, and the numbers that capabilities list.

#include <vector>

#include "base/result.h"
#include "codec/members.h"
#include "mls/cipher_suite.h"

namespace godwit::mls {

/// IANA's number of an extension (RFC 9420 §17.3); 0xf000 and above are for private use.
enum class ExtensionType : uint16_t {
  kApplicationId = 0x0001,
  kRatchetTree = 0x0002,
  kRequiredCapabilities = 0x0003,
  kExternalPub = 0x0004,
  kExternalSenders = 0x0005,
  kLastResort = 0x000a,            ///< draft-ietf-mls-extensions: of a key package that may be used again.
  kRatchetTreeReference = 0xf0d2,  ///< Private use: where a GroupInfo's tree is to be had.
};

/// IANA's number of a proposal (RFC 9420 §17.4).
enum class ProposalType : uint16_t {
  kAdd = 0x0001,
  kUpdate = 0x0002,
  kRemove = 0x0003,
  kPsk = 0x0004,
  kReInit = 0x0005,
  kExternalInit = 0x0006,
  kGroupContextExtensions = 0x0007,
  kSelfRemove = 0x000a,  ///< draft-ietf-mls-extensions.
};

/// IANA's number of a credential (RFC 9420 §17.5).
enum class CredentialType : uint16_t { kBasic = 0x0001, kX509 = 0x0002 };

/// True for the values that RFC 9420 §13.5 reserves in every registry, to be listed and never to be meant.
template <typename Number>
constexpr bool is_grease(Number number) {
  const auto value = static_cast<uint16_t>(number);
  return value % 0x1010 == 0x0a0a % 0x1010 && value <= 0xeaea;
}
/// One of these values.
template <typename Number>
Number grease(Random& random) {
  return static_cast<Number>(0x0a0a + 0x1010 * random.below(15));
}

/// One extension: its number and bytes that only its own specification understands.
struct Extension {
  ExtensionType type{};
  Bytes data;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.type, self.data);
  }
  friend bool operator==(const Extension&, const Extension&) = default;
};
using Extensions = std::vector<Extension>;

/// The data of the extension of this type, or null; lives as long as the list.
const Bytes* find_extension(const Extensions& extensions, ExtensionType type);
/// True for the types that every client supports without saying so (RFC 9420 §7.2).
bool is_default(ExtensionType type);
/// True for the types that every client supports without saying so (RFC 9420 §7.2).
bool is_default(ProposalType type);
/// kDuplicateExtension: a type stands twice in the list (RFC 9420 §13.4).
Status check_no_duplicates(const Extensions& extensions);

/// The data of required_capabilities (RFC 9420 §11.1).
struct RequiredCapabilities {
  std::vector<ExtensionType> extension_types;
  std::vector<ProposalType> proposal_types;
  std::vector<CredentialType> credential_types;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.extension_types, self.proposal_types, self.credential_types);
  }
  friend bool operator==(const RequiredCapabilities&, const RequiredCapabilities&) = default;
};

/// The data of ratchet_tree_reference, an extension of ours in a GroupInfo that does not carry the tree.
struct RatchetTreeReference {
  ByteArray<32> hash{};  ///< SHA-256 of the data of a ratchet_tree extension.
  uint32_t size = 0;     ///< Of these data.
  Bytes place;           ///< What the application needs to fetch them.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.hash, self.size, self.place);
  }
  friend bool operator==(const RatchetTreeReference&, const RatchetTreeReference&) = default;
};

/// The data of external_pub (RFC 9420 §12.4.3.2).
struct ExternalPub {
  Bytes external_pub;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.external_pub);
  }
};

}  // namespace godwit::mls
