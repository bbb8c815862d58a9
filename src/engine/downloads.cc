#include "engine/downloads.h"

#include <algorithm>

#include "engine/channels.h"
#include "engine/held.h"
#include "engine/members.h"
#include "engine/stickers.h"
#include "engine/transfers.h"
#include "engine/vanishing.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

Bytes download_key(const FileOwner& of, uint64_t number) {
  return transfer_key(RecordKind::kDownload, RecordKind::kPostDownload, of, number);
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
// any home, and all that this device does there would be led by them. A post's files are at its channel's home, whatever it says.
Link& file_link(Machine& m, const FileOwner& of, const FileBody& file) {
  if (const auto* channel = std::get_if<wire::ChannelId>(&of)) return channel_link(m, m.channels.all.at(*channel));
  const Chat& chat = m.chats.at(std::get<ChatId>(of));
  const wire::HomeAddress* known = known_address(m, chat, file.home.key);
  return m.link(chat.record.chat, known != nullptr ? *known : file.home);
}

Download* find_download(Machine& m, const FileOwner& of, uint64_t number) {
  Transfers* transfers = find_transfers(m, of);
  if (transfers == nullptr) return nullptr;
  const auto found = transfers->downloads.find(number);
  return found == transfers->downloads.end() ? nullptr : &found->second;
}

FileProgress progress_of(const FileOwner& of, const Download& download) {
  const uint64_t done = std::min(download.file.size, download.written * kChunkPlainSize);
  return progress_of(of, download.id, false, done, download.file.size);
}

void forget(Machine& m, const FileOwner& of, uint64_t number) {
  m.journal.erase(download_key(of, number));
  find_transfers(m, of)->fetched.erase(number);
}

// It does not go on; the same command may take it up again.
void give_up(Machine& m, const FileOwner& of, uint64_t number, Error why) {
  const auto node = find_transfers(m, of)->downloads.extract(number);
  Download& download = node.mapped();
  begin_anew(download, file_link(m, of, download.file), 0);
  FileProgress progress = progress_of(of, download);
  progress.error = why;
  tell_progress(m, download, std::move(progress));
  for (const CommandId command : download.commands) m.fail(command, why);
  // Of a pack nothing is kept that was not whole.
  const bool gone = why.code == kFileGone;
  if (gone || is_of_stickers(download.record.destination)) drop_file(m, download.record.destination, download.id);
  if (gone) forget(m, of, number);
  touch(m, of);
}

void start_at(Machine& m, const FileOwner& of, Download& download, uint32_t chunks) {
  begin_anew(download, file_link(m, of, download.file), chunks);
  download.arrived.clear();
  download.writing = false;
  download.written = chunks;
}

void on_refused(Machine& m, const FileOwner& of, Download& download, uint64_t number, const Outcome& outcome) {
  if (outcome.is(wire::kNoSuchBlob)) return give_up(m, of, number, {kFileGone, "a home keeps a file for 30 days"});
  if (outcome.error->code.action != Action::kRetryLater) return give_up(m, of, number, *outcome.error);
  start_at(m, of, download, download.written);
  download.attempt.fail(m.now, outcome.retry_after, m.random);
  FileProgress progress = progress_of(of, download);
  progress.error = outcome.error;
  tell_progress(m, download, std::move(progress));
}

void on_chunk(Machine& m, const FileOwner& of, uint64_t number, uint64_t run, RequestId request, uint32_t index,
              const Result<wire::Reply>& reply) {
  Download* download = find_download(m, of, number);
  if (download == nullptr || download->run != run) return;
  download->requests.erase(request);
  --download->in_flight;
  touch(m, of);
  const auto* chunk = reply ? std::get_if<wire::BlobChunk>(&*reply) : nullptr;
  if (chunk == nullptr) return on_refused(m, of, *download, number, outcome_of(reply));
  const ChunkCipher cipher(download->file.key.value, download->file.size);
  auto bytes = cipher.open(index, chunk->bytes);
  if (!bytes) return give_up(m, of, number, bytes.error());
  download->attempt.succeed();
  download->told_trouble = false;
  download->arrived.insert_or_assign(index, std::move(*bytes));
}

void on_written(Machine& m, const FileOwner& of, uint64_t number, uint64_t run, bool durable,
                const FileWritten& event) {
  Download* download = find_download(m, of, number);
  if (download == nullptr || download->run != run) return;
  touch(m, of);
  download->writing = false;
  if (event.error && event.error->code == kPartMissing && download->written > 0) {
    return start_at(m, of, *download, 0);
  }
  if (event.error) return give_up(m, of, number, *event.error);
  ++download->written;
  if (durable) {
    download->record.chunks = download->written;
    m.journal.put(download_key(of, number), download->record);
    find_transfers(m, of)->fetched.insert_or_assign(number, download->record);
  }
  tell_progress(m, *download, progress_of(of, *download));
}

void write_next(Machine& m, const FileOwner& of, Download& download, uint64_t number) {
  auto node = download.arrived.extract(download.written);
  download.writing = true;
  // Of a pack of stickers nothing is kept until all of it is here.
  const bool durable =
      (download.written + 1) % kChunksBetweenNotes == 0 && !is_of_stickers(download.record.destination);
  WriteFile write{
      {},     download.record.destination, download.id, download.written * kChunkPlainSize, std::move(node.mapped()),
      durable};
  write.offset = std::min(write.offset, download.file.size);  // of padding nothing is written
  write_file(m, std::move(write), [&m, of, number, run = download.run, durable](const FileWritten& event) {
    on_written(m, of, number, run, durable, event);
  });
}

void finish(Machine& m, const FileOwner& of, Download& download, uint64_t number) {
  download.writing = true;
  FinishFile finish{{}, download.record.destination, download.id, download.file.name, download.file.size};
  write_file(m, std::move(finish), [&m, of, number, run = download.run](const FileWritten& event) {
    const Download* finished = find_download(m, of, number);
    if (finished == nullptr || finished->run != run) return;
    if (event.error) return give_up(m, of, number, *event.error);
    const auto node = find_transfers(m, of)->downloads.extract(number);
    forget(m, of, number);
    const bool stickers = is_of_stickers(node.mapped().record.destination);
    for (const CommandId command : node.mapped().commands) {
      m.done_then(command, stickers ? Answer(added_stickers(m, event.path)) : Answer(FileSaved{event.path}));
    }
    touch(m, of);
  });
}

void get_chunk(Machine& m, const FileOwner& of, Download& download, uint64_t number, uint32_t index) {
  ++download.in_flight;
  const auto request = std::make_shared<RequestId>();
  *request = file_link(m, of, download.file)
                 .submit(wire::BlobGet{download.file.blob, index},
                         [&m, of, number, run = download.run, index, request](const Result<wire::Reply>& reply) {
                           on_chunk(m, of, number, run, *request, index, reply);
                         });
  download.requests.insert(*request);
}

// What brings it was read: begins where the last time ended, if it goes to the same place.
void begin(Machine& m, CommandId id, const GetFile& command, const FileOwner& of, uint64_t number, FileBody file) {
  if (is_of_stickers(command.destination)) {
    if (const Status right = may_be_stickers(m, file); !right) return m.fail(id, right.error());
  }
  Transfers& transfers = *find_transfers(m, of);
  const auto running = transfers.downloads.find(number);
  if (running != transfers.downloads.end()) {
    if (running->second.record.destination == command.destination) return running->second.commands.push_back(id);
    return m.fail(id, {kTransfersFull, "a file is fetched to one place at a time"});
  }
  Download download;
  download.id = command.message;
  download.run = ++m.last_file_op << 20;  // what the host still says of one that was held up is of an earlier one
  download.file = std::move(file);
  download.commands.push_back(id);
  const auto before = transfers.fetched.find(number);
  if (before != transfers.fetched.end()) {
    download.record = before->second;
    if (download.record.destination != command.destination) {
      drop_file(m, download.record.destination, download.id);
      download.record = {};
    }
  }
  download.record.destination = command.destination;
  download.record.part = download.id;
  download.written = download.next = std::min(download.record.chunks, chunk_count(download.file.size));
  m.counters.blob_resumed += download.written > 0 ? 1 : 0;
  m.journal.put(download_key(of, number), download.record);
  transfers.fetched.insert_or_assign(number, download.record);
  transfers.downloads.emplace(number, std::move(download));
  touch(m, of);
}

constexpr Error kNoFileThere{kNoSuchFile, "a message or a post with a file"};

void get_post_file(Machine& m, CommandId id, const GetFile& command) {
  const wire::ChannelId of = *command.channel;
  if (find_channel(m, of) == nullptr) return m.fail(id, {kNoSuchChannel, "a channel of this profile"});
  load_post(m, of, command.post, [&m, id, command, of](Channel&, std::optional<KeptPost> kept) {
    for (size_t i = 0; kept && i < kept->content.files.size(); ++i) {
      FileBody& file = kept->content.files[i];
      if (post_file_id(file.blob) != command.message) continue;
      return begin(m, id, command, of, post_file_number(command.post, i), std::move(file));
    }
    m.fail(id, kNoFileThere);
  });
}

}  // namespace

void get_file(Machine& m, CommandId id, const GetFile& command) {
  const bool of_channel = command.channel.has_value() && !command.chat;
  if (!of_channel && !command.chat) return m.fail(id, {kNoSuchChat, "a file is in a chat or in a channel"});
  const FileOwner of = of_channel ? FileOwner(*command.channel) : FileOwner(*command.chat);
  const Transfers* transfers = find_transfers(m, of);
  if (transfers != nullptr && transfers->downloads.size() >= kTransfersMax) {
    return m.fail(id, {kTransfersFull, "at most 100 files wait in a chat or a channel"});
  }
  if (of_channel) return get_post_file(m, id, command);
  Chat* chat = m.find_chat(*command.chat);
  if (chat == nullptr) return m.fail(id, m.no_chat(*command.chat));
  with_message(m, *chat, command.message, [&m, id, command, of](Chat&, Held* held) {
    const bool there = held != nullptr && !has_expired(m, held->index) && held->history.file;
    if (!there) return m.fail(id, kNoFileThere);
    begin(m, id, command, of, held->position, std::move(*held->history.file));
  });
}

bool pause_download(Machine& m, const FileOwner& of, const MessageId& message) {
  const auto& downloads = find_transfers(m, of)->downloads;
  const auto found = std::ranges::find_if(downloads, [&](const auto& each) { return each.second.id == message; });
  const bool whole = found != downloads.end() && found->second.written == chunk_count(found->second.file.size);
  if (found == downloads.end() || whole) return false;
  give_up(m, of, found->first, {kFilePaused, "it was held up by command"});
  return true;
}

void drop_download(Machine& m, const FileOwner& of, uint64_t number, const Error& why) {
  Transfers& transfers = *find_transfers(m, of);
  if (transfers.downloads.contains(number)) give_up(m, of, number, why);
  const auto kept = transfers.fetched.find(number);
  if (kept == transfers.fetched.end()) return;
  drop_file(m, kept->second.destination, kept->second.part);
  forget(m, of, number);
}

void pump_download(Machine& m, const FileOwner& of, uint64_t number) {
  Download* download = find_download(m, of, number);
  if (download == nullptr) return;
  const uint32_t chunks = chunk_count(download->file.size);
  if (!download->writing && download->written == chunks) return finish(m, of, *download, number);
  if (!download->writing && download->arrived.contains(download->written)) write_next(m, of, *download, number);
  const uint32_t most = chunks_at_once(file_link(m, of, download->file));
  const auto held = [&] { return download->in_flight + download->arrived.size() + (download->writing ? 1 : 0); };
  while (held() < most && download->next < chunks) get_chunk(m, of, *download, number, download->next++);
}

}  // namespace godwit::engine
