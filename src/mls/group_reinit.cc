// Groups that follow another: reinitialised (RFC 9420 §11.2) and branched off (§11.3).

#include "mls/group_state.h"

namespace godwit::mls {
// MLS-144
Result<StagedCommit> Group::reinitialize(SuiteTable suites, const LeafParameters& leaf,
                                         const CommitRequest& first_commit, Random& random, Instant now,
                                         const KnownPsks& psks) const {
  REQUIRE(ended_by(), kNotReinitialized, "RFC 9420 §11.2: no ReInit ended this group");
  const ReInit& reinit = *ended_by();
  REQUIRE(reinit.version == ProtocolVersion::kMls10, kUnsupportedVersion,
          "RFC 9420 §11.2: the ReInit is to another protocol version");
  const CipherSuite& successor_suite = *TRY(find_suite(suites, reinit.cipher_suite));
  const GroupCreate parameters{reinit.group_id, leaf.clone(), reinit.extensions};
  Group group = TRY(create(successor_suite, parameters, random, now));
  const auto groups = with_group(psks, *this);
  auto link = resumption_psk_id(successor_suite, ResumptionPSKUsage::kReinit, {group_id(), epoch()}, random);
  return group.stage_linked(first_commit, std::move(link), random, now, {psks.external, groups});
}

Result<StagedCommit> Group::branch(const GroupCreate& parameters, const CommitRequest& first_commit, Random& random,
                                   Instant now, const KnownPsks& psks) const {
  Group group = TRY(create(suite(), parameters, random, now));
  const auto groups = with_group(psks, *this);
  auto link = resumption_psk_id(suite(), ResumptionPSKUsage::kBranch, {group_id(), epoch()}, random);
  return group.stage_linked(first_commit, std::move(link), random, now, {psks.external, groups});
}

}  // namespace godwit::mls
