#include "engine/linking.h"

#include <algorithm>

#include "engine/devices.h"
#include "engine/home_move.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

constexpr Duration kOfferLifetime = seconds(wire::kMeetingSeconds);

void end_offer(Machine& m, std::optional<Error> error) {
  Offering& offering = *m.devices.offering;
  const std::string name = offering.request ? offering.request->device.name : std::string();
  if (offering.stage == Offering::Stage::kOpening && error) {
    m.fail(offering.command, *error);
  } else {
    m.tell(LinkingEnded{name, error});
  }
  m.devices.offering.reset();
}

// Tells the new device, as far as it can be told, that it gets nothing.
void say_no(Machine& m, const wire::MeetingId& meeting, uint8_t why) {
  m.mailbox().submit(wire::MeetingPut{meeting, kAnswerPlace, {why}}, [](const Result<wire::Reply>&) {});
}

LinkingOffered offered(const Machine& m, const Offering& offering) {
  LinkingOffered answer;
  answer.ends_at = offering.ends - m.shift;
  if (offering.by_code) {
    answer.code = shown_code(offering.code);
    answer.home_link = wire::to_text(wire::HomeLink{m.self->record.home, {}});
  } else {
    answer.link = to_text(offering.offer);
  }
  return answer;
}

void choose_offer(Machine& m, Offering& offering) {
  const wire::HomeAddress& home = m.self->record.home;
  if (!offering.by_code) {
    offering.offer = make_link_offer(home, m.random);
    return;
  }
  offering.code = make_link_code(m.random);
  auto offer = offer_of_code(offering.code, home);
  ASSERT(offer.has_value());
  offering.offer = std::move(*offer);
}

// What the home says to a step. False: it is not done.
bool settle(Machine& m, const Result<wire::Reply>& reply, bool& gone) {
  gone = !m.devices.offering.has_value();
  if (gone) return false;
  Offering& offering = *m.devices.offering;
  const Outcome outcome = outcome_of(reply);
  if (outcome.ok()) {
    offering.attempt.succeed();
    return true;
  }
  const bool opening = offering.stage == Offering::Stage::kOpening;
  if (opening && outcome.is(wire::kIdTaken)) {  // another's code has the same four digits
    choose_offer(m, offering);
    offering.attempt.cancel();
    return false;
  }
  const bool later =
      outcome.error->code.action == Action::kRetryLater && !(opening && outcome.is(wire::kTooManyRequests));
  if (later) {
    offering.attempt.fail(m.now, outcome.retry_after, m.random);
    return false;
  }
  const bool over = outcome.is(wire::kNoSuchMeeting);
  end_offer(m, over ? Error{kLinkingOver, "a meeting lasts ten minutes"} : *outcome.error);
  gone = true;
  return false;
}

void on_hello(Machine& m, ByteView bytes) {
  Offering& offering = *m.devices.offering;
  auto hello = codec::decoded<LinkHello>(bytes);
  auto answer = hello ? answer_link(offering.offer, *hello, m.random)
                      : Result<std::pair<LinkReply, LinkKeys>>(Error{kLinkingFailed, "a hello is well-formed"});
  if (!answer) {
    say_no(m, offering.offer.meeting, kAnswerFailed);
    return end_offer(m, answer.error());
  }
  offering.reply = codec::encoded(answer->first);
  offering.keys = std::move(answer->second);
  offering.stage = Offering::Stage::kReplying;
}

// Whether it opens is whether the other side knows the code: the one try.
void on_request(Machine& m, ByteView bytes) {
  Offering& offering = *m.devices.offering;
  auto request = open_request(*offering.keys, bytes);
  if (!request) {
    say_no(m, offering.offer.meeting, kAnswerFailed);
    return end_offer(m, request.error());
  }
  offering.request = std::move(*request);
  offering.stage = Offering::Stage::kPerson;
  m.tell(DeviceAsks{offering.request->device.name, offering.keys->check});
}

void look(Machine& m, uint8_t place) {
  Offering& offering = *m.devices.offering;
  offering.attempt.start();
  const wire::MeetingId meeting = offering.offer.meeting;
  m.mailbox().submit(wire::MeetingGet{meeting, place}, [&m, place, meeting](const Result<wire::Reply>& reply) {
    if (!m.devices.offering || m.devices.offering->offer.meeting != meeting) return;
    bool gone = false;
    const auto* message = reply ? std::get_if<wire::MeetingMessage>(&*reply) : nullptr;
    if (message == nullptr) return static_cast<void>(settle(m, reply, gone));
    m.devices.offering->attempt.succeed();
    if (message->bytes.empty()) {
      m.devices.offering->poll_at = m.now + kMeetingPoll;
    } else if (place == kHelloPlace) {
      on_hello(m, message->bytes);
    } else {
      on_request(m, message->bytes);
    }
  });
}

void open_meeting(Machine& m) {
  Offering& offering = *m.devices.offering;
  offering.attempt.start();
  const wire::MeetingId meeting = offering.offer.meeting;
  m.mailbox().submit(wire::MeetingOpen{meeting}, [&m, meeting](const Result<wire::Reply>& reply) {
    if (!m.devices.offering || m.devices.offering->offer.meeting != meeting) return;
    bool gone = false;
    if (!settle(m, reply, gone)) return;
    Offering& opened = *m.devices.offering;
    opened.stage = Offering::Stage::kHello;
    m.done(opened.command, offered(m, opened));
  });
}

void put_reply(Machine& m) {
  Offering& offering = *m.devices.offering;
  offering.attempt.start();
  const wire::MeetingId meeting = offering.offer.meeting;
  m.mailbox().submit(wire::MeetingPut{meeting, kReplyPlace, offering.reply},
                     [&m, meeting](const Result<wire::Reply>& reply) {
                       if (!m.devices.offering || m.devices.offering->offer.meeting != meeting) return;
                       bool gone = false;
                       if (settle(m, reply, gone)) m.devices.offering->stage = Offering::Stage::kRequest;
                     });
}

LinkAnswer answer_of(const Machine& m) {
  const AccountRecord& own = m.self->record;
  const DevicesRecord& record = m.devices.record;
  return {1,
          own.account,
          own.name,
          own.devices,
          own.home,
          own.mailbox,
          record.sync_key.clone(),
          record.sync_since,
          record.recovery,
          record.backup_key,
          record.former_contacts,
          record.devices,
          own.home_number};
}

// It never got the account: it must not stay in the list.
void take_back(Machine& m, const ByteArray<32>& key) {
  DevicesRecord& record = m.devices.record;
  const auto found = std::ranges::find(record.devices, key, &OwnDevice::device_key);
  if (found == record.devices.end() || found->seen_ms != 0) return;
  m.tell_then(LinkingEnded{found->name, Error{kLinkingOver, "a meeting lasts ten minutes"}});
  record.changes.push_back({DeviceChange::kRemove, *found, {}, m.wall().ms, std::nullopt});
}

void end_hand_over(Machine& m, const wire::MeetingId& meeting, bool handed) {
  auto& all = m.devices.record.hand_overs;
  const auto found = std::ranges::find(all, meeting, &HandOver::meeting);
  if (found == all.end()) return;
  const ByteArray<32> key = found->device_key;
  all.erase(found);
  m.devices.handed.erase(DeviceId{key});
  if (!handed) {
    take_back(m, key);
  } else {
    const auto& devices = m.devices.record.devices;
    const auto device = std::ranges::find(devices, key, &OwnDevice::device_key);
    m.tell_then(LinkingEnded{device == devices.end() ? std::string() : device->name, std::nullopt});
  }
  put_devices(m);
}

}  // namespace

void start_linking(Machine& m, CommandId id, const StartLinking& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  if (own_list(m).devices().size() >= wire::kDevicesMax)
    return m.fail(id, {kTooManyDevices, "an account has at most 8 devices"});
  if (!home_move_idle(m)) return m.fail(id, {kMoveUnderWay, "the account lives at one home"});
  if (m.devices.offering) end_offer(m, Error{kLinkingOver, "another offer was made"});
  Offering& offering = m.devices.offering.emplace();
  offering.command = id;
  offering.by_code = command.by_code;
  offering.ends = m.now + kOfferLifetime;
  choose_offer(m, offering);
}

void confirm_linking(Machine& m, CommandId id, const ConfirmLinking& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  if (!m.devices.offering || m.devices.offering->stage != Offering::Stage::kPerson)
    return m.fail(id, {kNobodyAsks, "a device asks to be linked"});
  Offering& offering = *m.devices.offering;
  m.done_then(id, Nothing{});
  if (!command.accept) {
    say_no(m, offering.offer.meeting, kAnswerNo);
    return end_offer(m, Error{kLinkingRefused, "the person says yes"});
  }
  OwnDevice device = offering.request->device;
  device.added_ms = m.wall().ms;
  device.seen_ms = 0;
  HandOver hand_over{
      device.device_key, offering.offer.meeting, {std::move(offering.keys->by_old)}, (offering.ends - m.shift).ms};
  m.devices.offering.reset();
  add_device(m, std::move(device), std::move(hand_over));
}

void pump_offering(Machine& m, Instant& wake) {
  if (!m.devices.offering) return;
  if (m.devices.offering->ends <= m.now) return end_offer(m, Error{kLinkingOver, "a meeting lasts ten minutes"});
  Offering& offering = *m.devices.offering;
  wake = std::min(wake, offering.ends);
  if (offering.stage == Offering::Stage::kPerson || !offering.attempt.may_start(m.now, wake)) return;
  const bool looks = offering.stage == Offering::Stage::kHello || offering.stage == Offering::Stage::kRequest;
  if (looks && m.now < offering.poll_at) {
    wake = std::min(wake, offering.poll_at);
    return;
  }
  switch (offering.stage) {
    case Offering::Stage::kOpening:
      return open_meeting(m);
    case Offering::Stage::kHello:
      return look(m, kHelloPlace);
    case Offering::Stage::kReplying:
      return put_reply(m);
    case Offering::Stage::kRequest:
      return look(m, kRequestPlace);
    case Offering::Stage::kPerson:
      return;
  }
}

void pump_hand_over(Machine& m, Instant& wake) {
  if (m.devices.record.hand_overs.empty() || !m.devices.hand_over.may_start(m.now, wake)) return;
  const HandOver& next = m.devices.record.hand_overs.front();
  const wire::MeetingId meeting = next.meeting;
  if (m.when(next.ends_ms) <= m.now) return end_hand_over(m, meeting, false);
  wake = std::min(wake, m.when(next.ends_ms));
  Bytes& bytes = m.devices.handed[DeviceId{next.device_key}];
  if (bytes.empty()) {
    bytes.push_back(kAnswerAccount);
    append(bytes, seal_answer(next.key.value, answer_of(m), m.random));
  }
  m.devices.hand_over.start();
  m.journal.then([&m, meeting, request = wire::MeetingPut{meeting, kAnswerPlace, bytes}] {
    m.mailbox().submit(request, [&m, meeting](const Result<wire::Reply>& reply) {
      const Outcome outcome = outcome_of(reply);
      // Taken: by these bytes before a restart, since then they are sealed anew.
      if (outcome.ok() || outcome.is(wire::kIdTaken)) {
        m.devices.hand_over.succeed();
        return end_hand_over(m, meeting, true);
      }
      if (outcome.error->code.action == Action::kRetryLater)
        return m.devices.hand_over.fail(m.now, outcome.retry_after, m.random);
      m.devices.hand_over.succeed();
      end_hand_over(m, meeting, false);
    });
  });
}

}  // namespace godwit::engine
