#include "engine/request_parts.h"

#include <algorithm>

#include "session/types.h"

namespace godwit::engine {

std::optional<Bytes> RequestParts::next(ByteView whole, size_t up_max, uint32_t down_max) const {
  if (up_max <= kPartOverhead || down_max == 0) return std::nullopt;
  if (received_ == total_) {
    return wire::encode_request(wire::PartGet{transfer_, static_cast<uint32_t>(reply_.size()), down_max});
  }
  wire::PartPut part;
  part.transfer = transfer_;
  part.total = total_;
  part.offset = received_;
  part.bytes = to_bytes(whole.subspan(received_, std::min<size_t>(total_ - received_, up_max - kPartOverhead)));
  part.reply_bytes = wants_much() ? down_max : std::min(down_max, kLittleReplyBytes);
  return wire::encode_request(part);
}

RequestParts::Step RequestParts::take(const wire::PartState& state) {
  const bool done = state.reply_total > 0;
  if (state.received > total_ || (done && state.received < total_)) return Step::kNonsense;
  const bool further = state.received > received_;
  received_ = state.received;
  if (!done) {
    if (!reply_.empty()) return Step::kNonsense;
    return further && received_ < total_ ? Step::kFurther : Step::kNothing;
  }
  const bool same = reply_.empty() || state.reply_total == reply_total_;
  if (!same || state.reply_total > session::kReplySizeMax || state.offset != reply_.size()) return Step::kNonsense;
  if (state.bytes.size() > state.reply_total - state.offset) return Step::kNonsense;
  reply_total_ = state.reply_total;
  append(reply_, state.bytes);
  if (reply_.size() == reply_total_) return Step::kWhole;
  return state.bytes.empty() && !further ? Step::kNothing : Step::kFurther;
}

void RequestParts::begin_again() {
  received_ = 0;
  reply_total_ = 0;
  reply_.clear();
  ++begun_again_;
}

}  // namespace godwit::engine
