#pragma once
// What two clients say to each other over a connection of the local network (docs/protocol/carrier-lan.md): who was meant, a
// Noise handshake under a key that only these two have, then messages in padded records. Pure: bytes in, bytes out.
//
// Not here: which chat, what is sent when (lan.h).

#include <functional>
#include <optional>
#include <vector>

#include "crypto/aead.h"
#include "routes/mdns.h"
#include "session/handshake_state.h"
#include "session/record.h"
#include "wire/requests.h"

namespace godwit::engine {

using routes::LanName;

/// A name is good for an hour, counted from 1970.
constexpr uint64_t kLanNameSeconds = 3600;
/// The name in an hour of whoever opens envelopes with `envelope`.
LanName lan_name(const crypto::AeadKey& envelope, uint64_t hour);
/// The key of a connection to the one who opens envelopes with `listener` and is called `name`.
crypto::Secret<32> lan_psk(const crypto::AeadKey& listener, const crypto::AeadKey& dialler, const LanName& name);

/// What a message is. Others are of a later version, and passed over, up to kLanUnknownMax.
enum class LanKind : uint8_t {
  kParcel = 1,  ///< An envelope, as a Deliver carries it.
  kTaken = 2,   ///< uint32: so many parcels of this connection are on the disk.
};
/// A message that came.
struct LanMessage {
  LanKind kind{};
  Bytes body;
};
/// The body of one message at most.
constexpr uint32_t kLanBodyMax = wire::kPayloadSizeMax;
/// Messages of kinds that are not known, on one connection: a later version says a few things more, and does not flood.
constexpr uint32_t kLanUnknownMax = 64;

/// One side of one connection. After an error it is of no use: close.
class LanChannel {
 public:
  /// Gives the key of a connection to `name`, if somebody may come under that name.
  using PskOf = std::function<std::optional<crypto::Secret<32>>(const LanName& name)>;

  /// Somebody is dialled; output() has the first bytes. `random` outlives the channel.
  static Result<LanChannel> dial(const LanName& name, crypto::Secret<32> psk, Random& random);
  /// Somebody came.
  static LanChannel listen(Random& random) { return LanChannel(random); }

  /// Takes bytes in and gives what they say. kBadHandshake, kBadRecord and others of session/: it is nobody we know, or
  /// somebody meddles.
  Result<std::vector<LanMessage>> receive(ByteView bytes, const PskOf& psk_of, Instant now);
  /// Sends a message, cut over as many records as it needs; only when can_send(). kNonceExhausted.
  Status send(LanKind kind, ByteView body);
  /// What has to go out.
  Bytes take_output() { return std::exchange(output_, {}); }

  /// The handshake is through: what is sent now only the other one can read.
  bool can_send() const { return sender_.has_value(); }
  /// The other one has shown that he is there now: a first message that somebody has recorded and plays again does not.
  bool is_open() const { return open_; }
  /// The name that was dialled, as soon as it is known.
  const std::optional<LanName>& name() const { return name_; }
  /// Its keys have served for as long as they may: close it.
  bool is_worn(Instant now) const { return sender_ && sender_->rekey_is_due(now); }

 private:
  explicit LanChannel(Random& random) : random_(&random) {}
  Status take_first(const PskOf& psk_of, Instant now);
  Status take_second(Instant now);
  Status take_record(ByteView record);
  Status send_record(ByteView content);
  Status take_messages(std::vector<LanMessage>& out);

  Random* random_;
  std::optional<LanName> name_;
  std::optional<session::HandshakeState> handshake_;
  std::optional<session::RecordSender> sender_;
  std::optional<session::RecordReceiver> receiver_;
  bool open_ = false;
  uint32_t unknown_ = 0;  ///< Messages of unknown kinds so far.
  Bytes input_;   ///< As it came.
  Bytes stream_;  ///< Out of records.
  Bytes output_;
};

}  // namespace godwit::engine
