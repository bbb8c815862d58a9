// Coming into a group by its link.

#include "engine/chat_suite.h"
#include "engine/doors.h"
#include "engine/history.h"
#include "engine/invites.h"
#include "engine/link_seal.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

Bytes joining_key(const ChatId& group) { return record_key(RecordKind::kJoining, group.view()); }

void put(Machine& m, const JoiningRecord& record) { m.journal.put(joining_key(record.link.group), record); }

Error error_of(JoinRefusal why) {
  switch (why) {
    case JoinRefusal::kExpired:
      return {kGroupLinkExpired, "a link is good until its day"};
    case JoinRefusal::kUsedUp:
      return {kGroupLinkUsedUp, "a link is for as many as it says"};
    case JoinRefusal::kBarred:
      return {kGroupBarred, "who was removed comes back by an admin's hand"};
    case JoinRefusal::kRefused:
      return {kJoinRefused, "an admin lets others in"};
    case JoinRefusal::kFull:
      return {kGroupFull, "a group has room for so many devices"};
    case JoinRefusal::kAlreadyIn:
      return {kAlreadyInGroup, "a member does not join"};
    case JoinRefusal::kNone:
    case JoinRefusal::kGone:
      break;
  }
  return {kGroupLinkGone, "a link is open"};
}

void end(Machine& m, const ChatId& group) {
  const auto node = m.doors.joining.extract(group);
  if (node.empty()) return;
  m.end_link(node.mapped().link, node.mapped().record.link.home);
  m.journal.erase(joining_key(group));
}

// We do not come in: the command fails if it still waits, else people are told.
void fail(Machine& m, const ChatId& group, Error error) {
  Joining& joining = m.doors.joining.at(group);
  if (joining.command) {
    m.fail(*joining.command, error);
  } else {
    m.tell_then(JoinRefused{group, joining.record.link.name, error});
  }
  end_offer_soon(m, joining.record.alias);
  end(m, group);
}

void on_delivered(Machine& m, const ChatId& group, const Result<wire::Reply>& reply) {
  const auto found = m.doors.joining.find(group);
  if (found == m.doors.joining.end()) return;
  Joining& joining = found->second;
  const Outcome outcome = outcome_of(reply);
  if (outcome.ok()) {
    joining.attempt.succeed();
    joining.record.sent = true;
    put(m, joining.record);
    m.end_link(joining.link, joining.record.link.home);
    const GroupLink& link = joining.record.link;
    if (joining.command) m.done_then(*joining.command, JoinAsked{group, link.name, link.approval});
    joining.command.reset();
    return;
  }
  Bytes subject = to_bytes(joining.record.link.alias.view());
  append(subject, joining.record.delivery.view());
  const bool wants_work = outcome.is(wire::kProofOfWorkRefused);
  if (wants_work && joining.work.find(outcome.detail, subject)) return joining.attempt.cancel();
  if (outcome.error->code.action == Action::kRetryLater) {
    return joining.attempt.fail(m.now, outcome.retry_after, m.random);
  }
  if (outcome.is(wire::kAddressRefused)) return fail(m, group, error_of(JoinRefusal::kGone));
  fail(m, group, {wants_work ? kTooMuchWork : kRefusedByHome, outcome.error->rule});
}

// The request, once the address behind its keys is there. False: not yet.
bool prepare(Machine& m, Joining& joining) {
  JoiningRecord& record = joining.record;
  if (!record.payload.empty()) return true;
  const auto invite = m.invites.find(record.alias);
  if (invite == m.invites.end() || invite->second.revoked) {  // a crash came before the home had the address
    record.alias = add_offer(m, record.link.group, record.link.keeper);
    put(m, record);
    return false;
  }
  if (!invite->second.record.published) return false;
  JoinRequest request;
  request.group = record.link.group;
  request.greeting = record.greeting;
  request.key = invite->second.record.key.clone();
  for (const SecretBlob& one : invite->second.record.key_packages) {
    const auto package = mls::KeyPackagePrivate::deserialize(one.value.reveal());
    if (!package) return m.stop({kProfileDamaged, "an invite holds its key packages"}), false;
    if (static_cast<uint16_t>(package->key_package.cipher_suite) == record.link.suite)
      request.package = package->encode_message();
  }
  auto sealed = seal_join_request(request, record.link, m.random);
  if (!sealed || request.package.empty()) {
    fail(m, record.link.group, {kLinkDamaged, "a link names a public key and a suite that are ones"});
    return false;
  }
  record.payload = std::move(*sealed);
  record.delivery = m.random_id<wire::DeliveryId>();
  put(m, record);
  return true;
}

void pump_one(Machine& m, const ChatId& group, Instant& wake) {
  Joining& joining = m.doors.joining.at(group);
  const Chat* chat = m.find_chat(group);
  if (chat != nullptr && chat->group) {
    // We are in, by these keys or by others.
    if (chat->record.own_alias != joining.record.alias) end_offer_soon(m, joining.record.alias);
    if (joining.command) m.done_then(*joining.command, JoinAsked{group, joining.record.link.name, false});
    return end(m, group);
  }
  const Instant ends = m.when(joining.record.began_ms) + kJoiningLifetime;
  if (ends <= m.now) return fail(m, group, {kJoinUnanswered, "somebody answers within 30 days"});
  wake = std::min(wake, ends);
  if (joining.record.sent || !prepare(m, joining) || !joining.attempt.may_start(m.now, wake)) return;
  joining.attempt.start();
  m.journal.then([&m, group] {
    const auto found = m.doors.joining.find(group);
    if (found == m.doors.joining.end()) return;
    const Joining& ready = found->second;
    const GroupLink& link = ready.record.link;
    const wire::Recipient to{link.alias, to_token(link.token.value), ready.record.delivery};
    m.link(ready.link, link.home)
        .submit(wire::ContactDeliver{to, {ready.work.nonce()}, ready.record.payload},
                [&m, group](const Result<wire::Reply>& reply) { on_delivered(m, group, reply); });
  });
}

}  // namespace

void join_by_link(Machine& m, CommandId id, const JoinGroup& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  auto link = parse_group_link(command.link);
  if (!link) return m.fail(id, link.error());
  if (const Status greeting = check_greeting(command.greeting); !greeting) return m.fail(id, greeting.error());
  const Chat* chat = m.find_chat(link->group);
  if (chat != nullptr && chat->group) return m.fail(id, {kAlreadyInGroup, "a member does not join"});
  if (link->expires_ms != 0 && link->expires_ms <= m.wall().ms) {
    return m.fail(id, {kGroupLinkExpired, "a link is good until its day"});
  }
  // Asked again, by this link or another: with new keys, since the answer to the old ones may be lost.
  if (const auto known = m.doors.joining.find(link->group); known != m.doors.joining.end()) {
    if (known->second.command) m.fail(*known->second.command, {kOvertaken, "one asks once at a time"});
    end_offer_soon(m, known->second.record.alias);
    end(m, link->group);
  }
  const ChatId group = link->group;
  Joining joining;
  joining.command = id;
  joining.link = m.random_id<ChatId>();
  joining.record.greeting = command.greeting;
  joining.record.began_ms = m.wall().ms;
  joining.record.alias = add_offer(m, group, link->keeper);
  joining.record.link = std::move(*link);
  put(m, joining.record);
  m.doors.joining.insert_or_assign(group, std::move(joining));
}

bool on_join_refused(Machine& m, const wire::Alias& alias, const Envelope& envelope) {
  for (const auto& [group, joining] : m.doors.joining) {
    if (joining.record.alias != alias) continue;
    const ChatId refused = group;
    fail(m, refused,
         error_of(envelope.body.size() == 1 ? static_cast<JoinRefusal>(envelope.body.front()) : JoinRefusal::kGone));
    return true;
  }
  return false;
}

bool is_joining(const Machine& m, const wire::Alias& alias) {
  for (const auto& [group, joining] : m.doors.joining) {
    if (joining.record.alias == alias) return true;
  }
  return false;
}

void pump_joining(Machine& m, Instant& wake) {
  std::vector<ChatId> groups;
  for (const auto& [group, joining] : m.doors.joining) groups.push_back(group);
  for (const ChatId& group : groups) pump_one(m, group, wake);
}

void restore_joining(Machine& m, JoiningRecord record) {
  Joining joining;
  joining.link = m.random_id<ChatId>();
  const ChatId group = record.link.group;
  joining.record = std::move(record);
  m.doors.joining.insert_or_assign(group, std::move(joining));
}

}  // namespace godwit::engine
