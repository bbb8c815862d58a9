// Own channels: made by a grant, then one entry after the other, each stored as it is signed before it leaves.

#include "engine/channels.h"
#include "engine/member_info.h"
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

Status check_text(std::string_view text) {
  REQUIRE(!text.empty() && is_utf8(text), kNotText, "a post is UTF-8");
  REQUIRE(text.size() <= kTextSizeMax, kTooLong, "a post has at most 102,400 bytes");
  return {};
}

Status check_head(std::string_view name, std::string_view description, const Bytes& picture) {
  TRY(check_name(name));
  REQUIRE(is_utf8(description), kNotText, "a description is UTF-8");
  REQUIRE(description.size() <= kChannelDescriptionMax, kTooLong, "a description has at most 4,096 bytes");
  REQUIRE(picture.size() <= kChannelPictureMax, kTooLong, "a channel's picture has at most 64 KiB");
  return {};
}

void draft(Machine& m, Channel& channel, std::optional<CommandId> command, ChannelContent content) {
  content.sent_ms = m.wall().ms;
  channel.record.drafts.push_back({std::move(content)});
  channel.asked.push_back(command);
  put_channel(m, channel);
}

void answer(Machine& m, Channel& channel, uint64_t sequence, const ChannelContent& content) {
  const auto command = channel.asked.front();
  channel.asked.pop_front();
  if (channel.making && content.kind == ChannelContentKind::kHead) {
    channel.record.head = content;
    channel.record.head_at = sequence;
    m.done_then(*channel.making, ChannelMade{channel_info(channel)});
    channel.making.reset();
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

void on_appended(Machine& m, const wire::ChannelId& id, const Result<wire::Reply>& reply) {
  Channel* channel = find_channel(m, id);
  if (channel == nullptr || channel->record.drafts.empty()) return;
  ChannelRecord& record = channel->record;
  const Outcome outcome = outcome_of(reply);
  const auto entry = codec::decoded<wire::ChannelEntry>(record.appending);
  if (!entry) return m.stop({kProfileDamaged, "what is being appended is an entry"});
  // The home has it, whatever it says.
  const bool stands = record.read == entry->header.sequence && record.read_hash == hash_of(entry->header);
  const bool moved = outcome.is(wire::kChannelMoved) && !stands;
  // Only this device signs: what stands there was signed before this profile was put back. It is read, and then it goes on.
  if (moved && record.read >= record.next) {
    record.next = record.read + 1;
    record.last_hash = record.read_hash;
    record.appending.clear();
    put_channel(m, *channel);
    return channel->writing.succeed();
  }
  if (moved) {
    channel->read_at = m.now;
    return channel->writing.fail(m.now, {}, m.random);
  }
  if (!outcome.ok() && !stands) return on_refused(m, id, outcome);
  channel->writing.succeed();
  record.next = entry->header.sequence + 1;
  record.last_hash = hash_of(entry->header);
  record.appending.clear();
  const ChannelDraft done = std::move(record.drafts.front());
  record.drafts.erase(record.drafts.begin());
  // What this device has signed itself it need not read first.
  if (entry->header.sequence == record.read + 1) static_cast<void>(take_entries(m, id, *channel, {*entry}));
  answer(m, *channel, entry->header.sequence, done.content);
  channel->read_at = m.now;
  put_channel(m, *channel);
}

void send_entry(Machine& m, const wire::ChannelId& id) {
  Channel* stored = find_channel(m, id);
  if (stored == nullptr) return;
  auto entry = codec::decoded<wire::ChannelEntry>(stored->record.appending);
  if (!entry) return stored->writing.cancel();
  channel_link(m, *stored)
      .submit(wire::ChannelAppend{id, std::move(*entry)},
              [&m, id](const Result<wire::Reply>& reply) { on_appended(m, id, reply); });
}

// Signs the first draft, which takes the content of the entry `erased` (0: none) away from the home.
void sign_draft(Machine& m, const wire::ChannelId& id, Channel& channel, uint64_t erased) {
  ChannelRecord& record = channel.record;
  const ChannelContent& content = record.drafts.front().content;
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
    if (content.kind == ChannelContentKind::kEdit) content.sent_ms = post->content.sent_ms;
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
    if (ended->ending) m.done_then(*ended->ending, Nothing{});
    forget_channel(m, id);
  });
}

}  // namespace

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
  draft(m, **channel, id, {1, 0, ChannelContentKind::kHead, 0, command.name, command.description, command.picture});
}

void end_channel(Machine& m, CommandId id, const EndChannel& command) {
  const auto channel = find_own(m, command.channel);
  if (!channel) return m.fail(id, channel.error());
  (*channel)->record.ending = true;
  (*channel)->ending = id;
  put_channel(m, **channel);
}

void post(Machine& m, CommandId id, const Post& command) {
  const auto channel = find_own(m, command.channel);
  if (!channel) return m.fail(id, channel.error());
  if (const Status text = check_text(command.text); !text) return m.fail(id, text.error());
  draft(m, **channel, id, {1, 0, ChannelContentKind::kPost, 0, command.text, {}, {}});
}

void edit_post(Machine& m, CommandId id, const EditPost& command) {
  const auto channel = find_own(m, command.channel);
  if (!channel) return m.fail(id, channel.error());
  if (const Status text = check_text(command.text); !text) return m.fail(id, text.error());
  draft(m, **channel, id, {1, 0, ChannelContentKind::kEdit, command.post, command.text, {}, {}});
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
  if (!channel.writing.may_start(m.now, wake)) return;
  channel.writing.start();
  if (record.ending) return end(m, id, channel);
  if (!record.made && record.grant.empty()) return ask_grant(m, id);
  if (!record.made) return create(m, id, channel);
  append_next(m, id, channel);
}

}  // namespace godwit::engine
