#include "engine/safety_number.h"

#include "crypto/hash.h"
#include "engine/backup.h"
#include "engine/history.h"
#include "engine/known_devices.h"
#include "engine/sync.h"

namespace godwit::engine {
namespace {

// Six groups of five digits out of SHA-512: about 99 bits, against somebody who searches for a like-looking account.
std::string digits_of(const AccountId& account) {
  Bytes input = to_bytes(as_bytes("godwit safety number 1"));
  append(input, account.view());
  const crypto::Sha512Digest digest = crypto::sha512(input);
  std::string out;
  for (size_t group = 0; group < 6; ++group) {
    uint64_t number = 0;
    for (size_t i = 0; i < 8; ++i) number = (number << 8) | digest[group * 8 + i];
    const std::string digits = std::to_string(number % 100'000);
    out += std::string(5 - digits.size(), '0') + digits;
  }
  return out;
}

}  // namespace

std::string safety_digits(const AccountId& one, const AccountId& other) {
  const std::string first = digits_of(one);
  const std::string second = digits_of(other);
  return first < second ? first + second : second + first;
}

void read_safety_number(Machine& m, CommandId id, const ReadSafetyNumber& command) {
  const Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr) return m.fail(id, {kNoSuchChat, "a chat of this device"});
  if (chat->record.kind != ChatKind::kDirect) return m.fail(id, {kNotDirect, "a safety number is of two people"});
  m.done(id, SafetyNumber{safety_digits(m.self->record.account, chat->record.peer)});
}

void mark_verified(Machine& m, CommandId id, const MarkVerified& command) {
  Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr) return m.fail(id, {kNoSuchChat, "a chat of this device"});
  if (chat->record.kind != ChatKind::kDirect) return m.fail(id, {kNotDirect, "a safety number is of two people"});
  know_devices(m, *chat);
  chat->record.verified = true;
  m.put(*chat);
  want_backup(m);
  put_field(m, SyncKind::kVerified, to_bytes(chat->record.peer.view()), {1});
  m.done_then(id, Nothing{});
  m.tell_then(ChatChanged{chat_info(m, *chat)});
}

}  // namespace godwit::engine
