// What devices say of calls, mixed with what the person does and with time that passes: nothing that others say leaves a device in a
// call that does not end by itself, and what it says itself is well-formed.

#include <algorithm>

#include "base/assert.h"
#include "codec/members.h"
#include "engine/call_machine.h"

namespace {

using namespace godwit;

struct Event {
  uint8_t what = 0;  // below 8: the person, the page, a restart; else somebody is heard
  uint16_t seconds = 0;
  uint8_t speaker = 0;
  engine::CallBody body;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.what, self.seconds, self.speaker, self.body);
  }
};

// Bit 0: the account, own or not; bit 1: which device of it; bit 2: which chat; bit 3: said long ago. The own device is no speaker.
engine::CallSpeaker speaker_of(uint8_t bits) {
  engine::CallSpeaker out;
  out.own = (bits & 1) != 0;
  out.account.value.fill(out.own ? 1 : 2);
  out.device.value.fill(static_cast<uint8_t>(out.own ? 2 + (bits >> 1 & 1) : 4 + (bits >> 1 & 1)));
  out.chat.value.fill(static_cast<uint8_t>(1 + (bits >> 2 & 1)));
  out.late = (bits >> 3 & 1) != 0;
  return out;
}

void act(engine::CallMachine& machine, const Event& event, Instant now, engine::CallEffects& out) {
  const engine::CallBody& body = event.body;
  const engine::CallSpeaker who = speaker_of(event.speaker);
  engine::CallRefusal refusal = engine::CallRefusal::kNone;
  switch (event.what) {
    case 0:
      refusal = machine.start(body.call, who.chat, who.account, body.media, now, out);
      break;
    case 1:
      refusal = machine.accept(body.call, body.media, now, out);
      break;
    case 2:
      refusal = machine.decline(body.call, now, out);
      break;
    case 3:
      refusal = machine.end(body.call, now, out);
      break;
    case 4:
      refusal = machine.hold(body.call, (event.speaker & 1) != 0, out);
      break;
    case 5:
      refusal = machine.signal(body.call, body.data, out);
      break;
    case 6:
      refusal = machine.media(body.call, (event.speaker & 1) != 0, now, out);
      break;
    default:
      machine.expire(now, out);
      break;
  }
  static_cast<void>(refusal);
}

// Everybody falls silent: what waited for a time ends after few turns, and with it every call that does not run.
void left_alone(engine::CallMachine& machine, Instant now) {
  for (int turn = 0; machine.deadline() != kNever; ++turn) {
    ASSERT(turn < 1000);
    now = std::max(now, machine.deadline());
    engine::CallEffects out;
    machine.expire(now, out);
  }
  ASSERT(machine.live() == nullptr || machine.live()->state == engine::CallState::kActive);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  engine::AccountId account;
  account.value.fill(1);
  engine::DeviceId self;
  self.value.fill(1);
  engine::CallMachine machine(account, self);
  Instant now{1'000'000'000'000};
  codec::Reader reader({data, size});
  for (;;) {
    const auto event = codec::decode<Event>(reader);
    if (!event) break;
    now = now + seconds(event->seconds);
    engine::CallEffects out;
    if (event->what == 7 && machine.live() != nullptr) {
      const engine::LiveCall stored = *machine.live();
      machine = engine::CallMachine(account, self);
      machine.restore(stored, now, out);
    } else if (event->what < 8) {
      act(machine, *event, now, out);
    } else {
      // As it comes: a body in a content.
      engine::Content content;
      content.kind = static_cast<engine::ContentKind>(0x8007);
      content.body = codec::encoded(event->body);
      if (const auto body = engine::call_of(content)) machine.heard(speaker_of(event->speaker), *body, now, out);
    }
    ASSERT(out.size() <= 8);  // nobody makes a device talkative
    for (const auto& effect : out) {
      if (const auto* say = std::get_if<engine::SayCall>(&effect)) ASSERT(engine::check(say->body).has_value());
    }
    const engine::LiveCall* live = machine.live();
    if (live == nullptr) continue;
    ASSERT(live->state != engine::CallState::kOver);
    ASSERT(machine.deadline() != kNever || live->state == engine::CallState::kActive);
  }
  left_alone(machine, now);
  return 0;
}
