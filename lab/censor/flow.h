#pragma once
// Flows: who talks to whom, how much so far, and what their first bytes showed. Modes read them and never change them.

#include <array>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "lab/censor/ja4.h"
#include "lab/censor/packet.h"
#include "lab/censor/quic_initial.h"
#include "lab/censor/reassembly.h"
#include "lab/censor/time.h"

namespace godwit::lab {

/// Which way a packet of a flow goes: from the client, who spoke first, or to him.
enum Direction : uint8_t { kUp = 0, kDown = 1 };

/// The 5-tuple with its sides told apart. Ports are 0 where there are none.
struct FlowKey {
  Endpoint client;
  Endpoint server;
  uint8_t protocol = 0;

  friend auto operator<=>(const FlowKey&, const FlowKey&) = default;
};

/// One flow.
struct Flow {
  uint64_t id = 0;  ///< never used twice; grows
  FlowKey key;
  bool crossing = false;       ///< between inside and outside
  bool client_inside = false;  ///< the client is inside
  Time started{};
  Time last_seen{};
  std::array<uint64_t, 2> packets{};        ///< by Direction, this packet included, as the following
  std::array<uint64_t, 2> data_packets{};   ///< those with a payload
  std::array<uint64_t, 2> data_bytes{};     ///< payload
  bool server_seen = false;                 ///< TCP: a SYN-ACK was seen; else: a packet from the server
  std::array<uint32_t, 2> next_sequence{};  ///< TCP, by Direction: after the last payload byte seen
  uint32_t initial_sequence = 0;            ///< of the client's SYN, if there was one
  bool ending = false;                      ///< FIN or RST was seen

  std::array<StreamHead, 2> head;  ///< TCP only
  Bytes first_payload;             ///< the client's first data packet or datagram
  bool has_hello = false;          ///< `hello` is whole and `fingerprint` its JA4
  TlsHello hello;                  ///< as far as it has been seen
  HelloCarrier carrier = HelloCarrier::kTls;
  std::string fingerprint;
  std::unique_ptr<QuicHello> quic;  ///< while a hello may still come
  std::unique_ptr<DtlsHello> dtls;  ///< the same, once a part of one has come

  /// The end that is outside, for crossing flows; else the server.
  const Endpoint& remote() const { return crossing && !client_inside ? key.client : key.server; }
  /// The end that is inside; of two, the client.
  const Endpoint& local() const { return crossing && !client_inside ? key.server : key.client; }
  /// TCP, with ports.
  bool tcp() const { return key.protocol == kTcp; }
  /// UDP, with ports.
  bool udp() const { return key.protocol == kUdp; }
};

/// What happened with a packet for the first time in its flow.
struct Sighting {
  bool first_client_data = false;
  bool hello = false;        ///< a hello became whole, over reassembled segments or several datagrams
  bool repeated = false;     ///< TCP: the payload was all seen before
  bool hello_alone = false;  ///< the first data packet alone shows a hello, or its server name at least
};

/// All flows, found by their packets.
class FlowTable {
 public:
  static constexpr size_t kFlowsMax = 200'000;  ///< above it an arbitrary flow is forgotten
  static constexpr Time kUdpIdle = std::chrono::seconds(60);
  static constexpr Time kTcpIdle = std::chrono::seconds(900);
  static constexpr Time kTcpEnding = std::chrono::seconds(30);  ///< idle after FIN or RST

  /// The flow of `packet`, new if need be, and the packet's direction in it; counts it. `crossing` and
  /// `source_inside` say where the packet comes from; they matter for a new flow only. The reference lives until the
  /// next call.
  Flow& note(const Packet& packet, bool crossing, bool source_inside, Time now, Direction& direction,
             Sighting& sighting);
  /// Forgets idle flows; not needed for note(), which never takes an idle flow for a living one.
  void sweep(Time now);
  /// The flows that ended since the last call.
  std::vector<std::unique_ptr<Flow>> take_ended();
  /// The id that the next new flow will get.
  uint64_t next_id() const { return next_id_; }
  /// Ends every flow, so that take_ended() gives them all.
  void end_all();

 private:
  struct Ends {
    Endpoint low;
    Endpoint high;
    uint8_t protocol;
    friend bool operator==(const Ends&, const Ends&) = default;
  };
  struct EndsHash {
    size_t operator()(const Ends& ends) const;
  };
  static bool idle(const Flow& flow, Time now);
  std::unique_ptr<Flow> make(const Packet& packet, bool crossing, bool source_inside, Time now);

  std::unordered_map<Ends, std::unique_ptr<Flow>, EndsHash> flows_;
  std::vector<std::unique_ptr<Flow>> ended_;
  uint64_t next_id_ = 1;
};

}  // namespace godwit::lab
