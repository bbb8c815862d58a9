#pragma once
// Meetings: places in memory where two devices that have nothing but an id in common leave each other a few messages, for
// ten minutes. Opened by somebody with a mailbox here, so strangers fill nothing; read and written by whoever knows the id.
// A home that restarts has forgotten them, and people begin again.

#include <map>

#include "base/time.h"
#include "home/rate.h"
#include "wire/requests.h"

namespace godwit::home {

/// See above.
class Meetings {
 public:
  /// At once, of the whole home; above: kQuotaFull.
  static constexpr size_t kMeetingsMax = 1'024;
  /// Bytes of all messages of one meeting; above: kTooLarge.
  static constexpr size_t kBytesMax = 64 * 1024;
  /// One mailbox opens so many at once, then one in kOpenInterval: each is a guess at the code, for whoever listens.
  static constexpr uint32_t kOpenBurst = 6;
  static constexpr Duration kOpenInterval = minutes(10);

  /// As wire::MeetingOpen.
  Status open(const wire::MailboxId& mailbox, const wire::MeetingId& meeting, Instant now);
  /// As wire::MeetingPut.
  Status put(const wire::MeetingId& meeting, uint8_t index, const Bytes& bytes, Instant now);
  /// As wire::MeetingGet; empty: nobody has left it yet.
  Result<Bytes> get(const wire::MeetingId& meeting, uint8_t index, Instant now);
  /// How many there are.
  size_t size() const { return meetings_.size(); }

 private:
  struct Meeting {
    wire::MailboxId mailbox;
    Instant ends{};
    size_t bytes = 0;
    std::map<uint8_t, Bytes> messages;
  };
  void forget_ended(Instant now);
  Meeting* find(const wire::MeetingId& meeting, Instant now);

  std::map<wire::MeetingId, Meeting> meetings_;
  Rate open_rate_{kOpenBurst, kOpenInterval};
};

}  // namespace godwit::home
