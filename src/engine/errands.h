#pragma once
// Sealed requests of others, which somebody has carried here in a bundle: they are handed to their homes by way of the own
// home, and the answers go back in another bundle. Neither this device nor the own home can read them.

#include <deque>
#include <map>

#include "engine/link.h"
#include "engine/notices.h"
#include "wire/bundle.h"

namespace godwit::engine {

struct Machine;

/// Whoever waits for the answers gets those that have come after this long.
constexpr Duration kErrandPatience = seconds(60);

/// Handed over at once: a home passes on few of one session at a time.
constexpr size_t kErrandsAtOnce = 4;

/// One bundle's.
struct Errand {
  CommandId command;
  BundleRead answer;
  std::vector<Bytes> replies;
  size_t reply_bytes = 0;               ///< Of these.
  std::deque<wire::SealedParcel> left;  ///< Not handed over yet.
  uint64_t next = 0;
  std::map<uint64_t, RequestId> waiting;
  Instant ends;
};
/// All that are under way.
struct Errands {
  std::map<uint64_t, Errand> all;
  uint64_t last = 0;
};

/// Hands `requests` on, as many as have room for their answers in one bundle, and answers `command` with `answer` and what came of them.
void run_errand(Machine& m, CommandId command, BundleRead answer, std::vector<wire::SealedParcel> requests);
/// Answers those whose time is over.
void pump_errands(Machine& m, Instant& wake);

}  // namespace godwit::engine
