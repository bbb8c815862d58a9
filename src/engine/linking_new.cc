#include <algorithm>

#include "engine/account.h"
#include "engine/devices.h"
#include "engine/inbox.h"
#include "engine/linking.h"
#include "engine/sync.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

Link& meeting_link(Machine& m) { return m.link(newcomer(), m.devices.joining->home); }

void end_joining(Machine& m, const Error& error) {
  BeingLinked& joining = *m.devices.joining;
  if (joining.command) {
    m.fail(*joining.command, error);
  } else {
    m.tell(LinkingEnded{joining.record.name, error});
  }
  m.journal.erase(record_key(RecordKind::kLinking));
  m.devices.joining.reset();
}

// A step that the home has not done. `taken`: what it means that something else stands there.
void on_refused(Machine& m, const Outcome& outcome, const Error& taken) {
  BeingLinked& joining = *m.devices.joining;
  if (outcome.error->code.action == Action::kRetryLater)
    return joining.attempt.fail(m.now, outcome.retry_after, m.random);
  if (outcome.is(wire::kIdTaken)) return end_joining(m, taken);
  if (outcome.is(wire::kNoSuchMeeting)) return end_joining(m, {kLinkingOver, "a meeting lasts ten minutes"});
  end_joining(m, *outcome.error);
}

void put(Machine& m, uint8_t place, Bytes bytes, BeingLinked::Stage next) {
  const wire::MeetingId meeting = m.devices.joining->meeting;
  m.devices.joining->attempt.start();
  meeting_link(m).submit(wire::MeetingPut{meeting, place, std::move(bytes)},
                         [&m, meeting, next](const Result<wire::Reply>& reply) {
                           if (!m.devices.joining || m.devices.joining->meeting != meeting) return;
                           const Outcome outcome = outcome_of(reply);
                           if (!outcome.ok()) return on_refused(m, outcome, {kLinkingTaken, "an offer is taken once"});
                           m.devices.joining->attempt.succeed();
                           m.devices.joining->stage = next;
                         });
}

// The channel stands: what a restart needs is stored before the request leaves.
void on_reply(Machine& m, ByteView bytes) {
  BeingLinked& joining = *m.devices.joining;
  const auto reply = codec::decoded<LinkReply>(bytes);
  auto keys = reply ? joining.asker->finish(*reply) : Result<LinkKeys>(Error{kLinkingFailed, "a reply is well-formed"});
  if (!keys) return end_joining(m, keys.error());
  LinkingRecord& record = joining.record;
  const auto device = crypto::Ed25519KeyPair::from_seed(record.device_seed.value.clone());
  const auto mailbox = crypto::Ed25519KeyPair::from_seed(record.mailbox_seed.value.clone());
  LinkRequest request;
  request.device =
      make_own_device(device.public_key, mailbox.public_key, record.sync_seed.value, record.name, m.wall());
  record.request = seal_request(*keys, std::move(request), device, m.random);
  record.by_old.value = std::move(keys->by_old);
  joining.asker.reset();
  joining.stage = BeingLinked::Stage::kRequest;
  m.tell(LinkingChecked{keys->check});
}

AccountRecord account_of_answer(LinkAnswer& answer, LinkingRecord& record) {
  AccountRecord out;
  out.account = answer.account;
  out.name = std::move(answer.name);
  out.devices = std::move(answer.devices);
  out.device_seed = std::move(record.device_seed);
  out.home = std::move(answer.home);
  out.home_number = answer.home_number;
  out.mailbox = answer.mailbox;
  out.mailbox_seed = std::move(record.mailbox_seed);
  out.opened = true;
  return out;
}

// The account is here: from now on this profile is one of its devices.
void on_answer(Machine& m, ByteView bytes) {
  BeingLinked& joining = *m.devices.joining;
  if (bytes.front() == kAnswerNo) return end_joining(m, {kLinkingRefused, "the other device says yes"});
  if (bytes.front() != kAnswerAccount) return end_joining(m, {kLinkingFailed, "both devices know the same code"});
  LinkingRecord& record = joining.record;
  const auto device = crypto::Ed25519KeyPair::from_seed(record.device_seed.value.clone());
  auto answer = open_answer(record.by_old.value, bytes.subspan(1), device.public_key);
  if (!answer) return end_joining(m, answer.error());
  DevicesRecord devices;
  devices.devices = std::move(answer->own_devices);
  devices.sync_seed = std::move(record.sync_seed);
  devices.sync_key = std::move(answer->sync_key);
  devices.sync_since = answer->sync_since;
  devices.recovery = answer->recovery;
  devices.backup_key = std::move(answer->backup_key);
  devices.former_contacts = std::move(answer->former_contacts);
  auto self = restore_account(account_of_answer(*answer, record));
  if (!self) return end_joining(m, {kLinkingFailed, self.error().rule});
  const std::optional<CommandId> command = joining.command;
  const std::string name = record.name;
  m.self = std::move(*self);
  m.devices.record = std::move(devices);
  m.devices.joining.reset();
  list_changed(m);
  m.journal.erase(record_key(RecordKind::kLinking));
  put_devices(m);
  send_here(m);
  if (command) {
    m.done_then(*command, DeviceLinked{m.self->record.account, m.self->record.name});
  } else {
    m.tell_then(LinkingEnded{name, std::nullopt});
  }
  m.journal.then([&m] { fetch(m); });
}

void look(Machine& m, uint8_t place) {
  const wire::MeetingId meeting = m.devices.joining->meeting;
  m.devices.joining->attempt.start();
  meeting_link(m).submit(wire::MeetingGet{meeting, place}, [&m, meeting, place](const Result<wire::Reply>& reply) {
    if (!m.devices.joining || m.devices.joining->meeting != meeting) return;
    const auto* message = reply ? std::get_if<wire::MeetingMessage>(&*reply) : nullptr;
    if (message == nullptr) return on_refused(m, outcome_of(reply), {kLinkingTaken, "an offer is taken once"});
    m.devices.joining->attempt.succeed();
    if (message->bytes.empty()) {
      m.devices.joining->poll_at = m.now + kMeetingPoll;
    } else if (place == kReplyPlace) {
      on_reply(m, message->bytes);
    } else {
      on_answer(m, message->bytes);
    }
  });
}

// The request leaves once a restart can go on from it.
void ask_for_account(Machine& m) {
  BeingLinked& joining = *m.devices.joining;
  joining.attempt.start();
  m.journal.put(record_key(RecordKind::kLinking), joining.record);
  m.journal.then([&m, meeting = joining.meeting] {
    if (!m.devices.joining || m.devices.joining->meeting != meeting) return;
    m.devices.joining->attempt.cancel();
    put(m, kRequestPlace, m.devices.joining->record.request, BeingLinked::Stage::kAnswer);
  });
}

Result<LinkOffer> read_offer(const LinkDevice& command) {
  if (!command.link.empty()) return parse_device_link(command.link);
  const auto home = wire::parse_home_link(command.home_link);
  REQUIRE(home.has_value(), home.error().code == wire::kLinkNewer ? kLinkNewer : kLinkDamaged,
          "a code needs the link of the home");
  return offer_of_code(command.code, home->home);
}

}  // namespace

ChatId newcomer() {
  ChatId id;
  constexpr std::string_view kName = "godwit newcomer1";
  static_assert(kName.size() == ChatId::kSize);
  std::copy(kName.begin(), kName.end(), id.value.begin());
  return id;
}

void link_device(Machine& m, CommandId id, const LinkDevice& command) {
  const bool goes_on = m.devices.joining && !m.devices.joining->command;
  if (m.has_account() || m.being_made || (m.devices.joining && !goes_on) || m.devices.recovering)
    return m.fail(id, {kAccountExists, "a profile has one account"});
  if (const Status name = check_name(command.name); !name) return m.fail(id, name.error());
  const auto offer = read_offer(command);
  if (!offer) return m.fail(id, offer.error());
  // The same again after an interruption waits for what is under way; another one takes its place.
  if (goes_on && m.devices.joining->meeting == offer->meeting) {
    m.devices.joining->command = id;
    return;
  }
  BeingLinked& joining = m.devices.joining.emplace();
  joining.command = id;
  joining.home = offer->home;
  joining.meeting = offer->meeting;
  joining.asker = LinkAsker::begin(*offer, m.random);
  joining.record.home = offer->home;
  joining.record.meeting = offer->meeting;
  joining.record.name = command.name;
  joining.record.device_seed.value = crypto::Secret<32>::random(m.random);
  joining.record.mailbox_seed.value = crypto::Secret<32>::random(m.random);
  joining.record.sync_seed.value = crypto::Secret<32>::random(m.random);
  joining.record.ends_ms = (m.wall() + seconds(wire::kMeetingSeconds)).ms;
}

void pump_being_linked(Machine& m, Instant& wake) {
  if (!m.devices.joining) return;
  BeingLinked& joining = *m.devices.joining;
  const Instant ends = m.when(joining.record.ends_ms);
  if (ends <= m.now) return end_joining(m, {kLinkingOver, "a meeting lasts ten minutes"});
  wake = std::min(wake, ends);
  if (!joining.attempt.may_start(m.now, wake)) return;
  const bool looks = joining.stage == BeingLinked::Stage::kReply || joining.stage == BeingLinked::Stage::kAnswer;
  if (looks && m.now < joining.poll_at) {
    wake = std::min(wake, joining.poll_at);
    return;
  }
  switch (joining.stage) {
    case BeingLinked::Stage::kHello:
      return put(m, kHelloPlace, codec::encoded(joining.asker->hello()), BeingLinked::Stage::kReply);
    case BeingLinked::Stage::kReply:
      return look(m, kReplyPlace);
    case BeingLinked::Stage::kRequest:
      return ask_for_account(m);
    case BeingLinked::Stage::kAnswer:
      return look(m, kAnswerPlace);
  }
}

void restore_linking(Machine& m, LinkingRecord record) {
  BeingLinked& joining = m.devices.joining.emplace();
  joining.stage = BeingLinked::Stage::kRequest;
  joining.home = record.home;
  joining.meeting = record.meeting;
  joining.record = std::move(record);
}

bool fail_being_linked(Machine& m, const LinkKey& key, const Error& error) {
  if (!m.devices.joining || key.chat != newcomer()) return false;
  end_joining(m, error);
  return true;
}

}  // namespace godwit::engine
