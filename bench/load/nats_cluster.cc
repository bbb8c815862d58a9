#include "bench/load/nats_cluster.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/assert.h"

namespace godwit::bench::load {
namespace {

// One that nobody has at the moment.
uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT(::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0);
  ASSERT(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ::close(socket);
  return ntohs(address.sin_port);
}

}  // namespace

std::string nats_program() {
  const char* named = std::getenv("GODWIT_NATS_SERVER");
  const std::string program = named != nullptr ? named : GODWIT_NATS_SERVER;
  return ::access(program.c_str(), X_OK) == 0 ? program : "";
}

NatsCluster::NatsCluster() {
  std::string routes;
  for (Server& server : servers_) {
    server.port = free_port();
    server.cluster_port = free_port();
    routes.append(routes.empty() ? "" : ", ").append("\"nats-route://127.0.0.1:");
    routes.append(std::to_string(server.cluster_port)).append("\"");
  }
  for (size_t i = 0; i < kServers; ++i) {
    Server& server = servers_[i];
    const std::string folder = folder_.path() + "/n" + std::to_string(i);
    std::filesystem::create_directory(folder);
    server.config = folder + "/config";
    std::ofstream out(server.config);
    out << "server_name: n" << i << "\nlisten: \"127.0.0.1:" << server.port << "\"\nlog_file: \"" << folder << "/log\"\n"
        << "jetstream { store_dir: \"" << folder << "/data\", sync_interval: always }\n"
        << "cluster { name: chaos, listen: \"127.0.0.1:" << server.cluster_port << "\", routes: [" << routes << "] }\n";
    out.close();
    ASSERT(out.good());
    restart(i);
  }
}

NatsCluster::~NatsCluster() {
  for (size_t i = 0; i < kServers; ++i) kill(i);
}

std::string NatsCluster::place(const std::string& stream) const {
  std::string out = "nats://";
  for (const Server& server : servers_) {
    if (&server != &servers_[0]) out += ",";
    out.append("127.0.0.1:").append(std::to_string(server.port));
  }
  return out.append("/").append(stream);
}

void NatsCluster::kill(size_t server) { kill_child(servers_[server].child); }

void NatsCluster::restart(size_t server) {
  servers_[server].child = start_child(nats_program(), {"-c", servers_[server].config}, Hints::kHidden);
}

}  // namespace godwit::bench::load
