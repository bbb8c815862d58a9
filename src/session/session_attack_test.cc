// Somebody between client and home, or instead of one of them: what he can do to the bytes, and what becomes of it.

#include "session/frame.h"
#include "session/handshake.h"
#include "session/handshake_messages.h"
#include "session/testing/session_pair.h"

namespace godwit::session {
namespace {

using testing::options_for;
using testing::SessionPair;
using testing::TestHome;
using testing::text;

class SessionAttack : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(crypto::initialise()); }
  SessionPair full() { return SessionPair(home_, ClientSession::connect(options_for(home_), random_, now_), now_); }
  ClientSession resuming(const Ticket& ticket) {
    return *ClientSession::resume(options_for(home_), ticket.clone(), {text("deliver")}, random_, now_);
  }
  Ticket ticket() {
    SessionPair pair(home_, ClientSession::connect(options_for(home_, 1), random_, now_), now_);
    EXPECT_TRUE(pair.client.send_request({}, now_));
    pair.echo();
    pair.run();
    EXPECT_EQ(pair.client_log.tickets.size(), 1U);
    return std::move(pair.client_log.tickets.front());
  }
  /// A home session over which nothing but these bytes comes; what it says.
  Bytes say_to_home(ByteView bytes) {
    HomeSession server(home_.options(), home_.random, now_);
    static_cast<void>(server.receive(bytes, now_));
    Bytes out;
    while (auto event = server.next_event()) {
      if (auto* wanted = std::get_if<TicketWanted>(&*event)) server.provide_ticket(home_.take(wanted->id), now_);
    }
    return server.take_output(now_);
  }
  TestHome home_;
  crypto::SeededRandom random_{3};
  Instant now_{1'000'000'000};
};

TEST_F(SessionAttack, garbage_gets_no_answer) {
  for (int i = 0; i < 300; ++i) {
    Bytes garbage(random_.below(4000));
    random_.fill(garbage);
    EXPECT_TRUE(say_to_home(garbage).empty() || garbage[0] == 5) << "only a ticket id that nobody knows is answered";
  }
  const auto http = text("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n");
  EXPECT_TRUE(say_to_home(http).empty());
}

TEST_F(SessionAttack, an_oversize_handshake_message_is_refused_by_its_length_alone) {
  HomeSession server(home_.options(), home_.random, now_);
  EXPECT_FALSE(server.receive(Bytes{1, 0xff, 0xff}, now_));
  auto client = ClientSession::connect(options_for(home_), random_, now_);
  EXPECT_FALSE(client.receive(Bytes{3, 0xff, 0xff}, now_));
}

TEST_F(SessionAttack, a_client_with_another_home_key_gets_silence) {
  TestHome other(99);
  SessionPair pair(home_, ClientSession::connect(options_for(other), random_, now_), now_);
  Bytes answer;
  pair.on_home_bytes = [&](const Bytes& bytes) { append(answer, bytes); };
  pair.run();
  EXPECT_TRUE(answer.empty());
  ASSERT_EQ(pair.home_log.closed.size(), 1U);
  EXPECT_EQ(pair.home_log.closed[0].code, kBadHandshake.number);
}

TEST_F(SessionAttack, an_impostor_without_the_homes_key_cannot_answer) {
  TestHome impostor(99);
  crypto::SeededRandom random(4);
  auto client = ClientSession::connect(options_for(home_), random_, now_);
  const Bytes hello = client.take_output(now_);
  // The impostor cannot even read message 1; it answers with a message 2 of a handshake of its own.
  auto own = ClientSession::connect(options_for(impostor), random_, now_);
  HomeSession server(impostor.options(), random, now_);
  ASSERT_TRUE(server.receive(own.take_output(now_), now_));
  EXPECT_FALSE(client.receive(server.take_output(now_), now_));
  EXPECT_FALSE(client.established());
}

TEST_F(SessionAttack, every_changed_byte_of_a_handshake_ends_it) {
  for (size_t at = 0; at < 1252; at += 17) {
    SessionPair pair = full();
    pair.on_client_bytes = [&](Bytes& bytes) { if (at < bytes.size()) bytes[at] ^= 0x40; };
    pair.client_to_home();
    EXPECT_FALSE(pair.server.established());
    pair.home_to_client();
    EXPECT_FALSE(pair.client.established()) << at;
  }
  for (size_t at = 0; at < 1155; at += 17) {
    SessionPair pair = full();
    pair.on_home_bytes = [&](Bytes& bytes) { if (at < bytes.size()) bytes[at] ^= 0x40; };
    pair.run();
    EXPECT_FALSE(pair.client.established()) << at;
  }
}

TEST_F(SessionAttack, a_version_downgrade_is_noticed) {
  SessionPair pair = full();
  pair.on_client_bytes = [&](Bytes& bytes) { if (!bytes.empty()) bytes[3] = static_cast<uint8_t>(bytes[3] + 1); };
  pair.run();
  EXPECT_FALSE(pair.client.established());
  EXPECT_EQ(pair.home_log.closed.at(0).code, kBadHandshake.number) << "the offered version is in the prologue";
}

TEST_F(SessionAttack, a_client_of_a_version_too_old_is_told_so) {
  SessionPair pair = full();
  pair.on_client_bytes = [&](Bytes& bytes) { if (!bytes.empty()) bytes[3] = 0; };
  pair.run();
  ASSERT_EQ(pair.client_log.closed.size(), 1U);
  EXPECT_EQ(pair.client_log.closed[0].code, kVersionUnsupported.number);
}

TEST_F(SessionAttack, a_home_that_uses_a_version_which_was_not_offered_is_refused) {
  auto handshake = *ClientHandshake::full(home_.identity.public_key, Form::kStream, random_);
  HandshakeKeys keys;
  keys.s = crypto::X25519KeyPair{home_.identity.private_key.clone(), home_.identity.public_key};
  auto state = *HandshakeState::create(kFullProtocol, false, hello_prologue(kVersionHighest, Form::kStream),
                                       std::move(keys), random_);
  ASSERT_TRUE(state.read_message(handshake.first_message()));
  const auto refused = handshake.finish(*state.write_message(Bytes{kVersionHighest + 1}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, kVersionUnsupported);
}

TEST_F(SessionAttack, a_handshake_moved_to_another_form_is_refused) {
  SessionPair pair(home_, ClientSession::connect(options_for(home_), random_, now_), now_,
                   home_.options(Form::kWebSocket));
  pair.run();
  EXPECT_FALSE(pair.client.established());
  const Ticket mine = ticket();
  SessionPair resumed(home_, resuming(mine), now_, home_.options(Form::kWebSocket));
  resumed.run();
  EXPECT_TRUE(resumed.home_log.requests.empty());
}

TEST_F(SessionAttack, a_replayed_hello_gives_the_replayer_nothing) {
  auto client = ClientSession::connect(options_for(home_), random_, now_);
  const Bytes hello = client.take_output(now_);
  HomeSession server(home_.options(), home_.random, now_);
  ASSERT_TRUE(server.receive(hello, now_));
  EXPECT_FALSE(server.next_event()) << "no session stands before the client has shown its keys";
  EXPECT_FALSE(server.receive(Bytes(2 + 256 + 16, 1), now_));
  EXPECT_FALSE(server.established());
}

// ---- records ------------------------------------------------------------------------------------------------------

/// A session that stands, and the records of two requests, not yet delivered.
struct TwoRecords {
  explicit TwoRecords(SessionPair& pair) {
    EXPECT_TRUE(pair.client.send_request(text("zero"), pair.now));
    pair.run();
    EXPECT_TRUE(pair.client.send_request(text("one"), pair.now));
    first = pair.client.take_output(pair.now);
    EXPECT_TRUE(pair.client.send_request(text("two"), pair.now));
    second = pair.client.take_output(pair.now);
  }
  Bytes first;
  Bytes second;
};

void expect_bad_record(SessionPair& pair, const Status& status) {
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, kBadRecord);
  pair.run();
  ASSERT_EQ(pair.client_log.closed.size(), 1U);
  EXPECT_EQ(pair.client_log.closed[0].code, kBadRecord.number) << "the client is told";
  EXPECT_TRUE(pair.client_log.closed[0].by_peer);
}

TEST_F(SessionAttack, a_replayed_record_is_refused) {
  SessionPair pair = full();
  TwoRecords records(pair);
  ASSERT_TRUE(pair.server.receive(records.first, now_));
  expect_bad_record(pair, pair.server.receive(records.first, now_));
  EXPECT_EQ(pair.home_log.requests.size(), 2U);
}

TEST_F(SessionAttack, a_reordered_record_is_refused) {
  SessionPair pair = full();
  TwoRecords records(pair);
  expect_bad_record(pair, pair.server.receive(records.second, now_));
}

TEST_F(SessionAttack, a_changed_record_is_refused_wherever_it_was_changed) {
  for (size_t at = 2; at < 2 + 256 + 16; at += 5) {
    SessionPair pair = full();
    TwoRecords records(pair);
    records.first[at] ^= 1;
    expect_bad_record(pair, pair.server.receive(records.first, now_));
  }
}

TEST_F(SessionAttack, a_record_that_is_not_the_size_of_a_bucket_is_refused) {
  for (const size_t size : {size_t{0}, size_t{15}, size_t{16}, size_t{271}, size_t{273}, size_t{65'535}}) {
    SessionPair pair = full();
    TwoRecords records(pair);
    Bytes record{static_cast<uint8_t>(size >> 8), static_cast<uint8_t>(size)};
    record.resize(2 + size);
    expect_bad_record(pair, pair.server.receive(record, now_));
  }
}

TEST_F(SessionAttack, a_record_of_the_home_sent_back_to_it_is_refused) {
  SessionPair pair = full();
  TwoRecords records(pair);
  ASSERT_TRUE(pair.server.reply(StreamId{1}, text("x"), now_));
  EXPECT_EQ(pair.server.receive(pair.server.take_output(now_), now_).error().code, kBadRecord);
}

TEST_F(SessionAttack, a_cut_record_is_waited_for_and_nothing_of_it_is_believed) {
  SessionPair pair = full();
  TwoRecords records(pair);
  ASSERT_TRUE(pair.server.receive(ByteView(records.first).first(records.first.size() - 1), now_));
  pair.drain_home();
  EXPECT_EQ(pair.home_log.requests.size(), 1U);
  ASSERT_TRUE(pair.server.receive(ByteView(records.first).last(1), now_));
  pair.drain_home();
  EXPECT_EQ(pair.home_log.requests.size(), 2U);
}

TEST_F(SessionAttack, records_from_the_home_that_were_tampered_with_end_the_clients_session) {
  SessionPair pair = full();
  TwoRecords records(pair);
  ASSERT_TRUE(pair.server.reply(StreamId{1}, text("x"), now_));
  Bytes bytes = pair.server.take_output(now_);
  bytes.back() ^= 1;
  EXPECT_EQ(pair.client.receive(bytes, now_).error().code, kBadRecord);
  pair.drain_client();
  EXPECT_EQ(pair.client_log.closed.size(), 1U);
}

// ---- tickets ------------------------------------------------------------------------------------------------------

TEST_F(SessionAttack, a_ticket_works_once) {
  const Ticket mine = ticket();
  SessionPair first(home_, resuming(mine), now_);
  first.echo();
  first.run();
  EXPECT_TRUE(first.client_log.established.at(0).resumed);
  SessionPair second(home_, resuming(mine), now_);
  second.echo();
  second.run();
  EXPECT_EQ(second.client_log.refused.size(), 1U);
  EXPECT_FALSE(second.client_log.established.at(0).resumed);
}

TEST_F(SessionAttack, a_replayed_first_flight_is_refused_and_its_requests_are_not_seen) {
  const Ticket mine = ticket();
  auto client = resuming(mine);
  const Bytes flight = client.take_output(now_);
  HomeSession server(home_.options(), home_.random, now_);
  ASSERT_TRUE(server.receive(flight, now_));
  server.provide_ticket(home_.take(mine.id), now_);
  for (int replay = 0; replay < 3; ++replay) {
    const Bytes answer = say_to_home(flight);
    ASSERT_EQ(answer.size(), 9U);
    EXPECT_EQ(answer[0], 7);
    EXPECT_EQ((answer[3] << 8) | answer[4], kUnknownTicket.number);
  }
}

TEST_F(SessionAttack, a_ticket_of_the_other_kind_is_refused) {
  Ticket mine = ticket();
  mine.kind = SessionKind::kMailbox;
  SessionPair pair(home_, resuming(mine), now_);
  pair.echo();
  pair.run();
  EXPECT_EQ(pair.client_log.refused.size(), 1U) << "the kind is in the prologue";
  EXPECT_EQ(pair.server.kind(), SessionKind::kAnonymous);
  EXPECT_FALSE(pair.home_log.requests.at(0).first_flight);
}

TEST_F(SessionAttack, a_ticket_with_a_guessed_key_is_refused_and_spent) {
  Ticket mine = ticket();
  Ticket forged = mine.clone();
  forged.psk = TicketPsk::random(random_);
  SessionPair pair(home_, resuming(forged), now_);
  pair.run();
  EXPECT_EQ(pair.client_log.refused.size(), 1U);
  EXPECT_TRUE(home_.tickets.empty());
}

TEST_F(SessionAttack, an_expired_ticket_is_refused_on_both_sides) {
  const Ticket mine = ticket();
  EXPECT_EQ(ClientSession::resume(options_for(home_), mine.clone(), {}, random_, mine.expires).error().code, kBadTicket);
  SessionPair pair(home_, resuming(mine), now_ + kTicketLifetime);
  pair.run();
  EXPECT_EQ(pair.client_log.refused.size(), 1U);
}

TEST_F(SessionAttack, a_ticket_of_another_home_is_not_even_sent) {
  const Ticket mine = ticket();
  TestHome other(99);
  EXPECT_EQ(ClientSession::resume(options_for(other), mine.clone(), {}, random_, now_).error().code, kBadTicket);
}

TEST_F(SessionAttack, a_changed_first_flight_costs_the_ticket_and_nothing_else) {
  for (const size_t at : {size_t{3}, size_t{4}, size_t{19}, size_t{20}, size_t{60}, size_t{300}}) {
    const Ticket mine = ticket();
    SessionPair pair(home_, resuming(mine), now_);
    bool changed = false;
    pair.on_client_bytes = [&](Bytes& bytes) { if (!std::exchange(changed, true)) bytes[at] ^= 2; };
    pair.echo();
    pair.run();
    EXPECT_EQ(pair.client_log.replies.size(), 1U) << at << ": by a full handshake";
    EXPECT_FALSE(pair.home_log.requests.at(0).first_flight);
  }
}

TEST_F(SessionAttack, only_one_resumption_is_tried_on_a_pipe) {
  const Ticket mine = ticket();
  HomeSession server(home_.options(), home_.random, now_);
  const Bytes flight = resuming(mine).take_output(now_);
  ASSERT_TRUE(server.receive(flight, now_));
  server.provide_ticket({}, now_);
  EXPECT_FALSE(server.receive(flight, now_));
}

TEST_F(SessionAttack, a_first_flight_with_anything_but_requests_is_refused) {
  for (const FrameKind kind : {FrameKind::kCancel, FrameKind::kKeepalive, FrameKind::kClose, FrameKind::kRekey}) {
    const Ticket mine = ticket();
    Bytes payload;
    const size_t size = kind == FrameKind::kClose ? 6 : 0;
    write_frame(payload, kind, 0, StreamId{kind == FrameKind::kCancel ? 1U : 0U}, Bytes(size));
    auto handshake = *ClientHandshake::resume(mine, Form::kStream, payload, random_);
    Bytes flight;
    write_message(flight, MessageKind::kResume, Resume{kVersionHighest, mine.id, handshake.first_message()}.encode());
    const Bytes answer = say_to_home(flight);
    ASSERT_EQ(answer.size(), 9U);
    EXPECT_EQ((answer[3] << 8) | answer[4], kNotInFirstFlight.number);
  }
}

TEST_F(SessionAttack, a_part_of_a_request_in_a_first_flight_is_refused) {
  const Ticket mine = ticket();
  Bytes payload;
  write_frame(payload, FrameKind::kRequest, kFlagFirst, StreamId{1}, Bytes{0, 0, 1, 0, 9, 9});
  auto handshake = *ClientHandshake::resume(mine, Form::kStream, payload, random_);
  Bytes flight;
  write_message(flight, MessageKind::kResume, Resume{kVersionHighest, mine.id, handshake.first_message()}.encode());
  const Bytes answer = say_to_home(flight);
  ASSERT_EQ(answer.size(), 9U);
  EXPECT_EQ((answer[3] << 8) | answer[4], kNotInFirstFlight.number);
}

TEST_F(SessionAttack, bytes_behind_a_first_flight_that_waits_for_its_ticket_are_bounded) {
  const Ticket mine = ticket();
  HomeSession server(home_.options(), home_.random, now_);
  ASSERT_TRUE(server.receive(resuming(mine).take_output(now_), now_));
  EXPECT_TRUE(server.receive(Bytes(4096), now_));
  EXPECT_FALSE(server.receive(Bytes(1), now_));
}

}  // namespace
}  // namespace godwit::session
