#include "engine/uploads.h"

#include <algorithm>

#include "engine/channels.h"
#include "engine/commits.h"
#include "engine/held.h"
#include "engine/history.h"
#include "engine/home_move.h"
#include "engine/outbox.h"
#include "engine/speaking.h"
#include "engine/transfers.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

Bytes upload_key(const FileOwner& of, uint64_t number) {
  return transfer_key(RecordKind::kUpload, RecordKind::kPostUpload, of, number);
}

Bytes paused_key(const ChatId& chat, uint64_t number) {
  return record_key(RecordKind::kPaused, chat.view(), number);
}

// Chunks go to the own home as nobody, on a session that belongs to no chat. What was begun before a move ends where it began.
Link& blob_link(Machine& m, const Upload& upload) {
  const FormerHome* former = find_former_home(m, upload.record.file.home.key);
  return m.link(uploader(), former == nullptr ? m.self->record.home : former->home);
}

// The mailbox for which that home keeps the file.
Link& granter(Machine& m, const Upload& upload) {
  const FormerHome* former = find_former_home(m, upload.record.file.home.key);
  return former == nullptr ? m.mailbox() : m.mailbox_at(former->home);
}

Upload* find_upload(Machine& m, const FileOwner& of, uint64_t number) {
  Transfers* transfers = find_transfers(m, of);
  if (transfers == nullptr) return nullptr;
  const auto found = transfers->uploads.find(number);
  return found == transfers->uploads.end() ? nullptr : &found->second;
}

uint64_t bytes_before(const Upload& upload, uint32_t chunks) {
  return std::min(upload.record.file.size, chunks * kChunkPlainSize);
}

FileProgress progress_of(const FileOwner& of, const Upload& upload) {
  FileProgress progress =
      progress_of(of, upload.record.id, true, bytes_before(upload, upload.stored), upload.record.file.size);
  progress.paused = upload.paused;
  return progress;
}

// It cannot be sent as it is.
void give_up(Machine& m, const FileOwner& of, Upload& upload, uint64_t number, Error why) {
  FileProgress progress = progress_of(of, upload);
  progress.error = why;
  tell_progress(m, upload, std::move(progress));
  cancel_upload(m, of, number);
  if (const auto* channel = std::get_if<wire::ChannelId>(&of)) return on_post_file_failed(m, *channel, number, why);
  Chat& chat = m.chats.at(std::get<ChatId>(of));
  move_message(m, chat, number, Delivery::kFailed);
  m.touch(chat);
}

// Not now, or never.
void on_refused(Machine& m, const FileOwner& of, Upload& upload, uint64_t number, const Outcome& outcome) {
  touch(m, of);
  if (outcome.is(wire::kIdTaken)) {
    return give_up(m, of, upload, number, {kFileChanged, "the same chunk has the same bytes"});
  }
  const bool again =
      outcome.is(wire::kBlobRefused) || outcome.is(wire::kNoSuchBlob);  // with another grant, or from the start
  if (!again && outcome.error->code.action != Action::kRetryLater) {
    return give_up(m, of, upload, number, *outcome.error);
  }
  if (again && !upload.record.grant.empty()) {
    upload.record.grant.clear();
    m.journal.put(upload_key(of, number), upload.record);
  }
  begin_anew(upload, blob_link(m, upload), 0);
  upload.looked = false;
  upload.attempt.fail(m.now, outcome.retry_after, m.random);
  if (again) return;
  FileProgress progress = progress_of(of, upload);
  progress.error = outcome.error;
  tell_progress(m, upload, std::move(progress));
}

void ask_for_grant(Machine& m, const FileOwner& of, Upload& upload, uint64_t number) {
  upload.asking = true;
  const wire::BlobGrant request{chunk_count(upload.record.file.size)};
  granter(m, upload).submit(request, [&m, of, number](const Result<wire::Reply>& reply) {
    Upload* asked = find_upload(m, of, number);
    if (asked == nullptr) return;
    asked->asking = false;
    touch(m, of);
    const auto* granted = reply ? std::get_if<wire::BlobGranted>(&*reply) : nullptr;
    if (granted == nullptr) return on_refused(m, of, *asked, number, outcome_of(reply));
    asked->record.grant = granted->grant;
    m.journal.put(upload_key(of, number), asked->record);
  });
}

void look(Machine& m, const FileOwner& of, Upload& upload, uint64_t number) {
  upload.asking = true;
  blob_link(m, upload).submit(
      wire::BlobLook{upload.record.file.blob}, [&m, of, number](const Result<wire::Reply>& reply) {
        Upload* asked = find_upload(m, of, number);
        if (asked == nullptr) return;
        asked->asking = false;
        touch(m, of);
        const auto* state = reply ? std::get_if<wire::BlobState>(&*reply) : nullptr;
        if (state == nullptr) return on_refused(m, of, *asked, number, outcome_of(reply));
        asked->looked = true;
        asked->stored = asked->next = std::min(state->stored, chunk_count(asked->record.file.size));
        m.counters.blob_resumed += state->stored > 0 ? 1 : 0;
      });
}

void on_put(Machine& m, const FileOwner& of, uint64_t number, uint64_t run, RequestId request,
            const Result<wire::Reply>& reply) {
  Upload* upload = find_upload(m, of, number);
  if (upload == nullptr || upload->run != run) return;
  upload->requests.erase(request);
  --upload->in_flight;
  touch(m, of);
  const auto* state = reply ? std::get_if<wire::BlobState>(&*reply) : nullptr;
  if (state == nullptr) return on_refused(m, of, *upload, number, outcome_of(reply));
  upload->attempt.succeed();
  upload->told_trouble = false;
  const uint32_t chunks = chunk_count(upload->record.file.size);
  upload->stored = std::max(upload->stored, std::min(state->stored, chunks));
  tell_progress(m, *upload, progress_of(of, *upload));
  // All were sent and some are missing: the home has lost count, as by a restart.
  if (upload->in_flight == 0 && upload->next == chunks && upload->stored < chunks) upload->looked = false;
}

void put_chunk(Machine& m, const FileOwner& of, Upload& upload, uint64_t number, uint32_t index, ByteView bytes) {
  const FileBody& file = upload.record.file;
  const ChunkCipher cipher(file.key.value, file.size);
  wire::BlobPut put{file.blob, cipher.chunks(), index, upload.record.grant, cipher.seal(index, bytes)};
  // The id of a request is known only after it was submitted, and its answer comes later still.
  const auto request = std::make_shared<RequestId>();
  *request =
      blob_link(m, upload).submit(put, [&m, of, number, run = upload.run, request](const Result<wire::Reply>& reply) {
        on_put(m, of, number, run, *request, reply);
      });
  upload.requests.insert(*request);
}

// Reads a chunk, and sends it if the file is as it was.
void begin_chunk(Machine& m, const FileOwner& of, Upload& upload, uint64_t number, uint32_t index) {
  ++upload.in_flight;
  const auto size = static_cast<uint32_t>(chunk_file_size(upload.record.file.size, index));
  read_file(m, upload.record.source, index * kChunkPlainSize, size,
            [&m, of, number, index, size, run = upload.run](const FileRead& read) {
              Upload* reading = find_upload(m, of, number);
              if (reading == nullptr || reading->run != run) return;
              const UploadRecord& record = reading->record;
              const bool changed = read.error || read.size != record.file.size ||
                                   read.version != record.source_version || read.bytes.size() != size;
              constexpr Error kChanged{kFileChanged, "a file stays as it is while it is sent"};
              if (changed) return give_up(m, of, *reading, number, kChanged);
              put_chunk(m, of, *reading, number, index, read.bytes);
            });
}

// From now on it is a message like any other.
void send_message_of(Machine& m, Chat& chat, Upload& upload, uint64_t position) {
  if (std::exchange(upload.finishing, true)) return;
  with_message(m, chat, upload.record.id, [&m, position](Chat& of, Held* held) {
    auto node = of.uploads.extract(position);
    if (node.empty()) return;
    m.journal.erase(upload_key(of.record.chat, position));
    m.touch(of);
    if (held == nullptr || held->state.deleted_by) return;
    held->history.file = std::move(node.mapped().record.file);
    queue_again(m, of, held->history, position);
    want_refresh_by_itself(m, of);
  });
}

// All of it is at the home.
void finish(Machine& m, const FileOwner& of, Upload& upload, uint64_t number) {
  if (const auto* chat = std::get_if<ChatId>(&of)) return send_message_of(m, m.chats.at(*chat), upload, number);
  m.journal.erase(upload_key(of, number));
  find_transfers(m, of)->uploads.erase(number);
}

// It waited for so long that the home where it was begun is left behind for good: it goes to the present one, from the start.
void bring_home(Machine& m, const ChatId& chat, Upload& upload, uint64_t number) {
  FileBody& file = upload.record.file;
  if (file.home.key == m.self->record.home.key || find_former_home(m, file.home.key) != nullptr) return;
  file.home = m.self->record.home;
  upload.record.grant.clear();
  upload.stored = 0;
  m.journal.put(upload_key(chat, number), upload.record);
}

// The file was found: from here on it is a message.
void take_file(Machine& m, CommandId id, const SendFile& command, const FileRead& found) {
  if (found.error) return m.fail(id, *found.error);
  if (found.size > kFileSizeMax) return m.fail(id, {kFileTooLarge, "a file has at most 2 GiB"});
  Chat& chat = m.chats.at(command.chat);
  FileBody file = file_to_send(m, command, found.size);
  if (const Status right = check_media(file); !right) return m.fail(id, right.error());
  Upload upload;
  UploadRecord& record = upload.record;
  record.id = m.random_id<MessageId>();
  record.sent_ms = m.wall().ms;
  record.source = command.source;
  record.source_version = found.version;
  const uint64_t position = chat.record.last.value + 1;
  HistoryRecord history = own_record(m, chat, ContentKind::kFile);
  history.id = record.id;
  history.reply_to = command.reply_to;
  history.text = std::exchange(file.caption, {});
  history.file = file.clone();
  record.file = std::move(file);
  add_upload(m, command.chat, position, std::move(upload));
  const Message message = append_message(m, chat, std::move(history));
  m.done_then(id, MessageQueued{message});
}

}  // namespace

FileBody file_to_send(Machine& m, const SendFile& command, uint64_t size) {
  FileBody file;
  file.home = m.self->record.home;
  file.blob = m.random_id<wire::BlobId>();
  file.key = {crypto::Secret<32>::random(m.random)};
  file.size = size;
  file.name = clean_file_name(command.name.empty() ? command.source : command.name);
  file.mime = clean_mime(command.mime, file.name);
  file.caption = command.caption;
  if (!command.media) return file;
  const MediaInfo& media = *command.media;
  file.kind = media.kind;
  file.width = media.width;
  file.height = media.height;
  file.duration_ms = media.duration_ms;
  file.waveform = media.waveform;
  file.thumbnail = media.thumbnail;
  file.pack = media.pack;
  file.emoji = media.emoji;
  return file;
}

void add_upload(Machine& m, const FileOwner& of, uint64_t number, Upload upload) {
  m.journal.put(upload_key(of, number), upload.record);
  find_transfers(m, of)->uploads.emplace(number, std::move(upload));
  m.journal.then([&m, of, number] {
    if (Upload* stored = find_upload(m, of, number)) stored->stored_record = true;
    touch(m, of);
  });
}

ChatId uploader() {
  ChatId id;
  constexpr std::string_view kName = "godwit uploads 1";
  static_assert(kName.size() == ChatId::kSize);
  std::copy(kName.begin(), kName.end(), id.value.begin());
  return id;
}

bool pause_upload(Machine& m, const ChatId& chat, const MessageId& message, bool paused) {
  auto& uploads = m.chats.at(chat).uploads;
  const auto found = std::ranges::find_if(uploads, [&](const auto& each) { return each.second.record.id == message; });
  if (found == uploads.end() || found->second.finishing) return false;
  auto& [number, upload] = *found;
  if (std::exchange(upload.paused, paused) == paused) return true;
  if (paused) {
    m.journal.put(paused_key(chat, number), PausedRecord{});
    begin_anew(upload, blob_link(m, upload), 0);
    upload.looked = false;  // chunks that were on their way may have come
  } else {
    m.journal.erase(paused_key(chat, number));
    upload.attempt.succeed();
    bring_home(m, chat, upload, number);
  }
  upload.told_at = {};
  tell_progress(m, upload, progress_of(chat, upload));
  touch(m, chat);
  return true;
}

void cancel_upload(Machine& m, const FileOwner& of, uint64_t number) {
  Upload* upload = find_upload(m, of, number);
  if (upload == nullptr) return;
  begin_anew(*upload, blob_link(m, *upload), 0);
  if (upload->paused) m.journal.erase(paused_key(std::get<ChatId>(of), number));
  m.journal.erase(upload_key(of, number));
  find_transfers(m, of)->uploads.erase(number);
}

void send_file(Machine& m, CommandId id, const SendFile& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "an account of this profile"});
  const Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr) return m.fail(id, m.no_chat(command.chat));
  if (const Status right = check_turn(m, *chat, ContentKind::kFile); !right) return m.fail(id, right.error());
  if (chat->uploads.size() >= kTransfersMax) return m.fail(id, {kTransfersFull, "at most 100 files wait in a chat"});
  read_file(m, command.source, 0, 0, [&m, id, command](const FileRead& found) { take_file(m, id, command, found); });
}

void pump_upload(Machine& m, const FileOwner& of, uint64_t number) {
  Upload* upload = find_upload(m, of, number);
  if (upload == nullptr || upload->asking) return;
  if (upload->record.grant.empty()) return ask_for_grant(m, of, *upload, number);
  if (!upload->looked) return look(m, of, *upload, number);
  const uint32_t chunks = chunk_count(upload->record.file.size);
  if (upload->stored == chunks) return finish(m, of, *upload, number);
  const uint32_t most = chunks_at_once(blob_link(m, *upload));
  while (upload->in_flight < most && upload->next < chunks) begin_chunk(m, of, *upload, number, upload->next++);
}

}  // namespace godwit::engine
