// A client and a home talk: what both ends do when nobody does harm.

#include "session/testing/session_pair.h"

namespace godwit::session {
namespace {

using testing::options_for;
using testing::SessionPair;
using testing::TestHome;
using testing::text;

class SessionTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(crypto::initialise()); }
  SessionPair full(uint8_t tickets = 0) {
    return SessionPair(home_, ClientSession::connect(options_for(home_, tickets), random_, now_), now_);
  }
  SessionPair resumed(const Ticket& ticket, std::vector<Bytes> requests, uint8_t tickets = 0) {
    auto client = ClientSession::resume(options_for(home_, tickets), ticket.clone(), std::move(requests), random_, now_);
    EXPECT_TRUE(client);
    return SessionPair(home_, *std::move(client), now_);
  }
  std::vector<Ticket> get_tickets(uint8_t count, bool mailbox = false) {
    SessionPair pair = full(count);
    EXPECT_TRUE(pair.client.send_request(text("prove"), now_));
    pair.on_request = [&](const Request& request) {
      if (mailbox) {
        EXPECT_TRUE(pair.server.bind_mailbox(text("box 1")));
      }
      EXPECT_TRUE(pair.server.reply(request.stream, {}, now_));
    };
    pair.run();
    return std::move(pair.client_log.tickets);
  }
  TestHome home_;
  crypto::SeededRandom random_{2};
  Instant now_{1'000'000'000};
};

TEST_F(SessionTest, a_full_handshake_establishes_both_ends_with_one_channel_binding) {
  SessionPair pair = full();
  ASSERT_TRUE(pair.client.send_request(text("hello"), now_));
  pair.run();
  ASSERT_EQ(pair.client_log.established.size(), 1U);
  ASSERT_EQ(pair.home_log.established.size(), 1U);
  EXPECT_EQ(pair.client_log.established[0].channel_binding, pair.home_log.established[0].channel_binding);
  EXPECT_NE(pair.client_log.established[0].channel_binding, ChannelBinding{});
  EXPECT_FALSE(pair.client_log.established[0].resumed);
  EXPECT_EQ(pair.client_log.established[0].version, kVersionHighest);
  EXPECT_TRUE(pair.client.established() && pair.server.established());
}

TEST_F(SessionTest, the_handshake_sizes_are_those_of_the_document) {
  SessionPair pair = full();
  Bytes first;
  Bytes second;
  pair.on_client_bytes = [&](const Bytes& bytes) { if (first.empty()) first = bytes; };
  pair.on_home_bytes = [&](const Bytes& bytes) { if (second.empty()) second = bytes; };
  pair.run();
  EXPECT_GE(first.size(), 3 + 1 + 1248U);
  EXPECT_LE(first.size(), 3 + 1 + 1248U + 512U);
  EXPECT_GE(second.size(), 3 + 1152 + 1U);
  EXPECT_LE(second.size(), 3 + 1152 + 1U + 512U);
}

TEST_F(SessionTest, a_home_knows_a_client_only_when_the_first_record_comes) {
  SessionPair pair = full();
  pair.run();
  EXPECT_TRUE(pair.client.established());
  EXPECT_TRUE(pair.home_log.established.empty()) << "a first message can be replayed by anybody";
  ASSERT_TRUE(pair.client.send_request(text("x"), now_));
  pair.run();
  EXPECT_EQ(pair.home_log.established.size(), 1U);
}

TEST_F(SessionTest, requests_are_answered_on_their_streams_however_the_pipe_cuts_the_bytes) {
  for (const size_t piece : {size_t{0}, size_t{1}, size_t{7}, size_t{1000}}) {
    SessionPair pair = full();
    pair.echo();
    std::vector<StreamId> streams;
    for (int i = 0; i < 10; ++i) {
      streams.push_back(*pair.client.send_request(Bytes(static_cast<size_t>(i) * 100, static_cast<uint8_t>(i)), now_));
    }
    pair.run(piece);
    ASSERT_EQ(pair.client_log.replies.size(), 10U) << piece;
    for (size_t i = 0; i < 10; ++i) {
      EXPECT_EQ(pair.client_log.replies[i].stream, streams[i]);
      EXPECT_EQ(pair.client_log.replies[i].bytes, Bytes(i * 100, static_cast<uint8_t>(i)));
    }
    EXPECT_EQ(pair.client.requests_in_flight(), 0U);
  }
}

TEST_F(SessionTest, messages_of_every_size_up_to_the_bounds_cross_whole) {
  SessionPair pair = full();
  pair.echo();
  for (const size_t size : {0U, 1U, 4087U, 4088U, 4089U, 16'383U, 16'384U, 16'385U, 65'536U, kRequestSizeMax}) {
    Bytes request(size);
    random_.fill(request);
    ASSERT_TRUE(pair.client.send_request(request, now_));
    pair.run();
    ASSERT_EQ(pair.client_log.replies.size(), 1U) << size;
    EXPECT_TRUE(pair.client_log.replies[0].bytes == request) << size;
    pair.client_log.replies.clear();
  }
  pair.on_request = [&](const Request& request) {
    EXPECT_TRUE(pair.server.reply(request.stream, Bytes(kReplySizeMax, 9), now_));
  };
  ASSERT_TRUE(pair.client.send_request({}, now_));
  pair.run();
  ASSERT_EQ(pair.client_log.replies.size(), 1U);
  EXPECT_EQ(pair.client_log.replies[0].bytes.size(), kReplySizeMax);
}

TEST_F(SessionTest, many_large_requests_at_once_all_arrive) {
  SessionPair pair = full();
  pair.echo();
  for (size_t i = 0; i < kRequestsInFlightMax; ++i) {
    ASSERT_TRUE(pair.client.send_request(Bytes(50'000 + i, static_cast<uint8_t>(i)), now_));
  }
  pair.run(3000);
  ASSERT_EQ(pair.client_log.replies.size(), kRequestsInFlightMax);
  for (const Reply& reply : pair.client_log.replies) {
    EXPECT_EQ(reply.bytes.size(), 50'000 + reply.stream.value - 1);
  }
}

TEST_F(SessionTest, a_small_reply_overtakes_a_large_one) {
  SessionPair pair = full();
  pair.on_request = [&](const Request& request) {
    const size_t size = request.bytes == text("large") ? kReplySizeMax : 10;
    EXPECT_TRUE(pair.server.reply(request.stream, Bytes(size), now_));
  };
  const StreamId large = *pair.client.send_request(text("large"), now_);
  const StreamId small = *pair.client.send_request(text("small"), now_);
  pair.run();
  ASSERT_EQ(pair.client_log.replies.size(), 2U);
  EXPECT_EQ(pair.client_log.replies[0].stream, small);
  EXPECT_EQ(pair.client_log.replies[1].stream, large);
}

TEST_F(SessionTest, a_host_that_takes_little_output_sends_what_is_urgent_first) {
  SessionPair pair = full();
  pair.run();
  ASSERT_TRUE(pair.client.send_request(Bytes(200'000), now_));
  const Bytes some = pair.client.take_output(now_, 1);
  EXPECT_GT(some.size(), 0U);
  EXPECT_LE(some.size(), 2U + 16'384U + 16U);
}

TEST_F(SessionTest, pushes_keep_their_order_whatever_their_size) {
  SessionPair pair = full();
  ASSERT_TRUE(pair.client.send_request({}, now_));
  pair.run();
  const size_t sizes[] = {10, 100'000, 20, kPushSizeMax, 30};
  for (const size_t size : sizes) ASSERT_TRUE(pair.server.push(Bytes(size), now_));
  pair.run();
  ASSERT_EQ(pair.client_log.pushes.size(), 5U);
  for (size_t i = 0; i < 5; ++i) EXPECT_EQ(pair.client_log.pushes[i].bytes.size(), sizes[i]);
}

TEST_F(SessionTest, every_record_has_the_size_of_a_bucket) {
  SessionPair pair = full();
  pair.run();
  pair.echo();
  for (const size_t size : {0U, 200U, 300U, 900U, 1500U, 3000U, 4088U}) {
    Bytes record;
    pair.on_client_bytes = [&](const Bytes& bytes) { append(record, bytes); };
    ASSERT_TRUE(pair.client.send_request(Bytes(size), now_));
    pair.run();
    const size_t plaintext = record.size() - 2 - 16;
    EXPECT_TRUE(plaintext == 256 || plaintext == 512 || plaintext == 1024 || plaintext == 2048 || plaintext == 4096)
        << size << " became " << plaintext;
    EXPECT_GE(plaintext, size);
  }
}

TEST_F(SessionTest, a_refused_request_ends_with_its_code_and_time) {
  SessionPair pair = full();
  constexpr ErrorCode kQuota{520, Action::kRetryLater, "test"};
  pair.on_request = [&](const Request& request) {
    EXPECT_TRUE(pair.server.refuse(request.stream, kQuota, seconds(90), now_));
  };
  const StreamId stream = *pair.client.send_request(text("x"), now_);
  pair.run();
  ASSERT_EQ(pair.client_log.errors.size(), 1U);
  EXPECT_EQ(pair.client_log.errors[0].stream, stream);
  EXPECT_EQ(pair.client_log.errors[0].code, 520);
  EXPECT_EQ(pair.client_log.errors[0].retry_after, seconds(90));
}

TEST_F(SessionTest, a_cancelled_request_gets_no_answer_and_the_home_learns_of_it) {
  SessionPair pair = full();
  const StreamId stream = *pair.client.send_request(text("x"), now_);
  pair.run();
  pair.client.cancel(stream);
  pair.run();
  EXPECT_EQ(pair.home_log.cancelled, std::vector{stream});
  EXPECT_EQ(pair.server.reply(stream, text("late"), now_).error().code, kNoSuchStream);
  pair.run();
  EXPECT_TRUE(pair.client_log.replies.empty());
  EXPECT_TRUE(pair.client.established());
}

TEST_F(SessionTest, requests_cancelled_before_the_session_stands_leave_no_hole_in_the_streams) {
  SessionPair pair = full();
  pair.echo();
  for (int i = 0; i < 200; ++i) pair.client.cancel(*pair.client.send_request(text("x"), now_));
  ASSERT_TRUE(pair.client.send_request(text("y"), now_));
  pair.run();
  ASSERT_EQ(pair.client_log.replies.size(), 1U);
  EXPECT_TRUE(pair.home_log.closed.empty());
}

// ---- kinds and tickets --------------------------------------------------------------------------------------------

TEST_F(SessionTest, tickets_are_given_when_the_first_answer_has_settled_the_kind) {
  SessionPair pair = full(8);
  ASSERT_TRUE(pair.client.send_request(text("first"), now_));
  pair.run();
  EXPECT_TRUE(pair.client_log.tickets.empty());
  ASSERT_TRUE(pair.server.reply(StreamId{1}, {}, now_));
  pair.run();
  ASSERT_EQ(pair.client_log.tickets.size(), 8U);
  EXPECT_EQ(home_.tickets.size(), 8U);
  for (const Ticket& ticket : pair.client_log.tickets) {
    EXPECT_EQ(ticket.kind, SessionKind::kAnonymous);
    EXPECT_EQ(ticket.expires, now_ + kTicketLifetime);
    const auto record = home_.take(ticket.id);
    ASSERT_TRUE(record);
    EXPECT_TRUE(record->psk == ticket.psk);
  }
}

TEST_F(SessionTest, a_ticket_resumes_with_requests_in_the_first_flight_and_replies_in_the_answer) {
  const std::vector<Ticket> tickets = get_tickets(2);
  ASSERT_EQ(tickets.size(), 2U);
  SessionPair pair = resumed(tickets[0], {text("fetch"), text("acknowledge")}, 1);
  pair.echo();
  pair.run();
  ASSERT_EQ(pair.client_log.established.size(), 1U);
  EXPECT_TRUE(pair.client_log.established[0].resumed);
  ASSERT_EQ(pair.home_log.requests.size(), 2U);
  EXPECT_TRUE(pair.home_log.requests[0].first_flight);
  ASSERT_EQ(pair.client_log.replies.size(), 2U);
  EXPECT_EQ(pair.client_log.replies[1].bytes, text("acknowledge"));
  EXPECT_EQ(pair.client_log.tickets.size(), 1U) << "the spent ticket is replaced";
  EXPECT_EQ(pair.to_home_size, 3 + 1 + 16 + 48 + 256U);
  EXPECT_EQ(pair.to_client_size, 3 + 48 + 256U) << "the replies travel in message 2: no record was needed";
}

TEST_F(SessionTest, a_resumed_session_goes_on_and_its_tickets_resume_again) {
  std::vector<Ticket> tickets = get_tickets(1);
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(tickets.size(), 1U);
    SessionPair pair = resumed(tickets[0], {text("a")}, 1);
    pair.echo();
    pair.run();
    ASSERT_TRUE(pair.client.send_request(Bytes(100'000, 3), now_));
    pair.run();
    ASSERT_EQ(pair.client_log.replies.size(), 2U);
    EXPECT_FALSE(pair.home_log.requests[1].first_flight);
    tickets = std::move(pair.client_log.tickets);
  }
}

TEST_F(SessionTest, one_send_or_one_fetch_of_a_bucket_is_one_exchange) {
  const std::vector<Ticket> tickets = get_tickets(2);
  SessionPair send = resumed(tickets[0], {Bytes(kFirstFlightRequestMax)}, 1);
  send.on_request = [&](const Request& request) { EXPECT_TRUE(send.server.reply(request.stream, text("ok"), now_)); };
  send.run();
  EXPECT_EQ(send.client_log.replies.size(), 1U);
  EXPECT_EQ(send.to_home_size, 3 + 1 + 16 + 48 + 4096U);
  EXPECT_EQ(send.to_client_size, 3 + 48 + 256U);

  SessionPair fetch = resumed(tickets[1], {text("fetch")}, 1);
  fetch.on_request = [&](const Request& request) {
    EXPECT_TRUE(fetch.server.reply(request.stream, Bytes(kFirstFlightReplyMax), now_));
  };
  fetch.run();
  EXPECT_EQ(fetch.client_log.replies.size(), 1U);
  EXPECT_EQ(fetch.to_home_size, 3 + 1 + 16 + 48 + 256U);
  EXPECT_EQ(fetch.to_client_size, 3 + 48 + 4096U);
}

TEST_F(SessionTest, what_does_not_fit_into_a_first_flight_or_its_answer_follows_in_records) {
  const std::vector<Ticket> tickets = get_tickets(1);
  SessionPair pair = resumed(tickets[0], {Bytes(3000, 1), Bytes(3000, 2), Bytes(100'000, 3)}, 1);
  pair.echo();
  pair.run();
  ASSERT_EQ(pair.home_log.requests.size(), 3U);
  EXPECT_TRUE(pair.home_log.requests[0].first_flight);
  EXPECT_FALSE(pair.home_log.requests[1].first_flight);
  ASSERT_EQ(pair.client_log.replies.size(), 3U);
  EXPECT_EQ(pair.client_log.replies[2].bytes, Bytes(100'000, 3));
}

TEST_F(SessionTest, message_2_waits_for_replies_but_not_for_long) {
  const std::vector<Ticket> tickets = get_tickets(1);
  SessionPair pair = resumed(tickets[0], {text("slow")});
  pair.run();
  EXPECT_FALSE(pair.client.established());
  EXPECT_EQ(pair.server.next_deadline(), now_ + kReplyHold);
  pair.now = now_ + kReplyHold;
  pair.server.handle_expiry(pair.now);
  pair.run();
  EXPECT_TRUE(pair.client.established());
  ASSERT_TRUE(pair.server.reply(StreamId{1}, text("at last"), pair.now));
  pair.run();
  EXPECT_EQ(pair.client_log.replies.size(), 1U);
}

TEST_F(SessionTest, a_mailbox_session_gives_mailbox_tickets_that_carry_its_binding) {
  const std::vector<Ticket> tickets = get_tickets(1, /*mailbox=*/true);
  ASSERT_EQ(tickets.size(), 1U);
  EXPECT_EQ(tickets[0].kind, SessionKind::kMailbox);
  SessionPair pair = resumed(tickets[0], {text("fetch")});
  pair.echo();
  pair.run();
  ASSERT_EQ(pair.home_log.established.size(), 1U);
  EXPECT_EQ(pair.home_log.established[0].kind, SessionKind::kMailbox);
  EXPECT_EQ(pair.home_log.established[0].binding, text("box 1"));
  EXPECT_EQ(pair.client_log.established[0].kind, SessionKind::kMailbox);
  EXPECT_EQ(pair.server.kind(), SessionKind::kMailbox);
}

TEST_F(SessionTest, a_kind_is_for_life) {
  SessionPair pair = full();
  EXPECT_EQ(pair.server.bind_mailbox(text("box")).error().code, kKindSettled) << "no request yet";
  ASSERT_TRUE(pair.client.send_request(text("first"), now_));
  pair.run();
  ASSERT_TRUE(pair.server.reply(StreamId{1}, {}, now_));
  ASSERT_TRUE(pair.client.send_request(text("prove"), now_));
  pair.run();
  EXPECT_EQ(pair.server.bind_mailbox(text("box")).error().code, kKindSettled) << "the first request was another";
  EXPECT_EQ(pair.server.kind(), SessionKind::kAnonymous);
  const std::vector<Ticket> tickets = get_tickets(1);
  SessionPair again = resumed(tickets[0], {text("prove")});
  again.run();
  EXPECT_EQ(again.server.bind_mailbox(text("box")).error().code, kKindSettled) << "anonymous tickets stay so";
}

TEST_F(SessionTest, an_unknown_ticket_ends_in_a_full_handshake_on_the_same_pipe_with_the_same_streams) {
  const std::vector<Ticket> tickets = get_tickets(1);
  home_.tickets.clear();
  SessionPair pair = resumed(tickets[0], {text("one"), text("two")}, 3);
  pair.echo();
  pair.run();
  ASSERT_EQ(pair.client_log.refused.size(), 1U);
  ASSERT_EQ(pair.client_log.established.size(), 1U);
  EXPECT_FALSE(pair.client_log.established[0].resumed);
  ASSERT_EQ(pair.client_log.replies.size(), 2U);
  EXPECT_EQ(pair.client_log.replies[0].stream, StreamId{1});
  EXPECT_FALSE(pair.home_log.requests[0].first_flight);
  EXPECT_EQ(pair.client_log.tickets.size(), 3U);
}

TEST_F(SessionTest, a_home_that_answers_late_about_a_ticket_loses_nothing) {
  const std::vector<Ticket> tickets = get_tickets(1);
  auto client = *ClientSession::resume(options_for(home_), tickets[0].clone(), {text("x")}, random_, now_);
  HomeSession server(home_.options(), home_.random, now_);
  ASSERT_TRUE(server.receive(client.take_output(now_), now_));
  ASSERT_TRUE(std::holds_alternative<TicketWanted>(*server.next_event()));
  EXPECT_TRUE(server.take_output(now_).empty());
  server.provide_ticket(home_.take(tickets[0].id), now_ + seconds(2));
  EXPECT_TRUE(std::holds_alternative<HomeEstablished>(*server.next_event()));
  EXPECT_TRUE(std::holds_alternative<Request>(*server.next_event()));
  ASSERT_TRUE(server.reply(StreamId{1}, text("y"), now_ + seconds(2)));
  ASSERT_TRUE(client.receive(server.take_output(now_ + seconds(2)), now_ + seconds(2)));
  EXPECT_TRUE(client.established());
}

// ---- time ---------------------------------------------------------------------------------------------------------

TEST_F(SessionTest, keepalives_are_jittered_and_double_up_to_their_largest_interval) {
  SessionPair pair = full();
  pair.run();
  Duration expected = kKeepaliveFirst;
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(pair.client.keepalive_interval(), expected);
    const Duration wait = pair.client.next_deadline() - pair.now;
    EXPECT_GE(wait.ms, expected.ms * 80 / 100);
    EXPECT_LE(wait.ms, expected.ms * 120 / 100);
    pair.now = pair.client.next_deadline();
    pair.client.handle_expiry(pair.now);
    pair.run();
    expected = std::min(expected * 2, kKeepaliveLast);
  }
  EXPECT_TRUE(pair.client.established());
}

TEST_F(SessionTest, a_home_that_does_not_answer_a_keepalive_is_given_up) {
  SessionPair pair = full();
  pair.run();
  pair.now = pair.client.next_deadline();
  pair.client.handle_expiry(pair.now);
  static_cast<void>(pair.client.take_output(pair.now));
  while (pair.client.established()) {
    pair.now = pair.client.next_deadline();
    pair.client.handle_expiry(pair.now);
    static_cast<void>(pair.client.take_output(pair.now));
  }
  pair.drain_client();
  ASSERT_EQ(pair.client_log.closed.size(), 1U);
  EXPECT_EQ(pair.client_log.closed[0].code, kPeerSilent.number);
}

TEST_F(SessionTest, a_handshake_that_does_not_finish_times_out_on_both_sides) {
  SessionPair pair = full();
  pair.now = now_ + kHandshakeTimeMax;
  EXPECT_EQ(pair.client.next_deadline(), pair.now);
  pair.client.handle_expiry(pair.now);
  pair.server.handle_expiry(pair.now);
  pair.drain_client();
  pair.drain_home();
  ASSERT_EQ(pair.client_log.closed.size(), 1U);
  EXPECT_EQ(pair.client_log.closed[0].code, kHandshakeTimeout.number);
  ASSERT_EQ(pair.home_log.closed.size(), 1U);
  EXPECT_EQ(pair.client.next_deadline(), kNever);
}

TEST_F(SessionTest, a_silent_client_is_told_and_forgotten) {
  SessionPair pair = full();
  ASSERT_TRUE(pair.client.send_request({}, now_));
  pair.run();
  pair.now = now_ + kIdleAnonymousMax;
  pair.server.handle_expiry(pair.now);
  pair.run();
  ASSERT_EQ(pair.client_log.closed.size(), 1U);
  EXPECT_EQ(pair.client_log.closed[0].code, kIdle.number);
  EXPECT_TRUE(pair.client_log.closed[0].by_peer);
}

TEST_F(SessionTest, a_silent_mailbox_session_is_kept_longer_than_an_anonymous_one) {
  SessionPair pair = full();
  pair.on_request = [&](const Request& request) {
    ASSERT_TRUE(pair.server.bind_mailbox(text("a device")));
    ASSERT_TRUE(pair.server.reply(request.stream, {}, pair.now));
  };
  ASSERT_TRUE(pair.client.send_request({}, now_));
  pair.run();
  pair.now = now_ + kIdleMax - milliseconds(1);
  pair.server.handle_expiry(pair.now);
  EXPECT_TRUE(pair.server.established());
  pair.now = now_ + kIdleMax;
  pair.server.handle_expiry(pair.now);
  EXPECT_FALSE(pair.server.established());
}

TEST_F(SessionTest, keys_change_every_hour_and_nothing_is_lost) {
  SessionPair pair = full();
  pair.echo();
  for (int hour = 0; hour < 5; ++hour) {
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(pair.client.send_request(text("x"), pair.now));
    pair.run();
    pair.now = pair.now + kRekeyInterval;
  }
  EXPECT_EQ(pair.client_log.replies.size(), 15U);
  EXPECT_TRUE(pair.client_log.closed.empty());
}

TEST_F(SessionTest, a_close_says_goodbye_after_what_was_said_before) {
  SessionPair pair = full();
  ASSERT_TRUE(pair.client.send_request(text("x"), now_));
  pair.run();
  ASSERT_TRUE(pair.server.reply(StreamId{1}, text("y"), now_));
  pair.server.close(kGoingDown, minutes(5));
  pair.run();
  EXPECT_EQ(pair.client_log.replies.size(), 1U);
  ASSERT_EQ(pair.client_log.closed.size(), 1U);
  EXPECT_EQ(pair.client_log.closed[0].code, kGoingDown.number);
  EXPECT_EQ(pair.client_log.closed[0].retry_after, minutes(5));
  EXPECT_EQ(pair.client.send_request({}, now_).error().code, kClosed);
}

TEST_F(SessionTest, a_lost_pipe_closes_the_session_once) {
  SessionPair pair = full();
  pair.run();
  pair.client.pipe_lost();
  pair.client.pipe_lost();
  pair.server.pipe_lost();
  pair.drain_client();
  pair.drain_home();
  ASSERT_EQ(pair.client_log.closed.size(), 1U);
  EXPECT_EQ(pair.client_log.closed[0].code, kPipeLost.number);
  EXPECT_EQ(pair.home_log.closed.size(), 1U);
  EXPECT_TRUE(pair.client.take_output(now_).empty());
}

}  // namespace
}  // namespace godwit::session
