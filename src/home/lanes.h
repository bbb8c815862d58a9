#pragma once
// Who may work on a thing at the same time: shared for those who rely on it, exclusive for those who change it, in the
// order in which they asked. In memory of one home; what must hold across homes holds by compare-and-swap.
//
// Order against deadlock: an address or a self-delivery before a mailbox, either before an admission code; a session's
// DeliverMany before all of them, a queue that is counted after them. Nothing else is held together.

#include <coroutine>
#include <deque>
#include <list>
#include <map>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace godwit::home {

/// The locks, by name. Waiting is a co_await; whoever is next goes on when the core calls run().
class Lanes {
 public:
  /// The right to work in a lane, given back at the end of its life.
  class [[nodiscard]] Hold {
   public:
    Hold(Lanes& lanes, Bytes name) : lanes_(&lanes), name_(std::move(name)) {}
    Hold(Hold&& other) noexcept : lanes_(std::exchange(other.lanes_, nullptr)), name_(std::move(other.name_)) {}
    Hold& operator=(Hold&&) = delete;
    ~Hold() {
      if (lanes_ != nullptr) lanes_->leave(name_);
    }

   private:
    Lanes* lanes_;
    Bytes name_;
  };

  /// What is awaited.
  class [[nodiscard]] Turn {
   public:
    Turn(Lanes& lanes, Bytes name, bool exclusive) : lanes_(lanes), name_(std::move(name)), exclusive_(exclusive) {}
    /// True if it is one's turn already.
    bool await_ready() { return lanes_.enter(name_, exclusive_); }
    /// Queues up.
    void await_suspend(std::coroutine_handle<> waiting) { lanes_.wait(name_, exclusive_, waiting); }
    /// The right to work.
    Hold await_resume() { return Hold(lanes_, std::move(name_)); }

   private:
    Lanes& lanes_;
    Bytes name_;
    bool exclusive_;
  };

  /// co_await: beside others that share, while nobody is exclusive.
  Turn shared(Bytes name) { return Turn(*this, std::move(name), false); }
  /// co_await: alone.
  Turn exclusive(Bytes name) { return Turn(*this, std::move(name), true); }

  /// Lets everybody go on whose turn has come. Not from inside a task.
  void run();

 private:
  struct Waiting {
    std::coroutine_handle<> handle;
    bool exclusive;
  };
  struct Lane {
    size_t inside = 0;
    bool exclusive = false;  // the one inside is alone
    std::list<Waiting> waiting;
  };

  bool enter(const Bytes& name, bool exclusive);
  void wait(const Bytes& name, bool exclusive, std::coroutine_handle<> handle);
  void leave(const Bytes& name);
  static bool admits(const Lane& lane, bool exclusive);

  std::map<Bytes, Lane> lanes_;
  std::deque<std::coroutine_handle<>> ready_;
};

}  // namespace godwit::home
