#pragma once
// A wire for tests: one user inside, servers outside, a virtual clock; and crafted packets of real protocols.

#include <string>
#include <vector>

#include "lab/censor/censor.h"

namespace godwit::lab {

/// Where the tests' hosts are.
inline constexpr const char* kUser = "10.0.0.2";
inline constexpr const char* kUserV6 = "fd00::2";
inline constexpr const char* kDomestic = "10.9.0.2";
inline constexpr const char* kServer = "203.0.113.5";
inline constexpr const char* kServerV6 = "2001:db8::5";

/// An address that a test writes down.
Address address(const std::string& text);

/// The parts of a ClientHello that tests vary.
struct HelloParts {
  std::string server_name = "www.example.org";
  std::vector<uint16_t> ciphers = {0x1301, 0x1302, 0x1303};
  std::vector<uint16_t> extensions;  ///< further ones, empty
  bool tls13 = true;
  size_t padding = 0;  ///< bytes of a padding extension
};
/// A ClientHello's handshake message.
Bytes hello_handshake(const HelloParts& parts);
/// The same in one TLS record, as it stands in a TCP stream.
Bytes hello_record(const HelloParts& parts);
/// A hello that looks like Chrome's: GREASE and ALPS.
HelloParts chrome_hello(const std::string& server_name);
/// A hello that looks like Firefox's.
HelloParts firefox_hello(const std::string& server_name);
/// A DTLS 1.2 ClientHello in one datagram.
Bytes dtls_hello();
/// The same in `count` fragments, each a datagram.
std::vector<Bytes> dtls_hello_parts(size_t count);
/// A TLS 1.3 ServerHello record and an encrypted record.
Bytes server_hello(size_t encrypted = 900);
/// A TLS record of this type with `size` bytes that depend on `salt`.
Bytes tls_record(uint8_t type, size_t size, uint8_t salt = 1);
/// `size` bytes that look random: every second bit pattern of a fixed generator.
Bytes random_bytes(size_t size, uint64_t seed = 7);
/// A DNS query.
Bytes dns_query(const std::string& name, uint16_t type = 1);

/// What came out of the wire.
struct Arrival {
  Time at{};
  size_t host = 0;
  Packet packet;
};

/// The wire, without loss, at a time that only the test moves.
class TestWire {
 public:
  explicit TestWire(const std::vector<std::string>& modes = {}, uint64_t seed = 1, double loss = 0);

  static constexpr size_t kUserHost = 0;
  static constexpr size_t kDomesticHost = 1;
  static constexpr size_t kServerHost = 2;

  /// Sends a packet from the host that its source address belongs to.
  void send(const Bytes& packet);
  /// Moves the clock, letting time pass in steps; what arrives meanwhile is kept.
  void pass(Time span);
  /// Lets everything under way arrive, and gives all arrivals since the last call.
  std::vector<Arrival> arrivals();
  /// As arrivals(), but how many came to this host.
  size_t arrived_at(size_t host);
  /// A counter of the only, or the first, mode.
  uint64_t counter(const std::string& name, size_t mode = 0) const;
  Time now() const { return now_; }
  Censor& censor() { return *censor_; }

 private:
  void collect();

  Time now_{};
  std::unique_ptr<Censor> censor_;
  std::vector<Arrival> arrived_;
};

/// A TCP connection whose both ends a test plays. Each call sends one packet and says whether it arrived.
class TestConnection {
 public:
  TestConnection(TestWire& wire, uint16_t client_port, uint16_t server_port = 443, std::string server = kServer,
                 std::string client = kUser);

  /// SYN, SYN-ACK, ACK; true if all three arrived.
  bool open();
  /// The client's SYN alone; true if it arrived.
  bool syn();
  /// A segment from the client; true if it arrived.
  bool up(ByteView payload);
  /// A segment from the server; true if it arrived.
  bool down(ByteView payload);
  /// The next packet of the client, not sent.
  Bytes next_up(ByteView payload, uint8_t flags = kPsh | kAck);
  /// What arrived with the last packet besides it: resets and the like.
  const std::vector<Arrival>& others() const { return others_; }
  /// How many of others() are resets to this host.
  size_t resets_to(size_t host) const;

 private:
  bool send(const Bytes& packet);

  TestWire& wire_;
  Endpoint client_;
  Endpoint server_;
  uint32_t up_next_ = 1000;
  uint32_t down_next_ = 9000;
  std::vector<Arrival> others_;
};

/// A UDP flow; each call sends one datagram and says whether it arrived.
class TestDatagrams {
 public:
  TestDatagrams(TestWire& wire, uint16_t client_port, uint16_t server_port, std::string server = kServer,
                std::string client = kUser);
  /// From the client.
  bool up(ByteView payload);
  /// From the server.
  bool down(ByteView payload);
  /// What arrived with the last datagram besides it.
  const std::vector<Arrival>& others() const { return others_; }

 private:
  bool send(const Bytes& packet);

  TestWire& wire_;
  Endpoint client_;
  Endpoint server_;
  std::vector<Arrival> others_;
};

}  // namespace godwit::lab
