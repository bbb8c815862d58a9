#pragma once
// A sender and a receiver whose home dies and comes back (chaos.cc).

#include <map>
#include <optional>
#include <set>

#include "bench/mailbox.h"

namespace godwit::bench::load {

/// Sends numbered messages and counts what comes. Both ends dial again whenever their connection is lost.
class PairUnderFire {
 public:
  /// Begins to open the mailbox. All references outlive it.
  /// `number`: of the pair; with homes that are fronts, each pair begins at another one, and each dial goes to the next.
  PairUnderFire(net::EventLoop& loop, Random& random, const HomeHost& home, size_t number);

  /// The receiver's mailbox and address are there.
  bool is_open() const { return open_; }
  /// Messages are sent from now on, kWindow at a time.
  void begin();
  /// No new ones.
  void end() { sending_ = false; }
  /// After end(): everything was acknowledged and has come.
  bool is_complete() const { return waiting_.empty() && lost() == 0; }

  /// Messages that the home has acknowledged.
  size_t acknowledged() const { return acknowledged_.size(); }
  /// Messages that were sent on the connection that stands, and not acknowledged.
  size_t under_way() const { return streams_.size(); }
  /// Messages that were acknowledged and have not come (yet).
  size_t lost() const;
  /// Messages that came more than once.
  size_t doubled() const { return doubled_; }

 private:
  void dial_receiver();
  void dial_sender();
  void take_reply(session::StreamId stream, const wire::Reply& reply);
  void take_push(const wire::Items& items);
  void take_items(const wire::Items& items);
  void fetch();
  void acknowledge();
  void send_more();
  void send(uint64_t number);

  net::EventLoop& loop_;
  Random& random_;
  const HomeHost& home_;
  Mailbox mailbox_;
  net::Timer receiver_timer_;
  net::Timer sender_timer_;
  size_t dials_;
  std::optional<Client> receiver_;
  std::optional<Client> sender_;

  // What the receiver's disk would have.
  std::set<uint64_t> come_;
  size_t doubled_ = 0;
  wire::Sequence seen_;
  // Of its connection.
  wire::Sequence acknowledged_through_;
  session::StreamId opening_{};
  session::StreamId addressing_{};
  session::StreamId fetching_{};
  session::StreamId acknowledging_{};
  bool open_ = false;
  bool fetch_again_ = false;

  // What the sender's disk would have.
  std::map<uint64_t, wire::Deliver> waiting_;  // by number
  std::set<uint64_t> acknowledged_;
  uint64_t next_ = 0;
  bool sending_ = false;
  // Of its connection.
  bool connected_ = false;
  bool filling_ = false;
  std::map<session::StreamId, uint64_t> streams_;
};

}  // namespace godwit::bench::load
