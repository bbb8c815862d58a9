#include "net/imap_response.h"

#include <gtest/gtest.h>

#include "net/errors.h"

namespace godwit::net {
namespace {

// All responses of a stream that comes in pieces of `step` bytes.
std::vector<ImapResponse> read_all(std::string_view stream, size_t step) {
  ImapReader reader;
  std::vector<ImapResponse> out;
  for (size_t at = 0; at < stream.size(); at += step) {
    reader.feed(as_bytes(stream.substr(at, step)));
    for (;;) {
      auto response = reader.next();
      EXPECT_TRUE(response.has_value());
      if (!response || !*response) break;
      out.push_back(std::move(**response));
    }
  }
  return out;
}

TEST(imap_response, literals_are_taken_out_however_the_stream_is_cut) {
  const std::string stream =
      "* 2 FETCH (FLAGS (\\Seen (x)) UID 7 BODY[HEADER.FIELDS (FROM TO)] {10}\r\nFrom: a)\r\n RFC822.SIZE 44)\r\na1 OK "
      "done\r\n";
  for (size_t step = 1; step < stream.size(); ++step) {
    const auto responses = read_all(stream, step);
    ASSERT_EQ(responses.size(), 2U) << step;
    const auto fetch = imap_fetch(responses[0]);
    ASSERT_TRUE(fetch.has_value());
    EXPECT_EQ(fetch->uid, 7U);
    EXPECT_EQ(fetch->size, 44U);
    EXPECT_EQ(fetch->body, "From: a)\r\n");
    EXPECT_EQ(responses[1].tag, "a1");
    EXPECT_EQ(responses[1].text, "OK done");
  }
}

TEST(imap_response, long_lines_and_literals_are_read_however_the_stream_is_cut) {
  std::string stream;
  for (int i = 0; i < 3; ++i) {
    stream += "* OK " + std::string(50'000, 'x') + "\r\n* 1 FETCH (UID 7 BODY[] {30000}\r\n" +
              std::string(30'000, '\r') + ")\r\n";
  }
  for (const size_t step : {7U, 4'096U, 65'536U, 1'000'000U}) {
    const auto responses = read_all(stream, step);
    ASSERT_EQ(responses.size(), 6U) << step;
    EXPECT_EQ(responses[4].text.size(), 3U + 50'000) << step;
    EXPECT_EQ(imap_fetch(responses[5])->body, std::string(30'000, '\r')) << step;
  }
}

TEST(imap_response, a_body_may_be_quoted_empty_or_missing) {
  EXPECT_EQ(imap_fetch(read_all("* 1 fetch (uid 3 body[]<0> \"a \\\"b\\\"\")\r\n", 100)[0])->body, "a \"b\"");
  EXPECT_EQ(imap_fetch(read_all("* 1 FETCH (UID 3 BODY[] {0}\r\n)\r\n", 100)[0])->body, "");
  EXPECT_FALSE(imap_fetch(read_all("* 1 FETCH (UID 3 BODY[] NIL)\r\n", 100)[0])->body.has_value());
}

TEST(imap_response, numbers_are_read_and_nonsense_is_none) {
  EXPECT_EQ(imap_search(read_all("* SEARCH 2 84 882\r\n", 100)[0]), (std::vector<uint32_t>{2, 84, 882}));
  EXPECT_EQ(imap_search(read_all("* SEARCH\r\n", 100)[0]), std::vector<uint32_t>());
  EXPECT_FALSE(imap_search(read_all("* 1 EXISTS\r\n", 100)[0]).has_value());
  EXPECT_EQ(imap_code_number(read_all("* OK [UIDVALIDITY 3857529045] valid\r\n", 100)[0], "UIDVALIDITY"),
            3'857'529'045U);
  EXPECT_FALSE(imap_code_number(read_all("* OK [UIDVALIDITY 99999999999] x\r\n", 100)[0], "UIDVALIDITY").has_value());
  for (const char* bad :
       {"* 1 FETCH\r\n", "* 1 FETCH (\r\n", "* 1 FETCH (UID\r\n", "* 1 FETCH (UID 0)\r\n", "* 1 FETCH (UID x)\r\n",
        "* 1 FETCH (FLAGS (((\r\n", "* 1 FETCH ()\r\n", "* x FETCH (UID 1)\r\n", "* 1 FETCH (UID \"1\r\n"}) {
    EXPECT_FALSE(imap_fetch(read_all(bad, 100)[0]).has_value()) << bad;
  }
}

TEST(imap_response, what_is_too_large_is_refused_before_it_is_kept) {
  ImapReader literal;
  literal.feed(as_bytes("* 1 FETCH (BODY[] {99999999}\r\n"));
  EXPECT_EQ(literal.next().error().code, kBadImap);
  ImapReader line;
  const Bytes chunk(1024 * 1024, 'x');
  for (int i = 0; i < 2; ++i) {
    line.feed(chunk);
    EXPECT_FALSE(line.next().value().has_value());
  }
  line.feed(chunk);
  EXPECT_EQ(line.next().error().code, kBadImap);
  ImapReader literals;
  for (int i = 0; i < 80; ++i) literals.feed(as_bytes("x {1}\r\ny"));
  EXPECT_EQ(literals.next().error().code, kBadImap);
}

}  // namespace
}  // namespace godwit::net
