#pragma once
// A chat server under load and the people on it, whatever it speaks: the scenes (scenes.h) know no more.

#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"

namespace godwit::bench::load {

/// What happens to one person. Called from the loop; none may destroy the person.
struct PersonEvents {
  std::function<void()> on_ready;                    ///< logged in: what arrives comes by itself from now on
  std::function<void(ByteView payload)> on_message;  ///< one message for this person, opened
  std::function<void(size_t count)> on_accepted;     ///< so many messages of this person are the server's now
};

/// One account, with at most one login at a time.
class Person {
 public:
  virtual ~Person() = default;
  /// Dials and logs in; on_ready follows. `again`: with whatever an earlier login has left for that (tickets of TLS and of
  /// the session), if there is such a thing.
  virtual void log_in(bool again) = 0;
  /// Drops the connections. Not from inside an event.
  virtual void log_out() = 0;
  /// Sends to account `to`; on_accepted follows.
  virtual void send(size_t to, ByteView payload) = 0;
  /// Tells account `to` that the message came which began like `payload`; on_accepted follows. As large as a receipt is there.
  virtual void send_receipt(size_t to, ByteView payload) { send(to, payload); }
  /// Sends to the `members` first accounts at once; on_accepted(1) follows when all of them have been provided for.
  virtual void send_group(size_t members, ByteView payload) = 0;
  /// Becomes one of the group of `members`, where a server keeps such a thing; on_ready follows again.
  virtual void join_group(size_t members) = 0;
};

/// A server that this program has started.
class ChatServer {
 public:
  virtual ~ChatServer() = default;
  /// As a column's head: "godwit", "mosquitto".
  virtual std::string name() const = 0;
  /// Seconds of processor time so far.
  virtual double processor_seconds() const = 0;
  /// Bytes of memory in use now.
  virtual double resident_bytes() const = 0;
  /// Account `index`, made where that is needed. Accounts outlive their persons; the server outlives all persons.
  virtual std::unique_ptr<Person> person(size_t index, PersonEvents events) = 0;
  /// Whether an earlier login makes a later one cheaper.
  virtual bool has_tickets() const = 0;
};

}  // namespace godwit::bench::load
