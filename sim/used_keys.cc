// Used keys are gone: what a profile holds at the end cannot open what it has opened before (RFC 9420 §9.2).
//
// The proof for one message: an earlier state of the listener, as it was stored then, opens the speaker's ciphertext (so
// the checker is able to), and nothing that is stored now does.

#include <map>
#include <set>

#include "engine/chat_keys.h"
#include "engine/envelope.h"
#include "engine/record_key.h"
#include "engine/records.h"
#include "mls/past_epochs.h"
#include "sim/world.h"

namespace godwit::sim {
namespace {

constexpr size_t kMessagesPerDirection = 2;

template <typename T>
std::optional<T> open_as(const ClientParty& person, ByteView key, ByteView sealed) {
  const auto plain = engine::open_record(person.storage_key(), key, sealed);
  if (!plain) return std::nullopt;
  auto record = codec::decoded<T>(plain->reveal());
  if (!record) return std::nullopt;
  return std::move(*record);
}

bool starts_with(ByteView bytes, ByteView prefix) {
  return bytes.size() >= prefix.size() && equal(bytes.first(prefix.size()), prefix);
}

/// The messages of `person` in `chat` that were encrypted once only: what was encrypted anew for a later epoch may have been
/// accepted in either form, and the key of the other was then never used.
std::map<Bytes, engine::OutboxRecord> encrypted_once(const ClientParty& person, const engine::ChatId& chat) {
  const Bytes prefix = record_key(engine::RecordKind::kOutbox, chat.view());
  std::map<Bytes, engine::OutboxRecord> found;
  std::set<Bytes> several;
  for (const auto& batch : person.stored()) {
    for (const auto& [key, sealed] : batch) {
      if (!sealed || !starts_with(key, prefix)) continue;
      auto record = open_as<engine::OutboxRecord>(person, key, *sealed);
      if (!record || record->kind != engine::OutboxRecord::Kind::kContent || record->payload.empty()) continue;
      const auto known = found.find(key);
      if (known != found.end() && known->second.payload != record->payload) several.insert(key);
      found.insert_or_assign(key, std::move(*record));
    }
  }
  for (const Bytes& key : several) found.erase(key);
  return found;
}

/// Makes a change of a sealed record in the opened MLS state of `chat`. False: it is not part of it.
bool take_over(const ClientParty& person, const engine::ChatId& chat, const Bytes& key,
               const std::optional<Bytes>& sealed, mls::StateRecords& records) {
  const Bytes prefix = record_key(engine::RecordKind::kGroup, chat.view());
  if (!starts_with(key, prefix)) return false;
  const Bytes within = to_bytes(ByteView(key).subspan(prefix.size()));
  records.erase(within);
  if (!sealed) return true;
  auto plain = engine::open_record(person.storage_key(), key, *sealed);
  if (plain) records.emplace(within, std::move(*plain));
  return true;
}

/// True if the state that these records hold opens `message`, in the epoch that goes on or in one that is over.
bool opens(const mls::StateRecords& records, ByteView message, Instant now) {
  auto group = mls::Group::restore(mls::suites_default(), records);
  if (!group) return false;
  auto past = mls::PastEpochs::restore(mls::suites_default(), records, &*group);
  if (past && past->open(message, &*group)) return true;
  const auto processed = group->process(message, now);
  return processed && std::holds_alternative<mls::ApplicationMessage>(*processed);
}

/// True if the state of the chat that is on the disk now opens `message`.
bool opens_now(ClientParty& person, const engine::ChatId& chat, ByteView message, Instant now) {
  mls::StateRecords records;
  for (const auto& [key, sealed] : person.disk().records()) take_over(person, chat, key, sealed, records);
  return opens(records, message, now);
}

/// True if some state of the chat that was once on the disk opens `message`.
bool opened_once(const ClientParty& person, const engine::ChatId& chat, ByteView message, Instant now) {
  mls::StateRecords records;
  for (const auto& batch : person.stored()) {
    bool changed = false;
    for (const auto& [key, sealed] : batch) changed = take_over(person, chat, key, sealed, records) || changed;
    if (changed && opens(records, message, now)) return true;
  }
  return false;
}

}  // namespace

void World::check_used_keys(Pair& pair) {
  for (const bool by_a : {true, false}) {
    ClientParty& speaker = *people_[by_a ? pair.a : pair.b];
    ClientParty& listener = *people_[by_a ? pair.b : pair.a];
    const Bytes chat_key = record_key(engine::RecordKind::kChat, pair.chat.view());
    const auto stored = listener.disk().get(chat_key);
    const auto chat = stored && *stored ? open_as<engine::ChatRecord>(listener, chat_key, **stored) : std::nullopt;
    if (!chat) {
      fail(listener.name() + " has no record of the chat");
      return;
    }
    size_t proved = 0;
    for (const auto& [key, record] : encrypted_once(speaker, pair.chat)) {
      const auto envelope = engine::open_envelope(record.payload, chat->keys.envelope.value, chat->chat.view());
      if (!envelope || envelope->kind != engine::EnvelopeKind::kMls) continue;
      if (opens_now(listener, pair.chat, envelope->body, clock_.now())) {
        fail(listener.name() + " still holds the key of a message from " + speaker.name());
        return;
      }
      if (opened_once(listener, pair.chat, envelope->body, clock_.now())) ++keys_gone_;
      if (++proved == kMessagesPerDirection) break;
    }
  }
}

}  // namespace godwit::sim
