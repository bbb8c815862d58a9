#include "net/event_loop.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "net/input_reader.h"
#include "net/testing/loopback.h"

namespace godwit::net {
namespace {

using testing::kPatience;

std::unique_ptr<EventLoop> make_loop() { return EventLoop::create().value(); }

TEST(EventLoop, posted_work_runs_later_and_in_order) {
  const auto loop = make_loop();
  std::vector<int> order;
  for (int i = 0; i < 3; ++i) loop->post([&order, i] { order.push_back(i); });
  EXPECT_TRUE(order.empty());
  EXPECT_TRUE(loop->run_until([&] { return order.size() == 3; }, kPatience));
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
}

TEST(EventLoop, work_from_another_thread_runs_on_the_loops_thread) {
  const auto loop = make_loop();
  std::thread::id ran_on;
  std::thread other([poster = loop->poster(), &loop, &ran_on] {
    poster.post([&] {
      ran_on = std::this_thread::get_id();
      loop->stop();
    });
  });
  loop->run();
  other.join();
  EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST(EventLoop, a_poster_outlives_its_loop) {
  auto loop = make_loop();
  const Poster poster = loop->poster();
  loop.reset();
  EXPECT_FALSE(poster.post([] { FAIL(); }));
}

TEST(EventLoop, run_until_gives_up_in_time) {
  const auto loop = make_loop();
  EXPECT_FALSE(loop->run_until([] { return false; }, milliseconds(20)));
}

TEST(EventLoop, timers_come_in_the_order_of_their_times) {
  const auto loop = make_loop();
  std::string order;
  Timer late(*loop);
  Timer early(*loop);
  Timer at_once(*loop);
  late.set(milliseconds(60), [&] { order += 'c'; });
  early.set(milliseconds(20), [&] { order += 'b'; });
  at_once.set(milliseconds(-5), [&] { order += 'a'; });
  EXPECT_TRUE(loop->run_until([&] { return order.size() == 3; }, kPatience));
  EXPECT_EQ(order, "abc");
}

TEST(EventLoop, a_cancelled_or_destroyed_timer_does_not_call) {
  const auto loop = make_loop();
  bool called = false;
  Timer cancelled(*loop);
  cancelled.set(milliseconds(1), [&] { called = true; });
  cancelled.cancel();
  {
    Timer destroyed(*loop);
    destroyed.set(milliseconds(1), [&] { called = true; });
  }
  Timer never(*loop);
  never.set(milliseconds(1), [&] { called = true; });
  never.set_at(kNever, [&] { called = true; });
  EXPECT_FALSE(loop->run_until([&] { return called; }, milliseconds(40)));
}

TEST(EventLoop, a_timer_may_be_set_again_or_destroyed_by_its_own_work) {
  const auto loop = make_loop();
  int calls = 0;
  auto timer = std::make_unique<Timer>(*loop);
  timer->set(milliseconds(1), [&] {
    ++calls;
    timer->set_at(loop->now(), [&] {
      ++calls;
      timer.reset();
    });
  });
  EXPECT_TRUE(loop->run_until([&] { return calls == 2; }, kPatience));
  EXPECT_EQ(timer, nullptr);
}

TEST(EventLoop, signals_arrive_as_calls) {
  const auto loop = make_loop();
  std::vector<Signal> signals;
  loop->on_signal([&](Signal signal) { signals.push_back(signal); });
  ::raise(SIGHUP);
  EXPECT_TRUE(loop->run_until([&] { return signals.size() == 1; }, kPatience));
  ::raise(SIGTERM);
  EXPECT_TRUE(loop->run_until([&] { return signals.size() == 2; }, kPatience));
  EXPECT_EQ(signals, (std::vector<Signal>{Signal::kReload, Signal::kTerminate}));
  loop->on_signal(nullptr);
}

struct Reading {
  std::string text;
  bool ended = false;
  std::unique_ptr<InputReader> reader;

  void start(EventLoop& loop, int descriptor) {
    reader = InputReader::create(
                 loop, descriptor, [this](ByteView bytes) { text += as_text(bytes); }, [this] { ended = true; })
                 .value();
  }
};

TEST(InputReader, a_pipe_is_read_to_its_end) {
  const auto loop = make_loop();
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  Reading reading;
  reading.start(*loop, ends[0]);
  ASSERT_EQ(::write(ends[1], "one\n", 4), 4);
  EXPECT_TRUE(loop->run_until([&] { return reading.text == "one\n"; }, kPatience));
  ASSERT_EQ(::write(ends[1], "two", 3), 3);
  ::close(ends[1]);
  EXPECT_TRUE(loop->run_until([&] { return reading.ended; }, kPatience));
  EXPECT_EQ(reading.text, "one\ntwo");
  ::close(ends[0]);
}

TEST(InputReader, a_file_is_read_to_its_end) {
  const auto loop = make_loop();
  const testing::TemporaryFolder folder;
  const std::string content(200'000, 'x');
  FILE* file = ::fopen(folder.write("input", content).c_str(), "r");
  ASSERT_NE(file, nullptr);
  Reading reading;
  reading.start(*loop, ::fileno(file));
  EXPECT_TRUE(loop->run_until([&] { return reading.ended; }, kPatience));
  EXPECT_EQ(reading.text, content);
  ::fclose(file);
}

}  // namespace
}  // namespace godwit::net
