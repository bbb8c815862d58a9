#include "net/local_web.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "net/errors.h"
#include "net/event_loop_impl.h"
#include "net/testing/loopback.h"
#include "net/websocket.h"

namespace godwit::net {
namespace {

namespace fs = std::filesystem;
using Tcp = asio::ip::tcp;

constexpr std::string_view kToken = "0123456789abcdef";

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// Other bytes each time, which is all that names of folders need here.
class Counting : public Random {
 public:
  void fill(ByteSpan out) override {
    for (uint8_t& byte : out) byte = static_cast<uint8_t>(++count_);
  }

 private:
  uint32_t count_ = 0;
};

// A page of one file, and what is said to it.
struct local_web : ::testing::Test {
  void SetUp() override {
    fs::create_directory(page);
    fs::create_directory(files);
    std::ofstream(page + "/index.html") << "<p>the page</p>";
    std::ofstream(folder.path("secret")) << "outside";
    LocalWeb::Options options;
    options.page = page;
    options.files = files;
    options.is_token = [](std::string_view shown) { return shown == kToken; };
    options.prove = [](std::string_view nonce) { return "proof of " + std::string(nonce) + "\n"; };
    web = LocalWeb::create(*loop, random, std::move(options),
                           {[this](LocalWeb::ConnectionId id) { opened.push_back(id); },
                            [this](LocalWeb::ConnectionId, ByteView bytes) { said += as_text(bytes); },
                            [this](LocalWeb::ConnectionId) { closed += 1; }})
              .value();
    host = "127.0.0.1:" + std::to_string(web->port());
  }

  Tcp::socket connect() {
    Tcp::socket socket(client_io);
    socket.connect(Tcp::endpoint(asio::ip::address_v4::loopback(), web->port()));
    socket.non_blocking(true);
    return socket;
  }
  std::string head(const std::string& start, const std::string& more = "") {
    return start + " HTTP/1.1\r\nHost: " + host + "\r\n" + more + "\r\n";
  }
  std::string own(const std::string& more = "") {
    return "Origin: http://" + host + "\r\nAuthorization: Bearer " + std::string(kToken) + "\r\n" + more;
  }
  // Says it on one connection, and reads until `done` or the end.
  std::string ask(const std::string& request, const std::function<bool(const std::string&)>& done = nullptr) {
    Tcp::socket socket = connect();
    return ask(socket, request, done);
  }
  std::string ask(Tcp::socket& socket, const std::string& request, const std::function<bool(const std::string&)>& done) {
    size_t sent = 0;
    std::string heard;
    bool ended = false;
    EXPECT_TRUE(loop->run_until(
        [&] {
          asio::error_code error;
          if (sent < request.size()) {
            sent += socket.write_some(asio::buffer(request.data() + sent, request.size() - sent), error);
          }
          std::array<char, 65536> piece{};
          const size_t count = socket.read_some(asio::buffer(piece), error);
          heard.append(piece.data(), count);
          ended = error && error != asio::error::would_block;
          if (!ended) loop->post([] {});
          return ended || (done && done(heard));
        },
        minutes(1)));
    return heard;
  }
  static bool is_whole(const std::string& heard) {
    const size_t end = heard.find("\r\n\r\n");
    const size_t at = heard.find("Content-Length: ");
    if (end == std::string::npos) return false;
    return at == std::string::npos || heard.size() >= end + 4 + std::stoul(heard.substr(at + 16));
  }
  std::string put(const std::string& name, const std::string& bytes) {
    return ask(head("PUT /files/" + name, own("Content-Length: " + std::to_string(bytes.size()) + "\r\n")) + bytes,
               is_whole);
  }
  static std::string path_in(const std::string& heard) {
    const size_t at = heard.find("{\"path\":\"");
    return at == std::string::npos ? "" : heard.substr(at + 9, heard.rfind('"') - at - 9);
  }
  size_t files_there() const {
    return static_cast<size_t>(std::distance(fs::recursive_directory_iterator(files), fs::recursive_directory_iterator()));
  }

  net::testing::TemporaryFolder folder;
  std::string page = folder.path("page");
  std::string files = folder.path("files");
  std::unique_ptr<EventLoop> loop = EventLoop::create().value();
  Counting random;
  asio::io_context client_io;
  std::unique_ptr<LocalWeb> web;
  std::string host;
  std::vector<LocalWeb::ConnectionId> opened;
  std::string said;
  size_t closed = 0;
};

TEST_F(local_web, page_is_shown_to_whoever_asks_by_this_host_and_says_what_it_may_do) {
  const std::string shown = ask(head("GET /", "Connection: close\r\n"));
  EXPECT_TRUE(shown.starts_with("HTTP/1.1 200 OK\r\n")) << shown;
  EXPECT_TRUE(has(shown, "<p>the page</p>"));
  EXPECT_TRUE(has(shown, "Content-Security-Policy: default-src 'none'; script-src 'self'"));
  EXPECT_TRUE(has(shown, "require-trusted-types-for 'script'"));
  EXPECT_TRUE(has(shown, "X-Content-Type-Options: nosniff\r\n"));
  EXPECT_TRUE(has(ask(head("GET /../secret", "Connection: close\r\n")), "HTTP/1.1 400 "));
  EXPECT_TRUE(has(ask(head("GET /%2e%2e/secret", "Connection: close\r\n")), "HTTP/1.1 400 "));
}

TEST_F(local_web, another_host_or_another_page_gets_nothing) {
  const std::string right = host;
  host = "evil.example:" + std::to_string(web->port());
  EXPECT_TRUE(ask(head("GET /")).starts_with("HTTP/1.1 421 "));
  host = right;
  EXPECT_TRUE(ask(head("GET /", "Origin: http://evil.example\r\n")).starts_with("HTTP/1.1 403 "));
  EXPECT_TRUE(ask(head("GET /", "Origin: null\r\n")).starts_with("HTTP/1.1 403 "));
  const std::string upgrade =
      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  EXPECT_TRUE(ask(head("GET /api", upgrade)).starts_with("HTTP/1.1 421 "));
  EXPECT_TRUE(ask(head("GET /api", upgrade + "Origin: https://" + host + "\r\n")).starts_with("HTTP/1.1 403 "));
  EXPECT_TRUE(opened.empty());
}

TEST_F(local_web, websocket_carries_bytes_both_ways_and_last_words) {
  Tcp::socket socket = connect();
  const std::string upgrade = head("GET /api", "Origin: http://" + host +
                                                   "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                                   "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                                                   "dGhlIHNhbXBsZSBub25jZQ==\r\n");
  WebSocket client(WebSocket::Role::kClient);
  client.send(as_bytes("first\n"));  // sent with the request
  std::string heard = ask(socket, upgrade + std::string(as_text(client.output().view())),
                          [&](const std::string&) { return said == "first\n"; });
  EXPECT_TRUE(has(heard, "HTTP/1.1 101 "));
  EXPECT_TRUE(has(heard, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
  ASSERT_EQ(opened.size(), 1U);
  EXPECT_TRUE(web->send(opened[0], as_bytes("an answer\n")));
  web->close(opened[0], as_bytes("last words\n"));
  heard += ask(socket, "", nullptr);
  Bytes data;
  EXPECT_TRUE(client.feed(as_bytes(heard).subspan(heard.find("\r\n\r\n") + 4), data).has_value());
  EXPECT_EQ(as_text(data), "an answer\nlast words\n");
  EXPECT_TRUE(client.is_closed_by_peer());
  EXPECT_TRUE(loop->run_until([&] { return closed == 1; }, minutes(1)));
}

TEST_F(local_web, who_gives_a_nonce_is_shown_a_proof_before_anything_is_said) {
  const std::string rest = "Origin: http://" + host +
                           "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const std::string nonce(64, 'a');
  const auto ends_with = [](const std::string& text) {
    return [text](const std::string& heard) { return heard.ends_with(text); };
  };
  const std::string wanted = "proof of " + nonce + "\n";
  EXPECT_TRUE(ask(head("GET /api?nonce=" + nonce, rest), ends_with(wanted)).ends_with(wanted));
  for (const std::string& bad : {std::string(63, 'a'), std::string(64, 'g'), std::string()}) {
    EXPECT_FALSE(has(ask(head("GET /api?nonce=" + bad, rest), ends_with("\r\n\r\n")), "proof"));
  }
}

TEST_F(local_web, who_pings_and_does_not_read_is_ended) {
  const std::string upgrade = head("GET /api", "Origin: http://" + host +
                                                   "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                                   "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                                                   "dGhlIHNhbXBsZSBub25jZQ==\r\n");
  const std::string ping = std::string("\x89\xfd\0\0\0\0", 6) + std::string(125, 'p');
  std::string pings;
  for (int i = 0; i < 1'000; ++i) pings += ping;
  ask(upgrade + pings);
  EXPECT_TRUE(loop->run_until([&] { return closed == 1; }, minutes(1)));
}

TEST_F(local_web, a_text_message_ends_a_websocket) {
  const std::string upgrade = head("GET /api", "Origin: http://" + host +
                                                   "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                                   "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                                                   "dGhlIHNhbXBsZSBub25jZQ==\r\n");
  ask(upgrade + std::string("\x81\x81\0\0\0\0x", 7));
  EXPECT_TRUE(loop->run_until([&] { return closed == 1; }, minutes(1)));
  EXPECT_EQ(said, "");
}

TEST_F(local_web, while_files_are_not_let_through_none_is_given_or_taken) {
  const std::string name = path_in(put("a.txt", "x")).substr(files.size() + 1, 32);
  const std::string get = head("GET /files/" + name + "/a.txt", own());
  web->let_files(false);
  EXPECT_TRUE(ask(get, is_whole).starts_with("HTTP/1.1 403 "));
  EXPECT_TRUE(put("b.txt", "y").starts_with("HTTP/1.1 403 "));
  EXPECT_TRUE(ask(head("DELETE /files/" + name, own()), is_whole).starts_with("HTTP/1.1 403 "));
  web->let_files(true);
  EXPECT_TRUE(ask(get, is_whole).starts_with("HTTP/1.1 200 "));
}

TEST_F(local_web, file_is_taken_given_back_in_parts_and_removed) {
  std::string bytes(3'000'000, 'x');
  bytes[1'000'000] = 'y';
  const std::string path = path_in(put("a%20b.txt", bytes));
  ASSERT_TRUE(path.starts_with(files + "/") && path.ends_with("/a b.txt")) << path;
  EXPECT_EQ(fs::file_size(path), bytes.size());
  struct stat found{};
  ASSERT_EQ(::stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600U);

  const std::string name = path.substr(files.size() + 1, 32);
  const std::string whole = ask(head("GET /files/" + name + "/a%20b.txt", own()), is_whole);
  EXPECT_TRUE(whole.starts_with("HTTP/1.1 200 ") && whole.ends_with(bytes));
  EXPECT_TRUE(has(whole, "Content-Disposition: attachment\r\n"));
  const auto part = [&](const std::string& range) {
    return ask(head("GET /files/" + name + "/a%20b.txt", own("Range: " + range + "\r\n")), is_whole);
  };
  EXPECT_TRUE(has(part("bytes=1000000-1000001"), "Content-Range: bytes 1000000-1000001/3000000\r\n"));
  EXPECT_TRUE(part("bytes=1000000-1000001").ends_with("\r\n\r\nyx"));
  EXPECT_TRUE(part("bytes=-1").ends_with("\r\n\r\nx"));
  EXPECT_TRUE(part("bytes=3000000-").starts_with("HTTP/1.1 416 "));
  EXPECT_TRUE(part("lines=1-2").starts_with("HTTP/1.1 200 "));

  EXPECT_TRUE(ask(head("DELETE /files/" + name, own()), is_whole).starts_with("HTTP/1.1 204 "));
  EXPECT_EQ(files_there(), 0U);
  EXPECT_TRUE(ask(head("GET /files/" + name + "/a%20b.txt", own()), is_whole).starts_with("HTTP/1.1 404 "));
}

TEST_F(local_web, without_the_token_no_file_is_taken_or_given) {
  const std::string path = path_in(put("x", "content"));
  const std::string name = path.substr(files.size() + 1, 32);
  for (const std::string& more : {std::string(), std::string("Authorization: Bearer wrong\r\n")}) {
    EXPECT_TRUE(ask(head("GET /files/" + name + "/x", more)).starts_with("HTTP/1.1 401 "));
    EXPECT_TRUE(ask(head("PUT /files/y", "Origin: http://" + host + "\r\nContent-Length: 1\r\n" + more) + "z")
                    .starts_with("HTTP/1.1 401 "));
    EXPECT_TRUE(ask(head("DELETE /files/" + name, "Origin: http://" + host + "\r\n" + more)).starts_with("HTTP/1.1 401 "));
  }
  EXPECT_EQ(files_there(), 2U);
}

TEST_F(local_web, names_that_lead_elsewhere_stay_in_their_folder) {
  for (const std::string& name : std::vector<std::string>{"..%2f..%2fsecret", "a%2fb", "a%0ab", "%ff%fe",
                                                          std::string(1000, 'n') + ".jpeg"}) {
    const std::string heard = put(name, "z");
    if (!heard.starts_with("HTTP/1.1 201 ")) continue;
    const fs::path path = path_in(heard);
    EXPECT_EQ(path.parent_path().parent_path(), files) << path;
    EXPECT_LE(path.filename().string().size(), 255U);
  }
  EXPECT_TRUE(path_in(put(std::string(1000, 'n') + ".jpeg", "z")).ends_with("n.jpeg"));
  EXPECT_TRUE(put("..", "z").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(put("", "z").starts_with("HTTP/1.1 400 "));
  std::ifstream outside(folder.path("secret"));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(outside), {}), "outside");
}

TEST_F(local_web, upload_that_breaks_off_leaves_nothing) {
  {
    Tcp::socket socket = connect();
    ask(socket, head("PUT /files/half", own("Content-Length: 1000\r\n")) + "only this",
        [&](const std::string&) { return files_there() == 2; });
  }
  EXPECT_TRUE(loop->run_until(
      [&] {
        loop->post([] {});
        return files_there() == 0;
      },
      minutes(1)));
}

TEST_F(local_web, larger_than_a_chat_takes_or_without_a_length_is_refused_at_once) {
  EXPECT_TRUE(ask(head("PUT /files/big", own("Content-Length: 99999999999\r\n"))).starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(ask(head("PUT /files/big", own("Content-Length: 99999999999999999999\r\n"))).starts_with("HTTP/1.1 413 "));
  EXPECT_TRUE(ask(head("PUT /files/big", own("Transfer-Encoding: chunked\r\n"))).starts_with("HTTP/1.1 501 "));
  EXPECT_EQ(files_there(), 0U);
}

TEST_F(local_web, requests_on_one_connection_are_answered_in_their_order) {
  const std::string two = ask(head("GET /index.html") + head("GET /none", "Connection: close\r\n"));
  EXPECT_TRUE(two.starts_with("HTTP/1.1 200 "));
  EXPECT_GT(two.find("HTTP/1.1 404 "), two.find("<p>the page</p>"));
}

TEST_F(local_web, idle_connections_do_not_keep_a_page_out) {
  std::vector<Tcp::socket> idle;
  for (size_t i = 0; i < 200; ++i) {
    idle.push_back(connect());
    loop->run_until([] { return true; }, milliseconds(1));
  }
  EXPECT_TRUE(has(ask(head("GET /", "Connection: close\r\n")), "<p>the page</p>"));
}

TEST_F(local_web, who_asks_and_does_not_read_keeps_nobody_out) {
  std::ofstream(page + "/large.js") << std::string(16 << 20, 'x');
  std::vector<Tcp::socket> greedy;
  for (size_t i = 0; i < 140; ++i) {
    greedy.push_back(connect());
    asio::error_code ignored;
    greedy.back().write_some(asio::buffer(head("GET /large.js")), ignored);
    loop->run_until([] { return true; }, milliseconds(1));
  }
  EXPECT_TRUE(has(ask(head("GET /", "Connection: close\r\n")), "<p>the page</p>"));
}

TEST_F(local_web, what_was_saved_for_the_page_goes_with_the_run) {
  const std::string sent = path_in(put("sent", "x"));
  const std::string made = path_in(ask(head("POST /files", own()), is_whole));
  ASSERT_TRUE(made.ends_with("/")) << made;
  std::ofstream(made + "picture.png") << "private";
  const std::string name = made.substr(files.size() + 1, made.size() - files.size() - 2);
  EXPECT_TRUE(ask(head("GET /files/" + name + "/picture.png", own()), is_whole).ends_with("private"));
  web.reset();
  EXPECT_FALSE(fs::exists(made));
  EXPECT_TRUE(fs::exists(sent));
}

TEST_F(local_web, without_its_page_it_does_not_begin) {
  LocalWeb::Options options;
  options.page = folder.path("none");
  options.files = files;
  EXPECT_EQ(LocalWeb::create(*loop, random, std::move(options), {}).error().code, kBadSiteFolder);
}

}  // namespace
}  // namespace godwit::net
