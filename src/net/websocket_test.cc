#include "net/websocket.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "net/errors.h"
#include "net/testing/loopback.h"

namespace godwit::net {
namespace {

using testing::pattern;

/// A client and a server with nothing between them.
struct Pair {
  WebSocket client{WebSocket::Role::kClient};
  WebSocket server{WebSocket::Role::kServer};
  Bytes at_client;
  Bytes at_server;

  /// Carries what waits on one side to the other, at most `step` bytes at a time.
  static Status carry(WebSocket& from, WebSocket& to, Bytes& data, size_t step = SIZE_MAX) {
    while (!from.output().empty()) {
      const Bytes piece = to_bytes(from.output().view().first(std::min(step, from.output().size())));
      from.output().consume(piece.size());
      TRY(to.feed(piece, data));
    }
    return {};
  }
  Status up(size_t step = SIZE_MAX) { return carry(client, server, at_server, step); }
  Status down(size_t step = SIZE_MAX) { return carry(server, client, at_client, step); }
};

ErrorCode refusal_of(WebSocket::Role role, const Bytes& bytes) {
  WebSocket socket(role);
  Bytes data;
  const Status status = socket.feed(bytes, data);
  EXPECT_FALSE(socket.output().empty()) << "a close frame tells why";
  return status ? ErrorCode{} : status.error().code;
}

TEST(WebSocket, a_stream_arrives_whole_however_it_is_split) {
  for (const size_t step : {size_t{1}, size_t{7}, size_t{4096}, SIZE_MAX}) {
    Pair pair;
    Bytes sent;
    for (const size_t size : {0u, 1u, 125u, 126u, 127u, 65'535u, 65'536u, 70'000u}) {
      const Bytes chunk = pattern(size, static_cast<uint8_t>(size));
      pair.client.send(chunk);
      pair.server.send(chunk);
      append(sent, chunk);
    }
    ASSERT_TRUE(pair.up(step));
    ASSERT_TRUE(pair.down(step));
    EXPECT_EQ(pair.at_server, sent);
    EXPECT_EQ(pair.at_client, sent);
  }
}

TEST(WebSocket, a_client_masks_and_a_server_does_not) {
  Pair pair;
  pair.client.send(Bytes(64, 'a'));
  pair.server.send(Bytes(64, 'a'));
  EXPECT_EQ(pair.client.output().size(), 2 + 4 + 64u);
  EXPECT_EQ(pair.server.output().size(), 2 + 64u);
  EXPECT_EQ(pair.client.output().view()[1], 0x80 | 64);
  EXPECT_EQ(as_text(pair.client.output().view()).find("aaaaaaaa"), std::string_view::npos);
}

TEST(WebSocket, what_fills_is_not_answered_and_carries_nothing) {
  Pair pair;
  for (const size_t size : {size_t{1}, size_t{125}, size_t{126}, size_t{382}}) {
    pair.client.fill(size);
    EXPECT_GT(pair.client.output().size(), size);
    Bytes data;
    ASSERT_TRUE(pair.server.feed(to_bytes(pair.client.output().view()), data));
    pair.client.output().clear();
    EXPECT_TRUE(data.empty());
    EXPECT_TRUE(pair.server.output().empty());
  }
}

TEST(WebSocket, a_ping_is_answered) {
  Pair pair;
  pair.client.ping();
  ASSERT_TRUE(pair.up());
  EXPECT_EQ(pair.server.output().size(), 2u);
  EXPECT_EQ(pair.server.output().view()[0], 0x8a);
  ASSERT_TRUE(pair.down());
  EXPECT_TRUE(pair.at_client.empty());
}

TEST(WebSocket, fragments_with_a_ping_between_them_are_one_stream) {
  WebSocket client(WebSocket::Role::kClient);
  Bytes data;
  ASSERT_TRUE(client.feed(Bytes{0x02, 2, 'a', 'b', 0x89, 1, 'p', 0x00, 1, 'c', 0x80, 1, 'd'}, data));
  EXPECT_EQ(as_text(data), "abcd");
  EXPECT_EQ(client.output().view()[0], 0x8a);
}

TEST(WebSocket, rests_between_messages_and_not_within_one) {
  // A whole message, one in two fragments with a ping between them, one with a longer length.
  Bytes bytes{0x82, 1, 'a', 0x02, 2, 'b', 'c', 0x89, 1, 'p', 0x80, 0, 0x82, 126, 0, 200};
  append(bytes, Bytes(200, 'd'));
  const std::set<size_t> whole{3, 12, 216};
  for (const size_t step : {1u, 2u, 5u}) {
    WebSocket client(WebSocket::Role::kClient);
    EXPECT_TRUE(client.is_at_rest());
    Bytes data;
    for (size_t at = 0; at < bytes.size();) {
      const size_t size = std::min(step, bytes.size() - at);
      ASSERT_TRUE(client.feed(ByteView(bytes).subspan(at, size), data));
      at += size;
      EXPECT_EQ(client.is_at_rest(), whole.contains(at)) << "after " << at << " bytes";
    }
    EXPECT_EQ(as_text(data), "abc" + std::string(200, 'd'));
  }
  Pair pair;
  pair.client.send(pattern(70'000, 1));
  ASSERT_TRUE(pair.up(1'000));
  EXPECT_TRUE(pair.client.is_at_rest() && pair.server.is_at_rest()) << "also of a masked one";
  pair.client.close();
  EXPECT_FALSE(pair.client.is_at_rest()) << "or it would forget that it has closed";
}

TEST(WebSocket, a_close_is_answered_and_ends_reading) {
  Pair pair;
  pair.client.close(1000);
  ASSERT_TRUE(pair.up());
  EXPECT_TRUE(pair.server.is_closed_by_peer());
  EXPECT_EQ(pair.server.output().view()[0], 0x88);
  ASSERT_TRUE(pair.down());
  EXPECT_TRUE(pair.client.is_closed_by_peer());
  pair.client.send(Bytes(10));
  EXPECT_TRUE(pair.client.output().empty()) << "nothing follows a close frame";
}

TEST(WebSocket, data_before_a_close_in_the_same_bytes_is_delivered) {
  Pair pair;
  pair.client.send(Bytes{'x'});
  pair.client.close(1000);
  ASSERT_TRUE(pair.up());
  EXPECT_EQ(as_text(pair.at_server), "x");
  EXPECT_TRUE(pair.server.is_closed_by_peer());
}

TEST(WebSocket, frames_that_break_a_rule_are_refused) {
  const auto kClient = WebSocket::Role::kClient;
  const auto kServer = WebSocket::Role::kServer;
  EXPECT_EQ(refusal_of(kServer, {0x82, 1, 'a'}), kBadWebSocket) << "unmasked from a client";
  EXPECT_EQ(refusal_of(kClient, {0x82, 0x81, 0, 0, 0, 0, 'a'}), kBadWebSocket) << "masked from a server";
  EXPECT_EQ(refusal_of(kClient, {0xc2, 1, 'a'}), kBadWebSocket) << "reserved bit";
  EXPECT_EQ(refusal_of(kClient, {0x83, 1, 'a'}), kBadWebSocket) << "unknown opcode";
  EXPECT_EQ(refusal_of(kClient, {0x80, 1, 'a'}), kBadWebSocket) << "continuation of nothing";
  EXPECT_EQ(refusal_of(kClient, {0x09, 1, 'a'}), kBadWebSocket) << "fragmented ping";
  EXPECT_EQ(refusal_of(kClient, {0x89, 126, 0, 126}), kBadWebSocket) << "long ping";
  EXPECT_EQ(refusal_of(kClient, {0x82, 127, 0xff, 0, 0, 0, 0, 0, 0, 1}), kBadWebSocket) << "length above 2^63";
  EXPECT_EQ(refusal_of(kClient, {0x81, 1, 'a'}), kBadWebSocket) << "text";
}

}  // namespace
}  // namespace godwit::net
