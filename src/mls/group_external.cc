// Group::external_commit: joining by a commit of one's own (RFC 9420 §12.4.3.2).

#include "mls/group_state.h"

namespace godwit::mls {
namespace {

const Sender kNewMember{SenderType::kNewMemberCommit, {}, 0};

// A SelfRemove that a member has sent to the group in the open. Its membership_tag is for members to check.
Result<QueuedProposal> read_self_remove(const CipherSuite& suite, const GroupContext& context, const RatchetTree& tree,
                                        ByteView mls_message) {
  const auto message = TRY(codec::decoded<MLSMessage>(mls_message));
  const auto* open = std::get_if<PublicMessage>(&message.body);
  REQUIRE(open != nullptr, kWrongWireFormat, "draft-ietf-mls-extensions, SelfRemove, MLS-191: sent as a PublicMessage");
  const FramedContent& framed = open->content;
  TRY(check_epoch(context, framed.group_id, framed.epoch));
  const auto* proposal = std::get_if<Proposal>(&framed.body);
  REQUIRE(proposal != nullptr && proposal->type() == ProposalType::kSelfRemove, kInvalidProposalList,
          "RFC 9420 §12.4.3.2, MLS-199: an external commit with another proposal by reference");
  TRY(validate_proposal(suite, context, tree, {*proposal, framed.sender, {}}));
  const auto content = TRY(AuthenticatedContent::validate({WireFormat::kPublicMessage, framed, open->auth},
                                                          tree.leaf(framed.sender.leaf)->signature_key, context));
  return QueuedProposal{*proposal, framed.sender, content.proposal_ref(suite)};
}

// What goes into the commit, ExternalInit first.
Result<std::vector<QueuedProposal>> list_proposals(const CipherSuite& suite, const GroupContext& context,
                                                   const RatchetTree& tree, const ExternalCommitRequest& request,
                                                   Bytes kem_output, Random& random) {
  std::vector<QueuedProposal> out;
  out.push_back({{ExternalInit{std::move(kem_output)}}, kNewMember, {}});
  for (const LeafIndex leaf : tree.members()) {
    if (!request.is_old_self || !request.is_old_self(make_member(leaf, *tree.leaf(leaf)))) continue;
    out.push_back({{Remove{leaf}}, kNewMember, {}});
  }
  for (const Bytes& id : request.external_psks) {
    out.push_back({{PreSharedKeyProposal{external_psk_id(suite, id, random)}}, kNewMember, {}});
  }
  for (const ResumptionPskId& id : request.resumption_psks) {
    auto named = resumption_psk_id(suite, ResumptionPSKUsage::kApplication, id, random);
    out.push_back({{PreSharedKeyProposal{std::move(named)}}, kNewMember, {}});
  }
  for (const Bytes& message : request.self_removes) {
    out.push_back(TRY(read_self_remove(suite, context, tree, message)));
  }
  return out;
}

// A key that only members can derive, and what it is sealed in for them (RFC 9420 §8.3).
struct ExternalSecretExport {
  Bytes kem_output;
  InitSecret init_secret;
};
// MLS-076
Result<ExternalSecretExport> export_init_secret(const CipherSuite& suite, const Extensions& extensions,
                                                Random& random) {
  const Bytes* data = find_extension(extensions, ExtensionType::kExternalPub);
  REQUIRE(data != nullptr, kNoExternalPub, "RFC 9420 §12.4.3.2, MLS-169: a GroupInfo without external_pub");
  const auto external = TRY(codec::decoded<ExternalPub>(*data));
  const auto sender = TRY(crypto::hpke_setup_sender(suite.hpke(), external.external_pub, {}, random));
  return ExternalSecretExport{
      sender.encapsulated_key,
      InitSecret(sender.context.export_secret(as_bytes("MLS 1.0 external init secret"), suite.hash_size()))};
}

}  // namespace

Result<ExternalCommit> Group::external_commit(SuiteTable suites, ByteView group_info,
                                              std::optional<ByteView> ratchet_tree,
                                              const ExternalCommitRequest& request, Random& random,
                                              const KnownPsks& psks) {
  TRY(check_size(request.authenticated_data.size()));
  const auto message = TRY(codec::decoded<MLSMessage>(group_info));
  const auto* info = std::get_if<GroupInfoIn>(&message.body);
  REQUIRE(info != nullptr, kWrongWireFormat, "RFC 9420 §12.4.3.2, MLS-015: not a GroupInfo");
  const CipherSuite& suite = *TRY(find_suite(suites, info->group_context.cipher_suite));
  // MLS-169
  const RatchetTree before = TRY(validate_group_info(suite, *info, ratchet_tree));
  auto init = TRY(export_init_secret(suite, info->extensions, random));
  const auto list =
      TRY(list_proposals(suite, info->group_context, before, request, std::move(init.kem_output), random));
  AppliedProposals applied = TRY(apply_proposals(info->group_context, before, list, kNewMember));
  const auto keys_shared = TRY(resolve_psks(nullptr, applied.psks, psks));

  GroupContext context = info->group_context;
  ++context.epoch;
  const LeafIndex own = TRY(applied.tree.add_leaf({}));
  LeafNode leaf = make_leaf_node(suite, request.leaf, {}, LeafNodeSource::kCommit, random);
  auto drawn = TRY(
      draw_path(suite, before, applied.tree, context, own, std::move(leaf), request.leaf.signature_key, {}, random));
  TreeKemPrivate keys{own, {}};
  adopt_path(keys, drawn.secrets);

  Commit commit{{}, std::move(drawn.path)};
  for (const QueuedProposal& one : list) {
    commit.proposals.push_back(one.ref.empty() ? ProposalOrRef{one.proposal} : ProposalOrRef{one.ref});
  }
  FramedContent framed{context.group_id, info->group_context.epoch, kNewMember, request.authenticated_data,
                       std::move(commit)};
  auto content = AuthenticatedContent::sign(WireFormat::kPublicMessage, std::move(framed), request.leaf.signature_key,
                                            info->group_context);
  const Bytes interim = interim_transcript_hash(suite, context.confirmed_transcript_hash, info->confirmation_tag);
  context.confirmed_transcript_hash = confirmed_transcript_hash(suite, interim, content.value());
  auto joiner_secret =
      derive_joiner_secret(suite, init.init_secret, drawn.secrets.commit_secret, codec::encoded(context));
  auto report =
      report_commit(before, std::nullopt, applied, applied.tree, kNewMember, own, true, request.authenticated_data);
  GroupState state =
      next_state(suite, nullptr,
                 {std::move(applied.tree), std::move(context), std::move(joiner_secret), psk_secret(suite, keys_shared),
                  std::move(keys), request.leaf.signature_key.clone(), std::nullopt});
  content.set_confirmation_tag(state.confirmation_tag);
  Bytes sealed = codec::encoded(MLSMessage{PublicMessage{content.content(), content.auth(), {}}});
  return ExternalCommit{Group(std::make_unique<GroupState>(std::move(state))), std::move(sealed), std::move(report)};
}

}  // namespace godwit::mls
