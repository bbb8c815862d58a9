#pragma once
// Proposals (RFC 9420 §12.1) as they stand on the wire; proposal_list.h judges them.

#include <variant>

#include "codec/members.h"
#include "mls/key_package.h"
#include "mls/psk.h"

namespace godwit::mls {

/// Add (RFC 9420 §12.1.1).
struct Add {
  KeyPackageIn key_package;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.key_package);
  }
  friend bool operator==(const Add&, const Add&) = default;
};

/// Update (RFC 9420 §12.1.2).
struct Update {
  LeafNode leaf_node;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.leaf_node);
  }
  friend bool operator==(const Update&, const Update&) = default;
};

/// Remove (RFC 9420 §12.1.3).
struct Remove {
  LeafIndex removed;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.removed);
  }
  friend bool operator==(const Remove&, const Remove&) = default;
};

/// PreSharedKey (RFC 9420 §12.1.4).
struct PreSharedKeyProposal {
  PreSharedKeyID psk;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.psk);
  }
  friend bool operator==(const PreSharedKeyProposal&, const PreSharedKeyProposal&) = default;
};

/// ReInit (RFC 9420 §12.1.5).
struct ReInit {
  Bytes group_id;
  ProtocolVersion version = ProtocolVersion::kMls10;
  CipherSuiteId cipher_suite{};
  Extensions extensions;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.group_id, self.version, self.cipher_suite, self.extensions);
  }
  friend bool operator==(const ReInit&, const ReInit&) = default;
};

/// ExternalInit (RFC 9420 §12.1.6).
struct ExternalInit {
  Bytes kem_output;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.kem_output);
  }
  friend bool operator==(const ExternalInit&, const ExternalInit&) = default;
};

/// GroupContextExtensions (RFC 9420 §12.1.7).
struct GroupContextExtensions {
  Extensions extensions;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.extensions);
  }
  friend bool operator==(const GroupContextExtensions&, const GroupContextExtensions&) = default;
};

/// SelfRemove (draft-ietf-mls-extensions): its sender leaves.
struct SelfRemove {
  template <typename Self>
  static auto fields(Self&) {
    return codec::members();
  }
  friend bool operator==(const SelfRemove&, const SelfRemove&) = default;
};

/// Proposal (RFC 9420 §12.1). The variant's order is that of the types' numbers, SelfRemove behind them.
struct Proposal {
  std::variant<Add, Update, Remove, PreSharedKeyProposal, ReInit, ExternalInit, GroupContextExtensions, SelfRemove>
      body;

  /// Which one.
  ProposalType type() const {
    return std::holds_alternative<SelfRemove>(body) ? ProposalType::kSelfRemove
                                                    : static_cast<ProposalType>(body.index() + 1);
  }
  void encode_to(codec::Writer& writer) const;
  /// kUnsupportedProposal: a type whose form we do not know.
  static Result<Proposal> decode_from(codec::Reader& reader);
  friend bool operator==(const Proposal&, const Proposal&) = default;
};

/// MakeProposalRef (RFC 9420 §5.2): 32 bytes, over an encoded AuthenticatedContent.
using ProposalRef = Bytes;

}  // namespace godwit::mls
