#include "home/meetings.h"

#include "wire/errors.h"

namespace godwit::home {

void Meetings::forget_ended(Instant now) {
  std::erase_if(meetings_, [now](const auto& entry) { return entry.second.ends <= now; });
}

Meetings::Meeting* Meetings::find(const wire::MeetingId& meeting, Instant now) {
  const auto found = meetings_.find(meeting);
  return found == meetings_.end() || found->second.ends <= now ? nullptr : &found->second;
}

Status Meetings::open(const wire::MailboxId& mailbox, const wire::MeetingId& meeting, Instant now) {
  forget_ended(now);
  if (const Meeting* there = find(meeting, now)) {
    REQUIRE(there->mailbox == mailbox, wire::kIdTaken, "home: the meeting is somebody else's");
    return {};
  }
  REQUIRE(open_rate_.take(to_bytes(mailbox.view()), now) == Duration{}, wire::kTooManyRequests,
          "home: Meetings::kOpenBurst");
  std::erase_if(meetings_, [&](const auto& entry) { return entry.second.mailbox == mailbox; });
  REQUIRE(meetings_.size() < kMeetingsMax, wire::kQuotaFull, "home: Meetings::kMeetingsMax");
  meetings_[meeting] = {mailbox, now + seconds(wire::kMeetingSeconds), 0, {}};
  return {};
}

Status Meetings::put(const wire::MeetingId& meeting, uint8_t index, const Bytes& bytes, Instant now) {
  Meeting* there = find(meeting, now);
  REQUIRE(there != nullptr, wire::kNoSuchMeeting, "home: no such meeting");
  if (const auto found = there->messages.find(index); found != there->messages.end()) {
    REQUIRE(found->second == bytes, wire::kIdTaken, "home: a message of a meeting stands");
    return {};
  }
  REQUIRE(there->bytes + bytes.size() <= kBytesMax, wire::kTooLarge, "home: Meetings::kBytesMax");
  there->bytes += bytes.size();
  there->messages.emplace(index, bytes);
  return {};
}

Result<Bytes> Meetings::get(const wire::MeetingId& meeting, uint8_t index, Instant now) {
  const Meeting* there = find(meeting, now);
  REQUIRE(there != nullptr, wire::kNoSuchMeeting, "home: no such meeting");
  const auto found = there->messages.find(index);
  return found == there->messages.end() ? Bytes{} : found->second;
}

}  // namespace godwit::home
