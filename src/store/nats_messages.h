#pragma once
// Messages from home to home over the NATS servers that keep the homes' store: plain NATS, below subjects that the stream of the store does
// not take. Nothing is kept: a message may be lost, and one that comes may be anybody's. The link that is made of them sees to both.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "store/nats_store.h"

namespace godwit::store {

/// Bytes of messages that may wait to be taken; those that come beyond are dropped.
inline constexpr size_t kNatsUntakenMax = size_t{96} << 20;

/// One home's part in it. Used from one thread.
class NatsMessages {
 public:
  /// Connects in the background, and again whenever the connection is lost; waits for no server. `options`: place and tls are looked at.
  /// `wake` is called from threads of the library when take() would give something, and not after the destruction.
  /// kUnavailable: the servers have no addresses. kNoAccess: the certificates cannot be used.
  static Result<std::unique_ptr<NatsMessages>> open(const NatsOptions& options, std::function<void()> wake);
  ~NatsMessages();
  NatsMessages(const NatsMessages&) = delete;
  NatsMessages& operator=(const NatsMessages&) = delete;

  /// Hears what is sent to `name` from now on: the subject `godwit.<stream>.front.<name>`. kUnavailable.
  Status hear(const std::string& name);
  /// Sends a message there, if a server is connected; nobody says whether it comes.
  void send(const std::string& name, ByteView message);
  /// The messages that have come, oldest first.
  std::vector<Bytes> take();
  /// Waits until what was sent has left, for so long at most.
  void flush(Duration within);

 private:
  struct Inbox;
  struct Connection;
  explicit NatsMessages(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> connection_;
};

}  // namespace godwit::store
