#pragma once
// A member whose group lies on a disk: stored by its changes, and restored from what they add up to. In test binaries only.

#include <gtest/gtest.h>

#include "mls/past_epochs.h"
#include "mls/testing/group_access.h"
#include "mls/testing/support.h"

namespace godwit::mls::testing {

/// See above.
class StoredGroup {
 public:
  explicit StoredGroup(Group group) : group_(std::move(group)) { reload(); }
  /// The group; call reload() after changing it.
  Group& group() { return *group_; }
  /// As it lies on the disk.
  const StateRecords& disk() const { return disk_; }
  /// The epochs that are over.
  PastEpochs& past() { return past_; }

  /// Stores what has changed and goes on with what the disk gives. The test fails if that is not what it was.
  /// Returns the bytes written.
  size_t reload() {
    size_t written = write(past_.take_changes());
    if (!group_) {
      reload_past(nullptr);
      return written;
    }
    written += write(group_->take_changes());
    auto restored = Group::restore(suites_for_tests(), disk_);
    EXPECT_TRUE(restored.has_value()) << restored.error().rule;
    if (!restored) return written;
    const StateRecords whole = GroupAccess::records(*group_);
    EXPECT_TRUE(dump(whole) == stored_form(*restored));
    for (const auto& [key, value] : whole) EXPECT_TRUE(disk_.contains(key) && disk_.at(key) == value);
    group_ = std::move(*restored);
    reload_past(&*group_);
    return written;
  }
  /// The epoch is over, and this one begins; none: this member was removed.
  size_t enter(std::optional<Group> successor) {
    past_.retire(std::move(*group_), successor ? &*successor : nullptr);
    group_ = std::move(successor);
    return reload();
  }
  /// Opens a message of an epoch that is over.
  Result<ApplicationMessage> open_late(const Bytes& message) {
    return past_.open(message, group_ ? &*group_ : nullptr);
  }

 private:
  size_t write(const StateChanges& changes) {
    size_t out = 0;
    for (const StateChange& one : changes) out += one.key.size() + (one.value ? one.value->size() : 0);
    apply_changes(disk_, changes);
    return out;
  }
  void reload_past(const Group* current) {
    auto restored = PastEpochs::restore(suites_for_tests(), disk_, current);
    EXPECT_TRUE(restored.has_value()) << restored.error().rule;
    if (!restored) return;
    EXPECT_EQ(restored->epochs(), past_.epochs());
    past_ = std::move(*restored);
    EXPECT_TRUE(past_.take_changes().empty());
  }
  std::optional<Group> group_;
  PastEpochs past_;
  StateRecords disk_;
};

}  // namespace godwit::mls::testing
