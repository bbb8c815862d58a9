#include "net/joined_pipes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "net/errors.h"
#include "net/stream_client.h"
#include "net/stream_listener.h"
#include "net/testing/loopback.h"
#include "net/wss_client.h"

namespace godwit::net {
namespace {

using Side = JoinedPipes::Side;

/// A client of a stream, joined on its way with a WebSocket of a server that echoes.
class Joined : public ::testing::Test {
 protected:
  void SetUp() override {
    door_ = StreamListener::create(*server_.loop, 0, [this](Arrival arrival) {
              joined_ = std::make_unique<JoinedPipes>(*server_.loop, idle_, [this] {
                ++ends_;
                joined_.reset();
              });
              joined_->set(Side::kNear, std::move(arrival.pipe));
              joined_->set(Side::kFar,
                           connect_wss(*server_.loop, server_.route(), {}, joined_->events(Side::kFar)).value());
              return joined_->events(Side::kNear);
            }).value();
  }

  void dial() {
    PipeEvents events;
    events.on_bytes = [this](ByteView bytes) { append(received_, bytes); };
    events.on_drained = [this] { feed(); };
    events.on_closed = [this](Error) { ++closed_; };
    StreamOptions options;
    options.stall = {minutes(1), minutes(2)};
    const auto dialling = connect_stream(*server_.loop, options, std::move(events), client_).lock();
    dialling->go({"127.0.0.1", door_->port()});
  }

  /// Sends what there is still to send, as far as it is taken.
  void feed() {
    while (fed_ < sent_.size()) {
      const size_t size = std::min<size_t>(10'000, sent_.size() - fed_);
      if (!client_->send(ByteView(sent_).subspan(fed_, size))) return;
      fed_ += size;
    }
  }

  Duration idle_ = minutes(1);
  testing::LoopbackServer server_;
  std::unique_ptr<JoinedPipes> joined_;
  std::unique_ptr<StreamListener> door_;
  std::unique_ptr<Pipe> client_;
  Bytes sent_;
  Bytes received_;
  size_t fed_ = 0;
  int ends_ = 0;
  int closed_ = 0;
};

TEST_F(Joined, megabytes_go_there_and_back_in_order) {
  for (uint32_t i = 0; i < 3'000'000; ++i) sent_.push_back(static_cast<uint8_t>(i >> 8 ^ i));
  dial();
  feed();
  EXPECT_TRUE(server_.wait([&] { return received_.size() == sent_.size(); })) << received_.size();
  EXPECT_EQ(received_, sent_);
}

TEST_F(Joined, who_is_not_read_is_not_filled_and_gets_all_later) {
  server_.echoes = false;
  dial();
  sent_ = Bytes(100, 1);
  feed();
  ASSERT_TRUE(server_.wait([&] { return !server_.peers.empty() && server_.peers[0]->received.size() == 100; }));
  server_.peers[0]->pipe->set_reading(false);
  sent_.resize(64U << 20, 7);
  feed();
  size_t before = 0;
  ASSERT_TRUE(server_.wait([&] {
    server_.loop->run_until([] { return false; }, milliseconds(200));
    return std::exchange(before, fed_) == fed_;
  }));
  EXPECT_LT(fed_, sent_.size()) << "the kernel's buffers hold some of it, and nobody the rest";
  server_.peers[0]->pipe->set_reading(true);
  EXPECT_TRUE(server_.wait([&] { return server_.peers[0]->received.size() == sent_.size(); }));
}

TEST_F(Joined, the_end_of_one_is_the_end_of_the_other) {
  dial();
  sent_ = Bytes(10, 1);
  feed();
  ASSERT_TRUE(server_.wait([&] { return received_.size() == 10; }));
  server_.peers[0]->pipe.reset();
  EXPECT_TRUE(server_.wait([&] { return closed_ == 1 && ends_ == 1; }));
  dial();
  ASSERT_TRUE(server_.wait([&] { return server_.peers.size() == 2; }));
  client_.reset();
  EXPECT_TRUE(server_.wait([&] { return server_.peers[1]->closed.size() == 1 && ends_ == 2; }));
}

TEST_F(Joined, what_is_quiet_for_long_ends) {
  idle_ = milliseconds(50);
  dial();
  EXPECT_TRUE(server_.wait([&] { return closed_ == 1 && ends_ == 1; }));
}

}  // namespace
}  // namespace godwit::net
