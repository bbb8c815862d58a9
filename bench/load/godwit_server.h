#pragma once
// The real godwit-home as a chat server under load.

#include <vector>

#include "bench/load/chat.h"
#include "bench/mailbox.h"

namespace godwit::bench::load {

/// One account: its mailbox, and what its logins leave.
struct Account {
  explicit Account(Random& random) : mailbox(random) {}
  Mailbox mailbox;
  bool opened = false;
  std::vector<session::Ticket> tickets;
  net::TlsTickets tls;
};

/// A home on a core of its own.
class GodwitServer final : public ChatServer {
 public:
  /// `loop` and `random` outlive it.
  GodwitServer(net::EventLoop& loop, Random& random, int core);

  std::string name() const override { return "godwit"; }
  double processor_seconds() const override { return home_.processor_seconds(); }
  double resident_bytes() const override { return home_.resident_bytes(); }
  std::unique_ptr<Person> person(size_t index, PersonEvents events) override;
  bool has_tickets() const override { return true; }

  /// Account `index`, made if there is none yet.
  Account& account(size_t index);
  /// As given.
  net::EventLoop& loop() { return loop_; }
  /// As given.
  Random& random() { return random_; }
  /// The process and how to reach it.
  const HomeHost& home() const { return home_; }

 private:
  net::EventLoop& loop_;
  Random& random_;
  HomeHost home_;
  std::vector<std::unique_ptr<Account>> accounts_;
};

}  // namespace godwit::bench::load
