#pragma once
// What a home counts while it runs. Counts only, nothing about anybody.

#include <array>
#include <cstdint>
#include <map>
#include <string_view>

#include "home/request_kinds.h"

namespace godwit::home {

/// What came of requests of one kind.
struct RequestCount {
  uint64_t done = 0;
  uint64_t refused = 0;
};

/// What happened so far; for tests, the simulator and the operator.
struct Counters {
  uint64_t sessions_full = 0;     ///< handshakes finished
  uint64_t sessions_resumed = 0;  ///< tickets redeemed
  uint64_t requests = 0;
  uint64_t refused = 0;     ///< of these, answered by Refused
  uint64_t delivered = 0;   ///< durable appends that were not duplicates
  uint64_t duplicates = 0;  ///< appends that had been done before
  uint64_t pushes = 0;
  uint64_t web_pushes = 0;       ///< that push services have taken
  uint64_t damaged_records = 0;  ///< at rest, found and left alone

  uint64_t handshakes_begun = 0;      ///< pipes that became a session's
  uint64_t handshakes_failed = 0;     ///< of these, over before the client was known to hold the keys
  uint64_t pipes_refused_full = 0;    ///< closed at once: sessions_max, or the home is going down
  uint64_t pipes_refused_source = 0;  ///< closed at once: pipes_source_max
  uint64_t sessions_cut = 0;          ///< ended because they read too slowly
  uint64_t fleeting = 0;              ///< deliveries with a ttl of 0 that somebody got
  uint64_t fleeting_dropped = 0;      ///< deliveries with a ttl of 0 for which nobody was there
  uint64_t acknowledgements = 0;      ///< done; each may be of many items
  std::array<RequestCount, kRequestKinds + 1> by_kind{};  ///< by the index in wire::Request; kUnreadable last
  /// Refusals by the name of the error (wire/errors.h, session/errors.h); those of single recipients of DeliverMany too. A view of a
  /// literal, so there are no more keys than errors.
  std::map<std::string_view, uint64_t> refusals;
};

/// How much there is now.
struct Gauges {
  uint64_t pipes = 0;               ///< with a session, in whatever state
  uint64_t sessions_mailbox = 0;    ///< that have proved a mailbox
  uint64_t sessions_anonymous = 0;  ///< the others that stand
  uint64_t sessions_live = 0;       ///< that are pushed to
  uint64_t requests_running = 0;    ///< and what the home does by itself
  uint64_t output_waiting = 0;      ///< bytes that wait for all clients
  uint64_t mailboxes = 0;
  uint64_t group_logs = 0;
  uint64_t group_log_bytes = 0;
  uint64_t channels = 0;
  uint64_t channel_bytes = 0;
  uint64_t blob_bytes = 0;  ///< each blob counted whole from its beginning
  uint64_t tickets = 0;
  uint64_t sealed_remembered = 0;
  uint64_t queues_counted = 0;  ///< queues that were delivered to lately, and what waits in these
  uint64_t queue_items = 0;
  uint64_t queue_bytes = 0;
  uint64_t self_deliveries = 0;
  uint64_t transfers = 0;
  uint64_t forwards = 0;
  uint64_t sources_remembered = 0;  ///< by the limit of handshakes
  bool store_in_trouble = false;
};

}  // namespace godwit::home
