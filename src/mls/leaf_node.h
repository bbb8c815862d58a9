#pragma once
// Leaf nodes (RFC 9420 §7.2, §7.3).

#include "base/time.h"
#include "codec/members.h"
#include "mls/credential.h"
#include "mls/tree_math.h"
#include "mls/wire_format.h"

namespace godwit::mls {

/// What a member can do (RFC 9420 §7.2). Numbers it does not know are kept as they are.
struct Capabilities {
  std::vector<ProtocolVersion> versions;
  std::vector<CipherSuiteId> cipher_suites;
  std::vector<ExtensionType> extensions;
  std::vector<ProposalType> proposals;
  std::vector<CredentialType> credentials;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.versions, self.cipher_suites, self.extensions, self.proposals, self.credentials);
  }
  /// True if the type is listed or needs no listing. A GREASE value (RFC 9420 §13.5) is listed by many and supported by
  /// nobody.
  bool supports(ExtensionType type) const;
  bool supports(ProposalType type) const;
  bool supports(CredentialType type) const;
  bool supports(CipherSuiteId id) const;
  /// As supports(), a GREASE value included: what a leaf or a key package itself may carry.
  bool lists(ExtensionType type) const;
  friend bool operator==(const Capabilities&, const Capabilities&) = default;
};

/// Where a leaf node comes from (RFC 9420 §7.2).
enum class LeafNodeSource : uint8_t { kKeyPackage = 1, kUpdate = 2, kCommit = 3 };

/// From when till when a key package may be used: seconds since 1970 (RFC 9420 §7.2).
struct Lifetime {
  uint64_t not_before = 0;
  uint64_t not_after = 0;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.not_before, self.not_after);
  }
  /// kLifetime: `now` is outside. Take another key package.
  Status check(Instant now) const;
  friend bool operator==(const Lifetime&, const Lifetime&) = default;
};

/// How far before `now` our own lifetimes start, for clocks that are slow.
constexpr Duration kLifetimeMargin = days(1);

/// A leaf node (RFC 9420 §7.2).
struct LeafNode {
  Bytes encryption_key;
  Bytes signature_key;
  Credential credential;
  Capabilities capabilities;
  LeafNodeSource source = LeafNodeSource::kKeyPackage;
  Lifetime lifetime;  ///< kKeyPackage only.
  Bytes parent_hash;  ///< kCommit only.
  Extensions extensions;
  Bytes signature;

  void encode_to(codec::Writer& writer) const;
  /// kMalformed: an unknown source. And as Credential.
  static Result<LeafNode> decode_from(codec::Reader& reader);
  friend bool operator==(const LeafNode&, const LeafNode&) = default;
};

/// Where a leaf node stands: part of what is signed unless its source is kKeyPackage.
struct LeafPosition {
  Bytes group_id;
  LeafIndex leaf;
};

/// Signs `leaf` in place under "LeafNodeTBS" (RFC 9420 §7.2); `position` is ignored for kKeyPackage.
void sign_leaf_node(LeafNode& leaf, const crypto::Ed25519KeyPair& key, const LeafPosition& position);

/// What a leaf node has to fulfil by itself (RFC 9420 §7.3): signature, source, a known credential that it supports
/// itself, extensions it supports itself and without duplicates, suite and version, keys that are keys, a total lifetime within the suite row's. Not: whether
/// that holds the present, and
/// whatever takes the other leaves of a tree. Errors kBadSignature, kBadLeafNodeSource, kUnsupportedCredential,
/// kUnsupportedExtension, kDuplicateExtension, kUnsupportedSuite, kBadLeafNode, kLifetime: drop what carries it.
Status validate_leaf_node(const CipherSuite& suite, const LeafNode& leaf, LeafNodeSource source,
                          const LeafPosition& position);

/// What `leaf` has to support in a group with these group context extensions (RFC 9420 §7.3, §13.4): all that
/// required_capabilities names, and every extension of the group. kUnsupportedExtension, kUnsupportedProposal,
/// kUnsupportedCredential, kMalformed: drop what would put it there.
Status check_leaf_fits_group(const LeafNode& leaf, const Extensions& group_context_extensions);

/// What somebody says of himself when he makes a leaf.
struct LeafParameters {
  Bytes identity;                        ///< Basic credential.
  crypto::Ed25519KeyPair signature_key;  ///< One per device and group, or one per device: the engine's choice.
  Extensions extensions;                 ///< Of the leaf.
  std::vector<ExtensionType> supported;  ///< Extension types beyond those in `extensions`; duplicates are fine.
  std::vector<CipherSuiteId> cipher_suites = {};  ///< Suites that the client speaks beyond the one of the leaf.

  /// A second copy, asked for by name.
  LeafParameters clone() const { return {identity, signature_key.clone(), extensions, supported, cipher_suites}; }
};

/// A leaf node of these parameters, unsigned; capabilities list the suites, the basic credential, SelfRemove and every
/// extension type of `parameters`, and one GREASE value (RFC 9420 §13.5) in each list.
LeafNode make_leaf_node(const CipherSuite& suite, const LeafParameters& parameters, Bytes encryption_key,
                        LeafNodeSource source, Random& random);
/// The extension types to list: those of `supported` and `extensions` that need listing, each once, ascending.
std::vector<ExtensionType> listed_types(const std::vector<ExtensionType>& supported, const Extensions& extensions);

}  // namespace godwit::mls
