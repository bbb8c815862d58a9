#include "mls/proposal_list.h"

#include <algorithm>

#include "mls/errors.h"
#include "mls/group_extensions.h"

namespace godwit::mls {
namespace {

// Everything that validates one kind of proposal.
struct Judge {
  const CipherSuite& suite;
  const GroupContext& group_context;
  const RatchetTree& tree;
  const Sender& sender;

  Status operator()(const Add& add) const {
    static_cast<void>(TRY(KeyPackage::validate(suite, add.key_package)));
    return {};
  }
  Status operator()(const Update& update) const {
    REQUIRE(sender.type == SenderType::kMember, kInvalidProposal, "RFC 9420 §12.1.2, MLS-110: only members update");
    const LeafNode* before = tree.leaf(sender.leaf);
    REQUIRE(before != nullptr, kInvalidProposal, "RFC 9420 §12.1.2, MLS-110: an update of a blank leaf");
    REQUIRE(before->encryption_key != update.leaf_node.encryption_key, kDuplicateKey,
            "RFC 9420 §7.3, MLS-056: an update keeps its encryption key");
    return validate_leaf_node(suite, update.leaf_node, LeafNodeSource::kUpdate, {group_context.group_id, sender.leaf});
  }
  Status operator()(const Remove& remove) const {
    REQUIRE(tree.leaf(remove.removed) != nullptr, kInvalidProposal,
            "RFC 9420 §12.1.3, MLS-111: the leaf to remove is blank");
    return {};
  }
  Status operator()(const PreSharedKeyProposal& psk) const {
    REQUIRE(psk.psk.psk_nonce.size() == suite.hash_size(), kInvalidProposal,
            "RFC 9420 §12.1.4, MLS-112: psk_nonce has KDF.Nh bytes");
    REQUIRE(psk.psk.psktype == PSKType::kExternal || psk.psk.usage == ResumptionPSKUsage::kApplication,
            kInvalidProposal,
            "RFC 9420 §12.1.4, MLS-103, MLS-106: reinit and branch belong to the first commit of a group that follows "
            "another");
    return {};
  }
  Status operator()(const ReInit& reinit) const {
    REQUIRE(reinit.version >= group_context.version, kInvalidProposal, "RFC 9420 §12.1.5, MLS-113: an older version");
    return check_group_context_extensions(reinit.extensions);
  }
  Status operator()(const ExternalInit& init) const {
    REQUIRE(sender.type == SenderType::kNewMemberCommit, kInvalidProposal,
            "RFC 9420 §12.2, MLS-129: ExternalInit in a commit of a member");
    REQUIRE(init.kem_output.size() == suite.kem->encapsulated_key_size(), kInvalidProposal,
            "RFC 9420 §12.1.6, MLS-114: kem_output has another size");
    return {};
  }
  Status operator()(const GroupContextExtensions& change) const {
    return check_group_context_extensions(change.extensions);
  }
  Status operator()(const SelfRemove&) const {
    REQUIRE(sender.type == SenderType::kMember && tree.leaf(sender.leaf) != nullptr, kInvalidProposal,
            "draft-ietf-mls-extensions, SelfRemove, MLS-192: only members leave");
    return {};
  }
};

// Walks through the list once per kind, in the order of RFC 9420 §12.3.
class Application {
 public:
  Application(const GroupContext& group_context, const RatchetTree& tree, const Sender& committer)
      : before_(tree),
        committer_(committer),
        out_{tree, group_context.extensions, false, {}, {}, {}, {}, {}, {}, {}, false} {}

  // MLS-136, MLS-137
  Status take(const std::vector<QueuedProposal>& list) {
    for (const auto& one : list) TRY(take_extensions(one));
    for (const auto& one : list) TRY(take_update(one));
    for (const auto& one : list) TRY(take_self_remove(one));
    for (const auto& one : list) TRY(take_remove(one));
    TRY(check_all_know(list));
    for (const auto& one : list) TRY(take_add(one));
    for (const auto& one : list) TRY(take_other(one));
    REQUIRE(!out_.reinit || list.size() == 1, kInvalidProposalList,
            "RFC 9420 §12.2, MLS-128: ReInit beside other proposals");
    return {};
  }

  Status finish(const std::vector<QueuedProposal>& list) {
    if (committer_.type == SenderType::kNewMemberCommit) TRY(check_external_commit(list));
    if (out_.extensions_changed) {
      for (const LeafIndex leaf : out_.tree.members()) {
        // The committer's leaf is replaced: a path is due, and its leaf is held against the extensions.
        if (committer_ == Sender::member(leaf)) continue;
        // MLS-099
        TRY(check_leaf_fits_group(*out_.tree.leaf(leaf), out_.extensions));
      }
    }
    TRY(out_.tree.verify_unique_keys(before_));
    TRY(check_init_keys(list));
    // MLS-142, MLS-194
    out_.path_required =
        list.empty() || std::any_of(list.begin(), list.end(), [](const QueuedProposal& one) {
          const ProposalType type = one.proposal.type();
          return type != ProposalType::kAdd && type != ProposalType::kPsk && type != ProposalType::kReInit;
        });
    return {};
  }

  AppliedProposals result() && { return std::move(out_); }

 private:
  Status take_extensions(const QueuedProposal& one) {
    const auto* change = std::get_if<GroupContextExtensions>(&one.proposal.body);
    if (change == nullptr) return {};
    REQUIRE(!out_.extensions_changed, kInvalidProposalList, "RFC 9420 §12.2, MLS-127: two GroupContextExtensions");
    out_.extensions_changed = true;
    // MLS-115
    out_.extensions = change->extensions;
    return {};
  }
  Status take_update(const QueuedProposal& one) {
    const auto* update = std::get_if<Update>(&one.proposal.body);
    if (update == nullptr) return {};
    REQUIRE(one.sender != committer_, kInvalidProposalList, "RFC 9420 §12.2, MLS-120: an Update of the committer");
    REQUIRE(touched_.insert(one.sender.leaf).second, kInvalidProposalList,
            "RFC 9420 §12.2, MLS-122: two Updates or Removes of one leaf");
    TRY(check_leaf_fits_group(update->leaf_node, out_.extensions));
    out_.tree.update_leaf(one.sender.leaf, update->leaf_node);
    out_.updated.push_back(one.sender.leaf);
    return {};
  }
  // MLS-195
  Status take_self_remove(const QueuedProposal& one) {
    if (!std::holds_alternative<SelfRemove>(one.proposal.body)) return {};
    REQUIRE(!one.ref.empty(), kInvalidProposalList,
            "draft-ietf-mls-extensions, SelfRemove, MLS-190: committed by reference only");
    REQUIRE(one.sender != committer_, kInvalidProposalList,
            "draft-ietf-mls-extensions, SelfRemove, MLS-197: not of the committer");
    out_.self_removed.push_back(one.sender.leaf);
    return take_leaf_out(one.sender.leaf);
  }
  Status take_remove(const QueuedProposal& one) {
    const auto* remove = std::get_if<Remove>(&one.proposal.body);
    if (remove == nullptr) return {};
    REQUIRE(committer_.type != SenderType::kMember || remove->removed != committer_.leaf, kInvalidProposalList,
            "RFC 9420 §12.2, MLS-121: a Remove of the committer");
    return take_leaf_out(remove->removed);
  }
  Status take_leaf_out(LeafIndex leaf) {
    REQUIRE(touched_.insert(leaf).second, kInvalidProposalList,
            "RFC 9420 §12.2, MLS-122, MLS-196: two Updates or Removes of one leaf");
    REQUIRE(out_.tree.member_count() > 1, kInvalidProposalList, "RFC 9420 §12.1.3: nobody would be left");
    out_.tree.remove_leaf(leaf);
    out_.removed.push_back(leaf);
    return {};
  }
  // Those who stay, updated, and before anybody is added.
  Status check_all_know(const std::vector<QueuedProposal>& list) const {
    for (const QueuedProposal& one : list) {
      const ProposalType type = one.proposal.type();
      if (is_default(type)) continue;
      REQUIRE(all_support(out_.tree, type), kUnsupportedProposal,
              "RFC 9420 §12.2, MLS-130, MLS-193: a proposal of a type that some member does not support");
    }
    return {};
  }
  // An init key is used once, for one Welcome, and for nothing else.
  Status check_init_keys(const std::vector<QueuedProposal>& list) const {
    std::set<Bytes> init_keys;
    for (const QueuedProposal& one : list) {
      const auto* add = std::get_if<Add>(&one.proposal.body);
      if (add == nullptr) continue;
      REQUIRE(init_keys.insert(add->key_package.init_key).second, kDuplicateKey,
              "RFC 9420 §10: an init_key stands in two key packages");
    }
    if (init_keys.empty()) return {};
    for (uint32_t i = 0; i < node_count(out_.tree.leaf_count()); ++i) {
      const Bytes* key = out_.tree.encryption_key({i});
      REQUIRE(key == nullptr || !init_keys.contains(*key), kDuplicateKey,
              "RFC 9420 §10.1: an init_key is an encryption key of the tree");
    }
    return {};
  }
  Status take_add(const QueuedProposal& one) {
    const auto* add = std::get_if<Add>(&one.proposal.body);
    if (add == nullptr) return {};
    TRY(check_leaf_fits_group(add->key_package.leaf_node, out_.extensions));
    out_.added.push_back(TRY(out_.tree.add_leaf(add->key_package.leaf_node)));
    return {};
  }
  Status take_other(const QueuedProposal& one) {
    if (const auto* psk = std::get_if<PreSharedKeyProposal>(&one.proposal.body)) {
      REQUIRE(std::find(out_.psks.begin(), out_.psks.end(), psk->psk) == out_.psks.end(), kInvalidProposalList,
              "RFC 9420 §12.2, MLS-126: one pre-shared key twice");
      REQUIRE(out_.psks.size() < kPsksMax, kInvalidProposalList, "a commit mixes in at most kPsksMax pre-shared keys");
      out_.psks.push_back(psk->psk);
    } else if (const auto* reinit = std::get_if<ReInit>(&one.proposal.body)) {
      out_.reinit = *reinit;
    } else if (const auto* init = std::get_if<ExternalInit>(&one.proposal.body)) {
      REQUIRE(!out_.external_init, kInvalidProposalList, "RFC 9420 §12.2, MLS-132: two ExternalInit proposals");
      out_.external_init = *init;
    }
    return {};
  }
  Status check_external_commit(const std::vector<QueuedProposal>& list) const {
    REQUIRE(out_.external_init.has_value(), kInvalidProposalList,
            "RFC 9420 §12.2, MLS-132: an external commit without ExternalInit");
    size_t removes = 0;
    for (const QueuedProposal& one : list) {
      const ProposalType type = one.proposal.type();
      // MLS-199
      if (type == ProposalType::kSelfRemove) continue;
      REQUIRE(one.ref.empty(), kInvalidProposalList,
              "RFC 9420 §12.4.3.2, MLS-173: an external commit with proposals by reference");
      REQUIRE(type == ProposalType::kExternalInit || type == ProposalType::kRemove || type == ProposalType::kPsk,
              kInvalidProposalList, "RFC 9420 §12.2, MLS-135: an external commit with another proposal");
      if (type == ProposalType::kRemove) ++removes;
    }
    REQUIRE(removes <= 1, kInvalidProposalList, "RFC 9420 §12.2, MLS-133: an external commit with two Removes");
    return {};
  }

  const RatchetTree& before_;
  const Sender& committer_;
  AppliedProposals out_;
  std::set<LeafIndex> touched_;
};

}  // namespace

Status check_sender(const Sender& sender, ProposalType type) {
  if (sender.type == SenderType::kNewMemberProposal) {
    REQUIRE(type == ProposalType::kAdd, kInvalidProposal,
            "RFC 9420 §12.1.8, MLS-024: who is not a member yet proposes only Add");
  }
  if (sender.type == SenderType::kExternal) {
    REQUIRE(type != ProposalType::kUpdate && type != ProposalType::kExternalInit && type != ProposalType::kSelfRemove,
            kInvalidProposal, "RFC 9420 §12.1.8, MLS-118, MLS-192: a type that external senders may not send");
  }
  return {};
}

bool all_support(const RatchetTree& tree, ProposalType type) {
  const auto members = tree.members();
  return std::all_of(members.begin(), members.end(),
                     [&](LeafIndex leaf) { return tree.leaf(leaf)->capabilities.supports(type); });
}

Status validate_proposal(const CipherSuite& suite, const GroupContext& group_context, const RatchetTree& tree,
                         const QueuedProposal& queued) {
  TRY(check_sender(queued.sender, queued.proposal.type()));
  return std::visit(Judge{suite, group_context, tree, queued.sender}, queued.proposal.body);
}

Result<AppliedProposals> apply_proposals(const GroupContext& group_context, const RatchetTree& tree,
                                         const std::vector<QueuedProposal>& list, const Sender& committer) {
  Application application(group_context, tree, committer);
  TRY(application.take(list));
  TRY(application.finish(list));
  return std::move(application).result();
}

}  // namespace godwit::mls
