#pragma once
// What sessions ask of a core: the one of this process (core.h), or, at a front, that of another home (front.h).

#include "home/core.h"

namespace godwit::home {

/// The core as sessions see it. Any call may lead to calls of Sessions (core.h) from inside it.
class SessionCore {
 public:
  virtual ~SessionCore() = default;
  /// A session stands. `binding`: of a resumed mailbox session, what Sessions::bind() was given; empty for others.
  virtual void session_opened(SessionId session, const session::ChannelBinding& channel, ByteView binding, bool resumed,
                              Instant now) = 0;
  /// A request came. `first_flight`: it can be replayed.
  virtual void handle_request(SessionId session, session::StreamId stream, ByteView request, bool first_flight,
                              Instant now) = 0;
  /// The session is over, also one that never stood. What it asked for is finished all the same.
  virtual void session_closed(SessionId session, Instant now) = 0;
  /// A session that refused a push would take one now. Unknown sessions are ignored.
  virtual void push_possible(SessionId session, Instant now) = 0;
  /// Takes a ticket out of the store; answered by Sessions::provide_ticket.
  virtual void take_ticket(SessionId session, const session::TicketId& ticket, Instant now) = 0;
  /// Keeps a ticket.
  virtual void keep_ticket(const session::TicketRecord& record, Instant now) = 0;
  /// For whoever carries the pipes to count what it sees.
  virtual Counters& counting() = 0;
};

/// The core of this process.
class OwnCore final : public SessionCore {
 public:
  /// `core` must outlive it, and need not be there before the first call.
  explicit OwnCore(Core& core) : core_(core) {}
  void session_opened(SessionId session, const session::ChannelBinding& channel, ByteView binding, bool resumed,
                      Instant now) override {
    core_.session_opened(session, channel, binding, resumed, now);
  }
  void handle_request(SessionId session, session::StreamId stream, ByteView request, bool first_flight,
                      Instant now) override {
    core_.handle_request(session, stream, request, first_flight, now);
  }
  void session_closed(SessionId session, Instant now) override { core_.session_closed(session, now); }
  void push_possible(SessionId session, Instant now) override { core_.push_possible(session, now); }
  void take_ticket(SessionId session, const session::TicketId& ticket, Instant now) override {
    core_.take_ticket(session, ticket, now);
  }
  void keep_ticket(const session::TicketRecord& record, Instant now) override { core_.keep_ticket(record, now); }
  Counters& counting() override { return core_.counting(); }

 private:
  Core& core_;
};

}  // namespace godwit::home
