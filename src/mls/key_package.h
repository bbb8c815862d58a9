#pragma once
// Key packages (RFC 9420 §10) and the private half that their maker keeps.

#include "codec/members.h"
#include "mls/leaf_node.h"

namespace godwit::mls {

/// MakeKeyPackageRef: 32 bytes (RFC 9420 §5.2).
using KeyPackageRef = Bytes;

/// A key package as it stands on the wire: nothing in it has been checked.
struct KeyPackageIn {
  ProtocolVersion version = ProtocolVersion::kMls10;
  CipherSuiteId cipher_suite{};
  Bytes init_key;
  LeafNode leaf_node;
  Extensions extensions;
  Bytes signature;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.cipher_suite, self.init_key, self.leaf_node, self.extensions,
                          self.signature);
  }
  friend bool operator==(const KeyPackageIn&, const KeyPackageIn&) = default;
};

/// A key package that passed validate(): its own rules hold. What the group demands is checked when it is added.
class KeyPackage {
 public:
  /// Checks RFC 9420 §10.1: version, suite, leaf node, signature, init key unlike the encryption key. Whether the
  /// lifetime holds the present is not looked at, since a reader of an old log must judge as those did who read it in time. Errors
  /// kUnsupportedVersion, kUnsupportedSuite, kBadSignature, kBadKeyPackage and those of validate_leaf_node: drop it.
  static Result<KeyPackage> validate(const CipherSuite& suite, KeyPackageIn in);
  /// decoded() of an MLSMessage (mls_key_package) or of a bare KeyPackage, validate(), a lifetime that holds `now`
  /// (kLifetime: take another), and a leaf whose capabilities list the package's extensions (kUnsupportedExtension). For
  /// somebody who is about to add it.
  static Result<KeyPackage> parse(const CipherSuite& suite, ByteView bytes, Instant now);

  /// What is in it.
  const KeyPackageIn& content() const { return in_; }
  /// The leaf that it would add.
  const LeafNode& leaf_node() const { return in_.leaf_node; }
  /// The basic credential's identity.
  const Bytes& identity() const { return in_.leaf_node.credential.identity; }
  /// True if its maker keeps the private half after a Welcome has used it (draft-ietf-mls-extensions, last_resort).
  bool is_last_resort() const { return find_extension(in_.extensions, ExtensionType::kLastResort) != nullptr; }
  /// MakeKeyPackageRef.
  KeyPackageRef ref(const CipherSuite& suite) const;
  /// As an MLSMessage with wire format mls_key_package (RFC 9420 §6).
  Bytes encode_message() const;

 private:
  explicit KeyPackage(KeyPackageIn in) : in_(std::move(in)) {}
  KeyPackageIn in_;
};

/// What a key package may say beside its leaf.
struct KeyPackageOptions {
  bool last_resort = false;  ///< To be used when there is no other: kept by its maker after a Welcome has used it.
  Extensions extensions;     ///< Of the key package; their types are listed in the leaf's capabilities.
};

/// A key package and the private keys that belong to it. Lives from generate() until the Welcome that used it is
/// joined, then it is deleted, storage included (a last resort key package: when it is replaced).
struct KeyPackagePrivate {
  KeyPackageIn key_package;
  crypto::SecretBuffer init_key;
  crypto::SecretBuffer encryption_key;
  crypto::Ed25519KeyPair signature_key;

  /// A fresh one, valid from kLifetimeMargin before `now` until `lifetime` after it (at most 366 days).
  static KeyPackagePrivate generate(const CipherSuite& suite, const LeafParameters& parameters, Duration lifetime,
                                    Random& random, Instant now, const KeyPackageOptions& options = {});
  /// As KeyPackage::is_last_resort: true if it outlives the Welcome.
  bool is_last_resort() const { return find_extension(key_package.extensions, ExtensionType::kLastResort) != nullptr; }
  /// MakeKeyPackageRef: what a Welcome calls it.
  KeyPackageRef ref(const CipherSuite& suite) const;
  /// The public half as an MLSMessage with wire format mls_key_package: what is published.
  Bytes encode_message() const;
  /// For sealed storage only; version 1 of a form of our own (docs/protocol/mls.md).
  crypto::SecretBuffer serialize() const;
  /// The reverse. kBadState, kUnknownStateVersion: the storage is damaged or newer than the program.
  static Result<KeyPackagePrivate> deserialize(ByteView bytes);
  /// A second copy, asked for by name.
  KeyPackagePrivate clone() const;
};

}  // namespace godwit::mls
