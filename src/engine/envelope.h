#pragma once
// What a Deliver carries: an MLS message, or what leads to one, sealed once more so that a home sees neither group nor
// epoch (docs/protocol/chat.md, "Envelope").

#include "base/random.h"
#include "codec/members.h"
#include "crypto/aead.h"
#include "engine/chat_keys.h"
#include "engine/ids.h"
#include "wire/home_link.h"
#include "wire/requests.h"

namespace godwit::engine {

/// What is in an envelope.
enum class EnvelopeKind : uint8_t {
  kWelcome = 1,      ///< Body: a WelcomeBody.
  kMls = 2,          ///< Body: an MLSMessage of the chat.
  kHint = 3,         ///< Body: the LogId: there is something new in the group log.
  kLeaving = 4,      ///< Body: an MLSMessage with a SelfRemove proposal.
  kWelcomePart = 5,  ///< Body: a WelcomePart, of a WelcomeBody that is larger than a delivery.
  kRefusal = 6,      ///< Body: a JoinRefusal: who has asked by a link of a group is not let in.
  kReturn = 7,       ///< Body: a ReturnAskedBody: a member who has lost the epoch asks to be let in anew.
  kMoved = 8,        ///< Body: LogMoves (log_move.h): the group log goes on at another home.
  kLogAsked = 9,     ///< Body: a LogAsked (log_move.h): a member does not find the log.
};

/// An opened envelope.
struct Envelope {
  EnvelopeKind kind{};
  /// Of kMls: the id of the message inside, so that a receiver who cannot open it can ask for it again.
  MessageId ref;
  Bytes body;
  /// The leaf that sends it, as it says: whom to ask when the message does not open.
  uint32_t sender = 0;
};

/// Seals an envelope, padded to a bucket. `place` is what it is for: the chat or, for a Welcome, the address.
Bytes seal_envelope(const Envelope& envelope, const crypto::AeadKey& key, ByteView place, Random& random);
/// The reverse. kBadEnvelope: damaged, of another key, or of a kind that this version does not know: skip it.
Result<Envelope> open_envelope(ByteView payload, const crypto::AeadKey& key, ByteView place);
/// What open_envelope does with the bytes inside the box.
Result<Envelope> parse_envelope(ByteView plaintext);

/// What lets somebody into the chat to which his key package was added.
struct WelcomeBody {
  Bytes welcome;           ///< MLSMessage (Welcome), tree included.
  wire::HomeAddress home;  ///< Of the group log.
  wire::LogId log;
  crypto::Secret<32> log_key;
  ChatKeys keys = {};             ///< Of the base epoch.
  uint64_t clock = 0;             ///< The largest in the chat: from there the joiner judges which one jumps too far.
  std::vector<Bytes> moves = {};  ///< How the log came to be where it is: LogMoves, the last one last.

  void encode_to(codec::Writer& writer) const;
  /// As the members' codecs, and kMalformed: drop it.
  static Result<WelcomeBody> decode_from(codec::Reader& reader);
};

/// A piece of an encoded WelcomeBody.
struct WelcomePart {
  ByteArray<16> whole{};  ///< The same in all pieces of one.
  uint8_t index = 0;
  uint8_t count = 0;
  Bytes bytes;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.whole, self.index, self.count, self.bytes);
  }
};
/// Bytes of one piece: what fits a delivery with all that is around it.
constexpr size_t kWelcomePartSize = 120'000;
/// The same to one's own devices: it travels in a message of theirs (sync.h).
constexpr size_t kOwnWelcomePartSize = 48'000;

}  // namespace godwit::engine
