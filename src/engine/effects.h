#pragma once
// What the engine asks of its host (effects), and what the host tells it back (events).

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "engine/ids.h"
#include "engine/notices.h"
#include "routes/hello.h"
#include "routes/route.h"
#include "wire/home_link.h"

namespace godwit::engine {

// ---- effects ------------------------------------------------------------------------------------------------------

/// Open a pipe. Answer with PipeOpened, or PipeClosed if it cannot be had.
struct OpenPipe {
  PipeId pipe;
  routes::Route route;
  Bytes early;                                   ///< the first bytes, to be sent with the opening if the carrier can
  std::optional<wire::CertificatePin> pin = {};  ///< what the TLS of the route has to show, if the invite said so
  /// TLS tickets and whatever else a carrier remembers go from one pipe to another of the same compartment only: they would show
  /// whoever ends the TLS, a home too, which mailbox and chats are one person's.
  Bytes compartment = {};
  routes::HelloKind hello = routes::HelloKind::kPlain;  ///< how the TLS of our own carriers looks
};
/// Send bytes on an open pipe, in order.
struct SendBytes {
  PipeId pipe;
  Bytes bytes;
};
/// Close a pipe; no more events of it are wanted.
struct ClosePipe {
  PipeId pipe;
};
/// One change to a record; no value removes it. Values are sealed; keys tell nothing but kinds, ids and counts.
struct RecordChange {
  Bytes key;
  std::optional<Bytes> value;
};
/// Write all changes or none, durably, then answer with BatchStored (or BatchFailed). Batches in their order.
struct StoreBatch {
  BatchId batch;
  std::vector<RecordChange> changes;
};
/// Read at most `count_max` records with keys in [first, last), from the end if `backwards`; answer with RecordsLoaded.
struct LoadRecords {
  LoadId load;
  Bytes first;
  Bytes last;
  uint32_t count_max;
  bool backwards;
};
/// Tell people or programs.
struct Tell {
  Notice notice;
};
/// Anything the engine asks for.
using Effect = std::variant<OpenPipe, SendBytes, ClosePipe, StoreBatch, LoadRecords, Tell>;

// ---- events -------------------------------------------------------------------------------------------------------

/// Bytes may be sent on the pipe.
struct PipeOpened {
  PipeId pipe;
};
/// What came on a pipe, in order, however it was cut.
struct PipeBytes {
  PipeId pipe;
  Bytes bytes;
};
/// The pipe is gone, or never came. `error` says how (net/errors.h); the policy of routes goes by its name (routes/end.h).
struct PipeClosed {
  PipeId pipe;
  Error error;
};
/// The batch survives whatever happens now.
struct BatchStored {
  BatchId batch;
};
/// Nothing of the batch was stored. The engine tells, sends nothing that depends on it, and tries again later with what
/// came after it; after a kStop it does nothing more.
struct BatchFailed {
  BatchId batch;
  Error error;
};
/// What a LoadRecords asked for, in key order or from the end.
struct RecordsLoaded {
  LoadId load;
  std::vector<std::pair<Bytes, Bytes>> records;
};
/// At which address (as text) the host of a pipe's route was reached, where it had a name: so that it can be reached when the
/// name is not resolved any more. After PipeOpened, or instead of nothing.
struct AddressWorked {
  PipeId pipe;
  std::string address;
};
/// The device is on another network, or awake again: all pipes are given up. `network` names it in at most 32 bytes that the
/// host makes up (a hash of what the system tells); empty: not known.
struct NetworkChanged {
  Bytes network;
};
/// Anything the host reports.
using Event = std::variant<PipeOpened, PipeBytes, PipeClosed, BatchStored, BatchFailed, RecordsLoaded, AddressWorked,
                           NetworkChanged>;

}  // namespace godwit::engine
