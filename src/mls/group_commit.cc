// Group::stage_commit (RFC 9420 §12.4.1).

#include <algorithm>
#include <iterator>

#include "crypto/hash.h"
#include "mls/group_state.h"

namespace godwit::mls {
namespace {

// Which leaf a proposal changes or takes out, if it does.
std::optional<LeafIndex> concerned_leaf(const QueuedProposal& one) {
  switch (one.proposal.type()) {
    case ProposalType::kUpdate:
    case ProposalType::kSelfRemove:
      return one.sender.leaf;
    case ProposalType::kRemove:
      return std::get<Remove>(one.proposal.body).removed;
    default:
      return std::nullopt;
  }
}

constexpr int kLastPrecedence = 3;

// What goes first when several concern one leaf (RFC 9420 §12.2; draft-ietf-mls-extensions, SelfRemove).
// MLS-123
int precedence(ProposalType type) {
  if (type == ProposalType::kSelfRemove) return 0;
  if (type == ProposalType::kRemove) return 1;
  return type == ProposalType::kUpdate ? 2 : kLastPrecedence;
}

// Of the proposals that wait, those that this commit takes along: of several that concern one leaf, or that replace the
// extensions, one, the most recent among equals; none that concerns our own leaf, ends the group, needs a key or an
// extension that we lack, or adds a leaf whose lifetime is over.
std::vector<QueuedProposal> list_pending(const GroupState& state, const std::vector<QueuedProposal>& requested,
                                         Instant now, const KnownPsks& psks) {
  const LeafNode& own = *state.tree.leaf(state.own_leaf());
  std::vector<QueuedProposal> sorted;
  for (int place = 0; place <= kLastPrecedence; ++place) {
    std::copy_if(state.proposals.rbegin(), state.proposals.rend(), std::back_inserter(sorted),
                 [&](const QueuedProposal& one) { return precedence(one.proposal.type()) == place; });
  }
  std::set<LeafIndex> touched{state.own_leaf()};
  bool replaced = false;
  for (const QueuedProposal& one : requested) {
    if (const auto leaf = concerned_leaf(one)) touched.insert(*leaf);
    replaced = replaced || one.proposal.type() == ProposalType::kGroupContextExtensions;
  }
  std::vector<QueuedProposal> out;
  for (const QueuedProposal& one : sorted) {
    const ProposalType type = one.proposal.type();
    if (type == ProposalType::kReInit) continue;
    if (const auto leaf = concerned_leaf(one); leaf && !touched.insert(*leaf).second) continue;
    const auto* change = std::get_if<GroupContextExtensions>(&one.proposal.body);
    if (change != nullptr && !check_leaf_fits_group(own, change->extensions)) continue;
    if (change != nullptr && std::exchange(replaced, true)) continue;
    // MLS-051
    const auto* add = std::get_if<Add>(&one.proposal.body);
    if (add != nullptr && !add->key_package.leaf_node.lifetime.check(now)) continue;
    const auto* psk = std::get_if<PreSharedKeyProposal>(&one.proposal.body);
    if (psk != nullptr && !resolve_psks(&state, {psk->psk}, psks)) continue;
    out.push_back(one);
  }
  // Adds as they came: the order is that of their leaves.
  const auto others = std::find_if(out.begin(), out.end(), [](const auto& one) { return !concerned_leaf(one); });
  std::reverse(others, out.end());
  return out;
}

// What the request says: by value, but for a ReInit that was proposed.
Result<std::vector<QueuedProposal>> list_requested(const GroupState& state, const CommitRequest& request,
                                                   Random& random, Instant now) {
  const CipherSuite& suite = *state.suite;
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
    REQUIRE(one.content().cipher_suite == suite.id, kUnsupportedSuite,
            "RFC 9420 §10.1: the key package's suite is the group's");
    out.push_back({{Add{one.content()}}, self, {}});
  }
  for (const Bytes& id : request.external_psks) {
    out.push_back({{PreSharedKeyProposal{external_psk_id(suite, id, random)}}, self, {}});
  }
  for (const ResumptionPskId& id : request.resumption_psks) {
    auto named = resumption_psk_id(suite, ResumptionPSKUsage::kApplication, id, random);
    out.push_back({{PreSharedKeyProposal{std::move(named)}}, self, {}});
  }
  if (request.reinit) {
    const Proposal reinit{*request.reinit};
    const auto proposed = std::find_if(state.proposals.begin(), state.proposals.end(),
                                       [&](const QueuedProposal& one) { return one.proposal == reinit; });
    out.push_back(proposed == state.proposals.end() ? QueuedProposal{reinit, self, {}} : *proposed);
  }
  return out;
}

// A list of proposals that holds, and what it comes to.
struct ProposalList {
  std::vector<QueuedProposal> list;
  AppliedProposals applied;
};

// The request, and of the pending proposals all if they hold together, else one by one each that does. Somebody's bad
// proposal blocks no commit. `link` ties the first commit of a group to the group before it.
// MLS-139
Result<ProposalList> list_proposals(const GroupState& state, const CommitRequest& request,
                                    const std::optional<PreSharedKeyID>& link, Random& random, Instant now,
                                    const KnownPsks& psks) {
  const Sender self = Sender::member(state.own_leaf());
  const auto apply = [&](const std::vector<QueuedProposal>& list) {
    return apply_proposals(state.context, state.tree, list, self);
  };
  auto list = TRY(list_requested(state, request, random, now));
  for (const QueuedProposal& one : list) {
    if (std::holds_alternative<Add>(one.proposal.body)) continue;  // a KeyPackage has been validated
    TRY(validate_proposal(*state.suite, state.context, state.tree, one));
  }
  if (link) list.push_back({{PreSharedKeyProposal{*link}}, self, {}});
  auto applied = TRY(apply(list));
  if (!request.pending_proposals || request.reinit) return ProposalList{std::move(list), std::move(applied)};
  const auto pending = list_pending(state, list, now, psks);
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
    const LeafNodeUpdate unchanged;
    const LeafNodeUpdate& update = request.leaf ? *request.leaf : unchanged;
    if (update.signature_key) draft.signature_key = update.signature_key->clone();
    auto drawn = TRY(draw_path(*state.suite, state.tree, draft.tree, draft.context, state.own_leaf(),
                               updated_leaf_node(state, update, LeafNodeSource::kCommit), draft.signature_key,
                               applied.added, random));
    draft.commit.path = std::move(drawn.path);
    adopt_path(draft.keys, drawn.secrets);
    draft.commit_secret = drawn.secrets.commit_secret.clone();
    draft.path = std::move(drawn.secrets);
  } else {
    draft.context.tree_hash = draft.tree.tree_hash(*state.suite);
  }
  draft.keys.prune(draft.tree);
  return draft;
}

// What joiners learn of the tree.
Extensions tree_extensions(const GroupState& next, const CommitRequest& request) {
  if (request.ratchet_tree_place) {
    const Bytes tree = codec::encoded(next.tree);
    const RatchetTreeReference reference{crypto::sha256(tree), static_cast<uint32_t>(tree.size()),
                                         *request.ratchet_tree_place};
    return {{ExtensionType::kRatchetTreeReference, codec::encoded(reference)}};
  }
  if (request.ratchet_tree_in_welcome) return {ratchet_tree_extension(next)};
  return {};
}

Result<Bytes> make_welcome(const GroupState& next, const std::vector<QueuedProposal>& list,
                           const AppliedProposals& applied, const JoinerSecret& joiner_secret,
                           const WelcomeSecret& welcome_secret, const std::optional<NewPath>& path,
                           Extensions extensions, Random& random) {
  const CipherSuite& suite = *next.suite;
  Welcome welcome;
  welcome.cipher_suite = suite.id;
  welcome.encrypted_group_info = seal_group_info(suite, welcome_secret, make_group_info(next, std::move(extensions)));
  size_t joiner = 0;
  for (const QueuedProposal& one : list) {
    const auto* add = std::get_if<Add>(&one.proposal.body);
    // MLS-143
    if (add == nullptr) continue;
    // MLS-077
    GroupSecrets secrets{joiner_secret.clone(), std::nullopt, applied.psks};
    if (path) secrets.path_secret = path->path_secret_for(applied.added[joiner]).clone();
    ++joiner;
    auto ref = ref_hash(suite, "MLS 1.0 KeyPackage Reference", codec::encoded(add->key_package));
    TRY(add_joiner(suite, welcome, std::move(ref), add->key_package.init_key, secrets, random));
  }
  return codec::encoded(MLSMessage{std::move(welcome)});
}

}  // namespace

Result<DrawnPath> draw_path(const CipherSuite& suite, const RatchetTree& before, RatchetTree& tree,
                            GroupContext& context, LeafIndex own, LeafNode leaf, const crypto::Ed25519KeyPair& key,
                            const std::vector<LeafIndex>& added, Random& random) {
  NewPath secrets = NewPath::generate(suite, tree, own, random);
  // MLS-059
  leaf.encryption_key = secrets.leaf_key.public_key;
  leaf.parent_hash = tree.set_path(suite, own, secrets.encryption_keys());
  sign_leaf_node(leaf, key, {context.group_id, own});
  TRY(validate_leaf_node(suite, leaf, LeafNodeSource::kCommit, {context.group_id, own}));
  TRY(check_leaf_fits_group(leaf, context.extensions));
  tree.set_leaf(own, leaf);
  TRY(tree.verify_unique_keys(before));
  context.tree_hash = tree.tree_hash(suite);
  const std::set<LeafIndex> fresh(added.begin(), added.end());
  // MLS-066
  auto nodes = TRY(encrypt_path(suite, tree, secrets, fresh, codec::encoded(context), random));
  return DrawnPath{{std::move(leaf), std::move(nodes)}, std::move(secrets)};
}

void adopt_path(TreeKemPrivate& keys, const NewPath& path) {
  keys.keys.insert_or_assign(to_node(keys.leaf), path.leaf_key.clone());
  for (size_t i = 0; i < path.steps.size(); ++i) {
    keys.keys.insert_or_assign(path.steps[i].node, path.node_keys[i].clone());
  }
}

// MLS-184
Result<StagedCommit> Group::stage_commit(const CommitRequest& request, Random& random, Instant now,
                                         const KnownPsks& psks) {
  return stage_linked(request, std::nullopt, random, now, psks);
}

Result<StagedCommit> Group::stage_linked(const CommitRequest& request, std::optional<PreSharedKeyID> link,
                                         Random& random, Instant now, const KnownPsks& psks) {
  GroupState& state = *state_;
  const CipherSuite& suite = *state.suite;
  REQUIRE(!state.ended_by, kGroupEnded, "RFC 9420 §11.2, MLS-149: a ReInit ended this group");
  TRY(check_size(request.authenticated_data.size()));
  const auto [list, applied] = TRY(list_proposals(state, request, link, random, now, psks));
  const auto keys_shared = TRY(resolve_psks(&state, applied.psks, psks));
  Draft draft = TRY(draw_up(state, request, list, applied, random));

  FramedContent framed{state.context.group_id, state.context.epoch, Sender::member(state.own_leaf()),
                       request.authenticated_data, std::move(draft.commit)};
  auto content = AuthenticatedContent::sign(request.wire_format, std::move(framed), state.signature_key, state.context);
  draft.context.confirmed_transcript_hash =
      confirmed_transcript_hash(suite, state.interim_transcript_hash, content.value());
  const auto joiner_secret =
      derive_joiner_secret(suite, state.secrets.init_secret, draft.commit_secret, codec::encoded(draft.context));
  const auto welcome_secret =
      derive_welcome_secret(suite, derive_member_secret(suite, joiner_secret, psk_secret(suite, keys_shared)));
  GroupState next = next_state(
      suite, &state,
      {std::move(draft.tree), std::move(draft.context), joiner_secret.clone(), psk_secret(suite, keys_shared),
       std::move(draft.keys), std::move(draft.signature_key), applied.reinit});
  content.set_confirmation_tag(next.confirmation_tag);

  std::optional<Bytes> welcome;
  if (!applied.added.empty()) {
    welcome = TRY(make_welcome(next, list, applied, joiner_secret, welcome_secret, draft.path,
                               tree_extensions(next, request), random));
  }
  auto report = report_commit(state.tree, state.own_leaf(), applied, next.tree, Sender::member(state.own_leaf()),
                              state.own_leaf(), draft.path.has_value(), request.authenticated_data);
  Bytes group_info = codec::encoded(MLSMessage{make_group_info(next, {external_pub_extension(next)})});
  Bytes message = TRY(seal_content(state, content, request, random));
  return StagedCommit{Group(std::make_unique<GroupState>(std::move(next))), std::move(message), std::move(welcome),
                      std::move(group_info), std::move(report)};
}

}  // namespace godwit::mls
