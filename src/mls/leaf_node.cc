#include "mls/leaf_node.h"

#include <algorithm>
#include <set>

#include "mls/errors.h"

namespace godwit::mls {
namespace {

constexpr std::string_view kLeafNodeLabel = "LeafNodeTBS";

template <typename T>
bool contains(const std::vector<T>& list, T item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

void encode_unsigned(codec::Writer& writer, const LeafNode& leaf) {
  codec::encode(writer, leaf.encryption_key);
  codec::encode(writer, leaf.signature_key);
  codec::encode(writer, leaf.credential);
  codec::encode(writer, leaf.capabilities);
  codec::encode(writer, leaf.source);
  if (leaf.source == LeafNodeSource::kKeyPackage) codec::encode(writer, leaf.lifetime);
  if (leaf.source == LeafNodeSource::kCommit) codec::encode(writer, leaf.parent_hash);
  codec::encode(writer, leaf.extensions);
}

// LeafNodeTBS (RFC 9420 §7.2).
Bytes to_be_signed(const LeafNode& leaf, const LeafPosition& position) {
  codec::Writer writer;
  encode_unsigned(writer, leaf);
  if (leaf.source != LeafNodeSource::kKeyPackage) {
    codec::encode(writer, position.group_id);
    codec::encode(writer, position.leaf);
  }
  return writer.take();
}

}  // namespace

bool Capabilities::supports(ExtensionType type) const {
  // MLS-182
  return is_default(type) || (!is_grease(type) && contains(extensions, type));
}
bool Capabilities::lists(ExtensionType type) const { return is_default(type) || contains(extensions, type); }
bool Capabilities::supports(ProposalType type) const {
  return is_default(type) || (!is_grease(type) && contains(proposals, type));
}
bool Capabilities::supports(CredentialType type) const { return !is_grease(type) && contains(credentials, type); }
bool Capabilities::supports(CipherSuiteId id) const { return !is_grease(id) && contains(cipher_suites, id); }

Status Lifetime::check(Instant now) const {
  const uint64_t seconds_now = now.unix_seconds();
  REQUIRE(not_before <= seconds_now && seconds_now <= not_after, kLifetime,
          "RFC 9420 §7.3, MLS-050: the lifetime does not hold the present");
  return {};
}

void LeafNode::encode_to(codec::Writer& writer) const {
  encode_unsigned(writer, *this);
  codec::encode(writer, signature);
}

Result<LeafNode> LeafNode::decode_from(codec::Reader& reader) {
  LeafNode out;
  out.encryption_key = TRY(codec::decode<Bytes>(reader));
  out.signature_key = TRY(codec::decode<Bytes>(reader));
  out.credential = TRY(codec::decode<Credential>(reader));
  out.capabilities = TRY(codec::decode<Capabilities>(reader));
  out.source = TRY(codec::decode<LeafNodeSource>(reader));
  switch (out.source) {
    case LeafNodeSource::kKeyPackage:
      out.lifetime = TRY(codec::decode<Lifetime>(reader));
      break;
    case LeafNodeSource::kUpdate:
      break;
    case LeafNodeSource::kCommit:
      out.parent_hash = TRY(codec::decode<Bytes>(reader));
      break;
    default:
      return Error{kMalformed, "RFC 9420 §7.2, MLS-005: an unknown leaf_node_source"};
  }
  out.extensions = TRY(codec::decode<Extensions>(reader));
  out.signature = TRY(codec::decode<Bytes>(reader));
  return out;
}

// MLS-046
void sign_leaf_node(LeafNode& leaf, const crypto::Ed25519KeyPair& key, const LeafPosition& position) {
  leaf.signature = sign_with_label(key, kLeafNodeLabel, to_be_signed(leaf, position));
}

Status validate_leaf_node(const CipherSuite& suite, const LeafNode& leaf, LeafNodeSource source,
                          const LeafPosition& position) {
  REQUIRE(leaf.source == source, kBadLeafNodeSource,
          "RFC 9420 §7.3, MLS-053, MLS-054, MLS-055: leaf_node_source does not fit where the leaf stands");
  REQUIRE(suite.kem->check_public_key(leaf.encryption_key).has_value(), kBadLeafNode,
          "RFC 9420 §7.1, MLS-036: encryption_key is not a key of the suite that one can encrypt to");
  REQUIRE(leaf.signature_key.size() == crypto::kEd25519PublicKeySize, kBadLeafNode,
          "RFC 9420 §7.2, MLS-037: signature_key has another size than the suite's");
  REQUIRE(contains(leaf.capabilities.versions, ProtocolVersion::kMls10), kUnsupportedVersion,
          "RFC 9420 §7.2, MLS-040: capabilities without the protocol version in use");
  REQUIRE(leaf.capabilities.supports(suite.id), kUnsupportedSuite,
          "RFC 9420 §7.2, MLS-040: capabilities without the cipher suite in use");
  // One type is in use in our groups and every leaf lists it, so that all members support the credentials of all others.
  REQUIRE(leaf.credential.type == CredentialType::kBasic, kUnsupportedCredential,
          "RFC 9420 §7.3, MLS-011, MLS-041: the credential is not one that we support");
  REQUIRE(leaf.capabilities.supports(leaf.credential.type), kUnsupportedCredential,
          "RFC 9420 §7.3, MLS-049: the leaf does not support the credentials in use, its own included");
  if (source == LeafNodeSource::kKeyPackage) {
    const Lifetime& life = leaf.lifetime;
    REQUIRE(life.not_before <= life.not_after && life.not_after - life.not_before <= suite.lifetime_seconds_max,
            kLifetime, "RFC 9420 §7.2, MLS-044: the lifetime is longer than we accept");
  }
  TRY(check_no_duplicates(leaf.extensions));
  for (const Extension& one : leaf.extensions) {
    REQUIRE(leaf.capabilities.lists(one.type), kUnsupportedExtension,
            "RFC 9420 §7.3, MLS-042: an extension of the leaf is not among its capabilities");
  }
  // MLS-045, MLS-047
  return verify_with_label(leaf.signature_key, kLeafNodeLabel, to_be_signed(leaf, position), leaf.signature);
}

Status check_leaf_fits_group(const LeafNode& leaf, const Extensions& group_context_extensions) {
  for (const Extension& one : group_context_extensions) {
    REQUIRE(leaf.capabilities.supports(one.type), kUnsupportedExtension,
            "RFC 9420 §13.4, MLS-152, MLS-180: a member does not support an extension of the group");
  }
  const Bytes* data = find_extension(group_context_extensions, ExtensionType::kRequiredCapabilities);
  if (data == nullptr) return {};
  const auto required = TRY(codec::decoded<RequiredCapabilities>(*data));
  for (const ExtensionType type : required.extension_types) {
    REQUIRE(leaf.capabilities.supports(type), kUnsupportedExtension,
            "RFC 9420 §7.3, MLS-048: a required extension is not among the capabilities");
  }
  for (const ProposalType type : required.proposal_types) {
    REQUIRE(leaf.capabilities.supports(type), kUnsupportedProposal,
            "RFC 9420 §7.3, MLS-048: a required proposal is not among the capabilities");
  }
  for (const CredentialType type : required.credential_types) {
    REQUIRE(leaf.capabilities.supports(type), kUnsupportedCredential,
            "RFC 9420 §7.3, MLS-048: a required credential is not among the capabilities");
  }
  return {};
}

// MLS-038
std::vector<ExtensionType> listed_types(const std::vector<ExtensionType>& supported, const Extensions& extensions) {
  std::set<ExtensionType> types(supported.begin(), supported.end());
  for (const Extension& one : extensions) types.insert(one.type);
  std::erase_if(types, [](ExtensionType type) { return is_default(type); });
  return {types.begin(), types.end()};
}

LeafNode make_leaf_node(const CipherSuite& suite, const LeafParameters& parameters, Bytes encryption_key,
                        LeafNodeSource source, Random& random) {
  std::set<CipherSuiteId> suites(parameters.cipher_suites.begin(), parameters.cipher_suites.end());
  suites.insert(suite.id);
  LeafNode leaf;
  leaf.encryption_key = std::move(encryption_key);
  leaf.signature_key = to_bytes(parameters.signature_key.public_key);
  leaf.credential = Credential::basic(parameters.identity);
  Capabilities& able = leaf.capabilities;
  // MLS-039
  able.versions = {ProtocolVersion::kMls10};
  able.cipher_suites.assign(suites.begin(), suites.end());
  able.extensions = listed_types(parameters.supported, parameters.extensions);
  able.proposals = {ProposalType::kSelfRemove};
  able.credentials = {CredentialType::kBasic};
  // MLS-181
  able.cipher_suites.push_back(grease<CipherSuiteId>(random));
  able.extensions.push_back(grease<ExtensionType>(random));
  able.proposals.push_back(grease<ProposalType>(random));
  able.credentials.push_back(grease<CredentialType>(random));
  leaf.source = source;
  leaf.extensions = parameters.extensions;
  return leaf;
}

}  // namespace godwit::mls
