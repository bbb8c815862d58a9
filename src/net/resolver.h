#pragma once
// Names to addresses while somebody lies about them: the system's resolver is asked at once, several others a little
// later, and every address that any of them gives is worth a try. Names of the own network are asked of the system alone.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/event_loop.h"
#include "routes/candidates.h"
#include "routes/resolver_list.h"

namespace godwit::net {

/// Addresses of a name, or why there are none.
using SystemAnswer = Result<std::vector<routes::MappedAddress>>;
/// Asks the system's resolver; blocks for as long as it likes. kDnsNxdomain, kDnsTemporaryFailure, kDnsNoAnswer, kSystem.
SystemAnswer ask_system(const std::string& host);
/// What getaddrinfo's `code` (not 0) means.
Error error_of_resolver(int code);

/// How names are resolved. The defaults are right for people.
struct ResolverOptions {
  /// Who is asked beside the system.
  routes::ResolverList servers = {};
  /// The system's resolver, called on a thread of its own.
  std::function<SystemAnswer(const std::string&)> system = ask_system;
  /// Until the first of the others is asked, and between them: where the system's answer is good nobody else is bothered.
  Duration stagger = milliseconds(300);
  /// What each of the others has for its answer.
  Duration question_limit = seconds(4);
  /// After this, answers that are hardly believed are tried.
  Duration settle_time = seconds(2);
};

/// One name being resolved.
class Lookup {
 public:
  virtual ~Lookup() = default;
  /// The next address worth a try, each once; none: wait for on_change, unless is_finished().
  virtual std::optional<routes::Candidate> next() = 0;
  /// next() would give an address of no more doubt than this (routes::Candidate).
  virtual bool has_one(int doubt_max) const = 0;
  /// Nobody is left who could answer.
  virtual bool is_finished() const = 0;
  /// Somebody has answered whom nobody in between can speak for: what else may come is hardly another address.
  virtual bool is_answered() const = 0;
  /// Why there is no address, as the system's resolver says it.
  virtual Error error() const = 0;
};

/// Asks, and remembers what worked.
class Resolver {
 public:
  /// Names remembered.
  static constexpr size_t kRememberedMax = 64;

  Resolver(EventLoop& loop, ResolverOptions options) : loop_(loop), options_(std::move(options)) {}

  /// Begins. `host` may be an address. `hints` are addresses that worked before; they and what this resolver remembers are
  /// tried first. `on_change` is called from the loop whenever next(), has_one() or is_finished() may give something else;
  /// it may destroy the lookup. The resolver need not outlive it.
  std::unique_ptr<Lookup> look_up(const std::string& host, const std::vector<routes::MappedAddress>& hints,
                                  std::function<void()> on_change);
  /// This address of this name works.
  void remember(const std::string& host, const routes::MappedAddress& address);

 private:
  EventLoop& loop_;
  ResolverOptions options_;
  struct Remembered {
    routes::MappedAddress address{};
    uint64_t touched = 0;
  };
  std::map<std::string, Remembered> remembered_;
  uint64_t clock_ = 0;
};

}  // namespace godwit::net
