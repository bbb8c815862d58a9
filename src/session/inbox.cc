#include "session/inbox.h"

#include <algorithm>

#include "session/errors.h"

namespace godwit::session {
namespace {

constexpr const char* kRule = "docs/protocol/session.md, Frames: parts of a message";

}  // namespace

bool Inbox::assembling(StreamId stream) const {
  return std::ranges::find(assemblies_, stream, &Assembly::stream) != assemblies_.end();
}

void Inbox::drop(StreamId stream) {
  std::erase_if(assemblies_, [&](const Assembly& assembly) { return assembly.stream == stream; });
}

Result<Inbox::Outcome> Inbox::take(const Frame& frame, uint32_t size_max) {
  if ((frame.flags & kFlagFirst) != 0) return begin(frame, size_max);
  const auto found = std::ranges::find(assemblies_, frame.stream, &Assembly::stream);
  if (found == assemblies_.end()) return Outcome(Nothing{});
  return add(*found, frame.payload, (frame.flags & kFlagLast) != 0);
}

Result<Inbox::Outcome> Inbox::begin(const Frame& frame, uint32_t size_max) {
  REQUIRE(!assembling(frame.stream), kStreamReused, kRule);
  if (frame.flags == kFlagWhole) {
    if (frame.payload.size() > size_max) return Outcome(Failed{kMessageTooLarge});
    return Outcome(Whole{to_bytes(frame.payload)});
  }
  const uint32_t total = number_in(frame.payload);
  if (total > size_max) return Outcome(Failed{kMessageTooLarge});
  assemblies_.push_back({frame.stream, total, kInitialCredit, {}});
  return add(assemblies_.back(), frame.payload.subspan(4), false);
}

Result<Inbox::Outcome> Inbox::add(Assembly& assembly, ByteView part, bool last) {
  REQUIRE(!part.empty(), kBadFrame, kRule);
  const size_t received = assembly.bytes.size() + part.size();
  REQUIRE(received <= assembly.total && (received == assembly.total) == last, kBadFrame, kRule);
  if (received > assembly.granted) {
    drop(assembly.stream);
    return Outcome(Failed{kCreditExceeded});
  }
  append(assembly.bytes, part);
  if (!last) return Outcome(Nothing{});
  Whole whole{std::move(assembly.bytes)};
  drop(assembly.stream);
  return Outcome(std::move(whole));
}

std::optional<Inbox::Credit> Inbox::credit_due() {
  if (assemblies_.empty()) return {};
  Assembly& oldest = assemblies_.front();
  const auto received = static_cast<uint32_t>(oldest.bytes.size());
  if (oldest.granted >= oldest.total || oldest.granted - received >= kCreditWindow / 2) return {};
  const uint32_t target = std::min(received + kCreditWindow, oldest.total);
  const Credit credit{oldest.stream, target - oldest.granted};
  oldest.granted = target;
  return credit;
}

}  // namespace godwit::session
