#pragma once
// Three real nats-servers on loopback that are one cluster.

#include <array>
#include <cstdint>
#include <string>

#include "bench/child.h"
#include "bench/temporary_folder.h"

namespace godwit::bench::load {

/// The program: GODWIT_NATS_SERVER of the environment, or where tools/install puts it. Empty: there is none.
std::string nats_program();

/// The servers, each of which syncs what it acknowledges. They end with this object, or with the program.
class NatsCluster {
 public:
  static constexpr size_t kServers = 3;

  /// Starts them; does not wait. Before this program has a second thread.
  NatsCluster();
  ~NatsCluster();
  NatsCluster(const NatsCluster&) = delete;
  NatsCluster& operator=(const NatsCluster&) = delete;

  /// What a home's `store` says; `stream`: the name at its end.
  std::string place(const std::string& stream) const;
  /// SIGKILL.
  void kill(size_t server);
  /// After kill(): starts it again on what it has.
  void restart(size_t server);

 private:
  struct Server {
    std::string config;
    uint16_t port = 0;
    uint16_t cluster_port = 0;
    Child child;
  };

  TemporaryFolder folder_;
  std::array<Server, kServers> servers_;
};

}  // namespace godwit::bench::load
