#pragma once
// The few stanzas of XMPP (RFC 6120, RFC 6121) that a load generator needs, and of its extensions: registration (XEP-0077),
// acknowledgements by the server (XEP-0198), receipts (XEP-0184), rooms (XEP-0045).

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace godwit::bench::load::xmpp {

/// The only domain of these servers, and the one of their rooms.
inline constexpr std::string_view kDomain = "localhost";
inline constexpr std::string_view kRooms = "rooms.localhost";

/// A message's id is its payload's beginning: 32 characters, about as many as people's programs use.
inline constexpr size_t kIdBytes = 24;

/// One stanza that came, or the end of the stream.
struct Stanza {
  std::string_view name;  ///< of its element: "message", "stream:features"; empty: the stream has ended
  std::string_view text;  ///< all of it
};

/// Cuts a stream into stanzas. It trusts the server: no comments, no CDATA, no `>` inside of an attribute.
class Splitter {
 public:
  /// More of the stream.
  void add(ByteView bytes);
  /// The next whole stanza; it views what was added and is good until add() or restart(). nullopt: more has to come first.
  std::optional<Stanza> next();
  /// A new stream begins (RFC 6120 §6.4.6).
  void restart() { depth_ = 0; }

 private:
  std::string input_;
  size_t at_ = 0;     // what is looked at next
  size_t start_ = 0;  // of the stanza that is open, if depth_ > 1
  size_t depth_ = 0;
};

/// The header of a stream (RFC 6120 §4.2).
std::string stream_header();
/// Makes an account (XEP-0077 §3.1.2).
std::string registration(std::string_view user, std::string_view password);
/// SASL PLAIN (RFC 6120 §6.4.2, RFC 4616).
std::string plain_auth(std::string_view user, std::string_view password);
/// A message of type chat that asks for a receipt.
std::string message(std::string_view to, ByteView payload);
/// The receipt for the message that began with the same bytes as `payload`.
std::string receipt(std::string_view to, ByteView payload);
/// Enters a room without hearing what was said there before (XEP-0045 §7.2, §7.2.14).
std::string enter_room(std::string_view room, std::string_view nick);
/// A message to all in a room.
std::string room_message(std::string_view room, ByteView payload);
/// Says how many stanzas have come (XEP-0198 §4).
std::string acknowledgement(uint32_t handled);

/// An attribute of the first element in `text` that has one of this name; empty if none has.
std::string_view attribute(std::string_view text, std::string_view name);
/// The payload of a message or of a receipt; empty if it is neither.
Bytes payload_of(const Stanza& stanza);

}  // namespace godwit::bench::load::xmpp
