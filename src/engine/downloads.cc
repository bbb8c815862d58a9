#include "engine/downloads.h"

#include <algorithm>

#include "engine/held.h"
#include "engine/members.h"
#include "engine/transfers.h"
#include "engine/vanishing.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

Bytes download_key(const ChatId& chat, uint64_t position) {
  return record_key(RecordKind::kDownload, chat.view(), position);
}

// What is known of a home already: the own one, or a contact's. Null if it is known from nowhere.
const wire::HomeAddress* known_address(const Machine& m, const Chat& chat, const wire::HomeKey& home) {
  if (m.self && m.self->record.home.key == home) return &m.self->record.home;
  const wire::HomeAddress* known = home_of_members(chat, home);
  for (auto other = m.chats.begin(); known == nullptr && other != m.chats.end(); ++other) {
    known = home_of_members(other->second, home);
  }
  return known;
}

// The routes in a message are for a home that nobody else has told of: else its sender could put his own ones among those of
// any home, and all that this device does there would be led by them.
Link& file_link(Machine& m, const Chat& chat, const FileBody& file) {
  const wire::HomeAddress* known = known_address(m, chat, file.home.key);
  return m.link(chat.record.chat, known != nullptr ? *known : file.home);
}

Download* find_download(Machine& m, const ChatId& id, uint64_t position) {
  Chat* chat = m.find_chat(id);
  if (chat == nullptr) return nullptr;
  const auto found = chat->downloads.find(position);
  return found == chat->downloads.end() ? nullptr : &found->second;
}

FileProgress progress_of(const Chat& chat, const Download& download) {
  const uint64_t done = std::min(download.file.size, download.written * kChunkPlainSize);
  return {chat.record.chat, download.id, false, done, download.file.size, {}};
}

void forget(Machine& m, Chat& chat, uint64_t position) {
  m.journal.erase(download_key(chat.record.chat, position));
  chat.fetched.erase(position);
}

// It does not go on; the same command may take it up again.
void give_up(Machine& m, Chat& chat, uint64_t position, Error why) {
  const auto node = chat.downloads.extract(position);
  Download& download = node.mapped();
  begin_anew(download, file_link(m, chat, download.file), 0);
  FileProgress progress = progress_of(chat, download);
  progress.error = why;
  tell_progress(m, download, std::move(progress));
  for (const CommandId command : download.commands) m.fail(command, why);
  if (why.code == kFileGone) {
    m.effects.push_back(DropFile{download.record.destination, download.id});
    forget(m, chat, position);
  }
  m.touch(chat);
}

void start_at(Machine& m, Chat& chat, Download& download, uint32_t chunks) {
  begin_anew(download, file_link(m, chat, download.file), chunks);
  download.arrived.clear();
  download.writing = false;
  download.written = chunks;
}

void on_refused(Machine& m, Chat& chat, uint64_t position, const Outcome& outcome) {
  Download& download = chat.downloads.at(position);
  if (outcome.is(wire::kNoSuchBlob)) return give_up(m, chat, position, {kFileGone, "a home keeps a file for 30 days"});
  if (outcome.error->code.action != Action::kRetryLater) return give_up(m, chat, position, *outcome.error);
  start_at(m, chat, download, download.written);
  download.attempt.fail(m.now, outcome.retry_after, m.random);
  FileProgress progress = progress_of(chat, download);
  progress.error = outcome.error;
  tell_progress(m, download, std::move(progress));
}

void on_chunk(Machine& m, const ChatId& id, uint64_t position, uint64_t run, RequestId request, uint32_t index,
              const Result<wire::Reply>& reply) {
  Download* download = find_download(m, id, position);
  if (download == nullptr || download->run != run) return;
  download->requests.erase(request);
  --download->in_flight;
  Chat& chat = m.chats.at(id);
  m.touch(chat);
  const auto* chunk = reply ? std::get_if<wire::BlobChunk>(&*reply) : nullptr;
  if (chunk == nullptr) return on_refused(m, chat, position, outcome_of(reply));
  const ChunkCipher cipher(download->file.key.value, download->file.size);
  auto bytes = cipher.open(index, chunk->bytes);
  if (!bytes) return give_up(m, chat, position, bytes.error());
  download->attempt.succeed();
  download->told_trouble = false;
  download->arrived.insert_or_assign(index, std::move(*bytes));
}

void on_written(Machine& m, const ChatId& id, uint64_t position, uint64_t run, bool durable, const FileWritten& event) {
  Download* download = find_download(m, id, position);
  if (download == nullptr || download->run != run) return;
  Chat& chat = m.chats.at(id);
  m.touch(chat);
  download->writing = false;
  if (event.error && event.error->code == kPartMissing && download->written > 0) {
    return start_at(m, chat, *download, 0);
  }
  if (event.error) return give_up(m, chat, position, *event.error);
  ++download->written;
  if (durable) {
    download->record.chunks = download->written;
    m.journal.put(download_key(id, position), download->record);
    chat.fetched.insert_or_assign(position, download->record);
  }
  tell_progress(m, *download, progress_of(chat, *download));
}

void write_next(Machine& m, Chat& chat, uint64_t position) {
  Download& download = chat.downloads.at(position);
  auto node = download.arrived.extract(download.written);
  download.writing = true;
  const bool durable = (download.written + 1) % kChunksBetweenNotes == 0;
  WriteFile write{
      {},     download.record.destination, download.id, download.written * kChunkPlainSize, std::move(node.mapped()),
      durable};
  write.offset = std::min(write.offset, download.file.size);  // of padding nothing is written
  write_file(m, std::move(write),
             [&m, id = chat.record.chat, position, run = download.run, durable](const FileWritten& event) {
               on_written(m, id, position, run, durable, event);
             });
}

void finish(Machine& m, Chat& chat, uint64_t position) {
  Download& download = chat.downloads.at(position);
  download.writing = true;
  FinishFile finish{{}, download.record.destination, download.id, download.file.name, download.file.size};
  write_file(m, std::move(finish), [&m, id = chat.record.chat, position](const FileWritten& event) {
    if (find_download(m, id, position) == nullptr) return;
    Chat& of = m.chats.at(id);
    if (event.error) return give_up(m, of, position, *event.error);
    const auto node = of.downloads.extract(position);
    forget(m, of, position);
    for (const CommandId command : node.mapped().commands) m.done_then(command, FileSaved{event.path});
    m.touch(of);
  });
}

void get_chunk(Machine& m, Chat& chat, uint64_t position, uint32_t index) {
  Download& download = chat.downloads.at(position);
  ++download.in_flight;
  const auto request = std::make_shared<RequestId>();
  *request =
      file_link(m, chat, download.file)
          .submit(wire::BlobGet{download.file.blob, index},
                  [&m, id = chat.record.chat, position, run = download.run, index, request](
                      const Result<wire::Reply>& reply) { on_chunk(m, id, position, run, *request, index, reply); });
  download.requests.insert(*request);
}

// The message was read: begins where the last time ended, if it goes to the same place.
void begin(Machine& m, CommandId id, const GetFile& command, uint64_t position, std::optional<FileBody> file) {
  Chat& chat = m.chats.at(command.chat);
  if (!file) return m.fail(id, {kNoSuchFile, "a message with a file"});
  const auto running = chat.downloads.find(position);
  if (running != chat.downloads.end()) {
    if (running->second.record.destination == command.destination) return running->second.commands.push_back(id);
    return m.fail(id, {kTransfersFull, "a file is fetched to one place at a time"});
  }
  Download download;
  download.id = command.message;
  download.file = std::move(*file);
  download.commands.push_back(id);
  const auto before = chat.fetched.find(position);
  if (before != chat.fetched.end()) {
    download.record = before->second;
    if (download.record.destination != command.destination) {
      m.effects.push_back(DropFile{download.record.destination, download.id});
      download.record = {};
    }
  }
  download.record.destination = command.destination;
  download.written = download.next = std::min(download.record.chunks, chunk_count(download.file.size));
  m.counters.blob_resumed += download.written > 0 ? 1 : 0;
  m.journal.put(download_key(command.chat, position), download.record);
  chat.fetched.insert_or_assign(position, download.record);
  chat.downloads.emplace(position, std::move(download));
  m.touch(chat);
}

}  // namespace

void get_file(Machine& m, CommandId id, const GetFile& command) {
  Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr) return m.fail(id, m.no_chat(command.chat));
  if (chat->downloads.size() >= kTransfersMax) return m.fail(id, {kTransfersFull, "at most 100 files wait in a chat"});
  with_message(m, *chat, command.message, [&m, id, command](Chat&, Held* held) {
    if (held == nullptr || has_expired(m, held->index)) return m.fail(id, {kNoSuchFile, "a message with a file"});
    begin(m, id, command, held->position, std::move(held->history.file));
  });
}

void pump_download(Machine& m, Chat& chat, uint64_t position) {
  Download& download = chat.downloads.at(position);
  const uint32_t chunks = chunk_count(download.file.size);
  if (!download.writing && download.written == chunks) return finish(m, chat, position);
  if (!download.writing && download.arrived.contains(download.written)) write_next(m, chat, position);
  const uint32_t most = chunks_at_once(file_link(m, chat, download.file));
  const auto held = [&] { return download.in_flight + download.arrived.size() + (download.writing ? 1 : 0); };
  while (held() < most && download.next < chunks) get_chunk(m, chat, position, download.next++);
}

}  // namespace godwit::engine
