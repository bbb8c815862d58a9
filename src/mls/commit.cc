#include "mls/commit.h"

#include "mls/errors.h"

namespace godwit::mls {
namespace {

enum class ProposalOrRefType : uint8_t { kProposal = 1, kReference = 2 };

}  // namespace

void ProposalOrRef::encode_to(codec::Writer& writer) const {
  codec::encode(writer, body.index() == 0 ? ProposalOrRefType::kProposal : ProposalOrRefType::kReference);
  std::visit([&](const auto& one) { codec::encode(writer, one); }, body);
}

Result<ProposalOrRef> ProposalOrRef::decode_from(codec::Reader& reader) {
  const auto type = TRY(codec::decode<ProposalOrRefType>(reader));
  if (type == ProposalOrRefType::kProposal) return ProposalOrRef{TRY(codec::decode<Proposal>(reader))};
  REQUIRE(type == ProposalOrRefType::kReference, kMalformed, "RFC 9420 §12.4, MLS-005: neither proposal nor reference");
  return ProposalOrRef{TRY(codec::decode<ProposalRef>(reader))};
}

}  // namespace godwit::mls
