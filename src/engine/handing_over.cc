#include "engine/handing_over.h"

#include <algorithm>

#include "engine/devices.h"
#include "engine/file_chunks.h"
#include "engine/held.h"
#include "engine/sync.h"
#include "engine/uploads.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

using Stage = ParcelOut::Stage;

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
  history.next = parcel.first - 1;
  ++history.parcels;
  SyncHistory news{history.device_key, history.chat, std::move(parcel.parcel)};
  if (history.next == 0) news.parcel.parcels = history.parcels;
  send_items(m, {{SyncItem::Kind::kHistory, codec::encoded(news)}});
  if (history.next == 0) return end_history(m);
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

void on_read(Machine& m, uint64_t first, std::map<uint64_t, Held> held) {
  std::vector<HandedMessage> messages;
  for (auto& [position, each] : held) {
    messages.push_back({position, std::move(each.history), std::move(each.index), std::move(each.state)});
  }
  ParcelOut& parcel = *m.devices.parcel;
  parcel.bytes = codec::encoded(messages);
  parcel.parcel.size = parcel.bytes.size();
  parcel.first = first;
  parcel.stage = Stage::kAsking;
  m.devices.parcel_out.cancel();
}

void read_messages(Machine& m) {
  const HistoryOut& history = m.devices.record.histories.front();
  ParcelOut& parcel = m.devices.parcel.emplace();
  parcel.parcel.blob = m.random_id<wire::BlobId>();
  parcel.parcel.home = m.self->record.home.key;
  parcel.parcel.key.value = crypto::Secret<32>::random(m.random);
  const uint64_t first = history.next > kParcelMessages ? history.next - kParcelMessages + 1 : 1;
  std::vector<uint64_t> positions;
  for (uint64_t at = first; at <= history.next; ++at) positions.push_back(at);
  m.journal.then([&m, chat = history.chat, blob = parcel.parcel.blob, first, positions] {
    load_held(m, chat, positions, [&m, blob, first](std::map<uint64_t, Held> held) {
      if (is_current(m, blob)) on_read(m, first, std::move(held));
    });
  });
}

bool is_over(const Machine& m, const HistoryOut& history) {
  const auto& devices = m.devices.record.devices;
  const bool there = std::ranges::find(devices, history.device_key, &OwnDevice::device_key) != devices.end();
  return !there || !m.chats.contains(history.chat);
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
