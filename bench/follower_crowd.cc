#include "bench/follower_crowd.h"

#include <utility>

#include "base/assert.h"

namespace godwit::bench {
namespace {

constexpr size_t kPlaces = 64;
constexpr uint32_t kReadBytes = 64 * 1024;

}  // namespace

// Where one follower after the other comes and goes.
struct FollowerCrowd::Place {
  explicit Place(net::EventLoop& loop) : timer(loop) {}
  std::unique_ptr<Client> client;
  net::Timer timer;
  size_t follower = 0;
};

FollowerCrowd::FollowerCrowd(net::EventLoop& loop, Random& random, const HomeHost& home, const ChannelOwner& owner,
                             size_t count)
    : loop_(loop), random_(random), home_(home), owner_(owner), tickets_(count) {
  for (size_t i = 0; i < kPlaces; ++i) places_.push_back(std::make_unique<Place>(loop_));
}

FollowerCrowd::~FollowerCrowd() = default;

void FollowerCrowd::begin() {
  next_ = 0;
  gone_ = 0;
  for (const auto& place : places_) fill(*place);
}

void FollowerCrowd::fill(Place& place) {
  place.client.reset();
  if (next_ == tickets_.size()) return;
  place.follower = next_++;
  const wire::Request question = wire::ChannelRead{owner_.channel(), owner_.newest() - 1, kReadBytes};
  auto ticket = std::exchange(tickets_[place.follower], std::nullopt);
  ClientEvents events;
  if (!ticket) events.on_established = [&place, question] { place.client->request(question); };
  events.on_reply = [this, &place](session::StreamId, const wire::Reply& reply) {
    ASSERT(std::get<wire::ChannelEntries>(reply).entries.size() == 1);
    leave(place);
  };
  place.client = std::make_unique<Client>(loop_, random_, home_, nullptr, std::move(events));
  if (ticket) {
    place.client->resume(std::move(*ticket), {question});
  } else {
    place.client->connect(1);
  }
}

// Not from inside of the client, which ends with it; and its next ticket may come behind the answer.
void FollowerCrowd::leave(Place& place) {
  const bool has_ticket = !place.client->tickets().empty();
  place.timer.set(milliseconds(has_ticket ? 0 : 1), [this, &place] {
    if (place.client->tickets().empty()) return leave(place);
    tickets_[place.follower] = std::move(place.client->tickets().front());
    ++gone_;
    fill(place);
  });
}

}  // namespace godwit::bench
