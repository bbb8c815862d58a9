#pragma once
// Which cipher suite a chat has: the hybrid one as long as its size bears it.

#include "mls/cipher_suite.h"

namespace godwit::engine {

/// A chat up to this many leaves is post-quantum: with more, a commit and a tree of such keys cost too much. To grow beyond, a
/// chat has to move into the other suite by a ReInit that its members see, never silently; chats of two never do.
constexpr size_t kHybridLeavesMax = 100;

/// A group that is made to be large has the other suite from the first: all see that it is not post-quantum. Its 2,000 accounts
/// (kMembersMax) have 1.8 devices each. At worst, when nobody has committed since he came in, a removal is encrypted to each leaf, and
/// 2,500 fit an entry of the log; a member's first commit, within days, takes him out of that.
constexpr size_t kClassicLeavesMax = 3600;

/// Leaves that a group of this suite may have.
inline size_t leaves_max(const mls::CipherSuite& suite) {
  return suite.id == mls::suite_0x0003().id ? kClassicLeavesMax : kHybridLeavesMax;
}

/// The suite of a chat of this many leaves.
// MLS-098
inline const mls::CipherSuite& suite_for(size_t leaves) {
  return leaves <= kHybridLeavesMax ? mls::suite_xwing() : mls::suite_0x0003();
}

}  // namespace godwit::engine
