#pragma once
// What the packets of one exchange add up to, until the last useful byte has passed the wire.

#include "bench/tun_wire.h"

namespace godwit::bench {

/// What the client knows of an exchange by itself.
struct ExchangeFacts {
  double done_at = 0;       ///< steady_seconds() when the answer was in its hands
  size_t session_sent = 0;  ///< bytes of the session inside the carrier; 0: there is none
  size_t session_received = 0;
};

/// Packets and bytes of both directions up to and with the packet that carries the last useful byte, counted from packets.
struct Tally {
  size_t packets = 0;
  size_t bytes = 0;

  // Each packet is one of these.
  size_t tcp_handshake_packets = 0;  ///< SYN, SYN-ACK, the ACK of it
  size_t data_up_packets = 0;
  size_t data_down_packets = 0;
  size_t again_packets = 0;   ///< data that had passed before: TCP was not sure that it had arrived
  size_t ack_up_packets = 0;  ///< without data
  size_t ack_down_packets = 0;

  // Each byte is one of these.
  size_t header_bytes = 0;  ///< IP and TCP
  size_t again_bytes = 0;
  size_t tls_hello_up_bytes = 0;    ///< the client's first flight
  size_t tls_hello_down_bytes = 0;  ///< the server's answer to it
  size_t session_up_bytes = 0;
  size_t session_down_bytes = 0;
  size_t carrier_bytes = 0;  ///< all else: Finished, TLS tickets, HTTP upgrade, WebSocket, TLS records

  size_t whole_packets = 0;  ///< with everything that comes after: ACKs, the end of the connection
  size_t whole_bytes = 0;
  double milliseconds = 0;  ///< from the SYN to the answer in the client's hands
};

/// Adds them up; all packets must be of one connection.
Tally tally(const std::vector<Packet>& packets, const ExchangeFacts& facts);
/// Prints each packet: time, direction, size, flags, TLS records that begin in it.
void print_packets(const std::vector<Packet>& packets, const ExchangeFacts& facts);

}  // namespace godwit::bench
