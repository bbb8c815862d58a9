#include "mls/past_epochs.h"

#include <iterator>

#include "codec/members.h"
#include "mls/group_state.h"

namespace godwit::mls {
namespace {

constexpr const char* kDamaged = "mls.md, past epochs: damaged";

/// A signature key that the epoch had and the one after it has not; empty: the leaf was blank.
struct ReplacedKey {
  LeafIndex leaf;
  Bytes signature_key;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.leaf, self.signature_key);
  }
};

/// The record kReplacedKeys.
struct ReplacedKeys {
  bool is_last = false;
  std::vector<ReplacedKey> keys;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.is_last, self.keys);
  }
};

// What `before` has other than `after`, which may be null.
std::map<LeafIndex, Bytes> replaced_keys(const RatchetTree& before, const RatchetTree* after) {
  std::map<LeafIndex, Bytes> out;
  const uint32_t leaves = std::max(before.leaf_count().value, after == nullptr ? 0 : after->leaf_count().value);
  for (uint32_t i = 0; i < leaves; ++i) {
    const LeafNode* was = before.leaf({i});
    const LeafNode* is = after == nullptr ? nullptr : after->leaf({i});
    if (was == is) continue;
    const bool same = was != nullptr && is != nullptr && was->signature_key == is->signature_key;
    if (!same) out.emplace(LeafIndex{i}, was == nullptr ? Bytes{} : was->signature_key);
  }
  return out;
}

}  // namespace

PastEpochs::PastEpochs() = default;
PastEpochs::PastEpochs(PastEpochs&&) noexcept = default;
PastEpochs& PastEpochs::operator=(PastEpochs&&) noexcept = default;
PastEpochs::~PastEpochs() = default;

void PastEpochs::retire(Group group, const Group* successor) {
  GroupState& state = *group.state_;
  const GroupState* next = successor == nullptr ? nullptr : successor->state_.get();
  const uint64_t epoch = state.context.epoch;
  // Whoever has entered again by an old GroupInfo comes by epochs that he has seen: these are other ones.
  while (!epochs_.empty() && epochs_.rbegin()->first >= epoch) drop(std::prev(epochs_.end()));
  for (uint32_t i = 0; i < state.stored.proposals; ++i) {
    erased_.push_back({state_key(StateKind::kProposal, epoch, i), std::nullopt});
  }
  // A successor that came from this epoch by a commit has records that are changes of those before; a group that was
  // entered anew has not.
  const bool goes_on = next != nullptr && next->context.epoch == epoch + 1 && !next->stored.entered_anew;
  if (!goes_on && state.stored.tree) {
    erased_.push_back({state_key(StateKind::kHead), std::nullopt});
    for (const NodeIndex node : filled_nodes(*state.stored.tree)) {
      erased_.push_back({state_key(StateKind::kTreeNode, node), std::nullopt});
    }
  }
  state.secret_tree.retire(state.own_leaf());
  epochs_.emplace(epoch, PastEpochState{{state.suite, std::move(state.context), state.keys.leaf,
                                         state.tree.leaf_count(), std::move(state.secrets.sender_data_secret)},
                                        std::move(state.secret_tree),
                                        !goes_on,
                                        replaced_keys(state.tree, goes_on ? &next->tree : nullptr),
                                        state.stored.epoch,
                                        false});
}

// The key of a leaf as it was in `epoch`, or null if the leaf was blank.
const Bytes* PastEpochs::signature_key(uint64_t epoch, LeafIndex leaf, const Group* current) const {
  for (auto it = epochs_.find(epoch); it != epochs_.end(); ++it) {
    const auto replaced = it->second.replaced.find(leaf);
    if (replaced != it->second.replaced.end()) return replaced->second.empty() ? nullptr : &replaced->second;
    if (it->second.is_last) return nullptr;
  }
  const LeafNode* found = current == nullptr ? nullptr : current->state_->tree.leaf(leaf);
  return found == nullptr ? nullptr : &found->signature_key;
}

Result<ApplicationMessage> PastEpochs::open(ByteView mls_message, const Group* current) {
  const auto message = TRY(codec::decoded<MLSMessage>(mls_message));
  const auto* sealed = std::get_if<PrivateMessage>(&message.body);
  REQUIRE(sealed != nullptr, kWrongWireFormat, "RFC 9420 §6, MLS-015: not a PrivateMessage");
  const auto found = epochs_.find(sealed->epoch);
  REQUIRE(found != epochs_.end(), kStaleEpoch, "RFC 9420 §6: a message of an epoch that is not kept");
  PastEpochState& state = found->second;
  TRY(check_epoch(state.is.context, sealed->group_id, sealed->epoch));
  REQUIRE(sealed->content_type == ContentType::kApplication, kInvalidProposalList,
          "RFC 9420 §12.4, MLS-088: a handshake message of an epoch that is over");
  const OpeningEpoch epoch{*state.is.suite, state.is.context, state.is.own_leaf, state.is.sender_data_secret,
                           state.secret_tree};
  auto opened =
      TRY(open_message(epoch, *sealed, [&](LeafIndex leaf) { return signature_key(sealed->epoch, leaf, current); }));
  const FramedContent& framed = opened.content.content();
  ApplicationMessage out{framed.sender.leaf, opened.content.take_application_data(), framed.authenticated_data,
                         opened.key.generation, *signature_key(sealed->epoch, framed.sender.leaf, current)};
  state.secret_tree.consume(std::move(opened.key));
  return out;
}

void PastEpochs::drop_oldest() {
  ASSERT(!epochs_.empty());
  drop(epochs_.begin());
}

void PastEpochs::drop(std::map<uint64_t, PastEpochState>::iterator which) {
  auto& [epoch, state] = *which;
  state.secret_tree.clear();
  state.secret_tree.take_changes(epoch, erased_);
  if (state.epoch_stored) erased_.push_back({state_key(StateKind::kEpoch, epoch), std::nullopt});
  if (state.replaced_stored) erased_.push_back({state_key(StateKind::kReplacedKeys, epoch), std::nullopt});
  epochs_.erase(which);
}

std::vector<uint64_t> PastEpochs::epochs() const {
  std::vector<uint64_t> out;
  for (const auto& [epoch, state] : epochs_) out.push_back(epoch);
  return out;
}

StateChanges PastEpochs::take_changes() {
  StateChanges out = std::exchange(erased_, {});
  for (auto& [epoch, state] : epochs_) {
    state.secret_tree.take_changes(epoch, out);
    if (!std::exchange(state.epoch_stored, true)) {
      out.push_back({state_key(StateKind::kEpoch, epoch), write_epoch(state.is)});
    }
    if (std::exchange(state.replaced_stored, true)) continue;
    ReplacedKeys record{state.is_last, {}};
    for (const auto& [leaf, key] : state.replaced) record.keys.push_back({leaf, key});
    out.push_back({state_key(StateKind::kReplacedKeys, epoch), crypto::SecretBuffer::adopt(codec::encoded(record))});
  }
  return out;
}

namespace {

Result<PastEpochState> read_past_epoch(SuiteTable suites, const StateRecords& records, uint64_t epoch) {
  EpochPart part = TRY(read_epoch(suites, records, epoch));
  auto replaced =
      TRY(codec::decoded<ReplacedKeys>(TRY(record_at(records, state_key(StateKind::kReplacedKeys, epoch)))));
  auto secret_tree = TRY(SecretTree::restore_retired(*part.suite, part.leaf_count, epoch, records, part.own_leaf));
  PastEpochState out{std::move(part), std::move(secret_tree), replaced.is_last, {}, true, true};
  for (ReplacedKey& one : replaced.keys) out.replaced.emplace(one.leaf, std::move(one.signature_key));
  return out;
}

Result<std::map<uint64_t, PastEpochState>> read_past_epochs(SuiteTable suites, const StateRecords& records,
                                                            const Group* current) {
  std::map<uint64_t, PastEpochState> out;
  for (const uint64_t epoch : TRY(epochs_of(records))) {
    if (current != nullptr && epoch == current->epoch()) continue;
    out.emplace(epoch, TRY(read_past_epoch(suites, records, epoch)));
  }
  for (auto it = out.begin(); it != out.end(); ++it) {
    const auto next = std::next(it);
    if (it->second.is_last) continue;
    const bool has_next =
        next != out.end() ? next->first == it->first + 1 : current != nullptr && current->epoch() == it->first + 1;
    REQUIRE(has_next, kBadState, kDamaged);
  }
  return out;
}

}  // namespace

Result<PastEpochs> PastEpochs::restore(SuiteTable suites, const StateRecords& records, const Group* current) {
  PastEpochs out;
  out.epochs_ = TRY(state_result(read_past_epochs(suites, records, current)));
  return out;
}

}  // namespace godwit::mls
