// Mode 17: nothing goes any more, across the border or anywhere, at all times or by the clock.

#include <cstdio>

#include "lab/censor/modes.h"

namespace godwit::lab {
namespace {

constexpr int kMinutesOfDay = 24 * 60;

/// "20:00" as minutes of the day; -1 for anything else.
int minutes_of(const std::string& text) {
  int hour = 0;
  int minute = 0;
  char after = 0;
  if (std::sscanf(text.c_str(), "%2d:%2d%c", &hour, &minute, &after) != 2) return -1;
  return hour >= 0 && hour < 24 && minute >= 0 && minute < 60 ? hour * 60 + minute : -1;
}

bool link_local(const Address& address) {
  if (address.v6) return address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0) == 0x80;
  return address.bytes[0] == 169 && address.bytes[1] == 254;
}

class Shutdown final : public Mode {
 public:
  explicit Shutdown(const Options& options)
      : all_(options.is("variant", "all")),
        from_(minutes_of(options.text("from"))),
        to_(minutes_of(options.text("to"))),
        clock_(minutes_of(options.text("clock"))) {}

  Verdict on_packet(const View& view) override {
    if (!view.flow.crossing && !all_) return Verdict::passed();
    if (link_local(view.packet.source) && link_local(view.packet.destination)) return Verdict::passed();
    return down_at(view.now) ? drop("packets_dropped") : Verdict::passed();
  }

 private:
  bool down_at(Time now) const {
    if (from_ < 0 || to_ < 0) return true;
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(now).count();
    const auto of_day = static_cast<int>((clock_ + minutes) % kMinutesOfDay);
    // From 20:00 to 06:00 goes over midnight.
    return from_ <= to_ ? from_ <= of_day && of_day < to_ : of_day >= from_ || of_day < to_;
  }

  bool all_;
  int from_;
  int to_;
  int clock_;
};

std::unique_ptr<Mode> make_shutdown(const Options& options, std::string& wrong) {
  for (const char* name : {"from", "to", "clock"}) {
    const std::string& text = options.text(name);
    if (!text.empty() && minutes_of(text) < 0) wrong = std::string("option ") + name + ": '" + text + "' is not HH:MM";
  }
  if (options.text("from").empty() != options.text("to").empty())
    wrong = "option from: it needs option to, and the reverse";
  if (options.text("clock").empty()) wrong = "option clock: it must be HH:MM";
  return wrong.empty() ? std::make_unique<Shutdown>(options) : nullptr;
}

}  // namespace

ModeInfo shutdown_mode() {
  return {17,
          "shutdown",
          "border: nothing crosses. all: nothing goes between hosts inside either, but what has link-local addresses. "
          "With from " "and to: at these hours of every day.",
          "local links, storage carried by hand; under border also servers inside",
          {
              {"variant", OptionKind::kChoice, "border", 0, 0, "border|all", "what is off"},
              {"from", OptionKind::kText, "", 0, 0, "", "HH:MM, when it goes off each day; empty: it is always off"},
              {"to", OptionKind::kText, "", 0, 0, "", "HH:MM, when it comes back"},
              {"clock", OptionKind::kText, "12:00", 0, 0, "", "HH:MM, the time of day at which this program began"},
          },
          true,
          make_shutdown};
}

}  // namespace godwit::lab
