#include "mls/key_package.h"

#include "mls/errors.h"
#include "mls/secret_writer.h"

namespace godwit::mls {
namespace {

constexpr std::string_view kKeyPackageLabel = "KeyPackageTBS";
constexpr uint8_t kPrivateVersion = 1;

// KeyPackageTBS (RFC 9420 §10): everything but the signature.
Bytes to_be_signed(const KeyPackageIn& key_package) {
  codec::Writer writer;
  codec::encode(writer, key_package.version);
  codec::encode(writer, key_package.cipher_suite);
  codec::encode(writer, key_package.init_key);
  codec::encode(writer, key_package.leaf_node);
  codec::encode(writer, key_package.extensions);
  return writer.take();
}

Bytes as_message(const KeyPackageIn& key_package) {
  codec::Writer writer;
  codec::encode(writer, ProtocolVersion::kMls10);
  codec::encode(writer, WireFormat::kKeyPackage);
  codec::encode(writer, key_package);
  return writer.take();
}

// An MLSMessage starts 0001 0005; a bare KeyPackage has its cipher suite there, which is never 5 here.
bool is_message(ByteView bytes) {
  return bytes.size() > 4 && bytes[0] == 0 && bytes[1] == 1 && bytes[2] == 0 && bytes[3] == 5;
}

}  // namespace

Result<KeyPackage> KeyPackage::validate(const CipherSuite& suite, KeyPackageIn in) {
  REQUIRE(in.version == ProtocolVersion::kMls10, kUnsupportedVersion,
          "RFC 9420 §10.1, MLS-093: another protocol version");
  REQUIRE(in.cipher_suite == suite.id, kUnsupportedSuite,
          "RFC 9420 §10.1, MLS-094: another cipher suite than the group's");
  REQUIRE(suite.kem->check_public_key(in.init_key).has_value(), kBadKeyPackage,
          "RFC 9420 §10.1, MLS-089: init_key is not a key of the suite that one can encrypt to");
  REQUIRE(in.init_key != in.leaf_node.encryption_key, kBadKeyPackage,
          "RFC 9420 §10.1, MLS-096: init_key and encryption_key are the same");
  // MLS-177
  TRY(check_no_duplicates(in.extensions));
  const Bytes* last_resort = find_extension(in.extensions, ExtensionType::kLastResort);
  REQUIRE(last_resort == nullptr || last_resort->empty(), kBadKeyPackage,
          "draft-ietf-mls-extensions, last_resort, MLS-188: the extension has no data");
  TRY(validate_leaf_node(suite, in.leaf_node, LeafNodeSource::kKeyPackage, {}));
  // MLS-095
  TRY(verify_with_label(in.leaf_node.signature_key, kKeyPackageLabel, to_be_signed(in), in.signature));
  return KeyPackage(std::move(in));
}

Result<KeyPackage> KeyPackage::parse(const CipherSuite& suite, ByteView bytes, Instant now) {
  auto in = TRY(codec::decoded<KeyPackageIn>(is_message(bytes) ? bytes.subspan(4) : bytes));
  const Lifetime lifetime = in.leaf_node.lifetime;
  auto out = TRY(validate(suite, std::move(in)));
  TRY(lifetime.check(now));
  // Asked of what we add, not of what others have added: clients in use make and take such key packages.
  for (const Extension& one : out.content().extensions) {
    REQUIRE(out.leaf_node().capabilities.lists(one.type), kUnsupportedExtension,
            "RFC 9420 §10, MLS-091: an extension of the key package is not among its leaf's capabilities");
  }
  return out;
}

KeyPackageRef KeyPackage::ref(const CipherSuite& suite) const {
  return ref_hash(suite, "MLS 1.0 KeyPackage Reference", codec::encoded(in_));
}

Bytes KeyPackage::encode_message() const { return as_message(in_); }

// MLS-090
KeyPackagePrivate KeyPackagePrivate::generate(const CipherSuite& suite, const LeafParameters& parameters,
                                              Duration lifetime, Random& random, Instant now,
                                              const KeyPackageOptions& options) {
  ASSERT(lifetime.ms > 0 && lifetime <= days(366));
  HpkeKeyPair init = HpkeKeyPair::generate(suite, random);
  HpkeKeyPair encryption = HpkeKeyPair::generate(suite, random);
  KeyPackageIn in;
  in.cipher_suite = suite.id;
  in.init_key = std::move(init.public_key);
  in.extensions = options.extensions;
  if (options.last_resort) in.extensions.push_back({ExtensionType::kLastResort, {}});
  LeafParameters leaf = parameters.clone();
  leaf.supported = listed_types(leaf.supported, in.extensions);
  in.leaf_node = make_leaf_node(suite, leaf, std::move(encryption.public_key), LeafNodeSource::kKeyPackage, random);
  in.leaf_node.lifetime = {(now - kLifetimeMargin).unix_seconds(), (now + lifetime).unix_seconds()};
  sign_leaf_node(in.leaf_node, parameters.signature_key, {});
  in.signature = sign_with_label(parameters.signature_key, kKeyPackageLabel, to_be_signed(in));
  return {std::move(in), std::move(init.private_key), std::move(encryption.private_key),
          parameters.signature_key.clone()};
}

KeyPackageRef KeyPackagePrivate::ref(const CipherSuite& suite) const {
  return ref_hash(suite, "MLS 1.0 KeyPackage Reference", codec::encoded(key_package));
}

Bytes KeyPackagePrivate::encode_message() const { return as_message(key_package); }

crypto::SecretBuffer KeyPackagePrivate::serialize() const {
  SecretWriter writer;
  writer.value(kPrivateVersion);
  writer.value(key_package);
  writer.secret(init_key);
  writer.secret(encryption_key);
  writer.opaque(signature_key.seed.reveal());
  return writer.take();
}

Result<KeyPackagePrivate> KeyPackagePrivate::deserialize(ByteView bytes) {
  codec::Reader reader(bytes);
  REQUIRE(TRY(reader.u8()) == kPrivateVersion, kUnknownStateVersion, "mls.md, key package state: another version");
  KeyPackagePrivate out;
  out.key_package = TRY(codec::decode<KeyPackageIn>(reader));
  out.init_key = TRY(read_secret(reader));
  out.encryption_key = TRY(read_secret(reader));
  const ByteView seed = TRY(reader.opaque());
  REQUIRE(seed.size() == crypto::kEd25519SeedSize && reader.at_end(), kBadState, "mls.md, key package state: damaged");
  out.signature_key = crypto::Ed25519KeyPair::from_seed(TRY(crypto::Secret<crypto::kEd25519SeedSize>::copy_of(seed)));
  return out;
}

KeyPackagePrivate KeyPackagePrivate::clone() const {
  return {key_package, init_key.clone(), encryption_key.clone(), signature_key.clone()};
}

}  // namespace godwit::mls
