#include "engine/transfers.h"

#include <algorithm>

#include "engine/channels.h"
#include "engine/downloads.h"
#include "engine/stickers.h"
#include "engine/uploads.h"

namespace godwit::engine {

void read_file(Machine& m, const std::string& source, uint64_t offset, uint32_t size,
               std::function<void(const FileRead&)> done) {
  const FileOpId op{++m.last_file_op};
  if (is_of_stickers(source)) return read_stickers(m, {op, source, offset, size}, std::move(done));
  m.file_reads.emplace(op, std::move(done));
  m.effects.push_back(ReadFile{op, source, offset, size});
}

void write_file(Machine& m, WriteFile operation, std::function<void(const FileWritten&)> done) {
  operation.op = FileOpId{++m.last_file_op};
  if (is_of_stickers(operation.destination)) return write_stickers(m, std::move(operation), std::move(done));
  m.file_writes.emplace(operation.op, std::move(done));
  m.effects.push_back(std::move(operation));
}

void write_file(Machine& m, FinishFile operation, std::function<void(const FileWritten&)> done) {
  operation.op = FileOpId{++m.last_file_op};
  if (is_of_stickers(operation.destination)) return finish_stickers(m, operation, std::move(done));
  m.file_writes.emplace(operation.op, std::move(done));
  m.effects.push_back(std::move(operation));
}

void drop_file(Machine& m, const std::string& destination, const MessageId& part) {
  if (is_of_stickers(destination)) return void(m.stickers.arriving.erase(part));
  m.effects.push_back(DropFile{destination, part});
}

void on_file_read(Machine& m, const FileRead& event) {
  const auto node = m.file_reads.extract(event.op);
  if (!node.empty()) node.mapped()(event);
}

void on_file_written(Machine& m, const FileWritten& event) {
  const auto node = m.file_writes.extract(event.op);
  if (!node.empty()) node.mapped()(event);
}

Transfers* find_transfers(Machine& m, const FileOwner& of) {
  if (const auto* channel = std::get_if<wire::ChannelId>(&of)) return find_channel(m, *channel);
  return m.find_chat(std::get<ChatId>(of));
}

void touch(Machine& m, const FileOwner& of) {
  // Channels are looked at in every turn.
  if (const auto* chat = std::get_if<ChatId>(&of)) m.touch(m.chats.at(*chat));
}

Bytes transfer_key(RecordKind of_chat, RecordKind of_channel, const FileOwner& of, uint64_t number) {
  if (const auto* channel = std::get_if<wire::ChannelId>(&of)) return record_key(of_channel, channel->view(), number);
  return record_key(of_chat, std::get<ChatId>(of).view(), number);
}

uint32_t chunks_at_once(const Link& link) { return link.is_small() ? kChunksAtOnceSmall : kChunksAtOnce; }

void begin_anew(Transfer& transfer, Link& link, uint32_t next) {
  for (const RequestId request : std::exchange(transfer.requests, {})) link.cancel(request);
  ++transfer.run;
  transfer.in_flight = 0;
  transfer.next = next;
}

FileProgress progress_of(const FileOwner& of, const MessageId& file, bool sending, uint64_t done, uint64_t total) {
  FileProgress progress{{}, file, sending, done, total, {}};
  if (const auto* channel = std::get_if<wire::ChannelId>(&of)) {
    progress.channel = *channel;
  } else {
    progress.chat = std::get<ChatId>(of);
  }
  return progress;
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
  const auto upload = chat.uploads.find(message.position.value);
  message.file->paused = upload != chat.uploads.end() && upload->second.paused;
}

void pause_file(Machine& m, CommandId id, const PauseFile& command) {
  const bool of_channel = command.channel.has_value() && !command.chat;
  if (!of_channel && !command.chat) return m.fail(id, {kNoSuchChat, "a file is in a chat or in a channel"});
  const FileOwner of = of_channel ? FileOwner(*command.channel) : FileOwner(*command.chat);
  if (find_transfers(m, of) == nullptr) {
    return m.fail(id, of_channel ? Error{kNoSuchChannel, "a channel of this profile"} : m.no_chat(*command.chat));
  }
  const bool sent = !of_channel && pause_upload(m, *command.chat, command.message, command.paused);
  if (!sent && !(command.paused && pause_download(m, of, command.message)))
    return m.fail(id, {kNoSuchFile, "a file that is on its way"});
  m.done_then(id, Nothing{});
}

void pump_transfers(Machine& m, const FileOwner& of, const Transfers& transfers, Instant& wake) {
  size_t under_way = 0;
  // One that waits out a pause gives its turn to the next.
  const auto has_turn = [&](const Transfer& transfer) {
    return transfer.attempt.may_start(m.now, wake) && under_way++ < kTransfersAtOnce;
  };
  std::vector<uint64_t> turns;
  for (const auto& [number, upload] : transfers.uploads) {
    if (upload.stored_record && !upload.paused && has_turn(upload)) turns.push_back(number);
  }
  for (const uint64_t number : turns) pump_upload(m, of, number);
  turns.clear();
  for (const auto& [number, download] : transfers.downloads) {
    if (has_turn(download)) turns.push_back(number);
  }
  for (const uint64_t number : turns) pump_download(m, of, number);
}

}  // namespace godwit::engine
