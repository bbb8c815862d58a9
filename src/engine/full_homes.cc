#include "engine/full_homes.h"

#include <algorithm>

#include "wire/errors.h"

namespace godwit::engine {
namespace {

struct RoomUseOf {
  template <typename T>
  RoomUse operator()(const T&) const {
    return RoomUse::kNone;
  }
  RoomUse operator()(const wire::MailboxOpen&) const { return RoomUse::kTakes; }
  RoomUse operator()(const wire::MailboxRecover&) const { return RoomUse::kTakes; }
  RoomUse operator()(const wire::DeviceAdd&) const { return RoomUse::kTakes; }
  RoomUse operator()(const wire::AddressCreate&) const { return RoomUse::kTakes; }
  RoomUse operator()(const wire::AddressToken&) const { return RoomUse::kTakes; }
  RoomUse operator()(const wire::Deliver& request) const { return stored(request.ttl_seconds); }
  RoomUse operator()(const wire::DeliverMany& request) const { return stored(request.ttl_seconds); }
  RoomUse operator()(const wire::SelfDeliver& request) const { return stored(request.ttl_seconds); }
  RoomUse operator()(const wire::KeyPackagePublish&) const { return RoomUse::kTakes; }
  RoomUse operator()(const wire::KeyPackageTake&) const { return RoomUse::kTakes; }
  RoomUse operator()(const wire::LogOpen&) const { return RoomUse::kTakes; }
  RoomUse operator()(const wire::LogAppend&) const { return RoomUse::kTakes; }
  RoomUse operator()(const wire::BlobPut&) const { return RoomUse::kTakes; }
  RoomUse operator()(const wire::NameClaim&) const { return RoomUse::kTakes; }
  RoomUse operator()(const wire::ContactDeliver&) const { return RoomUse::kTakes; }
  RoomUse operator()(const wire::ChannelCreate&) const { return RoomUse::kTakes; }
  RoomUse operator()(const wire::ChannelAppend&) const { return RoomUse::kTakes; }
  RoomUse operator()(const wire::BackupPut&) const { return RoomUse::kTakes; }
  RoomUse operator()(const wire::WebPushSet&) const { return RoomUse::kTakes; }
  RoomUse operator()(const wire::DeviceRemove&) const { return RoomUse::kFrees; }
  RoomUse operator()(const wire::MailboxDrop&) const { return RoomUse::kFrees; }
  RoomUse operator()(const wire::AddressRevoke&) const { return RoomUse::kFrees; }
  RoomUse operator()(const wire::Acknowledge&) const { return RoomUse::kFrees; }
  RoomUse operator()(const wire::NameRelease&) const { return RoomUse::kFrees; }
  RoomUse operator()(const wire::ChannelDrop&) const { return RoomUse::kFrees; }
  RoomUse operator()(const wire::WebPushDrop&) const { return RoomUse::kFrees; }

 private:
  static RoomUse stored(uint32_t ttl_seconds) { return ttl_seconds > 0 ? RoomUse::kTakes : RoomUse::kNone; }
};

// What an answer tells of the home's room; nothing: neither.
std::optional<bool> says_full(const wire::Reply& reply) {
  if (const auto* refused = std::get_if<wire::Refused>(&reply)) {
    return refused->code == wire::kHomeFull.number ? std::optional(true) : std::nullopt;
  }
  if (std::holds_alternative<wire::Conflict>(reply)) return std::nullopt;  // read, not written
  const auto* delivered = std::get_if<wire::Delivered>(&reply);
  if (delivered == nullptr) return false;
  const auto among = [&](uint16_t code) { return std::ranges::find(delivered->codes, code) != delivered->codes.end(); };
  if (among(wire::kHomeFull.number)) return true;
  return among(0) ? std::optional(false) : std::nullopt;
}

}  // namespace

RoomUse room_use(const wire::Request& request) { return std::visit(RoomUseOf{}, request); }

void FullHomes::note(const wire::HomeKey& home, RoomUse use, const wire::Reply& reply, Instant now) {
  const auto full = says_full(reply);
  if (use == RoomUse::kNone || !full) return;
  if (*full) {
    Refusals& refusals = homes_[home];
    refusals.takes = refusals.takes || use == RoomUse::kTakes;
    refusals.last = now;
    return;
  }
  // A store that holds what it may still gives away: that says nothing of what was refused before.
  const auto found = homes_.find(home);
  if (found != homes_.end() && (use == RoomUse::kTakes || !found->second.takes)) homes_.erase(found);
}

Instant FullHomes::expire(Instant now) {
  std::erase_if(homes_, [&](const auto& each) { return each.second.last + kStillSo <= now; });
  Instant next = kNever;
  for (const auto& [home, refusals] : homes_) next = std::min(next, refusals.last + kStillSo);
  return next;
}

}  // namespace godwit::engine
