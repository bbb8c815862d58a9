#pragma once
// Opens a Group to tests, fuzz targets and benches, and to nothing else.

#include "mls/group_state.h"

namespace godwit::mls {

/// Gives a Group's state away.
struct GroupAccess {
  static GroupState& state(Group& group) { return *group.state_; }
  static const GroupState& state(const Group& group) { return *group.state_; }
  /// All records of the group, as if it were stored for the first time.
  static StateRecords records(const Group& group) {
    Group copy = group.clone();
    copy.state_->stored = {};
    copy.state_->secret_tree.forget_stored();
    StateRecords out;
    apply_changes(out, copy.take_changes());
    return out;
  }
};

/// All bytes of these records: equal for equal records, and to be searched.
inline crypto::SecretBuffer dump(const StateRecords& records) {
  SecretWriter writer;
  for (const auto& [key, value] : records) {
    writer.opaque(key);
    writer.secret(value);
  }
  return writer.take();
}
/// All that is stored of a group.
inline crypto::SecretBuffer stored_form(const Group& group) { return dump(GroupAccess::records(group)); }

}  // namespace godwit::mls
