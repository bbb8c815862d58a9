#include "routes/pt_lines.h"

#include <gtest/gtest.h>

#include "routes/errors.h"

namespace godwit::routes {
namespace {

using Kind = PtLine::Kind;

// What becomes of a greeting of these lines.
Status greet(PtGreeting& greeting, const std::string& text) {
  PtLines lines;
  for (const PtLine& line : lines.feed(as_bytes(text))) TRY(greeting.on_line(line, "obfs4"));
  return {};
}

TEST(PtLine, methods_of_both_sides_are_read) {
  const PtLine client = parse_pt_line("CMETHOD obfs4 socks5 127.0.0.1:43211");
  EXPECT_EQ(client.kind, Kind::kMethod);
  EXPECT_FALSE(client.server);
  EXPECT_EQ(client.transport + " " + client.protocol + " " + client.host, "obfs4 socks5 127.0.0.1");
  EXPECT_EQ(client.port, 43211);
  const PtLine server = parse_pt_line("SMETHOD obfs4 [2001:db8::1]:443 ARGS:cert=a\\,b\\=c=,iat-mode=0 OTHER:x");
  EXPECT_EQ(server.kind, Kind::kMethod);
  EXPECT_TRUE(server.server);
  EXPECT_EQ(server.host, "2001:db8::1");
  EXPECT_EQ(server.arguments, (std::map<std::string, std::string>{{"cert", "a,b=c="}, {"iat-mode", "0"}}));
}

TEST(PtLine, what_makes_no_sense_is_other) {
  for (const char* text :
       {"", "VERSION", "VERSION 7", "CMETHOD", "CMETHOD obfs4", "CMETHOD obfs4 socks5",
        "CMETHOD obfs4 socks5 127.0.0.1", "CMETHOD obfs4 socks5 127.0.0.1:0", "CMETHOD obfs4 socks5 127.0.0.1:65536",
        "CMETHOD obfs4 socks5 localhost:1", "CMETHOD o/4 socks5 127.0.0.1:1", "SMETHOD obfs4 1.2.3.4:5 ARGS:cert",
        "SMETHOD obfs4 1.2.3.4:5 ARGS:a=1,a=2", "SMETHOD obfs4 1.2.3.4:5 ARGS:a=b\\", "CMETHODS", "PROXY", "hello",
        " VERSION 1"}) {
    EXPECT_EQ(parse_pt_line(text).kind, Kind::kOther) << text;
  }
}

TEST(PtLine, what_people_are_shown_cannot_steer_their_terminal) {
  EXPECT_EQ(parse_pt_line("ENV-ERROR no \x1b[2J\xff state").text, "no ?[2J? state");
  EXPECT_EQ(parse_pt_line("LOG " + std::string(5000, 'x')).text.size(), 300u);
}

TEST(PtLines, lines_are_cut_however_they_come) {
  const std::string text = "VERSION 1\r\n\nCMETHODS DONE\n";
  PtLines lines;
  std::vector<PtLine> seen;
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    for (const PtLine& line : lines.feed({&byte, 1})) seen.push_back(line);
  }
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0].kind, Kind::kVersion);
  EXPECT_EQ(seen[2].kind, Kind::kMethodsDone);
}

TEST(PtLines, a_line_without_end_takes_no_memory_and_is_passed_over) {
  PtLines lines;
  EXPECT_TRUE(lines.feed(Bytes(100'000, 'x')).empty());
  const auto rest = lines.feed(as_bytes("\nVERSION 1\n"));
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].kind, Kind::kVersion);
}

TEST(PtGreeting, a_client_is_ready_after_its_methods) {
  PtGreeting greeting(false, false);
  ASSERT_TRUE(greet(greeting, "noise\nVERSION 1\nCMETHOD meek socks5 127.0.0.1:1\nCMETHOD obfs4 socks5 127.0.0.1:2\n"));
  EXPECT_FALSE(greeting.is_ready());
  ASSERT_TRUE(greet(greeting, "CMETHODS DONE\n"));
  EXPECT_TRUE(greeting.is_ready());
  EXPECT_EQ(greeting.method().port, 2);
}

TEST(PtGreeting, a_server_gives_what_clients_must_know) {
  PtGreeting greeting(true, false);
  ASSERT_TRUE(greet(greeting, "VERSION 1\nSMETHOD obfs4 0.0.0.0:443 ARGS:cert=x,iat-mode=0\nSMETHODS DONE\n"));
  EXPECT_EQ(greeting.method().arguments.at("cert"), "x");
}

TEST(PtGreeting, refusals_have_names_and_words) {
  const auto code = [](const std::string& text, bool with_proxy = false) {
    PtGreeting greeting(false, with_proxy);
    const Status status = greet(greeting, text);
    return status ? ErrorCode{} : status.error().code;
  };
  EXPECT_EQ(code("VERSION-ERROR no-version\n"), kPtVersion);
  EXPECT_EQ(code("CMETHODS DONE\n"), kPtVersion);
  EXPECT_EQ(code("VERSION 1\nENV-ERROR no state\n"), kPtEnvironment);
  EXPECT_EQ(code("VERSION 1\nPROXY-ERROR no\n", true), kPtProxy);
  EXPECT_EQ(code("VERSION 1\nCMETHOD obfs4 socks5 127.0.0.1:2\nCMETHODS DONE\n", true), kPtProxy);
  EXPECT_EQ(code("VERSION 1\nCMETHODS DONE\n"), kPtNoTransport);
  EXPECT_EQ(code("VERSION 1\nCMETHOD obfs4 socks4 127.0.0.1:2\nCMETHODS DONE\n"), kPtNoTransport);
  EXPECT_EQ(code("VERSION 1\nSMETHOD obfs4 127.0.0.1:2\nCMETHODS DONE\n"), kPtNoTransport);
  PtGreeting greeting(false, false);
  EXPECT_FALSE(greet(greeting, "VERSION 1\nCMETHOD-ERROR obfs4 no such thing\nCMETHODS DONE\n"));
  EXPECT_EQ(greeting.last_words(), "no such thing");
}

}  // namespace
}  // namespace godwit::routes
