#pragma once
// What a running home says of itself to its operator. Counts only, nothing about anybody. Only main files include this.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "home/counters.h"
#include "home/main.h"
#include "net/listener.h"

namespace godwit::home {

/// How long before its end a certificate is spoken of.
inline constexpr Duration kCertificateWarning = hours(14 * 24);

/// A running home at one moment.
struct HomeState {
  Duration uptime;
  bool draining = false;
  size_t sessions = 0;        ///< pipes, in whatever form they came
  size_t output_waiting = 0;  ///< bytes that wait for slow clients
  size_t fronts = 0;          ///< other homes that are fronts of this one
  size_t front_sessions = 0;  ///< their sessions
  net::ListenerCounts listener;
  Counters home;
  std::optional<uint64_t> disk_free;  ///< bytes, where the store is
};

/// The limits of the whole home, and of sources, at which somebody was refused between two moments, and how often.
std::vector<std::pair<const char*, uint64_t>> limits_reached(const HomeState& before, const HomeState& now);
/// `state` as lines "name: value", each ended by a newline.
std::string print_state(const HomeState& state);
/// What is to be said of the home's certificate at `now`: that it ends soon, has ended, or is not good yet. Empty: nothing.
std::string certificate_trouble(const Place& place, const Config& config, Instant now);
/// Bytes that are free for this program where `path` is; nothing if the system does not say.
std::optional<uint64_t> free_bytes(const std::string& path);
/// False: the folder is another user's, to whom files that we make now would be closed.
bool is_own(const Place& place);
/// Whether a home runs on the folder, as far as its note tells.
std::optional<Running> running_home(const Place& place);

}  // namespace godwit::home
