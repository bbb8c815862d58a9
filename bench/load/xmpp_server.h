#pragma once
// ejabberd and Prosody as chat servers under load: XMPP with direct TLS 1.3 (XEP-0368), SASL PLAIN, stream management
// (XEP-0198) both ways, receipts (XEP-0184) and rooms (XEP-0045).

#include <vector>

#include "bench/child.h"
#include "bench/load/chat.h"
#include "bench/temporary_folder.h"
#include "net/event_loop.h"

namespace godwit::bench::load {

/// Which of them.
enum class XmppKind { kEjabberd, kProsody };

/// One of them on a core of its own, with a configuration and a folder of its own, on a free port of 127.0.0.1. Accounts are
/// registered at their first login. A group is a room.
class XmppServer final : public ChatServer {
 public:
  /// Starts it; `loop` outlives it. `why` is set if it cannot be: then this object is good for nothing.
  XmppServer(net::EventLoop& loop, XmppKind kind, int core, std::string& why);
  ~XmppServer() override;

  std::string name() const override { return name_; }
  double processor_seconds() const override { return processor_seconds_of(process_.process); }
  double resident_bytes() const override { return resident_bytes_of(process_.process); }
  std::unique_ptr<Person> person(size_t index, PersonEvents events) override;
  /// Neither gives any out: LuaSec and fast_tls switch them off.
  bool has_tickets() const override { return false; }

  /// True once, for the login that has to register account `index`.
  bool take_registration(size_t index);
  /// Where it listens.
  uint16_t port() const { return port_; }
  /// As given.
  net::EventLoop& loop() { return loop_; }

 private:
  net::EventLoop& loop_;
  std::string name_;
  TemporaryFolder folder_;
  Child process_;
  uint16_t port_ = 0;
  std::vector<bool> registered_;
};

}  // namespace godwit::bench::load
