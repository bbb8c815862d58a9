// Own channels: made by a grant, then one entry after the other, each stored as it is signed before it leaves.

#include <algorithm>

#include "engine/backup.h"
#include "engine/channel_marks.h"
#include "engine/channels.h"
#include "engine/door_link.h"
#include "engine/member_info.h"
#include "engine/speaking.h"
#include "engine/sync.h"
#include "engine/transfers.h"
#include "engine/uploads.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

Result<Channel*> find_own(Machine& m, const wire::ChannelId& id) {
  Channel* channel = find_channel(m, id);
  REQUIRE(channel != nullptr, kNoSuchChannel, "a channel of this profile");
  REQUIRE(channel->record.seed.has_value() && !channel->record.ending, kNotChannelOwner,
          "its owner writes into a channel");
  REQUIRE(channel->record.drafts.size() < kChannelDraftsMax, kOutboxFull, "at most 16 entries wait");
  return channel;
}

Status check_head(std::string_view name, std::string_view description, const Bytes& picture) {
  TRY(check_name(name));
  REQUIRE(is_utf8(description), kNotText, "a description is UTF-8");
  REQUIRE(description.size() <= kChannelDescriptionMax, kTooLong, "a description has at most 4,096 bytes");
  REQUIRE(picture.size() <= kChannelPictureMax, kTooLong, "a channel's picture has at most 64 KiB");
  return {};
}

// Gives the number of the draft.
uint64_t draft(Machine& m, Channel& channel, std::optional<CommandId> command, ChannelContent content) {
  content.sent_ms = m.wall().ms;
  const uint64_t number = channel.record.draft_next++;
  channel.record.drafts.push_back({number, std::move(content)});
  channel.asked.push_back(command);
  put_channel(m, channel);
  return number;
}

// What the channel is, with what is on its way.
ChannelContent newest_head(const ChannelRecord& record) {
  for (size_t i = record.drafts.size(); i > 0; --i) {
    const ChannelContent& content = record.drafts[i - 1].content;
    if (content.kind == ChannelContentKind::kHead) return content.clone();
  }
  return record.head.clone();
}

bool is_uploading(const Channel& channel, const ChannelDraft& draft) {
  const auto first = channel.uploads.lower_bound(post_file_number(draft.number, 0));
  return first != channel.uploads.end() && first->first < post_file_number(draft.number + 1, 0);
}

void answer(Machine& m, Channel& channel, uint64_t sequence, const ChannelContent& content) {
  const auto command = channel.asked.front();
  channel.asked.pop_front();
  if (channel.making && content.kind == ChannelContentKind::kHead) {
    channel.record.head = content.clone();
    channel.record.head_at = sequence;
    m.done_then(*channel.making, ChannelMade{channel_info(channel)});
    channel.making.reset();
    want_backup(m);
    tell_channel(m, channel);
  }
  if (!command) return;
  const bool head = content.kind == ChannelContentKind::kHead;
  const uint64_t post = content.kind == ChannelContentKind::kPost ? sequence : content.post;
  m.done_then(*command, head ? Answer(Nothing{}) : Answer(Posted{post}));
}

void give_up(Machine& m, const wire::ChannelId& id, const Error& error) {
  Channel& channel = m.channels.all.at(id);
  if (channel.making) m.fail(*channel.making, error);
  for (const auto& command : channel.asked) {
    if (command) m.fail(*command, error);
  }
  if (!channel.record.made) return forget_channel(m, id);
  while (!channel.uploads.empty()) cancel_upload(m, id, channel.uploads.begin()->first);
  channel.asked.clear();
  channel.record.drafts.clear();
  channel.record.appending.clear();
  put_channel(m, channel);
}

void on_refused(Machine& m, const wire::ChannelId& id, const Outcome& outcome) {
  Channel& channel = m.channels.all.at(id);
  if (outcome.error->code.action == Action::kRetryLater) {
    return channel.writing.fail(m.now, outcome.retry_after, m.random);
  }
  channel.writing.succeed();
  const bool gone = outcome.is(wire::kNoSuchChannel);
  give_up(m, id, {gone ? kChannelGone : kRefusedByHome, outcome.error->rule});
}

void ask_grant(Machine& m, const wire::ChannelId& id) {
  m.mailbox().submit(wire::ChannelGrant{}, [&m, id](const Result<wire::Reply>& reply) {
    Channel* channel = find_channel(m, id);
    if (channel == nullptr) return;
    const auto* granted = reply ? std::get_if<wire::ChannelGranted>(&*reply) : nullptr;
    if (granted == nullptr) return on_refused(m, id, outcome_of(reply));
    channel->writing.succeed();
    channel->record.grant = granted->grant;
    put_channel(m, *channel);
  });
}

void create(Machine& m, const wire::ChannelId& id, Channel& channel) {
  const wire::ChannelCreate request{channel.record.link.key, channel.record.grant};
  channel_link(m, channel).submit(request, [&m, id](const Result<wire::Reply>& reply) {
    Channel* made = find_channel(m, id);
    if (made == nullptr) return;
    const Outcome outcome = outcome_of(reply);
    if (!outcome.ok()) return on_refused(m, id, outcome);
    made->writing.succeed();
    made->record.made = true;
    made->record.grant.clear();
    put_channel(m, *made);
  });
}

// What is being appended; nothing: nothing is.
std::optional<wire::ChannelEntry> appending(Machine& m, const ChannelRecord& record) {
  if (record.appending.empty()) return std::nullopt;
  auto entry = codec::decoded<wire::ChannelEntry>(record.appending);
  if (entry) return std::move(*entry);
  m.stop({kProfileDamaged, "what is being appended is an entry"});
  return std::nullopt;
}

// The first draft stands in the channel as this entry.
void on_stands(Machine& m, Channel& channel, const wire::ChannelEntry& entry) {
  ChannelRecord& record = channel.record;
  record.next = entry.header.sequence + 1;
  record.last_hash = hash_of(entry.header);
  record.appending.clear();
  const ChannelDraft done = std::move(record.drafts.front());
  record.drafts.erase(record.drafts.begin());
  answer(m, channel, entry.header.sequence, done.content);
}

void on_appended(Machine& m, const wire::ChannelId& id, const ByteArray<32>& sent, const Result<wire::Reply>& reply) {
  Channel* channel = find_channel(m, id);
  if (channel == nullptr) return;
  ChannelRecord& record = channel->record;
  const Outcome outcome = outcome_of(reply);
  const auto entry = appending(m, record);
  // It was read before its answer came.
  if (!entry || hash_of(entry->header) != sent) return channel->writing.succeed();
  const bool moved = outcome.is(wire::kChannelMoved);
  // Another own device has written, or this profile was put back. That was read, it is not ours, and so ours goes behind it.
  if (moved && record.read >= record.next) {
    record.appending.clear();
    put_channel(m, *channel);
    return channel->writing.succeed();
  }
  // It has become shorter (channel_reading.cc): nothing of ours can follow what the home has.
  if (moved && record.trouble == kChannelForked.number) {
    channel->writing.succeed();
    return give_up(m, id, {kChannelForked, "a channel does not become shorter"});
  }
  if (moved) {
    channel->read_at = m.now;
    return channel->writing.fail(m.now, {}, m.random);
  }
  if (!outcome.ok()) return on_refused(m, id, outcome);
  channel->writing.succeed();
  // What this device has signed itself it need not read first.
  const bool next = entry->header.sequence == record.read + 1;
  if (!next || !take_entries(m, id, *channel, {*entry})) on_stands(m, *channel, *entry);
  channel->read_at = m.now;
  put_channel(m, *channel);
  settle_marks(m, id, *channel);
}

void send_entry(Machine& m, const wire::ChannelId& id) {
  Channel* stored = find_channel(m, id);
  if (stored == nullptr) return;
  auto entry = appending(m, stored->record);
  if (!entry) return stored->writing.cancel();
  const ByteArray<32> sent = hash_of(entry->header);
  channel_link(m, *stored)
      .submit(wire::ChannelAppend{id, std::move(*entry)},
              [&m, id, sent](const Result<wire::Reply>& reply) { on_appended(m, id, sent, reply); });
}

// Signs the first draft, which takes the content of the entry `erased` (0: none) away from the home.
void sign_draft(Machine& m, const wire::ChannelId& id, Channel& channel, uint64_t erased) {
  ChannelRecord& record = channel.record;
  const ChannelContent& content = record.drafts.front().content;
  if (record.read >= record.next) {
    record.next = record.read + 1;
    record.last_hash = record.read_hash;
  }
  wire::ChannelHeader header{record.next, record.last_hash, {}, {}, content.kind == ChannelContentKind::kHead};
  if (erased != 0) header.erases.push_back(erased);
  const Bytes sealed = seal_content(content, record.link, record.next, m.random);
  record.appending = codec::encoded(sign_entry(*channel.key, std::move(header), sealed));
  put_channel(m, channel);
  m.journal.then([&m, id] { send_entry(m, id); });
}

// The post that the first draft changes was looked for.
void on_post_loaded(Machine& m, const wire::ChannelId& id, Channel& channel, const std::optional<KeptPost>& post) {
  ChannelRecord& record = channel.record;
  if (record.drafts.empty()) return channel.writing.cancel();
  ChannelContent& content = record.drafts.front().content;
  if (post) {
    if (content.kind == ChannelContentKind::kEdit) {
      content.sent_ms = post->content.sent_ms;
      content.files = post->content.clone().files;
    }
    return sign_draft(m, id, channel, post->entry.header.sequence);
  }
  if (const auto command = channel.asked.front()) m.fail(*command, {kNoSuchPost, "a post of this channel"});
  channel.asked.pop_front();
  record.drafts.erase(record.drafts.begin());
  channel.writing.cancel();
  put_channel(m, channel);
}

void append_next(Machine& m, const wire::ChannelId& id, Channel& channel) {
  if (!channel.record.appending.empty()) {
    m.journal.then([&m, id] { send_entry(m, id); });
    return;
  }
  const ChannelContent& content = channel.record.drafts.front().content;
  if (content.kind != ChannelContentKind::kEdit && content.kind != ChannelContentKind::kDelete) {
    return sign_draft(m, id, channel, 0);
  }
  // After all that was put before is on the disk, where the post is looked for.
  m.journal.then([&m, id, post = content.post] {
    load_post(m, id, post,
              [&m, id](Channel& loaded, const std::optional<KeptPost>& kept) { on_post_loaded(m, id, loaded, kept); });
  });
}

void end(Machine& m, const wire::ChannelId& id, Channel& channel) {
  Bytes message = to_bytes(as_bytes(wire::kChannelDropLabel));
  append(message, id.view());
  const wire::ChannelDrop request{id, to_bytes(channel.key->sign(message))};
  channel_link(m, channel).submit(request, [&m, id](const Result<wire::Reply>& reply) {
    Channel* ended = find_channel(m, id);
    if (ended == nullptr) return;
    const Outcome outcome = outcome_of(reply);
    if (!outcome.ok()) return ended->writing.fail(m.now, outcome.retry_after, m.random);
    put_field(m, SyncKind::kOwnChannel, to_bytes(id.view()), {});
    on_ended(m, id);
  });
}

}  // namespace

void take_own_entry(Machine& m, Channel& channel, const wire::ChannelEntry& entry) {
  if (channel.record.appending.empty() || channel.record.next != entry.header.sequence) return;
  const auto own = appending(m, channel.record);
  if (!own || hash_of(own->header) != hash_of(entry.header)) return;
  on_stands(m, channel, entry);
}

void on_ended(Machine& m, const wire::ChannelId& id) {
  Channel& channel = m.channels.all.at(id);
  if (channel.ending) m.done_then(*channel.ending, Nothing{});
  if (channel.making) m.fail(*channel.making, {kChannelGone, "the channel was ended"});
  if (channel.following) m.fail(*channel.following, {kChannelGone, "the channel was ended"});
  for (const auto& command : channel.asked) {
    if (command) m.fail(*command, {kChannelGone, "the channel was ended"});
  }
  forget_channel(m, id);
}

void new_channel(Machine& m, CommandId id, const NewChannel& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  const Status sound = check_head(command.name, command.description, {});
  if (!sound) return m.fail(id, sound.error());
  Channel channel;
  channel.key = crypto::Ed25519KeyPair::generate(m.random);
  channel.record.link.home = m.self->record.home;
  channel.record.link.key = wire::ChannelKey{channel.key->public_key};
  if (!command.is_public) channel.record.link.secret = SecretField{crypto::Secret<32>::random(m.random)};
  channel.record.seed = SecretField{channel.key->seed.clone()};
  channel.making = id;
  draft(m, channel, std::nullopt, {1, 0, ChannelContentKind::kHead, 0, command.name, command.description, {}});
  const wire::ChannelId channel_id = channel_of(channel.record.link.key);
  m.channels.all.emplace(channel_id, std::move(channel));
  m.journal.then([&m, channel_id] {
    if (Channel* stored = find_channel(m, channel_id)) stored->stored = true;
  });
}

void describe_channel(Machine& m, CommandId id, const DescribeChannel& command) {
  const auto channel = find_own(m, command.channel);
  if (!channel) return m.fail(id, channel.error());
  const Status sound = check_head(command.name, command.description, command.picture);
  if (!sound) return m.fail(id, sound.error());
  ChannelContent head = newest_head((*channel)->record);
  head.text = command.name;
  head.about = command.description;
  head.beside = command.picture;
  draft(m, **channel, id, std::move(head));
}

void set_discussion(Machine& m, CommandId id, const SetDiscussion& command) {
  const auto channel = find_own(m, command.channel);
  if (!channel) return m.fail(id, channel.error());
  if (command.link.size() > kGroupLinkSizeMax) return m.fail(id, {kTooLong, "a group's link has at most 4,096 bytes"});
  ChannelContent head = newest_head((*channel)->record);
  head.discussion.clear();
  if (!command.link.empty()) {
    const auto link = parse_group_link(command.link);
    if (!link) return m.fail(id, link.error());
    head.discussion = to_text(*link);
  }
  draft(m, **channel, id, std::move(head));
}

void end_channel(Machine& m, CommandId id, const EndChannel& command) {
  const auto channel = find_own(m, command.channel);
  if (!channel) return m.fail(id, channel.error());
  (*channel)->record.ending = true;
  (*channel)->ending = id;
  put_channel(m, **channel);
}

namespace {

// A post whose files are looked at, one after the other.
struct Looking {
  CommandId id;
  Post command;
  std::vector<FileRead> found{};
};

// Of what a post says of a file: keys, name, type, and home with one route.
constexpr size_t kFileOverhead = 1'024;

Status check_size(const ChannelContent& content) {
  size_t shown = content.text.size() + content.beside.size();
  for (const FileBody& file : content.files) {
    TRY(check_media(file));
    shown += file.thumbnail.size() + file.waveform.size() + kFileOverhead;
  }
  REQUIRE(shown <= kPostSizeMax, kTooLong, "a post, its formatting and its small pictures have at most 110,000 bytes");
  return {};
}

// A post or an edit, with its formatting as a text of a chat has it.
Result<ChannelContent> words_of(ChannelContentKind kind, uint64_t post, const std::string& text,
                                const std::vector<TextSpan>& spans, const std::vector<Mention>& mentions) {
  ChannelContent out{1, 0, kind, post, text, {}, {}};
  const auto beside = TRY(formatting(text, spans, mentions));
  if (!beside.empty()) out.beside = codec::encoded(beside);
  TRY(check_size(out));
  return out;
}

// All were found: from here on it goes by itself.
void draft_with_files(Machine& m, const Looking& looking) {
  const Post& command = looking.command;
  const auto channel = find_own(m, command.channel);
  if (!channel) return m.fail(looking.id, channel.error());
  if ((*channel)->uploads.size() + command.files.size() > kTransfersMax) {
    return m.fail(looking.id, {kTransfersFull, "at most 100 files wait in a channel"});
  }
  auto words = words_of(ChannelContentKind::kPost, 0, command.text, command.spans, command.mentions);
  if (!words) return m.fail(looking.id, words.error());
  ChannelContent content = std::move(*words);
  for (size_t i = 0; i < command.files.size(); ++i) {
    const PostFile& file = command.files[i];
    const SendFile as_sent{{}, file.source, file.name, file.mime, {}, {}, file.media};
    content.files.push_back(file_to_send(m, as_sent, looking.found[i].size));
    content.files.back().home.routes.resize(1);  // readers go to the channel's home by the routes that they have
  }
  if (const Status sound = check_size(content); !sound) return m.fail(looking.id, sound.error());
  const ChannelContent said = content.clone();
  const uint64_t number = draft(m, **channel, looking.id, std::move(content));
  for (size_t i = 0; i < said.files.size(); ++i) {
    const FileBody& file = said.files[i];
    Upload upload;
    upload.record = {
        kRecordVersion, post_file_id(file.blob), m.wall().ms, command.files[i].source, looking.found[i].version, {},
        file.clone()};
    add_upload(m, command.channel, post_file_number(number, i), std::move(upload));
  }
}

void look_at_next(Machine& m, const std::shared_ptr<Looking>& looking) {
  if (looking->found.size() == looking->command.files.size()) return draft_with_files(m, *looking);
  read_file(m, looking->command.files[looking->found.size()].source, 0, 0, [&m, looking](const FileRead& found) {
    if (found.error) return m.fail(looking->id, *found.error);
    if (found.size > kFileSizeMax) return m.fail(looking->id, {kFileTooLarge, "a file has at most 2 GiB"});
    looking->found.push_back(found);
    look_at_next(m, looking);
  });
}

}  // namespace

void post(Machine& m, CommandId id, const Post& command) {
  const auto channel = find_own(m, command.channel);
  if (!channel) return m.fail(id, channel.error());
  const bool only_files = command.text.empty() && !command.files.empty();
  const Status text = check_text(command.text);
  if (!text && !only_files) return m.fail(id, text.error());
  if (command.files.size() > kPostFilesMax) return m.fail(id, {kTooLong, "a post has at most 8 files"});
  auto words = words_of(ChannelContentKind::kPost, 0, command.text, command.spans, command.mentions);
  if (!words) return m.fail(id, words.error());
  if (!command.files.empty()) return look_at_next(m, std::make_shared<Looking>(Looking{id, command}));
  draft(m, **channel, id, std::move(*words));
}

void on_post_file_failed(Machine& m, const wire::ChannelId& id, uint64_t number, const Error& why) {
  Channel* channel = find_channel(m, id);
  if (channel == nullptr) return;
  std::vector<ChannelDraft>& drafts = channel->record.drafts;
  const uint64_t of = number / kPostFilesMax;
  const auto found = std::ranges::find(drafts, of, &ChannelDraft::number);
  for (size_t i = 0; i < kPostFilesMax; ++i) cancel_upload(m, id, post_file_number(of, i));
  if (found == drafts.end()) return;
  const auto asked = channel->asked.begin() + (found - drafts.begin());
  if (*asked) m.fail(**asked, why);
  channel->asked.erase(asked);
  drafts.erase(found);
  put_channel(m, *channel);
}

void edit_post(Machine& m, CommandId id, const EditPost& command) {
  const auto channel = find_own(m, command.channel);
  if (!channel) return m.fail(id, channel.error());
  if (const Status text = check_text(command.text); !text) return m.fail(id, text.error());
  auto words = words_of(ChannelContentKind::kEdit, command.post, command.text, command.spans, command.mentions);
  if (!words) return m.fail(id, words.error());
  draft(m, **channel, id, std::move(*words));
}

void delete_post(Machine& m, CommandId id, const DeletePost& command) {
  const auto channel = find_own(m, command.channel);
  if (!channel) return m.fail(id, channel.error());
  draft(m, **channel, id, {1, 0, ChannelContentKind::kDelete, command.post, {}, {}, {}});
}

void pump_writing(Machine& m, const wire::ChannelId& id, Instant& wake) {
  Channel& channel = m.channels.all.at(id);
  const ChannelRecord& record = channel.record;
  if (!record.seed || !channel.stored || (record.drafts.empty() && !record.ending)) return;
  // It waits for its files, and what was written after it waits with it.
  if (record.made && !record.ending && is_uploading(channel, record.drafts.front())) return;
  if (!channel.writing.may_start(m.now, wake)) return;
  channel.writing.start();
  if (record.ending) return end(m, id, channel);
  if (!record.made && record.grant.empty()) return ask_grant(m, id);
  if (!record.made) return create(m, id, channel);
  append_next(m, id, channel);
}

}  // namespace godwit::engine
