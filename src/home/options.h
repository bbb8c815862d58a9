#pragma once
// What the operator of a home may choose, and every bound of it. Plain data; config.h reads it from a file.

#include "base/strong_id.h"
#include "base/time.h"
#include "wire/requests.h"

namespace godwit::home {

/// Numbers a sealed request that came by another way than a session; chosen by the host, never reused within a run.
using SealedArrivalId = StrongNumber<struct SealedArrivalIdTag, uint64_t>;
/// Numbers a sealed request that this home passes on; chosen by the home, never reused within a run.
using ForwardId = StrongNumber<struct ForwardIdTag, uint64_t>;

/// Numbers a seat's wish on its way to the unit; chosen by the home, never reused within a run.
using UnitAskId = StrongNumber<struct UnitAskIdTag, uint64_t>;
/// Numbers a push to a browser's push service; chosen by the home, never reused within a run.
using WebPushId = StrongNumber<struct WebPushIdTag, uint64_t>;
/// What came of one.
struct WebPushResult {
  /// What follows from it.
  enum class Kind : uint8_t {
    kLater = 0,  ///< not now: the service is away or busy, or is not reached
    kSent,       ///< the service has it
    kGone,       ///< the service does not know the subscription (any more), or nothing can be encrypted for it
    kRefused,    ///< the service does not want it as it is
    kBusy,       ///< nothing was tried: too much goes to this service already
  };
  Kind kind = Kind::kLater;
  Duration retry_after{};  ///< of kLater: what the service wished; of kBusy: until there is room
};

/// How somebody gets a mailbox here.
enum class Admission : uint8_t {
  kCode = 1,        ///< only with an admission code from the operator
  kWork = 2,        ///< only with proof of work
  kCodeOrWork = 3,  ///< with either
};

/// Bounds of what a home holds and does. Each is answered by the error named beside it, never by a cut.
struct Limits {
  uint32_t sessions_max = 20'000;          ///< pipes at once; above: the new pipe is closed
  uint32_t pipes_source_max = 2'000;       ///< of these from one address, where addresses are real; the same
  uint64_t output_bytes_max = 256U << 20;  ///< waiting for all clients; kOutboxFull, and who reads least is cut off
  uint32_t strangers_source_max = 200;     ///< connections of one address that are no session's yet; closed before TLS
  uint32_t connects_source_burst = 300;    ///< new connections of one address at once; closed before TLS
  uint32_t connects_source_per_second = 50;          ///< and then so many in a second
  uint32_t handshakes_per_second = 500;              ///< each costs about 0.2 ms of a core; above: clients have to work
  uint32_t handshakes_source_burst = 20;             ///< full ones of one address at once; session_too_many_handshakes
  Duration handshakes_source_interval = seconds(3);  ///< and then one in this time
  uint32_t requests_in_flight_max = 64;              ///< of one session (session.md); kTooManyRequests
  uint32_t mailboxes_max = 100'000;                  ///< kQuotaFull
  uint32_t addresses_max = 1'000;                    ///< of one mailbox; kQuotaFull
  uint32_t address_items_max = 1'000;                ///< undelivered, by one address; kQuotaFull
  uint64_t address_bytes_max = 32U << 20;            ///< undelivered, by one address; kQuotaFull
  uint32_t old_token_items_max = 64;                 ///< an old token delivers only while fewer wait; kQuotaFull
  uint32_t stranger_addresses_max = 16;              ///< for contact requests, of one mailbox; kQuotaFull
  uint32_t stranger_items_max = 64;                  ///< undelivered contact requests by one address; kQuotaFull
  uint32_t queue_items_max = 20'000;                 ///< of one device; kQuotaFull
  uint64_t queue_bytes_max = 256U << 20;             ///< of one device; kQuotaFull
  uint32_t fetch_bytes_max = 256 * 1024;    ///< of one answer to Fetch or LogRead, but for a single larger item
  uint32_t push_window_bytes = 512 * 1024;  ///< pushed to a session and not acknowledged; pushing pauses
  uint32_t takes_burst = 32;                ///< key packages of one address at once; kTooManyRequests
  Duration takes_interval = seconds(10);    ///< and then one in this time
  uint32_t tickets_max = 400'000;           ///< half of them for anonymous sessions; above: not kept, a full handshake
  uint32_t sealed_max = 200'000;            ///< sealed requests remembered, half of nobody's; kQuotaFull
  uint32_t forwards_max = 64;               ///< sealed requests being passed on at once; others give way (forward.cc)
  uint32_t logs_max = 100'000;              ///< group logs; kQuotaFull, and more work before that (log_work_bits)
  uint64_t logs_bytes_max = 8ULL << 30;     ///< of all group logs; above, only log_bytes_sure is left; kQuotaFull
  uint64_t log_bytes_max = 64U << 20;       ///< of one group log; kQuotaFull
  uint64_t log_bytes_sure = 64U << 10;      ///< of one group log, however full the others are
  uint32_t log_epochs_max = 100'000;        ///< of one group log; kQuotaFull
  uint32_t appends_burst = 64;              ///< to one group log at once; kTooManyRequests
  Duration appends_interval = seconds(5);   ///< and then one in this time
  uint64_t blobs_bytes_max = 16ULL << 30;   ///< of all blobs, each counted whole when it is begun; kQuotaFull
  uint64_t grants_day_bytes_max = 4ULL << 30;  ///< of blobs, granted to one mailbox in one day; kQuotaFull
  uint32_t channels_max = 10'000;              ///< kQuotaFull
  uint64_t channels_bytes_max = 8ULL << 30;    ///< of all channels; kQuotaFull
  uint64_t channel_bytes_max = 256U << 20;     ///< of one channel; kQuotaFull
  uint64_t channel_new_bytes_max = 16U << 20;  ///< of one channel in its first 4 to 8 weeks; kQuotaFull
  uint64_t channel_day_bytes_max = 16U << 20;  ///< appended to one channel in one day; kTooManyRequests
  uint32_t channel_grants_day_max = 4;         ///< channels that one mailbox may make in one day; kQuotaFull
  uint32_t codes_day_max = 8;                  ///< admission codes given to one mailbox in one day; kQuotaFull
  uint32_t codes_home_day_max = 200;           ///< and to all of them together; kQuotaFull
  uint32_t self_deliveries_max = 10'000;       ///< waiting in the whole home; kQuotaFull
  uint32_t self_deliveries_mailbox_max = 64;   ///< waiting of one mailbox; kQuotaFull
  Duration self_delivery_wait = seconds(30);   ///< the longest that one waits, at random; 1 s at least
  uint32_t web_pushes_max = 64;      ///< on their way to push services at once; the others wait (web_pushes.h)
  uint32_t transfers_max = 4'096;    ///< of parts, half of them anonymous; others give way (transfers.h), kQuotaFull
  uint32_t transfers_owner_max = 8;  ///< of one device, or begun by one anonymous session; its oldest gives way
  uint64_t transfers_bytes_max = 128U << 20;  ///< of all transfers, replies included; as transfers_max
  Duration transfer_life = minutes(10);       ///< after the last touch; kNoSuchTransfer, and the client begins again
};

/// What an operator chooses beside the limits.
struct Options {
  Admission admission = Admission::kCode;
  uint8_t mailbox_work_bits = 20;  ///< of the proof of work that opens a mailbox; about a second on a phone
  uint8_t log_work_bits = 12;      ///< of the one that opens a group log; about 5 ms
  uint32_t log_idle_days = 400;    ///< a group log not used for so many days (to 4 weeks more) is removed; 0: never
  bool forward = true;             ///< passes sealed requests on to other homes
  uint32_t mailbox_idle_days = 0;  ///< a mailbox not used for so many days is dropped; 0: never
  Limits limits;
};

}  // namespace godwit::home
