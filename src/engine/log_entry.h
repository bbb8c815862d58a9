#pragma once
// An entry of a chat's group log: a commit, sealed under the log key so that the home sees its length and nothing else
// (docs/protocol/chat.md, "Group log").

#include "base/random.h"
#include "crypto/aead.h"
#include "wire/ids.h"

namespace godwit::engine {

/// What ends an epoch.
struct LogBody {
  Bytes commit;                       ///< MLSMessage.
  std::vector<Bytes> proposals = {};  ///< MLSMessages that the commit names; only the log carries them to everybody.
};

/// Seals the entry that ends `epoch`, padded to a bucket. Every attempt at that epoch may carry the same bytes.
Bytes seal_log_entry(const LogBody& body, const crypto::AeadKey& log_key, const wire::LogId& log, uint64_t epoch,
                     Random& random);
/// The reverse. kBadLogEntry: void, for every member alike.
Result<LogBody> open_log_entry(ByteView entry, const crypto::AeadKey& log_key, const wire::LogId& log, uint64_t epoch);
/// What open_log_entry does with the bytes inside the box.
Result<LogBody> parse_log_body(ByteView plaintext);

}  // namespace godwit::engine
