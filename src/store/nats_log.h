#pragma once
// One JetStream stream as a log: appends on condition, reading, removing. The only file that knows NATS. Inside store/ only.

#include <functional>
#include <memory>
#include <optional>

#include "base/result.h"
#include "store/nats_store.h"

namespace godwit::store {

/// A stream that is there and keeps what it has. Used from one thread; every call waits for the servers.
class NatsLog {
 public:
  /// Sees one message of the log, which ends with the call. An error ends the reading with it.
  using Reader = std::function<Status(uint64_t sequence, ByteView message)>;

  /// Connects, looks at the servers and finds or makes the stream. Errors as of open_nats().
  static Result<std::unique_ptr<NatsLog>> open(const NatsOptions& options);
  /// The same, but makes nothing; null: there is no stream.
  static Result<std::unique_ptr<NatsLog>> find(const NatsOptions& options);
  ~NatsLog();
  NatsLog(const NatsLog&) = delete;
  NatsLog& operator=(const NatsLog&) = delete;

  /// The largest message.
  size_t message_bytes_max() const;
  /// Appends `message` if the last one ever appended has sequence `after` (0: there was none); its sequence, once most servers have
  /// it. kOvertaken: another one was appended. kDiskFull: not appended. kUnavailable: it may have been or may yet be; after `wait` at most.
  Result<uint64_t> append(ByteView message, uint64_t after, Duration wait);
  /// The sequence of the last message ever appended, 0: none. kUnavailable.
  Result<uint64_t> last_sequence();
  /// How the stream is; `is_released` is not filled in. kUnavailable.
  Result<NatsLook> look();
  /// The message at `sequence`, nothing if it was removed. kUnavailable.
  Result<std::optional<Bytes>> at(uint64_t sequence);
  /// Shows every message, oldest first. kUnavailable, also if somebody appends or removes meanwhile; what `reader` says.
  Status read_all(const Reader& reader);
  /// Takes a message out and overwrites its bytes; one that is not there is fine. kUnavailable.
  Status remove(uint64_t sequence);

 private:
  struct Connection;
  explicit NatsLog(std::unique_ptr<Connection> connection);
  static Result<std::unique_ptr<NatsLog>> connect(const NatsOptions& options, bool makes);
  Status reads_end(uint64_t read, uint64_t last);
  std::unique_ptr<Connection> connection_;
};

}  // namespace godwit::store
