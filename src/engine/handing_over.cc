#include "engine/handing_over.h"

#include <algorithm>

#include "engine/devices.h"
#include "engine/file_chunks.h"
#include "engine/held.h"
#include "engine/kept_sharing.h"
#include "engine/sticker_sharing.h"
#include "engine/stickers.h"
#include "engine/sync.h"
#include "engine/uploads.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

using Stage = ParcelOut::Stage;

bool is_pack(const Machine& m, const ChatId& name) { return m.stickers.packs.contains(pack_named(m, name)); }

// The parcel under way belongs to the first of the histories, unless that has been taken out meanwhile.
bool is_current(const Machine& m, const wire::BlobId& blob) {
  return m.devices.parcel && m.devices.parcel->parcel.blob == blob && !m.devices.record.histories.empty();
}

void drop_parcel(Machine& m) {
  if (m.devices.parcel) crypto::wipe(m.devices.parcel->bytes);
  m.devices.parcel.reset();
}

// A parcel that met trouble is made anew: its grant may be spent, its blob half there.
void fail(Machine& m, const Outcome& outcome) {
  drop_parcel(m);
  m.devices.parcel_out.fail(m.now, outcome.retry_after, m.random);
}

void end_history(Machine& m) {
  drop_parcel(m);
  m.devices.parcel_out.succeed();
  auto& histories = m.devices.record.histories;
  histories.erase(histories.begin());
  put_devices(m);
}

// All of it is at the home: the new device is told, in the batch that says how far we are.
void tell_parcel(Machine& m) {
  ParcelOut& parcel = *m.devices.parcel;
  HistoryOut& history = m.devices.record.histories.front();
  ++history.parcels;
  bool last = false;
  if (is_pack(m, history.chat)) {
    last = true;
    const SyncStickersParcel news{history.device_key, pack_named(m, history.chat), std::move(parcel.parcel)};
    send_items(m, {{SyncItem::Kind::kStickersParcel, codec::encoded(news)}});
  } else if (m.kept.contains(history.chat)) {
    last = parcel.last >= history.next;
    SyncKeptParcel news{history.device_key, history.chat, {history.parcels, std::move(parcel.parcel)}};
    if (last) news.parcel.parcel.parcels = history.parcels;
    send_items(m, {{SyncItem::Kind::kKeptParcel, codec::encoded(news)}});
  } else {
    history.next = parcel.first == 0 ? 0 : parcel.first - 1;
    last = history.next == 0;
    SyncHistory news{history.device_key, history.chat, std::move(parcel.parcel)};
    if (last) news.parcel.parcels = history.parcels;
    send_items(m, {{SyncItem::Kind::kHistory, codec::encoded(news)}});
  }
  if (last) return end_history(m);
  drop_parcel(m);
  m.devices.parcel_out.succeed();
  put_devices(m);
}

void put_next_chunk(Machine& m) {
  ParcelOut& parcel = *m.devices.parcel;
  const ChunkCipher cipher(parcel.parcel.key.value, parcel.parcel.size);
  if (parcel.next == cipher.chunks()) return tell_parcel(m);
  const auto at = static_cast<size_t>(std::min<uint64_t>(parcel.next * kChunkPlainSize, parcel.parcel.size));
  const auto size = static_cast<size_t>(chunk_file_size(parcel.parcel.size, parcel.next));
  const ByteView plain = ByteView(parcel.bytes).subspan(at, size);
  const wire::BlobPut put{parcel.parcel.blob, cipher.chunks(), parcel.next, parcel.grant,
                          cipher.seal(parcel.next, plain)};
  m.link(uploader(), m.self->record.home).submit(put, [&m, blob = put.blob](const Result<wire::Reply>& reply) {
    if (!is_current(m, blob)) return;
    const auto* state = reply ? std::get_if<wire::BlobState>(&*reply) : nullptr;
    if (state == nullptr) return fail(m, outcome_of(reply));
    // A home that has lost what it was given before has a parcel that never opens.
    if (state->stored <= m.devices.parcel->next) return fail(m, {});
    ++m.devices.parcel->next;
    m.devices.parcel_out.cancel();
  });
}

void ask_for_grant(Machine& m) {
  const HistoryParcel& parcel = m.devices.parcel->parcel;
  m.mailbox().submit(wire::BlobGrant{chunk_count(parcel.size)},
                     [&m, blob = parcel.blob](const Result<wire::Reply>& reply) {
                       if (!is_current(m, blob)) return;
                       const auto* granted = reply ? std::get_if<wire::BlobGranted>(&*reply) : nullptr;
                       if (granted == nullptr) return fail(m, outcome_of(reply));
                       m.devices.parcel->grant = granted->grant;
                       m.devices.parcel->stage = Stage::kPutting;
                       m.devices.parcel_out.cancel();
                     });
}

void on_read(Machine& m, uint64_t first, uint64_t last, Bytes bytes) {
  ParcelOut& parcel = *m.devices.parcel;
  parcel.bytes = std::move(bytes);
  parcel.parcel.size = parcel.bytes.size();
  parcel.first = first;
  parcel.last = last;
  parcel.stage = Stage::kAsking;
  m.devices.parcel_out.cancel();
}

Bytes bytes_of(std::map<uint64_t, Held> held) {
  std::vector<HandedMessage> messages;
  for (auto& [position, each] : held) {
    messages.push_back({position, std::move(each.history), std::move(each.index), std::move(each.state)});
  }
  return codec::encoded(messages);
}

// Of a chat that is only kept, whose messages have no place but the one in which they came: the oldest first.
void read_kept_messages(Machine& m, const HistoryOut& history, const wire::BlobId& blob) {
  const uint64_t first = uint64_t{history.parcels} * kParcelMessages + 1;
  const uint64_t last = std::min(history.next, first + kParcelMessages - 1);
  m.journal.then([&m, chat = history.chat, blob, first, last] {
    m.load(record_key(RecordKind::kKeptMessage, chat.view(), first),
           record_key(RecordKind::kKeptMessage, chat.view(), last + 1), kParcelMessages, false,
           [&m, blob, first, last](const std::vector<LoadedRecord>& records) {
             if (!is_current(m, blob)) return;
             std::vector<HandedKept> messages;
             for (const LoadedRecord& each : records) messages.push_back({to_bytes(each.value.reveal())});
             on_read(m, first, last, codec::encoded(messages));
           });
  });
}

void read_messages(Machine& m) {
  const HistoryOut& history = m.devices.record.histories.front();
  ParcelOut& parcel = m.devices.parcel.emplace();
  parcel.parcel.blob = m.random_id<wire::BlobId>();
  parcel.parcel.home = m.self->record.home.key;
  parcel.parcel.key.value = crypto::Secret<32>::random(m.random);
  if (is_pack(m, history.chat)) {
    return load_stickers(m, pack_named(m, history.chat), [&m, blob = parcel.parcel.blob](Bytes file) {
      if (is_current(m, blob)) on_read(m, 0, 0, std::move(file));
    });
  }
  if (m.kept.contains(history.chat)) return read_kept_messages(m, history, parcel.parcel.blob);
  const uint64_t first = history.next > kParcelMessages ? history.next - kParcelMessages + 1 : 1;
  std::vector<uint64_t> positions;
  for (uint64_t at = first; at <= history.next; ++at) positions.push_back(at);
  m.journal.then([&m, chat = history.chat, blob = parcel.parcel.blob, first, positions] {
    load_held(m, chat, positions, [&m, blob, first](std::map<uint64_t, Held> held) {
      if (is_current(m, blob)) on_read(m, first, 0, bytes_of(std::move(held)));
    });
  });
}

bool is_over(const Machine& m, const HistoryOut& history) {
  const auto& devices = m.devices.record.devices;
  const bool there = std::ranges::find(devices, history.device_key, &OwnDevice::device_key) != devices.end();
  return !there || !(m.chats.contains(history.chat) || m.kept.contains(history.chat) || is_pack(m, history.chat));
}

}  // namespace

void begin_history(Machine& m, const Chat& chat, const ByteArray<32>& device_key) {
  m.devices.record.histories.push_back({device_key, chat.record.chat, chat.record.last.value, 0});
  put_devices(m);
}

void pump_history_out(Machine& m, Instant& wake) {
  auto& histories = m.devices.record.histories;
  if (histories.empty() || !m.devices.parcel_out.may_start(m.now, wake)) return;
  if (is_over(m, histories.front())) return end_history(m);
  m.devices.parcel_out.start();
  if (!m.devices.parcel) return read_messages(m);
  switch (m.devices.parcel->stage) {
    case Stage::kReading:
      return;
    case Stage::kAsking:
      return ask_for_grant(m);
    case Stage::kPutting:
      return put_next_chunk(m);
  }
}

}  // namespace godwit::engine
