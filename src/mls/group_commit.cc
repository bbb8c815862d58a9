// Group::stage_commit (RFC 9420 §12.4.1).

#include "mls/group_state.h"

namespace godwit::mls {
namespace {

// Our own Updates cannot be committed by us, and a key that we lack cannot be used.
bool is_usable(const GroupState& state, const QueuedProposal& one, std::span<const ExternalPsk> psks) {
  if (one.proposal.type() == ProposalType::kReInit) return false;  // ends the group: never in passing
  if (one.proposal.type() == ProposalType::kUpdate && one.sender == Sender::member(state.own_leaf())) return false;
  if (const auto* psk = std::get_if<PreSharedKeyProposal>(&one.proposal.body)) {
    return resolve_psks(&state, {psk->psk}, psks).has_value();
  }
  return true;
}

// What the request says, by value.
Result<std::vector<QueuedProposal>> list_requested(const GroupState& state, const CommitRequest& request,
                                                   Random& random, Instant now) {
  const Sender self = Sender::member(state.own_leaf());
  std::vector<QueuedProposal> out;
  if (request.group_context_extensions) {
    out.push_back({{GroupContextExtensions{*request.group_context_extensions}}, self, {}});
  }
  for (const LeafIndex leaf : request.remove) {
    REQUIRE(state.tree.leaf(leaf) != nullptr, kNotAMember, "RFC 9420 §12.1.3: the leaf to remove is blank");
    out.push_back({{Remove{leaf}}, self, {}});
  }
  for (const KeyPackage& one : request.add) {
    TRY(one.leaf_node().lifetime.check(now));
    out.push_back({{Add{one.content()}}, self, {}});
  }
  for (const Bytes& id : request.external_psks)
    out.push_back({external_psk_proposal(*state.suite, id, random), self, {}});
  return out;
}

// A list of proposals that holds, and what it comes to.
struct ProposalList {
  std::vector<QueuedProposal> list;
  AppliedProposals applied;
};

// The request, and of the pending proposals all if they hold together, else one by one each that does: Removes first, so
// that an Update of the same leaf is what stays out (RFC 9420 §12.2). Somebody's bad proposal blocks no commit.
Result<ProposalList> list_proposals(const GroupState& state, const CommitRequest& request, Random& random, Instant now,
                                    std::span<const ExternalPsk> psks) {
  const Sender self = Sender::member(state.own_leaf());
  const auto apply = [&](const std::vector<QueuedProposal>& list) {
    return apply_proposals(state.context, state.tree, list, self);
  };
  auto list = TRY(list_requested(state, request, random, now));
  for (const QueuedProposal& one : list) TRY(validate_proposal(*state.suite, state.context, state.tree, one));
  auto applied = TRY(apply(list));
  if (!request.pending_proposals) return ProposalList{std::move(list), std::move(applied)};
  std::vector<QueuedProposal> pending;
  for (const bool removes : {true, false}) {
    for (const auto& [ref, one] : state.proposals) {
      if ((one.proposal.type() == ProposalType::kRemove) == removes && is_usable(state, one, psks))
        pending.push_back(one);
    }
  }
  auto everything = list;
  everything.insert(everything.end(), pending.begin(), pending.end());
  if (auto whole = apply(everything)) return ProposalList{std::move(everything), std::move(whole).value()};
  for (const QueuedProposal& one : pending) {
    list.push_back(one);
    if (auto larger = apply(list)) {
      applied = std::move(larger).value();
    } else {
      list.pop_back();
    }
  }
  return ProposalList{std::move(list), std::move(applied)};
}

// A commit before it is signed, and what its epoch will consist of.
struct Draft {
  Commit commit;
  RatchetTree tree;
  GroupContext context;  // Provisional: its confirmed_transcript_hash is still the old one.
  TreeKemPrivate keys;
  crypto::Ed25519KeyPair signature_key;
  CommitSecret commit_secret;
  std::optional<NewPath> path;
};

// Puts a new path for our leaf into the draft (RFC 9420 §7.5, §12.4.1).
Status draw_path(const GroupState& state, const CommitRequest& request, const AppliedProposals& applied, Draft& draft,
                 Random& random) {
  const CipherSuite& suite = *state.suite;
  const LeafIndex own = state.own_leaf();
  const LeafNodeUpdate unchanged;
  const LeafNodeUpdate& update = request.leaf ? *request.leaf : unchanged;
  NewPath path = NewPath::generate(suite, draft.tree, own, random);
  LeafNode leaf = updated_leaf_node(state, update, path.leaf_key.public_key, LeafNodeSource::kCommit);
  leaf.parent_hash = draft.tree.set_path(suite, own, path.encryption_keys());
  if (update.signature_key) draft.signature_key = update.signature_key->clone();
  sign_leaf_node(leaf, draft.signature_key, {state.context.group_id, own});
  TRY(validate_leaf_node(suite, leaf, LeafNodeSource::kCommit, {state.context.group_id, own}));
  TRY(check_leaf_fits_group(leaf, applied.extensions));
  draft.tree.set_leaf(own, leaf);
  TRY(draft.tree.verify_unique_keys(state.tree));

  draft.context.tree_hash = draft.tree.tree_hash(suite);
  const std::set<LeafIndex> added(applied.added.begin(), applied.added.end());
  auto nodes = TRY(encrypt_path(suite, draft.tree, path, added, codec::encoded(draft.context), random));
  draft.commit.path = UpdatePath{std::move(leaf), std::move(nodes)};
  draft.keys.keys.insert_or_assign(to_node(own), path.leaf_key.clone());
  for (size_t i = 0; i < path.steps.size(); ++i) {
    draft.keys.keys.insert_or_assign(path.steps[i].node, path.node_keys[i].clone());
  }
  draft.commit_secret = CommitSecret(path.commit_secret.buffer().clone());
  draft.path = std::move(path);
  return {};
}

Result<Draft> draw_up(const GroupState& state, const CommitRequest& request, const std::vector<QueuedProposal>& list,
                      const AppliedProposals& applied, Random& random) {
  Draft draft{{},
              applied.tree,
              state.context,
              state.keys.clone(),
              state.signature_key.clone(),
              zero_commit_secret(*state.suite),
              {}};
  for (const QueuedProposal& one : list) {
    draft.commit.proposals.push_back(one.ref.empty() ? ProposalOrRef{one.proposal} : ProposalOrRef{one.ref});
  }
  ++draft.context.epoch;
  draft.context.extensions = applied.extensions;
  if (applied.path_required || request.path_always || request.leaf) {
    TRY(draw_path(state, request, applied, draft, random));
  } else {
    draft.context.tree_hash = draft.tree.tree_hash(*state.suite);
  }
  draft.keys.prune(draft.tree);
  return draft;
}

Result<Bytes> make_welcome(const GroupState& next, const std::vector<QueuedProposal>& list,
                           const AppliedProposals& applied, const JoinerSecret& joiner_secret,
                           const WelcomeSecret& welcome_secret, const std::optional<NewPath>& path, bool with_tree,
                           Random& random) {
  const CipherSuite& suite = *next.suite;
  Welcome welcome;
  welcome.cipher_suite = suite.id;
  welcome.encrypted_group_info = seal_group_info(suite, welcome_secret, make_group_info(next, false, with_tree));
  size_t joiner = 0;
  for (const QueuedProposal& one : list) {
    const auto* add = std::get_if<Add>(&one.proposal.body);
    if (add == nullptr) continue;
    GroupSecrets secrets{joiner_secret.clone(), std::nullopt, applied.psks};
    if (path) secrets.path_secret = path->path_secret_for(applied.added[joiner]).clone();
    ++joiner;
    auto ref = ref_hash(suite, "MLS 1.0 KeyPackage Reference", codec::encoded(add->key_package));
    TRY(add_joiner(suite, welcome, std::move(ref), add->key_package.init_key, secrets, random));
  }
  return codec::encoded(MLSMessage{std::move(welcome)});
}

}  // namespace

Result<StagedCommit> Group::stage_commit(const CommitRequest& request, Random& random, Instant now,
                                         std::span<const ExternalPsk> psks) {
  GroupState& state = *state_;
  const CipherSuite& suite = *state.suite;
  REQUIRE(!state.ended, kGroupEnded, "RFC 9420 §11.2: a ReInit ended this group");
  const auto [list, applied] = TRY(list_proposals(state, request, random, now, psks));
  const auto keys_shared = TRY(resolve_psks(&state, applied.psks, psks));
  Draft draft = TRY(draw_up(state, request, list, applied, random));

  FramedContent framed{state.context.group_id, state.context.epoch, Sender::member(state.own_leaf()),
                       request.authenticated_data, std::move(draft.commit)};
  auto content =
      AuthenticatedContent::sign(WireFormat::kPrivateMessage, std::move(framed), state.signature_key, state.context);
  draft.context.confirmed_transcript_hash =
      confirmed_transcript_hash(suite, state.interim_transcript_hash, content.value());
  const auto joiner_secret =
      derive_joiner_secret(suite, state.secrets.init_secret, draft.commit_secret, codec::encoded(draft.context));
  const auto welcome_secret =
      derive_welcome_secret(suite, derive_member_secret(suite, joiner_secret, psk_secret(suite, keys_shared)));
  GroupState next = next_state(
      state, {std::move(draft.tree), std::move(draft.context), joiner_secret.clone(), psk_secret(suite, keys_shared),
              std::move(draft.keys), std::move(draft.signature_key), applied.reinit.has_value()});
  content.set_confirmation_tag(next.confirmation_tag);

  std::optional<Bytes> welcome;
  if (!applied.added.empty()) {
    welcome = TRY(make_welcome(next, list, applied, joiner_secret, welcome_secret, draft.path,
                               request.ratchet_tree_in_welcome, random));
  }
  auto report = report_commit(state, applied, next.tree, Sender::member(state.own_leaf()), state.own_leaf(),
                              draft.path.has_value(), request.authenticated_data);
  const PendingKey key = TRY(state.secret_tree.next(state.own_leaf(), RatchetKind::kHandshake));
  PrivateMessage sealed = seal_private(suite, content, key, state.secrets.sender_data_secret, request.padding, random);
  Bytes group_info = codec::encoded(MLSMessage{make_group_info(next, true, false)});
  return StagedCommit{Group(std::make_unique<GroupState>(std::move(next))),
                      codec::encoded(MLSMessage{std::move(sealed)}), std::move(welcome), std::move(group_info),
                      std::move(report)};
}

}  // namespace godwit::mls
