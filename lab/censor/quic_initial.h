#pragma once
// QUIC version 1 Initial packets, opened as any box on the path can open them: their keys follow from a public salt and the
// connection id (RFC 9001 §5.2).

#include <map>

#include "base/bytes.h"
#include "lab/censor/tls_hello.h"

namespace godwit::lab {

/// True if the datagram begins with a long header of version 1 and type Initial (RFC 9000 §17.2.2).
bool is_quic_initial(ByteView datagram);

/// The keys that protect a client's Initial packets (RFC 9001 §5.2).
struct InitialKeys {
  Bytes key;
  Bytes iv;
  Bytes header;
};
/// The keys for the destination connection id of the client's first packet.
InitialKeys initial_keys(ByteView connection_id);
/// The mask over first byte and packet number for a sample of 16 bytes (RFC 9001 §5.4.3).
ByteArray<16> header_mask(const InitialKeys& keys, ByteView sample);

/// The frames of a client's first Initial packet in `datagram`, decrypted; empty if it cannot be opened.
Bytes open_quic_initial(ByteView datagram);
/// Makes a client's Initial datagram (at least 1200 bytes) with this CRYPTO data at `offset`, for tests of the lab.
Bytes make_quic_initial(ByteView connection_id, uint8_t packet_number, size_t offset, ByteView crypto);

/// Collects the ClientHello of one QUIC connection over its Initial packets.
class QuicHello {
 public:
  static constexpr size_t kBytesMax = 16 * 1024;

  /// Takes a datagram of the client; `out` is what is known of the hello.
  [[nodiscard]] HelloState add(ByteView datagram, TlsHello& out);

 private:
  void collect(ByteView frames);

  std::map<size_t, Bytes> pieces_;  ///< CRYPTO data by offset.
  size_t held_ = 0;
};

}  // namespace godwit::lab
