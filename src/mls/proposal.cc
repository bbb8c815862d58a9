#include "mls/proposal.h"

#include "mls/errors.h"

namespace godwit::mls {
namespace {

template <typename T>
Result<Proposal> decode_body(codec::Reader& reader) {
  return Proposal{TRY(codec::decode<T>(reader))};
}

}  // namespace

void Proposal::encode_to(codec::Writer& writer) const {
  codec::encode(writer, type());
  std::visit([&](const auto& one) { codec::encode(writer, one); }, body);
}

Result<Proposal> Proposal::decode_from(codec::Reader& reader) {
  switch (TRY(codec::decode<ProposalType>(reader))) {
    case ProposalType::kAdd:
      return decode_body<Add>(reader);
    case ProposalType::kUpdate:
      return decode_body<Update>(reader);
    case ProposalType::kRemove:
      return decode_body<Remove>(reader);
    case ProposalType::kPsk:
      return decode_body<PreSharedKeyProposal>(reader);
    case ProposalType::kReInit:
      return decode_body<ReInit>(reader);
    case ProposalType::kExternalInit:
      return decode_body<ExternalInit>(reader);
    case ProposalType::kGroupContextExtensions:
      return decode_body<GroupContextExtensions>(reader);
    case ProposalType::kSelfRemove:
      return decode_body<SelfRemove>(reader);
  }
  return Error{kUnsupportedProposal, "RFC 9420 §12.1, MLS-130: an unknown proposal type"};
}

}  // namespace godwit::mls
