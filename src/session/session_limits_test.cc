// Peers that break rules inside an authenticated session: each rule is named in the answer.

#include "session/testing/raw_client.h"

namespace godwit::session {
namespace {

using testing::RawClient;
using testing::TestHome;
using testing::text;

class SessionLimits : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(crypto::initialise()); }
  /// Sends something that must end the session with `code`, spoken aloud.
  void expect_closed(RawClient& client, const Status& status, ErrorCode code) {
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, code) << status.error().rule;
    EXPECT_EQ(client.heard_code(FrameKind::kClose), code.number);
    EXPECT_FALSE(client.server.established());
    EXPECT_EQ(client.server.receive({}, client.now).error().code, kClosed);
  }
  TestHome home_;
};

TEST_F(SessionLimits, a_request_above_the_bound_is_refused_by_its_announced_size) {
  RawClient client(home_);
  ASSERT_TRUE(client.send_first(1, kRequestSizeMax + 1, 100));
  EXPECT_EQ(client.heard_code(FrameKind::kError), kMessageTooLarge.number);
  ASSERT_TRUE(client.send(FrameKind::kRequest, 0, 1, Bytes(100))) << "what follows is ignored";
  ASSERT_TRUE(client.send(FrameKind::kRequest, kFlagWhole, 2, text("the session lives")));
  EXPECT_TRUE(client.server.established());
}

TEST_F(SessionLimits, bytes_beyond_the_credit_throw_the_message_away) {
  RawClient client(home_);
  ASSERT_TRUE(client.send_first(1, 100'000, 10'000));
  ASSERT_TRUE(client.send_first(2, 100'000, 10'000));
  static_cast<void>(client.hear());
  ASSERT_TRUE(client.send(FrameKind::kRequest, 0, 2, Bytes(10'000)))
      << "stream 2 is not the oldest: 16 KiB and no more";
  EXPECT_EQ(client.heard_code(FrameKind::kError), kCreditExceeded.number);
  ASSERT_TRUE(client.send(FrameKind::kRequest, 0, 1, Bytes(10'000))) << "stream 1 has got credit";
  EXPECT_EQ(client.heard_code(FrameKind::kError), 0);
}

TEST_F(SessionLimits, credit_goes_to_the_oldest_message_only) {
  RawClient client(home_);
  ASSERT_TRUE(client.send_first(1, 200'000, 100));
  ASSERT_TRUE(client.send_first(2, 200'000, 100));
  std::set<uint32_t> streams;
  for (const auto& heard : client.hear()) {
    if (heard.kind == FrameKind::kCredit) streams.insert(heard.stream.value);
  }
  EXPECT_EQ(streams, std::set<uint32_t>{1});
}

TEST_F(SessionLimits, a_65th_request_is_refused_and_the_session_lives) {
  RawClient client(home_);
  for (uint32_t i = 1; i <= kRequestsInFlightMax; ++i) {
    ASSERT_TRUE(client.send(FrameKind::kRequest, kFlagWhole, i, text("x")));
  }
  EXPECT_EQ(client.heard_code(FrameKind::kError), 0);
  ASSERT_TRUE(client.send(FrameKind::kRequest, kFlagWhole, 65, text("x")));
  EXPECT_EQ(client.heard_code(FrameKind::kError), kTooManyRequests.number);
  ASSERT_TRUE(client.server.reply(StreamId{1}, {}, client.now));
  ASSERT_TRUE(client.send(FrameKind::kRequest, kFlagWhole, 66, text("x")));
  EXPECT_EQ(client.heard_code(FrameKind::kError), 0);
}

TEST_F(SessionLimits, a_client_refuses_its_own_65th_request_before_it_leaves) {
  ClientOptions options = testing::options_for(home_);
  crypto::SeededRandom random(3);
  auto client = ClientSession::connect(options, random, {});
  for (uint32_t i = 0; i < kRequestsInFlightMax; ++i) ASSERT_TRUE(client.send_request({}, {}));
  EXPECT_EQ(client.send_request({}, {}).error().code, kTooManyRequests);
  EXPECT_EQ(ClientSession::connect(options, random, {}).send_request(Bytes(kRequestSizeMax + 1), {}).error().code,
            kMessageTooLarge);
}

TEST_F(SessionLimits, a_stream_used_again_closes_the_session) {
  RawClient client(home_);
  ASSERT_TRUE(client.send(FrameKind::kRequest, kFlagWhole, 1, text("x")));
  expect_closed(client, client.send(FrameKind::kRequest, kFlagWhole, 1, text("x")), kStreamReused);
}

TEST_F(SessionLimits, a_stream_begun_twice_closes_the_session) {
  RawClient client(home_);
  ASSERT_TRUE(client.send_first(1, 100'000, 10));
  expect_closed(client, client.send_first(1, 100'000, 10), kStreamReused);
}

TEST_F(SessionLimits, a_stream_far_ahead_closes_the_session) {
  RawClient client(home_);
  expect_closed(client, client.send(FrameKind::kRequest, kFlagWhole, 65, text("x")), kBadFrame);
}

TEST_F(SessionLimits, a_part_without_a_beginning_closes_the_session) {
  RawClient client(home_);
  expect_closed(client, client.send(FrameKind::kRequest, kFlagLast, 1, text("x")), kBadFrame);
}

TEST_F(SessionLimits, parts_that_do_not_add_up_close_the_session) {
  {
    RawClient client(home_);
    ASSERT_TRUE(client.send_first(1, 1000, 500));
    expect_closed(client, client.send(FrameKind::kRequest, kFlagLast, 1, Bytes(499)), kBadFrame);
  }
  {
    RawClient client(home_);
    ASSERT_TRUE(client.send_first(1, 1000, 500));
    expect_closed(client, client.send(FrameKind::kRequest, 0, 1, Bytes(500)), kBadFrame);
  }
  {
    RawClient client(home_);
    ASSERT_TRUE(client.send_first(1, 1000, 500));
    expect_closed(client, client.send(FrameKind::kRequest, kFlagLast, 1, Bytes(501)), kBadFrame);
  }
  {
    RawClient client(home_);
    ASSERT_TRUE(client.send_first(1, 1000, 500));
    expect_closed(client, client.send(FrameKind::kRequest, 0, 1, {}), kBadFrame);
  }
}

TEST_F(SessionLimits, frames_of_a_home_are_refused_from_a_client) {
  for (const FrameKind kind : {FrameKind::kReply, FrameKind::kError, FrameKind::kPush, FrameKind::kRekey}) {
    RawClient client(home_);
    Bytes content;
    const bool message = kind == FrameKind::kReply || kind == FrameKind::kPush;
    const uint32_t stream = kind == FrameKind::kRekey ? 0 : kind == FrameKind::kPush ? kPushStreamBit | 1 : 1;
    write_frame(content, kind, message ? kFlagWhole : 0, StreamId{stream}, Bytes(kind == FrameKind::kError ? 6 : 0));
    // A rekey frame that is not the last of its record is as wrong.
    write_frame(content, FrameKind::kKeepalive, 0, StreamId{}, {});
    expect_closed(client, client.server.receive(client.record(content), client.now), kBadFrame);
  }
}

TEST_F(SessionLimits, malformed_frames_close_the_session) {
  const std::vector<Bytes> contents{
      {11, 0, 0, 0, 0, 0, 0, 0},                   // an unknown kind
      {255, 0, 0, 0, 0, 0, 0, 0},                  // another
      {1, 4, 0, 0, 0, 1, 0, 0},                    // an unknown flag
      {7, 3, 0, 0, 0, 0, 0, 0},                    // flags where none belong
      {1, 3, 0, 0, 0, 0, 0, 0},                    // a request without a stream
      {7, 0, 0, 0, 0, 1, 0, 0},                    // a keepalive with one
      {1, 3, 0x80, 0, 0, 1, 0, 0},                 // a request on a stream of pushes
      {1, 3, 0, 0, 0, 1, 1, 0},                    // longer than the record
      {4, 0, 0, 0, 0, 1, 0, 3, 0, 0, 0},           // a credit of three bytes
      {6, 0, 0, 0, 0, 0, 0, 6, 1, 1, 0, 0, 0, 1},  // a grant of tickets from a client
      {1, 1, 0, 0, 0, 1, 0, 3, 0, 0, 0},           // a first part without its total
      {0, 0, 0, 1},                                // padding that is none
  };
  for (const Bytes& content : contents) {
    RawClient client(home_);
    expect_closed(client, client.server.receive(client.record(content), client.now), kBadFrame);
  }
}

TEST_F(SessionLimits, a_client_that_asks_and_never_reads_is_closed_before_it_costs_memory) {
  RawClient client(home_);
  Status status;
  uint32_t stream = 1;
  // 64 requests stay open; each further one costs an error frame.
  for (; status && stream < 5000; ++stream) status = client.send(FrameKind::kRequest, kFlagWhole, stream, {});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, kOutboxFull);
  EXPECT_LT(stream, 1200U);
}

TEST_F(SessionLimits, keepalives_that_are_not_read_are_answered_once) {
  RawClient client(home_);
  Bytes content;
  for (int i = 0; i < 500; ++i) write_frame(content, FrameKind::kKeepalive, 0, StreamId{}, {});
  ASSERT_TRUE(client.server.receive(client.record(content), client.now));
  EXPECT_EQ(client.hear().size(), 1U);
}

TEST_F(SessionLimits, replies_beyond_what_may_wait_become_errors_and_the_session_lives) {
  RawClient client(home_);
  for (uint32_t i = 1; i <= 6; ++i) ASSERT_TRUE(client.send(FrameKind::kRequest, kFlagWhole, i, {}));
  for (uint32_t i = 1; i <= 4; ++i) ASSERT_TRUE(client.server.reply(StreamId{i}, Bytes(kReplySizeMax), client.now));
  EXPECT_EQ(client.server.reply(StreamId{5}, Bytes(1), client.now).error().code, kOutboxFull);
  EXPECT_EQ(client.server.push(Bytes(1), client.now).error().code, kOutboxFull);
  EXPECT_EQ(client.heard_code(FrameKind::kError), kOutboxFull.number);
  EXPECT_TRUE(client.server.established());
}

TEST_F(SessionLimits, a_reply_or_push_above_the_bound_is_an_error_and_the_session_lives) {
  RawClient client(home_);
  for (uint32_t i = 1; i <= 2; ++i) ASSERT_TRUE(client.send(FrameKind::kRequest, kFlagWhole, i, {}));
  EXPECT_EQ(client.server.reply(StreamId{1}, Bytes(2 * 1024 * 1024), client.now).error().code, kMessageTooLarge);
  EXPECT_EQ(client.server.push(Bytes(2 * 1024 * 1024), client.now).error().code, kMessageTooLarge);
  EXPECT_EQ(client.heard_code(FrameKind::kError), kMessageTooLarge.number);
  EXPECT_EQ(client.server.output_waiting(), 0U);
  ASSERT_TRUE(client.server.reply(StreamId{2}, text("it lives"), client.now));
  EXPECT_EQ(client.server.reply(StreamId{1}, {}, client.now).error().code, kNoSuchStream) << "it was answered";
}

/// A home without manners, and the client that talks to it.
struct RawHome {
  explicit RawHome(TestHome& home) : client(ClientSession::connect(testing::options_for(home), home.random, {})) {
    const Bytes hello = client.take_output({});
    const auto parsed = *Hello::parse(ByteView(hello).subspan(3), false);
    auto full = *home_full(home.identity, Form::kStream, parsed.version_highest, parsed.noise, home.random);
    Bytes answer;
    write_message(answer, MessageKind::kWelcome, full.second_message);
    EXPECT_TRUE(client.receive(answer, {}));
    sender.emplace(std::move(full.outcome.send), Instant{});
  }
  /// Sends one frame in a record of its own.
  Status send(FrameKind kind, uint8_t flags, uint32_t stream, const Bytes& payload) {
    Bytes content;
    write_frame(content, kind, flags, StreamId{stream}, payload);
    Bytes record;
    EXPECT_TRUE(sender->seal(record, content));
    return client.receive(record, {});
  }
  template <typename Event>
  std::optional<Event> heard() {
    std::optional<Event> out;
    while (auto event = client.next_event()) {
      if (auto* one = std::get_if<Event>(&*event)) out = *one;
    }
    return out;
  }
  ClientSession client;
  std::optional<RecordSender> sender;
};

TEST_F(SessionLimits, a_second_push_begun_while_one_is_open_ends_the_session) {
  const Bytes begun{0, 0, 4, 0, 1, 2, 3};  // of 1,024 bytes
  RawHome home(home_);
  ASSERT_TRUE(home.send(FrameKind::kPush, kFlagWhole, kPushStreamBit | 1, {1}));
  ASSERT_TRUE(home.send(FrameKind::kPush, kFlagFirst, kPushStreamBit | 2, begun));
  ASSERT_TRUE(home.send(FrameKind::kPush, kFlagLast, kPushStreamBit | 9, {1})) << "of nothing: ignored";
  const Status second = home.send(FrameKind::kPush, kFlagFirst, kPushStreamBit | 3, begun);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, kBadFrame);
  EXPECT_FALSE(home.client.established());
}

TEST_F(SessionLimits, a_client_follows_no_wish_beyond_five_minutes) {
  const Bytes for_weeks{1, 0xb3, 0xff, 0xff, 0xff, 0xff};  // 435, going down
  RawHome home(home_);
  ASSERT_TRUE(home.client.send_request({}, {}));
  ASSERT_TRUE(home.send(FrameKind::kError, 0, 1, for_weeks));
  EXPECT_EQ(home.heard<StreamError>()->retry_after, kRetryAfterMax);
  EXPECT_FALSE(home.send(FrameKind::kClose, 0, 0, for_weeks));
  EXPECT_EQ(home.heard<Closed>()->retry_after, kRetryAfterMax);

  auto refused = ClientSession::connect(testing::options_for(home_), home_.random, {});
  Bytes answer;
  write_message(answer, MessageKind::kRefused, for_weeks);
  EXPECT_FALSE(refused.receive(answer, {}));
  while (auto event = refused.next_event()) {
    if (const auto* closed = std::get_if<Closed>(&*event)) {
      EXPECT_EQ(closed->retry_after, kRetryAfterMax);
    }
  }
  EXPECT_FALSE(refused.established());
}

TEST_F(SessionLimits, a_home_gives_fewer_tickets_after_a_resumption) {
  ClientOptions options = testing::options_for(home_, kTicketsKept);
  std::vector<Ticket> tickets;
  {
    testing::SessionPair pair(home_, ClientSession::connect(options, home_.random, {}));
    pair.echo();
    ASSERT_TRUE(pair.client.send_request({}, {}));
    pair.run();
    tickets = std::move(pair.client_log.tickets);
  }
  ASSERT_EQ(tickets.size(), kTicketsKept);
  // Every second resumption is lost with its answer, and still the chain does not run dry.
  for (int i = 0; i < 1000; ++i) {
    ASSERT_FALSE(tickets.empty()) << i;
    options.tickets_wanted =
        static_cast<uint8_t>(kTicketsKept - std::min<size_t>(tickets.size() - 1, kTicketsKept - 1));
    auto client = ClientSession::resume(options, std::move(tickets.back()), {text("x")}, home_.random, {});
    tickets.pop_back();
    testing::SessionPair pair(home_, std::move(*client));
    pair.echo();
    pair.run();
    ASSERT_TRUE(pair.client_log.established.at(0).resumed) << i;
    ASSERT_LE(pair.client_log.tickets.size(), kTicketsPerResumptionMax);
    if (i % 2 == 0) continue;
    for (Ticket& ticket : pair.client_log.tickets) tickets.push_back(std::move(ticket));
  }
}

TEST_F(SessionLimits, a_home_gives_a_bounded_number_of_tickets) {
  RawClient client(home_);
  const Bytes many{255};
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(client.send(FrameKind::kTicket, 0, 0, many));
  ASSERT_TRUE(client.send(FrameKind::kRequest, kFlagWhole, 1, {}));
  ASSERT_TRUE(client.server.reply(StreamId{1}, {}, client.now));
  ASSERT_TRUE(client.send(FrameKind::kTicket, 0, 0, many));
  size_t issued = 0;
  while (auto event = client.server.next_event()) issued += std::holds_alternative<TicketIssued>(*event);
  EXPECT_EQ(issued, kTicketsPerSessionMax);
}

TEST_F(SessionLimits, a_peer_that_never_changes_its_key_is_refused_after_the_bound) {
  constexpr uint64_t kBound = 100;
  RecordSender sender(CipherState(crypto::AeadKey{}), {}, kBound);
  RecordReceiver receiver(CipherState(crypto::AeadKey{}), kBound);
  Bytes record;
  for (uint64_t i = 0; i < kBound; ++i) {
    EXPECT_EQ(sender.rekey_is_due({}), i + 1 == kBound) << "the last record under a key is the one that says so";
    record.clear();
    ASSERT_TRUE(sender.seal(record, {}));
    ASSERT_TRUE(receiver.open(ByteView(record).subspan(2)));
  }
  record.clear();
  ASSERT_TRUE(sender.seal(record, {}));
  EXPECT_EQ(receiver.open(ByteView(record).subspan(2)).error().code, kRekeyOverdue);
}

TEST_F(SessionLimits, keys_are_due_after_an_hour) {
  RecordSender sender(CipherState(crypto::AeadKey{}), {});
  EXPECT_FALSE(sender.rekey_is_due(Instant{} + kRekeyInterval - milliseconds(1)));
  EXPECT_TRUE(sender.rekey_is_due(Instant{} + kRekeyInterval));
  sender.rekey(Instant{} + kRekeyInterval);
  EXPECT_FALSE(sender.rekey_is_due(Instant{} + kRekeyInterval));
}

TEST_F(SessionLimits, after_a_rekey_the_old_key_opens_nothing) {
  RawClient client(home_);
  Bytes content;
  write_frame(content, FrameKind::kRekey, 0, StreamId{}, {});
  ASSERT_TRUE(client.server.receive(client.record(content), client.now));
  expect_closed(client, client.send(FrameKind::kKeepalive, 0, 0, {}), kBadRecord);
}

TEST_F(SessionLimits, after_a_rekey_the_new_key_opens) {
  RawClient client(home_);
  Bytes content;
  write_frame(content, FrameKind::kRekey, 0, StreamId{}, {});
  ASSERT_TRUE(client.server.receive(client.record(content), client.now));
  client.sender().rekey(client.now);
  EXPECT_TRUE(client.send(FrameKind::kKeepalive, 0, 0, {}));
}

}  // namespace
}  // namespace godwit::session
