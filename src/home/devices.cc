// Several devices of one account: where two meet before they share anything, taking over a mailbox with the words, and what is
// kept beside it for them.

#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "home/core.h"

namespace godwit::home {

Core::Answer Core::handle(const Caller& caller, const wire::MeetingOpen& request) {
  CO_CHECK(co_await own_mailbox(caller));
  CO_CHECK(meetings_.open(caller.device.mailbox, request.meeting, now_));
  co_return wire::Done{};
}

Core::Answer Core::handle(const Caller&, const wire::MeetingPut& request) {
  CO_CHECK(meetings_.put(request.meeting, request.index, request.bytes, now_));
  co_return wire::Done{};
}

Core::Answer Core::handle(const Caller&, const wire::MeetingGet& request) {
  CO_TRY(bytes, meetings_.get(request.meeting, request.index, now_));
  co_return wire::MeetingMessage{bytes};
}

Status Core::check_recovery(const Caller& caller, const wire::MailboxRecover& request) const {
  TRY(check_proof(caller, request.mailbox, request.key, request.signature));
  Bytes message = to_bytes(as_bytes(wire::kMailboxRecoveryLabel));
  append(message, caller.channel);
  append(message, request.mailbox.view());
  append(message, request.key.view());
  REQUIRE(crypto::ed25519_verify(request.recovery_key.view(), message, request.recovery_signature).has_value(),
          wire::kProofRefused, "home: the recovery key signs over this session");
  return {};
}

// As for MailboxDrop, the devices are out first, then their queues are dropped.
Core::Answer Core::handle(const Caller& caller, const wire::MailboxRecover& request) {
  CO_CHECK(check_recovery(caller, request));
  const auto lane = co_await lanes_.exclusive(mailbox_key(request.mailbox));
  CO_TRY(found, co_await storing_.get(mailbox_key(request.mailbox)));
  CO_REQUIRE(found.value.has_value(), wire::kProofRefused, "home: no mailbox opens for this key");
  CO_TRY(record, decode_record<MailboxRecord>(*found.value));
  const wire::RecoveryHash hash{crypto::sha256(request.recovery_key.view())};
  CO_REQUIRE(!record.devices.empty() && record.recovery == hash, wire::kProofRefused,
             "home: no mailbox opens for this key");
  MailboxRecord taken = record;
  taken.devices.clear();
  taken.list_head = {};
  std::optional<DeviceRecord> own;
  for (const DeviceRecord& device : record.devices) {
    if (device.key == request.key) {
      own = device;
    } else {
      taken.leaving.push_back(device.tag);
    }
  }
  if (!own) own = DeviceRecord{request.key, DeviceTag{random_.bytes<8>()}};
  taken.devices.push_back(*own);
  CO_CHECK(co_await replace_mailbox(request.mailbox, record, taken));
  for (const DeviceRecord& device : record.devices) {
    if (device.key != request.key) close_sessions_of(request.mailbox, device.tag, caller.session);
  }
  CO_CHECK(co_await finish_leaving(request.mailbox));
  CO_CHECK(bind_session(caller, {request.mailbox, own->key, own->tag}));
  co_return wire::Done{};
}

Core::Answer Core::handle(const Caller& caller, const wire::BackupPut& request) {
  const auto lane = co_await lanes_.exclusive(mailbox_key(caller.device.mailbox));
  CO_CHECK(co_await own_mailbox(caller));
  CO_CHECK(co_await storing_.put(backup_key(caller.device.mailbox), request.bytes));
  co_return wire::Done{};
}

Core::Answer Core::handle(const Caller& caller, const wire::BackupGet&) {
  const auto lane = co_await lanes_.shared(mailbox_key(caller.device.mailbox));
  CO_CHECK(co_await own_mailbox(caller));
  CO_TRY(found, co_await storing_.get(backup_key(caller.device.mailbox)));
  co_return wire::Backup{found.value.value_or(Bytes{})};
}

}  // namespace godwit::home
