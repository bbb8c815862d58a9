// The mailbox family: open, prove, devices, drop.

#include <algorithm>

#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "crypto/proof_of_work.h"
#include "home/admission.h"
#include "home/core.h"

namespace godwit::home {
namespace {

// The device with this key, nothing if there is none.
const DeviceRecord* find_device(const MailboxRecord& record, const wire::MailboxKey& key) {
  for (const DeviceRecord& device : record.devices) {
    if (device.key == key) return &device;
  }
  return nullptr;
}

// Whether the account's device list would stand elsewhere afterwards.
bool moves_list(const MailboxRecord& record, const wire::ListHead& after) {
  return after != wire::ListHead{} && after != record.list_head;
}

// Changes of the list come one after the other, each on top of the one before. A mailbox that has heard of none yet takes
// any, and any takes one that names none before it: what a stolen device has said here binds nobody.
Status check_list(const MailboxRecord& record, const wire::ListHead& before, const wire::ListHead& after) {
  const bool free = record.list_head == wire::ListHead{} || before == wire::ListHead{};
  const bool fits = !moves_list(record, after) || free || record.list_head == before;
  REQUIRE(fits, wire::kListMoved, "home: another device has changed the list");
  return {};
}

}  // namespace

// ---- proving --------------------------------------------------------------------------------------------------------

Status Core::check_proof(const Caller& caller, const wire::MailboxId& mailbox, const wire::MailboxKey& key,
                         ByteView signature) const {
  Bytes message = to_bytes(as_bytes(wire::kMailboxProofLabel));
  append(message, caller.channel);
  append(message, mailbox.view());
  REQUIRE(crypto::ed25519_verify(key.view(), message, signature).has_value(), wire::kProofRefused,
          "home: the proof is signed by the mailbox key over this session");
  return {};
}

// The session becomes the device's; a session that is already another's stays what it is.
Status Core::bind_session(const Caller& caller, const DeviceBinding& device) {
  const auto found = session_states_.find(caller.session);
  if (found == session_states_.end()) return {};
  SessionState& state = found->second;
  if (state.kind == Kind::kMailbox) {
    const bool same = state.device.mailbox == device.mailbox && state.device.tag == device.tag;
    REQUIRE(same, wire::kWrongSessionKind, "home: a session is one device's for life");
    return {};
  }
  const bool bound = state.sealed || sessions_.bind(caller.session, codec::encoded(device));
  REQUIRE(bound, wire::kWrongSessionKind, "home: only the first request makes a session a mailbox's");
  state.kind = Kind::kMailbox;
  state.device = device;
  return {};
}

Core::Answer Core::handle(const Caller& caller, const wire::MailboxProve& request) {
  CO_CHECK(check_proof(caller, request.mailbox, request.key, request.signature));
  const auto lane = co_await lanes_.shared(mailbox_key(request.mailbox));
  CO_TRY(found, co_await storing_.get(mailbox_key(request.mailbox)));
  CO_REQUIRE(found.value.has_value(), wire::kNoSuchMailbox, "home: no such mailbox");
  CO_TRY(record, decode_record<MailboxRecord>(*found.value));
  const DeviceRecord* device = find_device(record, request.key);
  CO_REQUIRE(device != nullptr, wire::kNoSuchMailbox, "home: the mailbox has no such device");
  CO_CHECK(bind_session(caller, {request.mailbox, device->key, device->tag}));
  if (record.last_seen_day != now_.day()) tasks_.start(see_today(request.mailbox));
  co_return wire::Done{};
}

// Notes the day on which the mailbox was last used. What fails here is done the next time.
Task<Status> Core::see_today(wire::MailboxId mailbox) {
  const uint32_t today = now_.day();
  const auto lane = co_await lanes_.exclusive(mailbox_key(mailbox));
  CO_TRY(found, co_await storing_.get(mailbox_key(mailbox)));
  if (!found.value) co_return Status{};
  CO_TRY(record, decode_record<MailboxRecord>(*found.value));
  if (record.last_seen_day == today) co_return Status{};
  MailboxRecord seen = record;
  seen.last_seen_day = today;
  co_return co_await replace_mailbox(mailbox, record, seen);
}

// ---- opening --------------------------------------------------------------------------------------------------------

Core::Answer Core::handle(const Caller& caller, const wire::MailboxOpen& request) {
  CO_CHECK(check_proof(caller, request.mailbox, request.key, request.signature));
  const auto lane = co_await lanes_.exclusive(mailbox_key(request.mailbox));
  CO_TRY(found, co_await storing_.get(mailbox_key(request.mailbox)));
  if (found.value) {
    CO_TRY(record, decode_record<MailboxRecord>(*found.value));
    const DeviceRecord* device = find_device(record, request.key);
    CO_REQUIRE(device != nullptr, wire::kIdTaken, "home: the mailbox id is taken");
    CO_CHECK(bind_session(caller, {request.mailbox, device->key, device->tag}));
    co_return wire::Done{};
  }
  const auto admitted = co_await admit(request);
  if (!admitted && admitted.error().code == wire::kProofOfWorkRefused) {
    co_return wire::Refused{wire::kProofOfWorkRefused.number, 0, mailbox_work()};
  }
  CO_CHECK(admitted);
  CO_CHECK(co_await note_newcomer(request));
  const DeviceRecord device{request.key, DeviceTag{random_.bytes<8>()}};
  const MailboxRecord record{{device}, {}, now_.day(), request.recovery};
  const Bytes value = codec::encoded(record);
  CO_TRY(swapped, co_await storing_.swap(mailbox_key(request.mailbox), std::nullopt, value));
  CO_REQUIRE(swapped.swapped, wire::kUnavailable, "home: another node opened it meanwhile");
  ++mailboxes_;
  if (!request.admission_code.empty()) static_cast<void>(co_await release_code(request));
  CO_CHECK(bind_session(caller, {request.mailbox, device.key, device.tag}));
  co_return wire::Done{};
}

uint8_t Core::mailbox_work() const {
  return work_bits(options_.mailbox_work_bits, mailboxes_, options_.limits.mailboxes_max);
}

// Whether somebody may open a mailbox here.
Task<Status> Core::admit(const wire::MailboxOpen& request) {
  CO_REQUIRE(mailboxes_ < options_.limits.mailboxes_max, wire::kQuotaFull, "home: mailboxes_max");
  if (!request.admission_code.empty()) {
    CO_REQUIRE(options_.admission != Admission::kWork, wire::kAdmissionRefused, "home: no codes are given out here");
    co_return co_await spend_code(request);
  }
  CO_REQUIRE(options_.admission != Admission::kCode, wire::kAdmissionRefused, "home: an admission code is needed");
  const bool done = crypto::work_is_done(wire::kWorkLabel, request.mailbox.view(), request.work.nonce, mailbox_work());
  CO_REQUIRE(done, wire::kProofOfWorkRefused, "home: mailbox_work_bits");
  co_return Status{};
}

// Whom a member's code lets in gives none for a while. Noted before the mailbox is there: of one that is never opened after all, the
// sweep forgets it.
Task<Status> Core::note_newcomer(const wire::MailboxOpen& request) {
  if (request.admission_code.empty()) co_return Status{};
  CO_TRY(grant, check_admission_code(keys_.admission_key, request.admission_code));
  if (grant.giver != CodeGiver::kMember) co_return Status{};
  const Bytes value = codec::encoded(NewcomerRecord{newcomer_until(now_.day())});
  CO_CHECK(co_await storing_.put(newcomer_key(request.mailbox), value));
  co_return Status{};
}

// Who is given codes is remembered for a day, in memory; who has come in by which is not: a code names nobody.
Core::Answer Core::handle(const Caller& caller, const wire::AdmissionGet&) {
  CO_CHECK(co_await own_mailbox(caller));
  if (options_.admission != Admission::kCode) co_return wire::AdmissionCode{};
  CO_TRY(newcomer, co_await storing_.get(newcomer_key(caller.device.mailbox)));
  if (newcomer.value) {
    CO_TRY(record, decode_record<NewcomerRecord>(*newcomer.value));
    CO_REQUIRE(now_.day() >= record.until_day, wire::kQuotaFull, "home: kNewcomerDays");
  }
  if (codes_day_ != now_.day()) {
    codes_.clear();
    codes_given_ = 0;
  }
  codes_day_ = now_.day();
  const Limits& limits = options_.limits;
  CO_REQUIRE(codes_given_ < limits.codes_home_day_max, wire::kQuotaFull, "home: codes_home_day_max");
  uint32_t& given = codes_[caller.device.mailbox];
  CO_REQUIRE(given < limits.codes_day_max, wire::kQuotaFull, "home: codes_day_max");
  ++given;
  ++codes_given_;
  co_return wire::AdmissionCode{make_admission_code(keys_.admission_key, 1, now_.day() + kMemberCodeDays, random_,
                                                    CodeGiver::kMember)};
}

// Counts one use of the code. The mailbox is noted with it until it is open, so that a client who repeats his request
// after we died in between does not need a second code.
Task<Status> Core::spend_code(const wire::MailboxOpen& request) {
  CO_TRY(grant, check_admission_code(keys_.admission_key, request.admission_code));
  CO_REQUIRE(grant.expires_day == 0 || now_.day() <= grant.expires_day, wire::kAdmissionRefused,
             "home: the admission code has expired");
  const Bytes key = code_key(request.admission_code);
  const auto lane = co_await lanes_.exclusive(key);
  CO_TRY(found, co_await storing_.get(key));
  CodeRecord record{0, grant.expires_day, {}};
  if (found.value) {
    CO_TRY(stored, decode_record<CodeRecord>(*found.value));
    record = stored;
  }
  if (record.last == request.mailbox) co_return Status{};
  CO_REQUIRE(grant.uses == 0 || record.used < grant.uses, wire::kAdmissionRefused, "home: the code is used up");
  if (record.used < UINT16_MAX) ++record.used;
  record.last = request.mailbox;
  const Bytes value = codec::encoded(record);
  CO_TRY(swapped, co_await storing_.swap(key, found.value, value));
  CO_REQUIRE(swapped.swapped, wire::kUnavailable, "home: another node counted the code meanwhile");
  co_return Status{};
}

// The mailbox is open: nothing needs to link it with its code any more.
Task<Status> Core::release_code(const wire::MailboxOpen& request) {
  const Bytes key = code_key(request.admission_code);
  const auto lane = co_await lanes_.exclusive(key);
  CO_TRY(found, co_await storing_.get(key));
  if (!found.value) co_return Status{};
  CO_TRY(record, decode_record<CodeRecord>(*found.value));
  if (record.last != request.mailbox) co_return Status{};
  record.last.reset();
  const Bytes value = codec::encoded(record);
  CO_CHECK(co_await storing_.swap(key, found.value, value));
  co_return Status{};
}

// ---- devices --------------------------------------------------------------------------------------------------------

// Writes the successor of a mailbox's record. kUnavailable: another node was faster; the client asks again.
Task<Status> Core::replace_mailbox(wire::MailboxId mailbox, const MailboxRecord& before, const MailboxRecord& after) {
  CO_TRY(swapped, co_await storing_.swap(mailbox_key(mailbox), codec::encoded(before), codec::encoded(after)));
  CO_REQUIRE(swapped.swapped, wire::kUnavailable, "home: another node changed the mailbox meanwhile");
  co_return Status{};
}

Core::Answer Core::handle(const Caller& caller, const wire::DeviceAdd& request) {
  const wire::MailboxId mailbox = caller.device.mailbox;
  const auto lane = co_await lanes_.exclusive(mailbox_key(mailbox));
  CO_TRY(record, co_await own_mailbox(caller));
  const bool there = find_device(record, request.key) != nullptr;
  if (there && !moves_list(record, request.after)) co_return wire::Done{};
  CO_CHECK(check_list(record, request.before, request.after));
  CO_REQUIRE(there || record.devices.size() < wire::kDevicesMax, wire::kQuotaFull, "wire: kDevicesMax");
  MailboxRecord more = record;
  if (request.after != wire::ListHead{}) more.list_head = request.after;
  if (!there) more.devices.push_back({request.key, DeviceTag{random_.bytes<8>()}});
  CO_CHECK(co_await replace_mailbox(mailbox, record, more));
  co_return wire::Done{};
}

// Removing is two steps, since queues are not part of the record: the device is out first, then its queue is dropped, and
// until that is done the record says so.
Core::Answer Core::handle(const Caller& caller, const wire::DeviceRemove& request) {
  const wire::MailboxId mailbox = caller.device.mailbox;
  const auto lane = co_await lanes_.exclusive(mailbox_key(mailbox));
  CO_TRY(record, co_await own_mailbox(caller));
  const DeviceRecord* device = find_device(record, request.key);
  if (device != nullptr || moves_list(record, request.after)) {
    CO_CHECK(check_list(record, request.before, request.after));
    MailboxRecord fewer = record;
    if (request.after != wire::ListHead{}) fewer.list_head = request.after;
    const std::optional<DeviceTag> tag = device == nullptr ? std::nullopt : std::optional(device->tag);
    if (tag) {
      std::erase(fewer.devices, DeviceRecord{request.key, *tag});
      fewer.leaving.push_back(*tag);
    }
    CO_CHECK(co_await replace_mailbox(mailbox, record, fewer));
    if (tag) close_sessions_of(mailbox, *tag, caller.session);
  }
  CO_CHECK(co_await finish_leaving(mailbox));
  co_return wire::Done{};
}

Core::Answer Core::handle(const Caller& caller, const wire::DeviceList&) {
  const auto lane = co_await lanes_.shared(mailbox_key(caller.device.mailbox));
  CO_TRY(record, co_await own_mailbox(caller));
  wire::Devices devices;
  for (const DeviceRecord& device : record.devices) devices.keys.push_back(device.key);
  co_return std::move(devices);
}

Core::Answer Core::handle(const Caller& caller, const wire::MailboxDrop&) {
  const wire::MailboxId mailbox = caller.device.mailbox;
  const auto lane = co_await lanes_.exclusive(mailbox_key(mailbox));
  CO_TRY(found, co_await storing_.get(mailbox_key(mailbox)));
  if (!found.value) co_return wire::Done{};
  CO_TRY(record, co_await own_mailbox(caller));
  MailboxRecord empty{{}, record.leaving, record.last_seen_day};
  for (const DeviceRecord& device : record.devices) empty.leaving.push_back(device.tag);
  CO_CHECK(co_await replace_mailbox(mailbox, record, empty));
  for (const DeviceRecord& device : record.devices) close_sessions_of(mailbox, device.tag, caller.session);
  CO_CHECK(co_await finish_leaving(mailbox));
  co_return wire::Done{};
}

// Drops the queues of removed devices; of a mailbox without any device, everything. Under the exclusive lane of the
// mailbox. Repeatable: after a crash the sweep calls it again.
Task<Status> Core::finish_leaving(wire::MailboxId mailbox) {
  CO_TRY(found, co_await storing_.get(mailbox_key(mailbox)));
  if (!found.value) co_return Status{};
  CO_TRY(record, decode_record<MailboxRecord>(*found.value));
  if (record.devices.empty()) {
    CO_TRY(aliases, co_await aliases_of(mailbox));
    for (const wire::Alias& alias : aliases) CO_CHECK(co_await erase_address(mailbox, alias));
    address_counts_.forget(mailbox);
    CO_CHECK(co_await storing_.erase(bridges_key(mailbox)));
    CO_CHECK(co_await storing_.erase(newcomer_key(mailbox)));
    CO_CHECK(co_await erase_name(mailbox));
    CO_CHECK(co_await storing_.erase(backup_key(mailbox)));
  }
  for (const DeviceTag& tag : record.leaving) {
    const Bytes queue = queue_key(mailbox, tag);
    for (bool more = true; more;) {
      CO_TRY(dropped, co_await storing_.drop(queue));
      more = dropped.more;
    }
    usage_.forget(queue);
    CO_CHECK(co_await erase_web_push(mailbox, tag));
  }
  if (record.devices.empty()) {
    CO_TRY(swapped, co_await storing_.swap(mailbox_key(mailbox), found.value, std::nullopt));
    if (swapped.swapped && mailboxes_ > 0) --mailboxes_;
  } else if (!record.leaving.empty()) {
    MailboxRecord clean = record;
    clean.leaving.clear();
    CO_CHECK(co_await replace_mailbox(mailbox, record, clean));
  }
  co_return Status{};
}

// A removed device's sessions end at once; `but`: the one that is to hear the answer.
void Core::close_sessions_of(const wire::MailboxId& mailbox, const DeviceTag& tag, SessionId but) {
  std::vector<SessionId> ending;
  for (const auto& [id, state] : session_states_) {
    const bool of_device = state.kind == Kind::kMailbox && state.device.mailbox == mailbox && state.device.tag == tag;
    if (of_device && id != but) ending.push_back(id);
  }
  for (const SessionId id : ending) sessions_.close(id);
}

}  // namespace godwit::home
