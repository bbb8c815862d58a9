#pragma once
// The client's pluggable transports: one program for each, started when the first route wants it and shared by all.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "net/event_loop.h"
#include "net/pt_process.h"
#include "routes/proxy.h"

namespace godwit::net {

/// Where the programs are.
struct TransportOptions {
  /// Absolute. Below it each transport has a folder of its own.
  std::string state_folder;
  /// Program by transport, instead of those that are looked for in PATH.
  std::map<std::string, std::string> programs = {};
  /// The user's own proxy; a program that cannot use it is not used.
  std::optional<routes::Proxy> proxy = {};
  /// Told when a program fails: "obfs4: ...", printable.
  std::function<void(const std::string&)> on_trouble = {};
  /// What a program has until it is ready.
  Duration start_limit = seconds(8);
};

/// The programs. Destroying it ends them.
class Transports {
 public:
  Transports(EventLoop& loop, TransportOptions options);
  ~Transports();
  Transports(const Transports&) = delete;
  Transports& operator=(const Transports&) = delete;

  /// Where the SOCKS server of `transport` is, told from the loop, never from inside this call: kPtMissing, kPtHangs,
  /// kPtEnded, kSystem, routes::kPt.... A program that has failed is not started again before its pause is over
  /// (pt_pause); until then the answer is the old error.
  void ask(const std::string& transport, std::function<void(Result<routes::PtMethod>)> done);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace godwit::net
