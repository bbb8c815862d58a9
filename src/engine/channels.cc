// The book of channels: what is followed, what is one's own, and what is forgotten again.

#include "engine/channels.h"

#include <algorithm>

#include "engine/backup.h"
#include "engine/channel_marks.h"
#include "engine/downloads.h"
#include "engine/search.h"
#include "engine/sync.h"
#include "engine/transfers.h"
#include "engine/uploads.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

// Posts that are erased at once: each may have 128 KiB.
constexpr uint32_t kEraseAtOnce = 32;
// Bytes of the newest post's text in a list of channels, which shows one line of it.
constexpr uint32_t kNewestTextMax = 512;

// What is marked beyond the end of a text goes, what reaches over it ends there.
template <typename Marked>
void cut_marks(std::vector<Marked>& all, uint32_t end) {
  std::erase_if(all, [end](const Marked& each) { return each.start >= end; });
  for (Marked& each : all) each.length = std::min(each.length, end - each.start);
}

// A list is told with each post that comes: it has no whole text, and no small pictures, which ReadChannel gives.
PostInfo preview_of(PostInfo post) {
  uint32_t end = kNewestTextMax;
  if (post.text.size() > end) {
    while (end > 0 && (static_cast<unsigned char>(post.text[end]) & 0xc0U) == 0x80U) --end;
    post.text.resize(end);
    cut_marks(post.spans, end);
    cut_marks(post.mentions, end);
  }
  for (PostFileInfo& each : post.files) {
    each.file.media.thumbnail.clear();
    each.file.media.waveform.clear();
  }
  return post;
}

void erase_posts(Machine& m, const wire::ChannelId& id) {
  const Bytes first = record_key(RecordKind::kChannelPost, id.view());
  m.load(first, after_prefix(first), kEraseAtOnce, false, [&m, id](const std::vector<LoadedRecord>& records) {
    for (const LoadedRecord& record : records) m.journal.erase(record.key);
    if (records.size() == kEraseAtOnce) {
      m.journal.then([&m, id] { erase_posts(m, id); });
      return;
    }
    m.journal.erase(record_key(RecordKind::kChannel, id.view()));
    m.journal.erase(record_key(RecordKind::kChannelMark, id.view()));
    const auto node = m.channels.forgotten.extract(id);
    const auto& then = node.mapped().then;
    if (then) follow_channel(m, then->first, then->second);
  });
}

// A channel that is new here: nothing is asked about it before it is stored.
void keep(Machine& m, Channel channel) {
  const wire::ChannelId id = channel_of(channel.record.link.key);
  put_channel(m, channel);
  take_channel_told_before(m, channel);
  m.channels.all.insert_or_assign(id, std::move(channel));
  m.journal.then([&m, id] {
    if (Channel* stored = find_channel(m, id)) stored->stored = true;
  });
}

// With this device writes into it. False: the key is not that of the channel.
bool make_own(Channel& channel, BackupChannel& from) {
  auto key = crypto::Ed25519KeyPair::from_seed(from.seed.value.clone());
  if (key.public_key != from.link.key.value) return false;
  channel.key = std::move(key);
  channel.record.seed = std::move(from.seed);
  channel.record.made = true;  // where it ends, its home says to the next entry
  return true;
}

}  // namespace

Channel* find_channel(Machine& m, const wire::ChannelId& id) {
  const auto found = m.channels.all.find(id);
  return found == m.channels.all.end() ? nullptr : &found->second;
}

uint32_t withheld(const Channel& channel) {
  return channel.up_to_date ? static_cast<uint32_t>(channel.record.blanked.size()) : 0;
}

ChannelInfo channel_info(const Channel& channel) {
  const ChannelRecord& record = channel.record;
  ChannelInfo info{channel_of(record.link.key),
                   record.head.text,
                   record.head.about,
                   record.head.beside,
                   record.seed.has_value(),
                   !record.link.secret.has_value(),
                   record.read,
                   channel.up_to_date,
                   withheld(channel),
                   to_text(record.link),
                   {},
                   record.head.discussion,
                   channel.mark.read,
                   static_cast<uint32_t>(channel.mark.unread.size())};
  if (channel.newest) info.newest = preview_of(post_info(channel, channel.newest->post, channel.newest->content));
  if (channel.mark.muted_until_ms > 0) info.muted_until = Instant{channel.mark.muted_until_ms};
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
  hooks.push = [&m, id](const wire::Reply& reply) { on_channel_push(m, id, reply); };
  // A session that begins knows nothing of what was followed.
  hooks.begin_session = [&m, id] {
    if (Channel* begun = find_channel(m, id)) begun->read_at = m.now;
  };
  return m.link(channel.link, channel.record.link.home, std::move(hooks));
}

void forget_channel(Machine& m, const wire::ChannelId& id) {
  Transfers& files = m.channels.all.at(id);
  while (!files.uploads.empty()) cancel_upload(m, id, files.uploads.begin()->first);
  while (!files.fetched.empty()) {
    drop_download(m, id, files.fetched.begin()->first, {kNoSuchChannel, "the channel was given up"});
  }
  auto node = m.channels.all.extract(id);
  Channel& channel = node.mapped();
  m.end_link(channel.link, channel.record.link.home);
  search_forget_channel(m, channel);
  channel.record.forgotten = true;
  put_channel(m, channel);
  m.channels.forgotten[id].record = std::move(channel.record);
  want_backup(m);
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
  const auto wait_for_end = [&](ForgottenChannel& forgotten) {
    if (forgotten.then) m.fail(forgotten.then->first, {kNoSuchChannel, "it was asked for anew"});
    forgotten.then = std::pair{id, command};
  };
  if (const Channel* known = find_channel(m, channel_id)) {
    if (known->record.trouble == 0) return m.done(id, ChannelFollowed{channel_info(*known)});
    forget_channel(m, channel_id);  // from the beginning
  }
  if (const auto gone = m.channels.forgotten.find(channel_id); gone != m.channels.forgotten.end()) {
    return wait_for_end(gone->second);
  }
  Channel channel;
  channel.record.link = std::move(*link);
  channel.following = id;
  keep(m, std::move(channel));
}

void restore_channels(Machine& m, BackupMore& more) {
  for (BackupChannel& each : more.channels) {
    Channel channel;
    if (!make_own(channel, each)) continue;
    channel.record.link = std::move(each.link);
    channel.record.head.text = std::move(each.name);
    keep(m, std::move(channel));
  }
  for (BackupFollowed& each : more.followed) {
    Channel channel;
    channel.record.link = std::move(each.link);
    channel.record.head.text = std::move(each.name);
    keep(m, std::move(channel));
  }
}

void unfollow_channel(Machine& m, CommandId id, const UnfollowChannel& command) {
  const Channel* channel = find_channel(m, command.channel);
  const bool own = channel != nullptr && channel->record.seed && channel->record.trouble == 0;
  if (channel == nullptr || own) return m.fail(id, {kNoSuchChannel, "a channel of another that is followed"});
  if (channel->following) m.fail(*channel->following, {kNoSuchChannel, "it was given up"});
  forget_channel(m, command.channel);
  put_field(m, SyncKind::kFollowed, to_bytes(command.channel.view()), {});
  // Who follows it again begins anew.
  put_field(m, SyncKind::kChannelRead, to_bytes(command.channel.view()), {});
  m.done_then(id, Nothing{});
}

void tell_channel(Machine& m, const Channel& channel) {
  const ChannelRecord& record = channel.record;
  Bytes id = to_bytes(channel_of(record.link.key).view());
  if (record.seed) {
    const BackupChannel own{record.link.clone(), {record.seed->value.clone()}, record.head.text};
    return put_field(m, SyncKind::kOwnChannel, std::move(id), codec::encoded(own));
  }
  put_field(m, SyncKind::kFollowed, std::move(id),
            codec::encoded(BackupFollowed{record.link.clone(), record.head.text}));
}

void tell_all_channels(Machine& m) {
  for (const auto& [id, channel] : m.channels.all) {
    const ChannelRecord& record = channel.record;
    const bool made = !record.seed || (record.made && record.head_at > 0 && !record.ending);
    const SyncKind kind = record.seed ? SyncKind::kOwnChannel : SyncKind::kFollowed;
    const bool stands = record.trouble == 0 && !channel.following && made;
    if (stands && find_field(m, kind, id.view()) == nullptr) tell_channel(m, channel);
  }
}

void take_own_channel(Machine& m, ByteView key, ByteView value) {
  wire::ChannelId id;
  if (!wire::ChannelId::from(key, id)) return;
  Channel* known = find_channel(m, id);
  if (value.empty()) {
    if (known != nullptr && known->record.seed) on_ended(m, id);
    return;
  }
  auto own = codec::decoded<BackupChannel>(value);
  if (!own || channel_of(own->link.key) != id || m.channels.forgotten.contains(id)) return;
  if (known == nullptr) {
    Channel channel;
    if (!make_own(channel, *own)) return;
    channel.record.link = std::move(own->link);
    channel.record.head.text = std::move(own->name);
    keep(m, std::move(channel));
  } else {
    if (known->record.seed || !make_own(*known, *own)) return;
    put_channel(m, *known);  // it was followed here
    known->mark.unread.clear();
    put_mark(m, *known);
  }
  want_backup(m);
  m.tell_then(ChannelChanged{channel_info(m.channels.all.at(id))});
}

void take_followed(Machine& m, ByteView key, ByteView value) {
  wire::ChannelId id;
  if (!wire::ChannelId::from(key, id)) return;
  const Channel* channel = find_channel(m, id);
  if (value.empty()) {
    if (channel != nullptr && !channel->record.seed && !channel->following) forget_channel(m, id);
    return;
  }
  const auto followed = codec::decoded<BackupFollowed>(value);
  if (channel != nullptr || !followed || channel_of(followed->link.key) != id) return;
  follow_channel(m, kNobodysCommand, FollowChannel{to_text(followed->link)});
}

void pump_channels(Machine& m, Instant& wake) {
  if (!m.has_account()) return;
  for (auto& [id, forgotten] : m.channels.forgotten) {
    if (std::exchange(forgotten.under_way, true)) continue;
    m.journal.then([&m, gone = id] { erase_posts(m, gone); });
  }
  std::vector<wire::ChannelId> ids;
  for (const auto& [id, channel] : m.channels.all) ids.push_back(id);
  for (const wire::ChannelId& id : ids) {
    pump_writing(m, id, wake);
    if (m.channels.all.contains(id)) pump_reading(m, id, wake);
    if (const Channel* channel = find_channel(m, id)) pump_transfers(m, id, *channel, wake);
  }
}

bool channels_idle(const Machine& m) {
  if (!m.channels.forgotten.empty()) return false;
  return std::ranges::all_of(m.channels.all, [](const auto& entry) {
    const ChannelRecord& record = entry.second.record;
    const bool fetching = !entry.second.downloads.empty();
    return record.drafts.empty() && !record.ending && !entry.second.following && !fetching;
  });
}

Status restore_channel(Machine& m, ChannelRecord record) {
  if (record.forgotten) {
    m.channels.forgotten[channel_of(record.link.key)].record = std::move(record);
    return {};
  }
  Channel channel;
  channel.stored = true;
  if (record.seed) channel.key = crypto::Ed25519KeyPair::from_seed(record.seed->value.clone());
  channel.asked.resize(record.drafts.size());
  const wire::ChannelId id = channel_of(record.link.key);
  channel.record = std::move(record);
  // Of a version that kept no mark: what is here was there to be read.
  channel.mark.begun = true;
  channel.mark.read = channel.record.read;
  m.channels.all.insert_or_assign(id, std::move(channel));
  return {};
}

}  // namespace godwit::engine
