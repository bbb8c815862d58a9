#pragma once
// One request that goes up in parts, and its reply that comes down in pieces (wire::PartPut, PartGet): how far it is, what to
// ask next, and what an answer means. Pure; when something is asked, and on which connection, is the link's business.

#include <optional>

#include "wire/replies.h"

namespace godwit::engine {

/// What a part takes beside the bytes that it brings (up to 16,383): kind, transfer, total, offset, their size, reply_bytes.
constexpr size_t kPartOverhead = 2 + 16 + 4 + 4 + 2 + 4;
/// How much of a reply is asked for that may fill a bucket: a page with one item whose sender padded it to a bucket, and beside it
/// the state around it and a Done or two.
constexpr uint32_t kPartReplyBytes = 4'030;
/// The same of a reply that says little, or has no room.
constexpr uint32_t kLittleReplyBytes = 150;

/// See above. The request itself is the caller's.
class RequestParts {
 public:
  /// What an answer brought.
  enum class Step : uint8_t {
    kFurther,   ///< Some bytes: go on.
    kNothing,   ///< Nothing new: wait a little, then go on.
    kWhole,     ///< The reply is complete.
    kNonsense,  ///< The home does not keep to the protocol.
  };

  /// `much_comes`: the reply may fill a bucket.
  RequestParts(wire::TransferId transfer, uint32_t total, bool much_comes)
      : transfer_(transfer), total_(total), much_comes_(much_comes) {}

  /// True if what is asked next may bring as much of the reply as there is room for.
  bool wants_much() const { return received_ == total_ || (much_comes_ && received_ == 0 && total_ <= kOneGoMax); }
  /// Bytes that are still to go up, and to come down as far as known: who has few left goes first.
  uint64_t left() const { return total_ - received_ + (reply_total_ - reply_.size()); }
  /// Bytes of the next request beside kPartOverhead, if it is not cut.
  size_t up_left() const { return total_ - received_; }
  /// What to ask next: an encoded PartPut or PartGet of at most `up_max` bytes, which brings at most `down_max` of the reply.
  /// `whole` is the encoded request. Nothing if that is too little.
  std::optional<Bytes> next(ByteView whole, size_t up_max, uint32_t down_max) const;
  /// Takes the answer to it.
  Step take(const wire::PartState& state);
  /// The home knows nothing of it.
  void begin_again();
  /// How often that was.
  uint32_t begun_again() const { return begun_again_; }
  /// After kWhole: the encoded reply.
  const Bytes& reply() const { return reply_; }

 private:
  // A request that may go beside a whole bucket of its reply.
  static constexpr uint32_t kOneGoMax = 900;

  wire::TransferId transfer_;
  uint32_t total_;
  bool much_comes_;
  uint32_t received_ = 0;
  uint32_t reply_total_ = 0;
  Bytes reply_;
  uint32_t begun_again_ = 0;
};

}  // namespace godwit::engine
