#pragma once
// Between a store and a nats-server: hands on what the store says, and holds the answers back when it is told to.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>

#include "store/nats_store.h"

namespace godwit::store {

/// One connection at a time, on loopback.
class NatsProxy {
 public:
  explicit NatsProxy(const NatsPlace& server) {
    const std::string& address = server.servers.at(0);
    server_port_ = static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at = loopback(0);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    place_ = server;
    place_.servers = {"nats://127.0.0.1:" + std::to_string(ntohs(at.sin_port))};
    thread_ = std::thread([this] { run(); });
  }
  ~NatsProxy() {
    ends_ = true;
    thread_.join();
    ::close(listener_);
  }
  NatsProxy(const NatsProxy&) = delete;
  NatsProxy& operator=(const NatsProxy&) = delete;

  /// The same store, through this.
  const NatsPlace& place() const { return place_; }
  /// Answers stay here, or go on.
  void hold(bool holds) { holds_ = holds; }

 private:
  static sockaddr_in loopback(uint16_t port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
  }

  void run() {
    while (!ends_) {
      pollfd waits{listener_, POLLIN, 0};
      if (::poll(&waits, 1, 20) <= 0) continue;
      const int store = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const sockaddr_in at = loopback(server_port_);
      if (::connect(server, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0) hand_on(store, server);
      ::close(store);
      ::close(server);
    }
  }
  void hand_on(int store, int server) {
    while (!ends_) {
      std::array<pollfd, 2> waits{pollfd{store, POLLIN, 0}, pollfd{holds_ ? -1 : server, POLLIN, 0}};
      if (::poll(waits.data(), waits.size(), 20) <= 0) continue;
      if (waits[0].revents != 0 && !hand_on_some(store, server)) return;
      if (waits[1].revents != 0 && !hand_on_some(server, store)) return;
    }
  }
  static bool hand_on_some(int from, int to) {
    std::array<char, 16'384> bytes;
    const ssize_t count = ::recv(from, bytes.data(), bytes.size(), 0);
    return count > 0 && ::send(to, bytes.data(), static_cast<size_t>(count), MSG_NOSIGNAL) == count;
  }

  NatsPlace place_;
  uint16_t server_port_ = 0;
  int listener_ = -1;
  std::atomic<bool> holds_{false};
  std::atomic<bool> ends_{false};
  std::thread thread_;
};

}  // namespace godwit::store
