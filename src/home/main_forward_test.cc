// Passing on over real sockets of this machine: to a home that answers, and to some that do not mean well.

#include "home/main_forward.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "home/testing/house.h"
#include "net/certificate.h"
#include "net/listener.h"
#include "session/home_session.h"
#include "session/sealed_request.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

constexpr Duration kPatience = seconds(30);

// A TLS listener on a port of 127.0.0.1; what its pipes do is for its user to say.
class RealPlace {
 public:
  using OnPipe = std::function<net::PipeEvents(std::shared_ptr<std::unique_ptr<net::Pipe>>)>;
  RealPlace(net::EventLoop& loop, OnPipe on_pipe) : on_pipe_(std::move(on_pipe)) {
    folder_ = std::filesystem::temp_directory_path() /
              ("forward_test." + std::to_string(::getpid()) + "." + std::to_string(++count_));
    std::filesystem::create_directories(folder_);
    const auto made = *net::make_self_signed_certificate({"127.0.0.1"}, loop.now());
    net::ListenerOptions options;
    options.addresses = {"127.0.0.1"};
    options.port = 0;
    options.certificate_file = write("certificate", made.certificate);
    options.key_file = write("key", made.key);
    pin_ = *net::certificate_sha256(made.certificate);
    listener_ = *net::Listener::create(loop, std::move(options), [this](net::Arrival arrival) {
      auto pipe = std::make_shared<std::unique_ptr<net::Pipe>>(std::move(arrival.pipe));
      pipes_.push_back(pipe);
      return on_pipe_(pipe);
    });
  }
  ~RealPlace() {
    for (const auto& pipe : pipes_) pipe->reset();
    listener_.reset();
    std::filesystem::remove_all(folder_);
  }
  RealPlace(const RealPlace&) = delete;
  RealPlace& operator=(const RealPlace&) = delete;

  wire::HomeAddress address(const crypto::X25519PublicKey& key, const std::string& host = "127.0.0.1") const {
    return {wire::HomeKey{key},
            {"wss://" + host + ":" + std::to_string(listener_->port()) + "/ws"},
            wire::CertificatePin{pin_}};
  }
  size_t arrived() const { return pipes_.size(); }

 private:
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }

  static inline int count_ = 0;
  OnPipe on_pipe_;
  std::filesystem::path folder_;
  ByteArray<32> pin_{};
  std::vector<std::shared_ptr<std::unique_ptr<net::Pipe>>> pipes_;
  std::unique_ptr<net::Listener> listener_;
};

// A home behind a listener.
class RealHome {
 public:
  explicit RealHome(net::EventLoop& loop)
      : loop_(loop),
        random_(7),
        keys(Keys::generate(random_)),
        store_(disk_, random_, {}),
        home_(keys.clone(), testing::test_options(), store_, random_),
        place(loop, [this](const auto& pipe) { return accept(pipe); }) {
    home_.start(loop.now());
    turn();
  }

 private:
  net::PipeEvents accept(const std::shared_ptr<std::unique_ptr<net::Pipe>>& pipe) {
    const PipeId id{++next_};
    pipes_[id] = pipe;
    home_.pipe_opened(id, session::Form::kWebSocket, {}, loop_.now());
    net::PipeEvents events;
    events.on_bytes = [this, id](ByteView bytes) {
      home_.pipe_bytes(id, bytes, loop_.now());
      turn();
    };
    events.on_closed = [this, id](Error) {
      home_.pipe_closed(id, loop_.now());
      turn();
    };
    return events;
  }
  void turn() {
    for (int quiet = 0; quiet < 3; ++quiet) {
      home_.store_ready(loop_.now());
      while (const auto output = home_.next_output()) {
        quiet = 0;
        if (const auto* send = std::get_if<SendBytes>(&*output)) {
          EXPECT_TRUE((*pipes_.at(send->pipe))->send(send->bytes));
        }
        if (const auto* close = std::get_if<ClosePipe>(&*output)) pipes_.at(close->pipe)->reset();
      }
    }
  }

  net::EventLoop& loop_;
  crypto::SeededRandom random_;

 public:
  Keys keys;

 private:
  store::MemoryDisk disk_;
  store::FaultyStore store_;
  Home home_;
  std::map<PipeId, std::shared_ptr<std::unique_ptr<net::Pipe>>> pipes_;
  uint64_t next_ = 0;

 public:
  RealPlace place;
};

class ForwarderTest : public ::testing::Test {
 protected:
  ForwarderTest() : loop_(*net::EventLoop::create()), random_(3) { EXPECT_TRUE(crypto::initialise()); }

  Forwarder& forwarder() {
    if (!forwarder_) {
      forwarder_ = std::make_unique<Forwarder>(*loop_, random_, options_, [this](ForwardId id, Result<Bytes> reply) {
        EXPECT_TRUE(answers_.emplace(id, std::move(reply)).second);
      });
    }
    return *forwarder_;
  }
  // Passes bytes on and waits for what comes of it.
  Result<Bytes> pass(const wire::HomeAddress& home, Bytes sealed) {
    const ForwardId id{++next_};
    forwarder().forward({id, home, std::move(sealed)});
    EXPECT_TRUE(loop_->run_until([&] { return answers_.contains(id); }, kPatience));
    const auto answer = answers_.find(id);
    return answer == answers_.end() ? Result<Bytes>(Error{wire::kMalformed, "no answer"}) : answer->second;
  }
  session::SealedRequest sealed_for(const RealHome& home) {
    return *session::seal_requests(home.keys.sealing.public_key, {wire::encode_request(wire::BulletinGet{})},
                                   loop_->now() + days(1), random_);
  }

  std::unique_ptr<net::EventLoop> loop_;
  crypto::SeededRandom random_;
  ForwarderOptions options_{.private_too = true};
  std::unique_ptr<Forwarder> forwarder_;
  std::map<ForwardId, Result<Bytes>> answers_;
  uint64_t next_ = 0;
};

TEST_F(ForwarderTest, requests_reach_the_home_in_one_session_and_answers_come_back) {
  RealHome home(*loop_);
  const auto address = home.place.address(home.keys.identity.public_key);
  for (int i = 0; i < 3; ++i) {
    const auto sealed = sealed_for(home);
    const auto reply = pass(address, sealed.bytes);
    ASSERT_TRUE(reply.has_value()) << reply.error().rule;
    const auto opened = sealed.reply_key.open(*reply);
    ASSERT_TRUE(opened.has_value());
    EXPECT_TRUE(std::holds_alternative<wire::BulletinText>(*wire::decode_reply(opened->front())));
  }
  EXPECT_EQ(home.place.arrived(), 1U);
  const auto again = pass(address, sealed_for(home).bytes);
  EXPECT_TRUE(again.has_value());
  EXPECT_EQ(pass(address, Bytes(1393, 1)).error().code, wire::kSealedRefused);
}

TEST_F(ForwarderTest, a_session_that_nobody_needs_is_closed) {
  options_.idle_max = milliseconds(50);
  RealHome home(*loop_);
  ASSERT_TRUE(pass(home.place.address(home.keys.identity.public_key), sealed_for(home).bytes).has_value());
  EXPECT_TRUE(loop_->run_until([&] { return forwarder().lines() == 0; }, kPatience));
}

TEST_F(ForwarderTest, nobody_makes_a_home_connect_to_its_own_networks) {
  options_.private_too = false;
  RealHome home(*loop_);
  for (const char* host : {"127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "10.255.255.1", "169.254.169.254",
                           "[fd00::1]", "[fe80::1]", "0.0.0.0", "[64:ff9b::7f00:1]"}) {
    const auto reply = pass(home.place.address(home.keys.identity.public_key, host), sealed_for(home).bytes);
    EXPECT_FALSE(reply.has_value()) << host;
    if (reply) continue;
    EXPECT_EQ(reply.error().code, wire::kHomeUnreachable) << host;
  }
  EXPECT_EQ(home.place.arrived(), 0U);
}

TEST_F(ForwarderTest, only_wss_routes_are_dialled) {
  RealHome home(*loop_);
  auto address = home.place.address(home.keys.identity.public_key);
  address.routes.front().replace(0, 3, "bridge");
  EXPECT_EQ(pass(address, sealed_for(home).bytes).error().code, wire::kHomeUnreachable);
  address.routes.front() = "nonsense";
  EXPECT_EQ(pass(address, sealed_for(home).bytes).error().code, wire::kHomeUnreachable);
  EXPECT_EQ(home.place.arrived(), 0U);
}

TEST_F(ForwarderTest, another_home_than_the_one_that_was_named_gets_nothing) {
  RealHome home(*loop_);
  const auto other = crypto::X25519KeyPair::generate(random_);
  EXPECT_EQ(pass(home.place.address(other.public_key), sealed_for(home).bytes).error().code, wire::kHomeUnreachable);
}

TEST_F(ForwarderTest, a_dead_route_is_passed_over_for_the_next) {
  RealHome home(*loop_);
  auto address = home.place.address(home.keys.identity.public_key);
  address.routes.insert(address.routes.begin(), "wss://127.0.0.1:1/ws");
  EXPECT_TRUE(pass(address, sealed_for(home).bytes).has_value());
}

TEST_F(ForwarderTest, a_home_that_hangs_is_given_up) {
  options_.dial_max = milliseconds(200);
  RealHome other(*loop_);
  RealPlace silent(*loop_, [](const auto&) { return net::PipeEvents{}; });
  const auto reply = pass(silent.address(other.keys.identity.public_key), sealed_for(other).bytes);
  EXPECT_EQ(reply.error().code, wire::kHomeUnreachable);
  EXPECT_EQ(forwarder().lines(), 0U);
}

// It shakes hands, takes what comes, and answers only when it is told to, the second request alone.
struct Slow {
  explicit Slow(net::EventLoop& loop)
      : random(11),
        identity(crypto::X25519KeyPair::generate(random)),
        gate(crypto::Secret<32>::random(random)),
        place(loop, [this, &loop](const auto& pipe) { return accept(loop, pipe); }) {}

  net::PipeEvents accept(net::EventLoop& loop, const std::shared_ptr<std::unique_ptr<net::Pipe>>& pipe) {
    const session::HomeOptions options{&identity, &gate, session::Form::kWebSocket, {}};
    const auto session = std::make_shared<session::HomeSession>(options, random, loop.now());
    const auto send = [&loop, session, pipe] {
      const Bytes bytes = session->take_output(loop.now());
      if (!bytes.empty() && *pipe) static_cast<void>((*pipe)->send(bytes));
    };
    answer_second = [this, &loop, session, send] {
      static_cast<void>(
          session->reply(streams.at(1), wire::encode_reply(wire::SealedReply{Bytes(100, 1)}), loop.now()));
      send();
    };
    net::PipeEvents events;
    events.on_bytes = [this, &loop, session, send](ByteView bytes) {
      static_cast<void>(session->receive(bytes, loop.now()));
      while (const auto event = session->next_event()) {
        if (const auto* request = std::get_if<session::Request>(&*event)) streams.push_back(request->stream);
      }
      send();
    };
    return events;
  }

  crypto::SeededRandom random;
  crypto::X25519KeyPair identity;
  session::HandshakeGate gate;
  std::vector<session::StreamId> streams;
  std::function<void()> answer_second;
  RealPlace place;
};

TEST_F(ForwarderTest, a_request_that_is_late_does_not_take_the_others_with_it) {
  options_.answer_max = seconds(3);
  RealHome other(*loop_);
  Slow slow(*loop_);
  const auto address = slow.place.address(slow.identity.public_key);
  const ForwardId first{++next_};
  const ForwardId second{++next_};
  forwarder().forward({first, address, sealed_for(other).bytes});
  ASSERT_TRUE(loop_->run_until([&] { return slow.streams.size() == 1 || answers_.contains(first); }, kPatience));
  // So that the deadlines differ.
  const Instant later = loop_->now() + seconds(1);
  loop_->run_until([&] { return loop_->now() >= later; }, seconds(2));
  forwarder().forward({second, address, sealed_for(other).bytes});
  ASSERT_TRUE(loop_->run_until([&] { return answers_.contains(first); }, kPatience));
  EXPECT_EQ(answers_.at(first).error().code, wire::kHomeUnreachable);
  if (answers_.contains(second)) {
    std::cout << "SKIPPED: this machine is too slow for the difference" << std::endl;
    GTEST_SKIP();
  }
  ASSERT_EQ(slow.streams.size(), 2U);
  slow.answer_second();
  ASSERT_TRUE(loop_->run_until([&] { return answers_.contains(second); }, kPatience));
  EXPECT_TRUE(answers_.at(second).has_value());
}

// The handshake is real; what follows is a hundred megabytes of what nobody asked for.
struct Liar {
  explicit Liar(net::EventLoop& loop)
      : random(9),
        identity(crypto::X25519KeyPair::generate(random)),
        gate(crypto::Secret<32>::random(random)),
        place(loop, [this, &loop](const auto& pipe) { return accept(loop, pipe); }) {}

  net::PipeEvents accept(net::EventLoop& loop, const std::shared_ptr<std::unique_ptr<net::Pipe>>& pipe) {
    const session::HomeOptions options{&identity, &gate, session::Form::kWebSocket, {}};
    const auto session = std::make_shared<session::HomeSession>(options, random, loop.now());
    net::PipeEvents events;
    const auto flood = [this, &loop, session, pipe] {
      while (const auto event = session->next_event()) {
        if (std::holds_alternative<session::HomeEstablished>(*event)) established = true;
      }
      for (int i = 0; established && sent < (size_t{100} << 20) && *pipe && i < 100; ++i) {
        static_cast<void>(session->push(Bytes(900'000, 1), loop.now()));
        const Bytes bytes = session->take_output(loop.now());
        if (!(*pipe)->send(bytes)) return;
        sent += bytes.size();
      }
      const Bytes bytes = session->take_output(loop.now());
      if (!bytes.empty() && *pipe) static_cast<void>((*pipe)->send(bytes));
    };
    events.on_bytes = [session, flood, &loop](ByteView bytes) {
      static_cast<void>(session->receive(bytes, loop.now()));
      flood();
    };
    events.on_drained = flood;
    events.on_closed = [this](Error) { gone = true; };
    return events;
  }

  crypto::SeededRandom random;
  crypto::X25519KeyPair identity;
  session::HandshakeGate gate;
  bool established = false;
  bool gone = false;
  size_t sent = 0;
  RealPlace place;
};

TEST_F(ForwarderTest, a_home_that_sends_a_hundred_megabytes_is_cut_off) {
  RealHome other(*loop_);
  Liar liar(*loop_);
  const auto reply = pass(liar.place.address(liar.identity.public_key), sealed_for(other).bytes);
  EXPECT_EQ(reply.error().code, wire::kHomeUnreachable);
  EXPECT_TRUE(liar.established);
  EXPECT_TRUE(loop_->run_until([&] { return liar.gone; }, kPatience));
  EXPECT_LT(liar.sent, size_t{16} << 20);
  EXPECT_EQ(forwarder().lines(), 0U);
}

TEST_F(ForwarderTest, one_host_is_dialled_a_bounded_number_of_times) {
  options_.dial_max = milliseconds(500);
  size_t arrived = 0;
  RealPlace rude(*loop_, [&](const auto& pipe) {
    ++arrived;
    loop_->post([pipe] { pipe->reset(); });
    return net::PipeEvents{};
  });
  RealHome other(*loop_);
  const Bytes sealed = sealed_for(other).bytes;
  for (int i = 0; i < 60; ++i) {
    // Another key each time, as somebody would who wants the host dialled.
    EXPECT_FALSE(pass(rude.address(crypto::X25519KeyPair::generate(random_).public_key), sealed).has_value());
  }
  EXPECT_LE(arrived, 55U);
}

TEST_F(ForwarderTest, one_address_is_dialled_a_bounded_number_of_times_whatever_names_it) {
  options_.dial_max = milliseconds(500);
  size_t arrived = 0;
  const auto on_pipe = [&](const auto& pipe) {
    ++arrived;
    loop_->post([pipe] { pipe->reset(); });
    return net::PipeEvents{};
  };
  RealPlace first(*loop_, on_pipe);
  RealPlace second(*loop_, on_pipe);
  RealPlace third(*loop_, on_pipe);
  RealHome other(*loop_);
  const Bytes sealed = sealed_for(other).bytes;
  for (int i = 0; i < 20; ++i) {
    // Each of them alone stays below its bound.
    for (RealPlace* place : {&first, &second, &third}) {
      EXPECT_FALSE(pass(place->address(crypto::X25519KeyPair::generate(random_).public_key), sealed).has_value());
    }
  }
  EXPECT_LE(arrived, 55U);
}

}  // namespace
}  // namespace godwit::home
