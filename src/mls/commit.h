#pragma once
// Commit (RFC 9420 §12.4) as it stands on the wire.

#include "codec/members.h"
#include "mls/proposal.h"
#include "mls/treekem.h"

namespace godwit::mls {

/// ProposalOrRef (RFC 9420 §12.4): a proposal by value, or the reference of one sent before.
struct ProposalOrRef {
  std::variant<Proposal, ProposalRef> body;
  void encode_to(codec::Writer& writer) const;
  /// kMalformed: neither of the two.
  static Result<ProposalOrRef> decode_from(codec::Reader& reader);
  friend bool operator==(const ProposalOrRef&, const ProposalOrRef&) = default;
};

/// Commit (RFC 9420 §12.4).
struct Commit {
  std::vector<ProposalOrRef> proposals;
  std::optional<UpdatePath> path;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.proposals, self.path);
  }
  friend bool operator==(const Commit&, const Commit&) = default;
};

}  // namespace godwit::mls
