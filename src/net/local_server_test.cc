#include "net/local_server.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "net/errors.h"
#include "net/event_loop_impl.h"

namespace godwit::net {
namespace {

using Local = asio::local::stream_protocol;

// A server that notes what happens, in a folder of its own.
struct local_server : ::testing::Test {
  void SetUp() override {
    std::string name = "/tmp/godwit-local-XXXXXX";
    folder = ::mkdtemp(name.data());
    path = folder + "/socket";
  }
  void TearDown() override {
    server.reset();
    ::unlink(path.c_str());
    ::rmdir(folder.c_str());
  }
  LocalServer::Events events() {
    return {[this](LocalServer::ConnectionId id) { opened.push_back(id); },
            [this](LocalServer::ConnectionId, ByteView bytes) { said += as_text(bytes); },
            [this](LocalServer::ConnectionId) { ends += 1; }, [this](LocalServer::ConnectionId) { closed += 1; }};
  }
  Local::socket connect() {
    Local::socket socket(client_io);
    socket.connect(Local::endpoint(path));
    return socket;
  }
  bool until(const std::function<bool()>& done) { return loop->run_until(done, minutes(1)); }

  std::unique_ptr<EventLoop> loop = EventLoop::create().value();
  asio::io_context client_io;
  std::string folder;
  std::string path;
  std::unique_ptr<LocalServer> server;
  std::vector<LocalServer::ConnectionId> opened;
  std::string said;
  size_t ends = 0;
  size_t closed = 0;
};

TEST_F(local_server, carries_bytes_both_ways_and_says_the_rest_before_it_closes) {
  server = LocalServer::create_unix(*loop, path, events()).value();
  Local::socket socket = connect();
  asio::write(socket, asio::buffer(std::string("hello")));
  ASSERT_TRUE(until([&] { return said == "hello"; }));
  EXPECT_TRUE(server->send(opened.at(0), as_bytes("answer")));
  server->close(opened.at(0));
  ASSERT_TRUE(until([&] { return closed == 1; }));
  std::string heard;
  asio::error_code end;
  asio::read(socket, asio::dynamic_buffer(heard), end);
  EXPECT_EQ(heard, "answer");
  EXPECT_EQ(end, asio::error::eof);
}

TEST_F(local_server, one_whose_input_has_ended_can_still_be_told_something) {
  server = LocalServer::create_unix(*loop, path, events()).value();
  Local::socket socket = connect();
  socket.shutdown(Local::socket::shutdown_send);
  ASSERT_TRUE(until([&] { return ends == 1; }));
  EXPECT_EQ(closed, 0U);
  EXPECT_TRUE(server->send(opened.at(0), as_bytes("x")));
  server->close(opened.at(0));
  ASSERT_TRUE(until([&] { return closed == 1; }));
  std::array<char, 1> byte{};
  EXPECT_EQ(asio::read(socket, asio::buffer(byte)), 1U);
}

TEST_F(local_server, one_that_does_not_read_is_refused_more_and_the_others_are_not) {
  server = LocalServer::create_unix(*loop, path, events()).value();
  Local::socket slow = connect();
  Local::socket other = connect();
  ASSERT_TRUE(until([&] { return opened.size() == 2; }));
  const Bytes piece(1024 * 1024);
  size_t sent = 0;
  while (sent < 2 * LocalServer::kQueueBytesMax && server->send(opened.at(0), piece)) {
    sent += piece.size();
    loop->run_until([] { return true; }, milliseconds(0));
  }
  EXPECT_GE(sent, LocalServer::kQueueBytesMax);
  EXPECT_LT(sent, LocalServer::kQueueBytesMax + 4 * piece.size());
  server->close(opened.at(0), as_bytes("last"));
  EXPECT_TRUE(server->send(opened.at(1), as_bytes("y")));
  server->close(opened.at(1));
  std::array<char, 1> byte{};
  ASSERT_TRUE(until([&] { return closed == 1; }));
  EXPECT_EQ(asio::read(other, asio::buffer(byte)), 1U);
  slow.non_blocking(true);
  std::string heard;
  std::vector<char> buffer(65536);
  asio::error_code error;
  ASSERT_TRUE(until([&] {
    const size_t count = slow.read_some(asio::buffer(buffer), error);
    heard.append(buffer.data(), count);
    return error == asio::error::eof;
  }));
  EXPECT_EQ(heard.size(), sent + 4);
  EXPECT_TRUE(heard.ends_with("last"));
}

TEST_F(local_server, a_piece_of_any_length_is_taken_and_others_behind_it) {
  server = LocalServer::create_unix(*loop, path, events()).value();
  Local::socket socket = connect();
  ASSERT_TRUE(until([&] { return opened.size() == 1; }));
  EXPECT_TRUE(server->send(opened.at(0), Bytes(2 * LocalServer::kQueueBytesMax)));
  EXPECT_TRUE(server->send(opened.at(0), as_bytes("x")));
}

TEST_F(local_server, one_that_is_gone_after_its_end_is_noticed) {
  server = LocalServer::create_unix(*loop, path, events()).value();
  Local::socket at_once = connect();
  asio::write(at_once, asio::buffer(std::string("hello")));
  at_once.close();
  ASSERT_TRUE(until([&] { return closed == 1; }));
  EXPECT_EQ(said, "hello");
  EXPECT_EQ(ends, 1U);
  Local::socket later = connect();
  later.shutdown(Local::socket::shutdown_send);
  ASSERT_TRUE(until([&] { return ends == 2; }));
  EXPECT_EQ(closed, 1U);
  later.close();
  ASSERT_TRUE(until([&] { return closed == 2; }));
}

TEST_F(local_server, urgent_data_ends_the_connection) {
  server = LocalServer::create_tcp(*loop, 0, events()).value();
  asio::ip::tcp::socket socket(client_io);
  socket.connect({asio::ip::address_v4::loopback(), server->port()});
  socket.send(asio::buffer(std::string("!")), asio::socket_base::message_out_of_band);
  ASSERT_TRUE(until([&] { return closed == 1; }));
}

TEST_F(local_server, connections_have_a_bound) {
  server = LocalServer::create_unix(*loop, path, events()).value();
  std::vector<Local::socket> all;
  for (size_t i = 0; i < LocalServer::kConnectionsMax; ++i) {
    all.push_back(connect());
    ASSERT_TRUE(until([&] { return opened.size() == i + 1; }));
  }
  Local::socket beyond = connect();
  beyond.non_blocking(true);
  asio::error_code error;
  std::array<char, 1> byte{};
  ASSERT_TRUE(until([&] {
    beyond.read_some(asio::buffer(byte), error);
    return error != asio::error::would_block;
  }));
  EXPECT_EQ(error, asio::error::eof);
  EXPECT_EQ(opened.size(), LocalServer::kConnectionsMax);
}

TEST_F(local_server, the_socket_belongs_to_its_user_alone_and_goes_with_the_server) {
  server = LocalServer::create_unix(*loop, path, events()).value();
  struct stat found{};
  ASSERT_EQ(::stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600U);
  EXPECT_TRUE(LocalServer::answers(path));
  EXPECT_EQ(LocalServer::create_unix(*loop, path, events()).error().code, kAddressInUse);
  server.reset();
  EXPECT_NE(::stat(path.c_str(), &found), 0);
  EXPECT_FALSE(LocalServer::answers(path));
}

TEST_F(local_server, what_a_dead_program_has_left_is_replaced_and_other_things_are_not) {
  {
    Local::acceptor dead(client_io, Local::endpoint(path));
  }
  ASSERT_FALSE(LocalServer::answers(path));
  server = LocalServer::create_unix(*loop, path, events()).value();
  server.reset();
  std::ofstream(path) << "a file";
  EXPECT_EQ(LocalServer::create_unix(*loop, path, events()).error().code, kBadSocketPath);
  EXPECT_EQ(LocalServer::create_unix(*loop, folder + "/" + std::string(108, 'x'), events()).error().code,
            kBadSocketPath);
  EXPECT_EQ(LocalServer::create_unix(*loop, folder + "/none/socket", events()).error().code, kBadSocketPath);
}

TEST_F(local_server, loopback_does_the_same) {
  server = LocalServer::create_tcp(*loop, 0, events()).value();
  ASSERT_NE(server->port(), 0);
  asio::ip::tcp::socket socket(client_io);
  socket.connect({asio::ip::address_v4::loopback(), server->port()});
  asio::write(socket, asio::buffer(std::string("hello")));
  ASSERT_TRUE(until([&] { return said == "hello"; }));
}

}  // namespace
}  // namespace godwit::net
