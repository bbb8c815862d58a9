// Following: what comes is checked against the channel's key and chain before anything of it is kept.

#include "engine/channels.h"

#include <algorithm>

#include "wire/errors.h"

namespace godwit::engine {
namespace {

Bytes post_key(const wire::ChannelId& id, uint64_t sequence) {
  return record_key(RecordKind::kChannelPost, id.view(), sequence);
}

Channel* find(Machine& m, const wire::ChannelId& id) {
  const auto found = m.channels.all.find(id);
  return found == m.channels.all.end() ? nullptr : &found->second;
}

// Nothing more is taken of it.
void give_up(Machine& m, const wire::ChannelId& id, const Error& error) {
  Channel& channel = m.channels.all.at(id);
  if (channel.following) {
    m.fail(*channel.following, error);
    return forget_channel(m, id);
  }
  channel.record.trouble = error.code.number;
  put_channel(m, channel);
  m.tell_then(ChannelChanged{channel_info(channel)});
}

void take_post(Machine& m, const wire::ChannelId& id, Channel& channel, uint64_t sequence, ChannelPostRecord post) {
  m.journal.put(post_key(id, sequence), post);
  m.tell_then(ChannelPosted{id, {sequence, post.text, Instant{post.posted_ms}, post.edited}});
  channel.posts.insert_or_assign(sequence, std::move(post));
}

void drop_post(Machine& m, const wire::ChannelId& id, Channel& channel, uint64_t sequence) {
  if (channel.posts.erase(sequence) == 0) return;
  m.journal.erase(post_key(id, sequence));
  m.tell_then(ChannelChanged{channel_info(channel)});
}

void take_head(Machine& m, Channel& channel, uint64_t sequence, ChannelContent content) {
  if (sequence <= channel.record.head_at) return;
  channel.record.head = std::move(content);
  channel.record.head_at = sequence;
  if (!channel.following && !channel.making) m.tell_then(ChannelChanged{channel_info(channel)});
}

// What a checked entry does here. One whose content was taken away, or that this version cannot read, does nothing.
void apply(Machine& m, const wire::ChannelId& id, Channel& channel, const wire::ChannelEntry& entry) {
  const uint64_t sequence = entry.header.sequence;
  for (const uint64_t erased : entry.header.erases) drop_post(m, id, channel, erased);
  if (!entry.content) return;
  auto content = open_content(*entry.content, channel.record.link, sequence);
  if (!content) return;
  if (content->kind == ChannelContentKind::kHead) return take_head(m, channel, sequence, std::move(*content));
  if (content->kind == ChannelContentKind::kPost) {
    return take_post(m, id, channel, sequence, {content->sent_ms, std::move(content->text), false});
  }
  const auto target = channel.posts.find(content->post);
  if (target == channel.posts.end()) return;
  if (content->kind == ChannelContentKind::kEdit) {
    return take_post(m, id, channel, content->post, {target->second.posted_ms, std::move(content->text), true});
  }
  if (content->kind == ChannelContentKind::kDelete) drop_post(m, id, channel, content->post);
}

// Entries behind the last one that was read. kChannelForked: the home shows what cannot be.
Status take_entries(Machine& m, const wire::ChannelId& id, Channel& channel,
                    const std::vector<wire::ChannelEntry>& entries) {
  ChannelRecord& record = channel.record;
  for (const wire::ChannelEntry& entry : entries) {
    REQUIRE(check_entry(entry, record.link.key).has_value(), kChannelForked, "an entry is its owner's");
    if (entry.header.sequence == record.read) {
      REQUIRE(hash_of(entry.header) == record.read_hash, kChannelForked, "an entry stays what it was");
    }
    if (entry.header.sequence <= record.read) continue;
    // Where a reader begins in the middle, the first one is believed for its signature.
    const bool first = record.read_hash == ByteArray<32>{} && record.read > 0;
    const bool next = entry.header.sequence == record.read + 1 && (first || entry.header.previous == record.read_hash);
    REQUIRE(next, kChannelForked, "entries follow each other");
    apply(m, id, channel, entry);
    record.read = entry.header.sequence;
    record.read_hash = hash_of(entry.header);
  }
  return {};
}

void on_entries(Machine& m, const wire::ChannelId& id, const wire::ChannelEntries& entries) {
  Channel& channel = m.channels.all.at(id);
  const uint64_t before = channel.record.read;
  const Status taken = take_entries(m, id, channel, entries.entries);
  put_channel(m, channel);
  if (!taken) return give_up(m, id, taken.error());
  // Less than was there before: put back, or another copy for us.
  if (entries.next > 0 && entries.next <= before) {
    return give_up(m, id, {kChannelForked, "a channel does not become shorter"});
  }
  const bool more = entries.next > channel.record.read + 1;
  channel.read_at = more ? m.now : m.now + kChannelPoll;
  if (!channel.following || more) return;
  m.done_then(*channel.following, ChannelFollowed{channel_info(channel)});
  channel.following.reset();
}

void on_refused(Machine& m, const wire::ChannelId& id, Channel& channel, const Outcome& outcome) {
  if (outcome.is(wire::kNoSuchChannel)) return give_up(m, id, {kChannelGone, "a channel is at its home"});
  channel.reading.fail(m.now, outcome.retry_after, m.random);
}

// What the channel is, and from where to read.
void look(Machine& m, const wire::ChannelId& id, Channel& channel) {
  channel_link(m, channel).submit(wire::ChannelLook{id}, [&m, id](const Result<wire::Reply>& reply) {
    Channel* asked = find(m, id);
    if (asked == nullptr || asked->record.trouble != 0) return;
    const auto* state = reply ? std::get_if<wire::ChannelState>(&*reply) : nullptr;
    if (state == nullptr) return on_refused(m, id, *asked, outcome_of(reply));
    asked->reading.succeed();
    asked->looked = true;
    if (state->head && check_entry(*state->head, asked->record.link.key) && state->head->content) {
      auto head = open_content(*state->head->content, asked->record.link, state->head->header.sequence);
      if (head && head->kind == ChannelContentKind::kHead) {
        take_head(m, *asked, state->head->header.sequence, std::move(*head));
      }
    }
    if (asked->record.read == 0 && state->next > kChannelReadBack + 1) {
      asked->record.read = state->next - 1 - kChannelReadBack;
    }
    put_channel(m, *asked);
  });
}

void read(Machine& m, const wire::ChannelId& id, Channel& channel) {
  const auto done = [&m, id](const Result<wire::Reply>& reply) {
    Channel* asked = find(m, id);
    if (asked == nullptr || asked->record.trouble != 0) return;
    const auto* entries = reply ? std::get_if<wire::ChannelEntries>(&*reply) : nullptr;
    if (entries == nullptr || entries->channel != id) return on_refused(m, id, *asked, outcome_of(reply));
    asked->reading.succeed();
    on_entries(m, id, *entries);
  };
  Link& link = channel_link(m, channel);
  if (link.is_small()) {
    link.submit(wire::ChannelRead{id, channel.record.read, kSmallReplyBytes}, done);
  } else {
    link.submit(wire::ChannelFollow{id, channel.record.read, kChannelReadBytes}, done);
  }
}

void on_push(Machine& m, const wire::ChannelId& id, const wire::Reply& reply) {
  Channel* channel = find(m, id);
  const auto* entries = std::get_if<wire::ChannelEntries>(&reply);
  if (channel == nullptr || entries == nullptr || entries->channel != id || channel->record.trouble != 0) return;
  const bool gap = entries->entries.empty() || entries->entries.front().header.sequence > channel->record.read + 1;
  if (gap) {
    channel->read_at = m.now;
  } else {
    on_entries(m, id, *entries);
  }
}

void pump_reading(Machine& m, const wire::ChannelId& id, Instant& wake) {
  Channel& channel = m.channels.all.at(id);
  const ChannelRecord& record = channel.record;
  if (!channel.stored || record.trouble != 0 || (record.seed && !record.made)) return;
  wake = std::min(wake, std::max(channel.read_at, m.now));
  if (channel.looked && channel.read_at > m.now) return;
  if (!channel.reading.may_start(m.now, wake)) return;
  channel.reading.start();
  channel.looked ? read(m, id, channel) : look(m, id, channel);
}

}  // namespace

ChannelInfo channel_info(const Channel& channel) {
  const ChannelRecord& record = channel.record;
  ChannelInfo info{channel_of(record.link.key),
                   record.head.text,
                   record.head.about,
                   record.head.picture,
                   record.seed.has_value(),
                   !record.link.secret.has_value(),
                   record.read,
                   to_text(record.link),
                   {}};
  if (record.trouble == kChannelForked.number) info.trouble = Error{kChannelForked, "a channel has one history"};
  if (record.trouble == kChannelGone.number) info.trouble = Error{kChannelGone, "a channel is at its home"};
  return info;
}

void put_channel(Machine& m, const Channel& channel) {
  m.journal.put(record_key(RecordKind::kChannel, channel_of(channel.record.link.key).view()), channel.record);
}

Link& channel_link(Machine& m, Channel& channel) {
  if (channel.link == ChatId{}) channel.link = m.random_id<ChatId>();
  LinkHooks hooks;
  const wire::ChannelId id = channel_of(channel.record.link.key);
  hooks.push = [&m, id](const wire::Reply& reply) { on_push(m, id, reply); };
  // A session that begins knows nothing of what was followed.
  hooks.begin_session = [&m, id] {
    if (Channel* begun = find(m, id)) begun->read_at = m.now;
  };
  return m.link(channel.link, channel.record.link.home, std::move(hooks));
}

void forget_channel(Machine& m, const wire::ChannelId& id) {
  const auto node = m.channels.all.extract(id);
  const Channel& channel = node.mapped();
  m.end_link(channel.link, channel.record.link.home);
  m.journal.erase(record_key(RecordKind::kChannel, id.view()));
  for (const auto& [sequence, unused] : channel.posts) m.journal.erase(post_key(id, sequence));
}

void list_channels(Machine& m, CommandId id) {
  Channels out;
  for (const auto& [channel_id, channel] : m.channels.all) {
    if (!channel.following && !channel.making) out.channels.push_back(channel_info(channel));
  }
  m.done(id, std::move(out));
}

void follow_channel(Machine& m, CommandId id, const FollowChannel& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  auto link = parse_channel_link(command.link);
  if (!link) return m.fail(id, link.error());
  const wire::ChannelId channel_id = channel_of(link->key);
  if (const Channel* known = find(m, channel_id)) {
    if (known->record.trouble == 0) return m.done(id, ChannelFollowed{channel_info(*known)});
    forget_channel(m, channel_id);  // from the beginning
  }
  Channel channel;
  channel.record.link = std::move(*link);
  channel.following = id;
  put_channel(m, channel);
  m.channels.all.emplace(channel_id, std::move(channel));
  m.journal.then([&m, channel_id] {
    if (Channel* stored = find(m, channel_id)) stored->stored = true;
  });
}

void unfollow_channel(Machine& m, CommandId id, const UnfollowChannel& command) {
  const Channel* channel = find(m, command.channel);
  const bool own = channel != nullptr && channel->record.seed && channel->record.trouble == 0;
  if (channel == nullptr || own) return m.fail(id, {kNoSuchChannel, "a channel of another that is followed"});
  if (channel->following) m.fail(*channel->following, {kNoSuchChannel, "it was given up"});
  forget_channel(m, command.channel);
  m.done_then(id, Nothing{});
}

void read_channel(Machine& m, CommandId id, const ReadChannel& command) {
  const Channel* channel = find(m, command.channel);
  if (channel == nullptr) return m.fail(id, {kNoSuchChannel, "a channel of this profile"});
  Posts out;
  auto at = command.before == 0 ? channel->posts.end() : channel->posts.lower_bound(command.before);
  while (at != channel->posts.begin() && out.posts.size() < command.count) {
    --at;
    out.posts.push_back({at->first, at->second.text, Instant{at->second.posted_ms}, at->second.edited});
  }
  std::ranges::reverse(out.posts);
  m.done(id, std::move(out));
}

void pump_channels(Machine& m, Instant& wake) {
  if (!m.has_account()) return;
  std::vector<wire::ChannelId> ids;
  for (const auto& [id, channel] : m.channels.all) ids.push_back(id);
  for (const wire::ChannelId& id : ids) {
    pump_writing(m, id, wake);
    if (m.channels.all.contains(id)) pump_reading(m, id, wake);
  }
}

Status restore_channel(Machine& m, ChannelRecord record) {
  Channel channel;
  channel.stored = true;
  if (record.seed) channel.key = crypto::Ed25519KeyPair::from_seed(record.seed->value.clone());
  channel.asked.resize(record.drafts.size());
  const wire::ChannelId id = channel_of(record.link.key);
  channel.record = std::move(record);
  m.channels.all.insert_or_assign(id, std::move(channel));
  return {};
}

Status restore_channel_post(Machine& m, ByteView key, ChannelPostRecord record) {
  wire::ChannelId id;
  constexpr size_t kSize = 1 + wire::ChannelId::kSize + 8;
  REQUIRE(key.size() == kSize && wire::ChannelId::from(key.subspan(1, wire::ChannelId::kSize), id), kProfileDamaged,
          "a post's key fits its kind");
  Channel* channel = find(m, id);
  REQUIRE(channel != nullptr, kProfileDamaged, "a post is of a channel");
  uint64_t sequence = 0;
  for (const uint8_t byte : key.subspan(1 + wire::ChannelId::kSize)) sequence = sequence << 8 | byte;
  channel->posts.insert_or_assign(sequence, std::move(record));
  return {};
}

}  // namespace godwit::engine
