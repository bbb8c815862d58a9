#pragma once
// The home's store in a cluster of NATS servers: one JetStream stream is the log of everything that changed, and this process has the table
// that the log describes in memory.
//
// All that waits is carried out in order on top of the table and appended to the log as one message, on condition that the
// message before it is the last one this store has seen. Only when most of the servers have it is it answered. Reads are
// answered out of memory. So there is one store at a time: whoever opens one says so in the log, and from then on the condition of any other
// does not hold; it writes nothing more and says kOvertaken. An owner that writes nothing says every kRenewEvery that it is there.
// What is gone leaves the log with the message it stood in, as of NatsOptions::clean_every; what else that message said is said again before.
// Not here: a copy on this machine's disk. What a home keeps must fit into its memory.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "store/home_store.h"

namespace godwit::store {

/// The oldest nats-server that is taken: 2.9 loses appends that were conditional, at three replicas.
constexpr const char* kNatsVersionMin = "2.10.27";
/// Bytes that a message of NATS must have room for (max_payload): the largest operation of a home fits.
constexpr size_t kNatsPayloadMin = size_t{1} << 20;

/// Where a store is.
struct NatsPlace {
  std::vector<std::string> servers;  ///< "nats://host:port"; three or more: each message is kept by three of them
  std::string name = "godwit";       ///< of the home's stream
};

/// How this process and NATS servers know each other; PEM files. Empty: TCP without TLS.
struct NatsTls {
  std::string authorities;      ///< that sign the servers' certificates, in which the names and addresses of NatsPlace stand
  std::string certificate;      ///< this process's own, for servers that ask for one (`verify: true`); empty: none
  std::string certificate_key;  ///< its key
};

/// How to open a store on NATS. As it stands: right for a home.
struct NatsOptions {
  NatsPlace place;
  NatsTls tls;
  /// Bytes of keys and values, which are all in memory and there take about twice as much; what would add to them above gets kDiskFull.
  size_t bytes_max = size_t{4} << 30;
  Duration renew_every = milliseconds(1'500);  ///< how often an owner says that it is there
  Duration lease = seconds(6);                 ///< of an owner that says nothing; all who open one store have the same
  Duration answer_within = seconds(8);         ///< how long an append is tried before its operations get kUnavailable
  Duration sweep_every = minutes(1);           ///< how often what has expired is removed
  Duration clean_every = minutes(15);          ///< how often what is gone leaves the log
  /// False: a stream was there, so that none is kUnfitStream instead of an empty one that is made.
  bool makes = true;
  /// Asked while the lease of another is waited for and the log is read; true: kLocked at once. May be empty.
  std::function<bool()> gives_up = {};
};

/// How a stream is.
struct NatsLook {
  uint64_t messages = 0;
  uint64_t bytes = 0;        ///< of all messages, once
  size_t replicas = 1;       ///< servers that are to keep each message
  size_t replicas_well = 1;  ///< those of them that do; fewer than more than half: nothing is taken
  bool is_released = false;  ///< the home that had it last has said that it ended
};

/// True if a configuration's `store` names one on NATS instead of a folder: it begins with "nats://".
bool names_nats(std::string_view text);
/// Reads "nats://host:port,host:port/name"; ports are 4222 and the name is "godwit" where they are missing. Nothing: it is not that.
std::optional<NatsPlace> parse_nats_place(std::string_view text);

/// Opens the store, whose stream is made if there is none; takes as long as reading all of it, and `lease` more if the one
/// who had it last did not say that it had ended. `random` is only used within the call.
/// kUnavailable: no server answers, or too few of them. kOldServer: one is older than kNatsVersionMin. kUnfitStream: JetStream
/// is off, messages of kNatsPayloadMin bytes are not taken, or the stream is there and made so that it forgets. kNoAccess: they ask
/// for what `tls` does not give, or are not who they should be. kLocked: another home has the store and lives. kCorrupted: the log holds what this program did not write.
/// kNewerVersion. kDiskFull: more is in it than bytes_max.
///
/// Of what it answers: kUnavailable also while most servers do not answer; reads too, once that has lasted as long as another
/// home could have taken over (lease, less a second). kOvertaken: another home has. Destroy the store on the thread that polls it.
Result<std::unique_ptr<HomeStore>> open_nats(const NatsOptions& options, Random& random);

/// Why `store`, one that open_nats() gave, will never write again: kOvertaken. Nothing: it goes on. On the thread that submits.
std::optional<Error> stopped_nats(HomeStore& store);

/// Looks at a stream and changes nothing, also while a home has it; nothing: it is not there yet. Errors as of open_nats(), but for kLocked,
/// kNewerVersion and kDiskFull; of the log's messages only the last is read.
Result<std::optional<NatsLook>> look_at_nats(const NatsOptions& options);

}  // namespace godwit::store
