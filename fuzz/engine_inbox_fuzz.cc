// Items of a mailbox as the engine takes them in. The first byte says how deep the rest is put: as the item itself, as
// what a token sealed, as an envelope, as the MLS message in it, as what that message says, or as an entry of the group
// log. Nothing of it may stop the engine, and the cursor passes over it.

#include "engine/envelope.h"
#include "engine/epochs.h"
#include "engine/inbox.h"
#include "engine/log_entry.h"
#include "fuzz/engine_fuzz_common.h"

namespace {

using namespace godwit;

Bytes item_of(fuzz::Pair& pair, uint8_t depth, ByteView rest, Random& random) {
  const engine::ChatRecord& record = pair.alice.chats.begin()->second.record;
  const engine::MessageId ref{{3}};
  if (depth == 0) return to_bytes(rest);
  Bytes payload = to_bytes(rest);
  if (depth == 2) payload = crypto::box_seal(record.keys.envelope.value, random, record.chat.view(), rest);
  Bytes message = to_bytes(rest);
  if (depth == 4) {
    auto sealed = pair.group_of_bob->protect(rest, {}, random, mls::Padding::kNone);
    if (sealed) message = std::move(*sealed);
  }
  if (depth >= 3) {
    payload = engine::seal_envelope({engine::EnvelopeKind::kMls, ref, message}, record.keys.envelope.value,
                                    record.chat.view(), random);
  }
  return crypto::seal_item(engine::address_token(record.keys, record.own_alias).reveal(), record.own_alias.view(),
                           payload, random);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const bool ready = crypto::initialise();
  ASSERT(ready);
  if (size == 0 || size > 100'000) return 0;
  crypto::SeededRandom random(1);
  fuzz::Pair pair(random);
  engine::Machine& m = pair.alice;
  engine::Chat& chat = m.chats.begin()->second;
  const ByteView rest(data + 1, size - 1);
  const auto depth = static_cast<uint8_t>(data[0] % 6);
  if (depth == 5) {
    const uint64_t epoch = chat.group->epoch();
    Bytes entry = engine::seal_log_entry({to_bytes(rest)}, chat.record.log.key.value, chat.record.log.log, epoch, random);
    static_cast<void>(engine::apply_log_entry(m, chat, {epoch, 0, std::move(entry)}));
  } else {
    engine::on_push(m, m.self->record.home.key, {{{{1}, chat.record.own_alias, item_of(pair, depth, rest, random)}}, false});
    ASSERT(m.queue.cursor.value == 1);
  }
  static_cast<void>(m.journal.flush());
  ASSERT(!m.broken);
  return 0;
}
