#pragma once
// The link between a front and the home that has the store: a handshake of two packets, then messages in order, sealed. Pure, without a
// clock. docs/protocol/fronts.md has the bytes.
//
// Whoever carries the packets is believed nothing: a packet may be lost, doubled, swapped, changed or made up. A front and a home know
// each other by a key that all homes of one cluster have; the keys of a link come from a fresh X-Wing exchange as well, so that who
// seizes the first key later reads no link that has ended. A lost packet ends the link, and a doubled or a strange one is nothing.

#include <deque>
#include <optional>
#include <string>

#include "base/random.h"
#include "base/result.h"
#include "base/strong_id.h"
#include "crypto/aead.h"
#include "crypto/xwing.h"
#include "home/keys.h"

namespace godwit::home {

/// Names a link; random.
using FrontLinkId = OpaqueId<struct FrontLinkIdTag, 16>;
/// Where a home is sent packets; random, another one at each start.
using FrontInboxId = OpaqueId<struct FrontInboxIdTag, 16>;
/// What all homes of one cluster have, and nobody else.
struct FrontClusterKey {
  crypto::Secret<32> key;
  /// Of the home's keys.
  static FrontClusterKey of(const Keys& keys);
  /// A second copy, asked for by name.
  FrontClusterKey clone() const { return {key.clone()}; }
};

/// The largest packet: below the megabyte that every NATS server takes.
inline constexpr size_t kFrontPacketSizeMax = 256 * 1024;
/// What one end has sent and the other not yet confirmed, at most.
inline constexpr size_t kFrontWindow = size_t{4} << 20;
/// An end that heard nothing for so many ticks takes the link for lost. A tick is a second.
inline constexpr uint32_t kFrontSilentTicksMax = 5;
/// The longest name of a home.
inline constexpr size_t kFrontNameSizeMax = 128;

/// Send a packet to a home's inbox; none: to whoever has the store.
struct SendFrontPacket {
  std::optional<FrontInboxId> inbox;
  Bytes packet;
};

/// What a packet is; its first byte.
enum class FrontPacketKind : uint8_t { kHello = 1, kWelcome = 2, kRecord = 3, kOtherVersion = 4 };
/// The kind of a packet; nothing: it is none.
std::optional<FrontPacketKind> front_packet_kind(ByteView packet);
/// The link that a record says it is of; nothing: it is no record.
std::optional<FrontLinkId> front_link_of(ByteView packet);
/// What answers a Hello of another version.
Bytes front_other_version();

/// One end of a link that stands.
class FrontLink {
 public:
  /// Keys by direction, from the handshake.
  FrontLink(FrontLinkId id, crypto::AeadKey sending, crypto::AeadKey receiving)
      : id_(id), sending_(std::move(sending)), receiving_(std::move(receiving)) {}
  FrontLink(FrontLink&&) = default;
  FrontLink& operator=(FrontLink&&) = default;
  ~FrontLink();

  /// Its name.
  const FrontLinkId& id() const { return id_; }
  /// Hands a message over, of at most kFrontMessageSizeMax bytes. They are wiped.
  void send(Bytes message);
  /// The next packet for the other end; nothing: there is none, or the other end has not confirmed enough.
  std::optional<Bytes> next_packet();
  /// A packet of this link. What is not from the other end, and what came before, is passed over. kFrontLinkLost: one before it is
  /// lost, or the message in it is too large; the link is over.
  Status receive(ByteView packet);
  /// True if next_packet() gives one.
  bool has_packet() const;
  /// The next message that has come whole; nothing: there is none.
  std::optional<Bytes> next_message();
  /// Once a second: says that this end is there if nothing else was said. kFrontLinkLost: nothing came for too long.
  Status tick();
  /// Bytes that wait to be sent.
  size_t waiting() const { return waiting_; }
  /// True once something came from the other end: it has the keys.
  bool confirmed() const { return next_received_ > 0; }

 private:
  struct Part {
    Bytes bytes;
    size_t sent = 0;
  };
  Bytes seal(ByteView stream);
  void take_some(Bytes& out);

  FrontLinkId id_;
  crypto::AeadKey sending_;
  crypto::AeadKey receiving_;
  std::deque<Part> parts_;  // each a message behind its length
  size_t waiting_ = 0;
  uint64_t next_sent_ = 0;      // packets
  uint64_t next_received_ = 0;  // the same, from the other
  uint64_t bytes_sent_ = 0;     // of messages
  uint64_t bytes_confirmed_ = 0;
  uint64_t bytes_received_ = 0;
  uint64_t bytes_told_ = 0;      // of bytes_received_, what the other end knows of
  bool says_something_ = true;   // at the next packet, even if there is nothing to say
  bool said_something_ = false;  // since the last tick
  uint32_t silent_ticks_ = 0;
  Bytes incoming_;    // of messages that are not whole, or not taken yet
  size_t taken_ = 0;  // of incoming_
};

/// A front's side of the handshake: one try.
class FrontCall {
 public:
  /// `name`: what the operator calls this home, at most kFrontNameSizeMax bytes.
  FrontCall(const FrontClusterKey& key, const FrontInboxId& inbox, const std::string& name, Random& random);
  /// The packet to send to whoever has the store.
  const Bytes& hello() const { return hello_; }
  /// The link as an answer makes it.
  struct Answered {
    FrontLink link;
    FrontInboxId home;  ///< where its packets go
    std::string name;   ///< of the home
  };
  /// kOtherFrontVersion: the home speaks another version. kBadFrontMessage: it does not answer this Hello; drop it.
  Result<Answered> answered(ByteView packet) const;

 private:
  FrontClusterKey key_;
  crypto::XWingKeyPair exchange_;
  Bytes hello_;
};

/// The home's side.
struct FrontWelcome {
  FrontLink link;
  FrontInboxId front;  ///< where the answer and all packets go
  std::string name;    ///< of the front
  Bytes packet;
};
/// Answers a Hello. kOtherFrontVersion: answer front_other_version(). kBadFrontMessage: drop it.
Result<FrontWelcome> front_welcome(const FrontClusterKey& key, const FrontInboxId& inbox, const std::string& name,
                                   ByteView hello, Random& random);
/// Where a Hello wants its answer: only for front_other_version(), since it is not known to be true. Nothing: it does not say.
std::optional<FrontInboxId> front_inbox_of(ByteView hello);

}  // namespace godwit::home
