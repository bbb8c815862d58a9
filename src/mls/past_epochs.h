#pragma once
// The epochs of a group that are over: they open application messages that come late, and do nothing more. No signing, no
// sending, no commits.
//
// Their message keys are the very records that the group has stored (state_records.h): an epoch that ends leaves them where
// they are. Who signed is looked up in the newest tree, and what later epochs have replaced in it is kept with each.

#include "mls/group.h"

namespace godwit::mls {

struct PastEpochState;

/// See above. It has no bound of its own: drop epochs by number and by time (RFC 9420 §9.2 wants it), since with each of them
/// go the keys of messages that never came.
class PastEpochs {
 public:
  PastEpochs();
  PastEpochs(PastEpochs&&) noexcept;
  PastEpochs& operator=(PastEpochs&&) noexcept;
  ~PastEpochs();

  /// Takes over from `group`, whose epoch is over, what opens late messages; all else of it is gone. `successor`: the epoch
  /// after it; null if we were removed. Each epoch of a group is retired, in their order. Store take_changes() of this
  /// before that of the successor and in the same batch.
  void retire(Group group, const Group* successor);
  /// Opens an application message of an epoch that is over and uses up its key: store take_changes() before acknowledging.
  /// `current`: the group's newest epoch; null if we were removed. Errors as Group::process; kStaleEpoch: this epoch is not
  /// here any more; kReplayed: opened before, or sent by this very leaf; kInvalidProposalList: a proposal or commit, which
  /// is of no use any more.
  Result<ApplicationMessage> open(ByteView mls_message, const Group* current);
  /// Forgets the oldest epoch; only if there is one.
  void drop_oldest();

  /// Their numbers, the oldest first.
  std::vector<uint64_t> epochs() const;

  /// What has changed since the last call, as Group::take_changes.
  StateChanges take_changes();
  /// The reverse, out of all the records of the group; `current` as for open(). Errors as Group::restore.
  static Result<PastEpochs> restore(SuiteTable suites, const StateRecords& records, const Group* current);

 private:
  friend struct GroupAccess;
  void drop(std::map<uint64_t, PastEpochState>::iterator which);
  const Bytes* signature_key(uint64_t epoch, LeafIndex leaf, const Group* current) const;
  std::map<uint64_t, PastEpochState> epochs_;
  StateChanges erased_;  // since take_changes(), of what is not in epochs_
};

}  // namespace godwit::mls
