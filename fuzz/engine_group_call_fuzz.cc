// What devices say of the calls of groups, mixed with what the person does and with time that passes: what a device says itself is
// well-formed, nothing grows without end, and nobody but its page keeps a device in a call.

#include "base/assert.h"
#include "codec/members.h"
#include "engine/group_call_machine.h"

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

// Bit 0: the account, own or not; bits 1 to 3: which device of it; bit 4: which chat; bit 5: said long ago. The own device is no speaker.
engine::CallSpeaker speaker_of(uint8_t bits) {
  engine::CallSpeaker out;
  out.own = (bits & 1) != 0;
  out.account.value.fill(out.own ? 1 : 2);
  out.device.value.fill(static_cast<uint8_t>(2 + (bits & 15)));
  out.chat.value.fill(static_cast<uint8_t>(1 + (bits >> 4 & 1)));
  out.late = (bits >> 5 & 1) != 0;
  return out;
}

void act(engine::GroupCallMachine& machine, const Event& event, Instant now, engine::GroupCallEffects& out) {
  const engine::CallBody& body = event.body;
  const engine::CallSpeaker who = speaker_of(event.speaker);
  engine::GroupRefusal refusal = engine::GroupRefusal::kNone;
  switch (event.what) {
    case 0:
      refusal = machine.start(body.call, who.chat, event.seconds, body.media, now, out);
      break;
    case 1:
      refusal = machine.join(body.call, event.seconds, body.media, now, out);
      break;
    case 2:
      refusal = machine.ignore(body.call, out);
      break;
    case 3:
      refusal = machine.leave(body.call, now, out);
      break;
    case 4:
      machine.keep_members(who.chat, {who.device}, now, out);
      break;
    case 5:
      refusal = machine.signal(body.call, body.device, body.data, out);
      break;
    case 6:
      refusal = machine.page_is_there(body.call, body.media == engine::CallMedia::kVideo, now, out);
      break;
    default:
      machine.expire(now, out);
      break;
  }
  static_cast<void>(refusal);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  engine::AccountId account;
  account.value.fill(1);
  engine::DeviceId self;
  self.value.fill(1);
  engine::GroupCallMachine machine(account, self);
  Instant now{1'000'000'000'000};
  codec::Reader reader({data, size});
  for (;;) {
    const auto event = codec::decode<Event>(reader);
    if (!event) return 0;
    now = now + seconds(event->seconds);
    engine::GroupCallEffects out;
    if (event->what == 7 && machine.live() != nullptr) {
      const engine::LiveGroupCall stored = *machine.live();
      machine = engine::GroupCallMachine(account, self);
      machine.restore(stored, now, out);
    } else if (event->what < 8) {
      act(machine, *event, now, out);
    } else {
      // As it comes: a body in a content.
      engine::Content content;
      content.kind = engine::ContentKind::kCall;
      content.body = codec::encoded(event->body);
      if (const auto body = engine::call_of(content)) machine.heard(speaker_of(event->speaker), *body, false, now, out);
    }
    for (const auto& effect : out) {
      if (const auto* say = std::get_if<engine::SayCall>(&effect)) ASSERT(engine::check(say->body).has_value());
    }
    ASSERT(machine.going().size() <= engine::kGoingCallsMax);
    ASSERT(out.size() <= 16 + machine.going().size() * 2);  // nobody makes a device talkative
    for (const auto& each : machine.going()) {
      ASSERT(!each.peers.empty() && each.peers.size() <= engine::kCallSeatsMax && each.gone.size() <= engine::kGoneMax);
    }
    if (machine.live() != nullptr) {
      ASSERT(machine.live()->going.peers.size() < engine::kGroupCallMax);
      ASSERT(machine.deadline() <= now + engine::kGroupPageSilent);  // it ends, or goes on, by itself
    }
  }
}
