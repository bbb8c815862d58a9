#include "engine/channel_marks.h"

#include <algorithm>

#include "engine/channels.h"
#include "engine/sync.h"

namespace godwit::engine {
namespace {

constexpr Error kNoChannel{kNoSuchChannel, "a channel of this profile"};

Channel* channel_of_field(Machine& m, ByteView key) {
  wire::ChannelId id;
  return wire::ChannelId::from(key, id) ? find_channel(m, id) : nullptr;
}

// The field that stands for this channel; nothing: none, or it is not followed any more.
std::optional<uint64_t> told_read(const Machine& m, const wire::ChannelId& id) {
  const Bytes* told = find_field(m, SyncKind::kChannelRead, id.view());
  if (told == nullptr) return std::nullopt;
  const auto through = codec::decoded<uint64_t>(*told);
  return through ? std::optional(*through) : std::nullopt;
}

void tell_read(Machine& m, const wire::ChannelId& id, uint64_t through) {
  put_field(m, SyncKind::kChannelRead, to_bytes(id.view()), codec::encoded(through));
}

void drop_read(ChannelMarkRecord& mark) {
  mark.unread.erase(mark.unread.begin(), std::ranges::upper_bound(mark.unread, mark.read));
}

// False: it was read further before.
bool read_through(Machine& m, Channel& channel, uint64_t through) {
  if (through <= channel.mark.read) return false;
  channel.mark.read = through;
  drop_read(channel.mark);
  put_mark(m, channel);
  m.tell_then(ChannelChanged{channel_info(channel)});
  return true;
}

// Nothing: it is of a later version, or of none.
std::optional<ChannelSettingsRecord> settings_in(ByteView value) {
  const auto settings = codec::decoded<ChannelSettingsRecord>(value);
  const bool sound = settings && settings->version == kRecordVersion && settings->muted_until_ms >= 0;
  return sound ? std::optional(*settings) : std::nullopt;
}

void mute(Machine& m, Channel& channel, int64_t until_ms) {
  if (channel.mark.muted_until_ms == until_ms) return;
  channel.mark.muted_until_ms = until_ms;
  put_mark(m, channel);
}

}  // namespace

void mark_channel_read(Machine& m, CommandId id, const MarkChannelRead& command) {
  Channel* channel = find_channel(m, command.channel);
  if (channel == nullptr) return m.fail(id, kNoChannel);
  // What one writes oneself is never unread.
  const uint64_t through = std::min(command.through, channel->record.read);
  if (!channel->record.seed && read_through(m, *channel, through)) tell_read(m, command.channel, through);
  m.done_then(id, Nothing{});
}

void set_channel(Machine& m, CommandId id, const SetChannel& command) {
  Channel* channel = find_channel(m, command.channel);
  if (channel == nullptr) return m.fail(id, kNoChannel);
  if (command.muted_until) {
    const int64_t until_ms = std::max<int64_t>(command.muted_until->ms, 0);
    mute(m, *channel, until_ms);
    put_field(m, SyncKind::kChannelSettings, to_bytes(command.channel.view()),
              codec::encoded(ChannelSettingsRecord{kRecordVersion, until_ms}));
  }
  m.done_then(id, Nothing{});
  m.tell_then(ChannelChanged{channel_info(*channel)});
}

void take_channel_read(Machine& m, ByteView key, ByteView value) {
  Channel* channel = channel_of_field(m, key);
  const auto through = codec::decoded<uint64_t>(value);
  // One that is read for the first time looks when it begins.
  if (channel == nullptr || !through || channel->record.seed || !channel->mark.begun) return;
  read_through(m, *channel, *through);
}

void take_channel_settings(Machine& m, ByteView key, ByteView value) {
  Channel* channel = channel_of_field(m, key);
  const auto settings = settings_in(value);
  if (channel == nullptr || !settings) return;
  mute(m, *channel, settings->muted_until_ms);
  m.tell_then(ChannelChanged{channel_info(*channel)});
}

void take_channel_told_before(Machine& m, Channel& channel) {
  const Bytes* told = find_field(m, SyncKind::kChannelSettings, channel_of(channel.record.link.key).view());
  const auto settings = told != nullptr ? settings_in(*told) : std::nullopt;
  if (settings) channel.mark.muted_until_ms = settings->muted_until_ms;
  put_mark(m, channel);
}

bool note_post(Channel& channel, uint64_t post, const ChannelContent& content) {
  if (!channel.newest || post >= channel.newest->post) {
    channel.newest = NewestPost{post, content.clone()};
  }
  ChannelMarkRecord& mark = channel.mark;
  const auto at = std::ranges::lower_bound(mark.unread, post);
  const bool known = at != mark.unread.end() && *at == post;
  if (channel.record.seed || post <= mark.read || known) return false;
  // Older than all that are counted.
  if (mark.unread.size() == kUnreadPostsMax && at == mark.unread.begin()) return false;
  mark.unread.insert(at, post);
  if (mark.unread.size() > kUnreadPostsMax) mark.unread.erase(mark.unread.begin());
  channel.mark_changed = true;
  return mark.begun;
}

void note_post_gone(Channel& channel, uint64_t post) {
  if (std::erase(channel.mark.unread, post) > 0) channel.mark_changed = true;
  if (!channel.newest || channel.newest->post != post) return;
  channel.newest.reset();
  channel.newest_gone = true;
}

void settle_marks(Machine& m, const wire::ChannelId& id, Channel& channel) {
  if (channel.mark_changed) put_mark(m, channel);
  if (std::exchange(channel.newest_gone, false)) look_for_newest(m, id);
}

void begin_marks(Machine& m, const wire::ChannelId& id, Channel& channel) {
  ChannelMarkRecord& mark = channel.mark;
  if (std::exchange(mark.begun, true)) return;
  const auto told = told_read(m, id);
  // A channel that was put back from a copy has fewer posts than were told of.
  mark.read = std::max(mark.read, std::min(told.value_or(channel.record.read), channel.record.read));
  drop_read(mark);
  put_mark(m, channel);
  // What another device follows, that one tells of.
  const bool by_other = channel.following == kNobodysCommand;
  if (!told && !by_other && !channel.record.seed) tell_read(m, id, mark.read);
}

void put_mark(Machine& m, Channel& channel) {
  channel.mark_changed = false;
  m.journal.put(record_key(RecordKind::kChannelMark, channel_of(channel.record.link.key).view()), channel.mark);
}

Status restore_channel_mark(Machine& m, ByteView key, ChannelMarkRecord record) {
  wire::ChannelId id;
  REQUIRE(wire::ChannelId::from(key.subspan(1), id), kProfileDamaged, "a channel's mark is of a channel");
  if (Channel* channel = find_channel(m, id)) channel->mark = std::move(record);
  return {};
}

}  // namespace godwit::engine
