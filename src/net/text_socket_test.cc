// Text messages over a Unix socket. Janus itself answers in tests/call_unit_test.py.

#include "net/text_socket.h"

#include <gtest/gtest.h>

#include "net/errors.h"
#include "net/local_server.h"
#include "net/testing/loopback.h"
#include "net/upgrade.h"

namespace godwit::net {
namespace {

// A program that answers the handshake with `protocol`, and then says `more`.
struct text_socket : ::testing::Test {
  void listen() {
    LocalServer::Events events;
    events.on_open = [](LocalServer::ConnectionId) {};
    events.on_bytes = [this](LocalServer::ConnectionId id, ByteView bytes) {
      heard += as_text(bytes);
      const auto asked = parse_http_request(as_bytes(heard), 8192);
      if (greeted || asked.progress != HttpProgress::kDone) return;
      greeted = true;
      std::string answer = raw;
      if (answer.empty()) {
        answer = upgrade_response(asked.message);
        answer.insert(answer.size() - 2, "Sec-WebSocket-Protocol: " + protocol + "\r\n");
      }
      heard.clear();
      EXPECT_TRUE(server->send(id, as_bytes(answer + more)));
    };
    events.on_end = [this](LocalServer::ConnectionId id) { server->close(id); };
    events.on_closed = [](LocalServer::ConnectionId) {};
    server = LocalServer::create_unix(*loop, path, std::move(events)).value();
  }
  void connect() {
    TextSocketEvents events;
    events.on_open = [this] { open = true; };
    events.on_text = [this](std::string_view text) { texts.emplace_back(text); };
    events.on_closed = [this](Error error) { closed = error; };
    socket = std::make_unique<TextSocket>(*loop, TextSocketOptions{path, "words", 200'000}, std::move(events));
  }
  bool until(const std::function<bool()>& done) { return loop->run_until(done, testing::kPatience); }
  // The error with which it ends.
  uint16_t ends() {
    listen();
    connect();
    EXPECT_TRUE(until([&] { return closed.has_value(); }));
    return closed ? closed->code.number : uint16_t{0};
  }

  testing::TemporaryFolder folder;
  std::string path = folder.path("socket");
  std::unique_ptr<EventLoop> loop = EventLoop::create().value();
  std::unique_ptr<LocalServer> server;
  std::unique_ptr<TextSocket> socket;
  std::string raw;
  std::string protocol = "words";
  std::string more;
  std::string heard;
  bool greeted = false;
  bool open = false;
  std::vector<std::string> texts;
  std::optional<Error> closed;
};

TEST_F(text_socket, messages_go_both_ways_also_long_ones_and_such_in_pieces) {
  const std::string longest(150'000, 'x');
  more = std::string("\x81\x05hello", 7) + std::string("\x01\x02he\x80\x01y", 7);
  more += std::string("\x81\x7f\0\0\0\0\0\x02\x49\xf0", 10) + longest;
  listen();
  connect();
  ASSERT_TRUE(until([&] { return texts.size() == 3; }));
  EXPECT_TRUE(open);
  EXPECT_EQ(texts, (std::vector<std::string>{"hello", "hey", longest}));
  socket->send("there");
  socket->send(longest);
  // Masked: a head of 2 + 4, and one of 10 + 4.
  ASSERT_TRUE(until([&] { return heard.size() == 6 + 5 + 14 + longest.size(); }));
  EXPECT_EQ(heard.substr(0, 2), "\x81\x85");
  EXPECT_FALSE(closed.has_value());
  server.reset();
  ASSERT_TRUE(until([&] { return closed.has_value(); }));
}

TEST_F(text_socket, where_nobody_listens_it_ends) {
  connect();
  ASSERT_TRUE(until([&] { return closed.has_value(); }));
  EXPECT_EQ(closed->code, kConnectionRefused);
  EXPECT_FALSE(open);
}

TEST_F(text_socket, a_program_that_speaks_something_else_is_refused) {
  protocol = "other";
  EXPECT_EQ(ends(), kBadHttp.number);
  EXPECT_FALSE(open);
}

TEST_F(text_socket, an_ordinary_answer_is_no_upgrade) {
  raw = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
  EXPECT_EQ(ends(), kUpgradeRefused.number);
}

TEST_F(text_socket, what_is_no_utf8_ends_it) {
  more = std::string("\x81\x02\xc3\x28", 4);
  EXPECT_EQ(ends(), kBadWebSocket.number);
  EXPECT_TRUE(open);
  EXPECT_TRUE(texts.empty());
}

TEST_F(text_socket, a_message_that_is_too_long_ends_it) {
  more = std::string("\x81\x7f\0\0\0\0\0\x10\0\0", 10) + std::string(70'000, 'x');
  EXPECT_EQ(ends(), kBadWebSocket.number);
}

TEST_F(text_socket, it_may_go_from_inside_an_event) {
  more = std::string("\x81\x01" "a\x81\x01" "b", 6);
  listen();
  TextSocketEvents events;
  events.on_text = [this](std::string_view text) {
    texts.emplace_back(text);
    socket.reset();
  };
  events.on_closed = [this](Error error) { closed = error; };
  socket = std::make_unique<TextSocket>(*loop, TextSocketOptions{path, "words"}, std::move(events));
  ASSERT_TRUE(until([&] { return !texts.empty(); }));
  loop->run_until([] { return false; }, milliseconds(50));
  EXPECT_EQ(texts.size(), 1U);
  EXPECT_FALSE(closed.has_value());
}

}  // namespace
}  // namespace godwit::net
