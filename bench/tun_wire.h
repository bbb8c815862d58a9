#pragma once
// A wire between two network namespaces that is this program itself: it reads each packet from one side's TUN device, notes
// it, and hands it to the other side some time later. So every packet is counted where a censor would count it, cut to an
// MTU of 1500 by the kernel as for a real line, and nothing is left behind: namespaces, devices and addresses go with the
// program.

#include <atomic>
#include <chrono>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"

namespace godwit::bench {

/// One IPv4 TCP packet that passed, in the order of passing.
struct Packet {
  double sent_at = 0;       ///< steady_seconds() when it came to the wire
  double delivered_at = 0;  ///< when it left it; 0: still on its way
  bool from_client = false;
  uint16_t client_port = 0;  ///< tells the connections apart
  uint32_t sequence = 0;
  uint8_t flags = 0;  ///< of TCP (RFC 9293 §3.1)
  size_t size = 0;    ///< with IP and TCP headers
  Bytes payload;

  /// SYN or SYN-ACK.
  bool is_syn() const { return (flags & 2) != 0; }
  /// FIN or RST.
  bool is_end() const { return (flags & 5) != 0; }
};

/// The wire and the two namespaces that it joins.
class TunWire {
 public:
  static constexpr const char* kHomeAddress = "10.77.0.2";
  static constexpr const char* kClientAddress = "10.77.0.1";

  TunWire() = default;
  ~TunWire();
  TunWire(const TunWire&) = delete;
  TunWire& operator=(const TunWire&) = delete;

  /// Moves the program into a new namespace, the home's: what is forked now lives there. Empty, or why that cannot be.
  std::string enter_home_side();
  /// Moves it into another one, the client's, to stay. Empty, or why that cannot be.
  std::string enter_client_side();
  /// Begins to carry packets, each `delay` later. After this the program has two threads.
  void start(std::chrono::microseconds delay);

  /// The packets since the last call, after nothing has passed for `quiet`.
  std::vector<Packet> take_packets(std::chrono::milliseconds quiet);

 private:
  struct Travelling {
    std::chrono::steady_clock::time_point due;
    int to;
    Bytes bytes;
    size_t number;  ///< in packets_ since the start; SIZE_MAX: not noted
  };
  void carry();
  void read_from(int side);
  void deliver_due();
  void note(ByteView bytes, bool from_client, Travelling& travelling);

  int sides_[2] = {-1, -1};  ///< The home's device, the client's.
  std::chrono::microseconds delay_{};
  std::deque<Travelling> travelling_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;

  std::mutex mutex_;  ///< Of all that follows.
  std::vector<Packet> packets_;
  size_t taken_ = 0;  ///< Packets that take_packets() has given away.
  std::chrono::steady_clock::time_point last_passed_;
};

}  // namespace godwit::bench
