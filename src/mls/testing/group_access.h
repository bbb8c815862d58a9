#pragma once
// Opens a Group to tests and fuzz targets, and to nothing else.

#include "mls/group_state.h"

namespace godwit::mls {

/// Gives a Group's state away.
struct GroupAccess {
  static GroupState& state(Group& group) { return *group.state_; }
  static const GroupState& state(const Group& group) { return *group.state_; }
};

}  // namespace godwit::mls
