#include "engine/transfers.h"

#include <algorithm>

#include "engine/downloads.h"
#include "engine/uploads.h"

namespace godwit::engine {

void read_file(Machine& m, const std::string& source, uint64_t offset, uint32_t size,
               std::function<void(const FileRead&)> done) {
  const FileOpId op{++m.last_file_op};
  m.file_reads.emplace(op, std::move(done));
  m.effects.push_back(ReadFile{op, source, offset, size});
}

void on_file_read(Machine& m, const FileRead& event) {
  const auto node = m.file_reads.extract(event.op);
  if (!node.empty()) node.mapped()(event);
}

void on_file_written(Machine& m, const FileWritten& event) {
  const auto node = m.file_writes.extract(event.op);
  if (!node.empty()) node.mapped()(event);
}

uint32_t chunks_at_once(const Link& link) { return link.is_small() ? kChunksAtOnceSmall : kChunksAtOnce; }

void begin_anew(Transfer& transfer, Link& link, uint32_t next) {
  for (const RequestId request : std::exchange(transfer.requests, {})) link.cancel(request);
  ++transfer.run;
  transfer.in_flight = 0;
  transfer.next = next;
}

void tell_progress(Machine& m, Transfer& transfer, FileProgress progress) {
  const bool trouble = progress.error.has_value();
  const bool over = progress.done == progress.total;
  // What is tried again by itself is told once.
  if (trouble && progress.error->code.action == Action::kRetryLater && std::exchange(transfer.told_trouble, true))
    return;
  if (!trouble && !over && m.now < transfer.told_at + kProgressInterval) return;
  transfer.told_at = m.now;
  m.tell(std::move(progress));
}

FileInfo file_info(const FileBody& file) {
  MediaInfo media{file.kind,     file.width,     file.height, file.duration_ms,
                  file.waveform, file.thumbnail, file.pack,   file.emoji};
  return {file.name, file.mime, file.size, false, false, std::move(media)};
}

void note_transfer(const Chat& chat, Message& message) {
  if (!message.file) return;
  message.file->sending = chat.uploads.contains(message.position.value);
  message.file->fetching = chat.downloads.contains(message.position.value);
}

void pump_transfers(Machine& m, Chat& chat) {
  size_t under_way = 0;
  // One that waits out a pause gives its turn to the next.
  const auto has_turn = [&](const Transfer& transfer) {
    return transfer.attempt.may_start(m.now, chat.wake) && under_way++ < kTransfersAtOnce;
  };
  std::vector<uint64_t> turns;
  for (auto& [position, upload] : chat.uploads) {
    if (upload.stored_record && has_turn(upload)) turns.push_back(position);
  }
  for (const uint64_t position : turns) pump_upload(m, chat, position);
  turns.clear();
  for (auto& [position, download] : chat.downloads) {
    if (has_turn(download)) turns.push_back(position);
  }
  for (const uint64_t position : turns) pump_download(m, chat, position);
}

}  // namespace godwit::engine
