#pragma once
// All followers of a large channel at one home, each with a ticket of his own: everybody comes once with a full handshake, and from
// then on with what he has. So many at once as one machine dials.

#include <memory>
#include <optional>
#include <vector>

#include "bench/channel_owner.h"
#include "bench/client.h"

namespace godwit::bench {

/// Runs on the caller's loop; whatever fails ends the program.
class FollowerCrowd {
 public:
  FollowerCrowd(net::EventLoop& loop, Random& random, const HomeHost& home, const ChannelOwner& owner, size_t count);
  ~FollowerCrowd();

  /// All come, one after the other in each place: who has no ticket yet with a full handshake, the others with theirs and the question
  /// what is new in the first flight. Each takes the ticket for the next time and goes.
  void begin();
  /// Whether all have come and gone.
  bool is_done() const { return gone_ == tickets_.size(); }
  /// How many have.
  size_t gone() const { return gone_; }

 private:
  struct Place;
  void fill(Place& place);
  void leave(Place& place);

  net::EventLoop& loop_;
  Random& random_;
  const HomeHost& home_;
  const ChannelOwner& owner_;
  std::vector<std::optional<session::Ticket>> tickets_;
  std::vector<std::unique_ptr<Place>> places_;
  size_t next_ = 0;
  size_t gone_ = 0;
};

}  // namespace godwit::bench
