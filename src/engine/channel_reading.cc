// Following: what comes is checked against the channel's key and chain before anything of it is kept.

#include "engine/backup.h"
#include "engine/channel_marks.h"
#include "engine/channels.h"
#include "engine/search.h"
#include "engine/sync.h"

#include <algorithm>

#include "wire/errors.h"

namespace godwit::engine {
namespace {

// What an entry takes on the disk beside its content.
constexpr uint64_t kEntryOverhead = 256;

// When to look again: not all channels at the same time, for their homes must not see that one person reads them.
Duration poll_pause(Machine& m) {
  const uint64_t spread = m.random.below(static_cast<uint64_t>(kChannelPoll.ms));
  return milliseconds(kChannelPoll.ms / 2 + static_cast<int64_t>(spread));
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

void take_post(Machine& m, const wire::ChannelId& id, Channel& channel, uint64_t post, const wire::ChannelEntry& entry,
               const ChannelContent& content) {
  channel.record.kept_bytes += entry.content->size() + kEntryOverhead;
  m.journal.put(post_key(id, post), entry);
  const bool news = note_post(channel, post, content);
  search_note_post(m, channel, post, content);
  m.tell_then(ChannelPosted{id, post_info(channel, post, content), news});
}

void take_head(Machine& m, Channel& channel, uint64_t sequence, ChannelContent content) {
  if (sequence <= channel.record.head_at) return;
  channel.record.head = std::move(content);
  const bool first = std::exchange(channel.record.head_at, sequence) == 0;
  const Bytes id = to_bytes(channel_of(channel.record.link.key).view());
  const bool tells = first && channel.record.seed && channel.record.made && !channel.making;
  if (tells && find_field(m, SyncKind::kOwnChannel, id) == nullptr) tell_channel(m, channel);
  if (!channel.following && !channel.making) m.tell_then(ChannelChanged{channel_info(channel)});
}

// What an entry's owner takes away, goes here as well. A home that has it blank without his word shows in what is left.
// `edited`: a post that says something else from now on, and keeps its files; 0: none.
void take_erasures(Machine& m, const wire::ChannelId& id, Channel& channel, const wire::ChannelEntry& entry,
                   uint64_t edited) {
  std::vector<uint64_t>& blanked = channel.record.blanked;
  for (const uint64_t erased : entry.header.erases) {
    std::erase(blanked, erased);
    if (erased != edited) drop_post(m, id, channel, erased);
  }
  if (!entry.content && blanked.size() < kChannelBlankedMax) blanked.push_back(entry.header.sequence);
}

// What a checked entry does here. One whose content was taken away, or that this version cannot read, does nothing.
void apply(Machine& m, const wire::ChannelId& id, Channel& channel, const wire::ChannelEntry& entry) {
  const uint64_t sequence = entry.header.sequence;
  Result<ChannelContent> content = Error{kBadContent, "an entry has content"};
  if (entry.content) content = open_content(*entry.content, channel.record.link, sequence);
  const bool edits = content && content->kind == ChannelContentKind::kEdit;
  take_erasures(m, id, channel, entry, edits ? content->post : 0);
  if (!content) return;
  switch (content->kind) {
    case ChannelContentKind::kHead:
      return take_head(m, channel, sequence, std::move(*content));
    case ChannelContentKind::kPost:
      take_post(m, id, channel, sequence, entry, *content);
      if (!entry.header.erases.empty()) m.tell_then(ChannelChanged{channel_info(channel)});
      return;
    case ChannelContentKind::kEdit:
      return take_post(m, id, channel, content->post, entry, *content);
    case ChannelContentKind::kDelete:
      drop_post(m, id, channel, content->post);
      return m.tell_then(ChannelChanged{channel_info(channel)});
  }
}

}  // namespace

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
    take_own_entry(m, channel, entry);
  }
  return {};
}

namespace {

// What of a record changes by reading.
auto mark_of(const ChannelRecord& record) {
  return std::tuple(record.read, record.head_at, record.kept_bytes, record.blanked, record.trouble);
}

void tell_withheld(Machine& m, Channel& channel) {
  const uint32_t now = withheld(channel);
  if (!channel.up_to_date || std::exchange(channel.told_withheld, now) == now || channel.following) return;
  m.tell_then(ChannelChanged{channel_info(channel)});
}

// `after`: what they were asked for behind.
void on_entries(Machine& m, const wire::ChannelId& id, uint64_t after, const wire::ChannelEntries& entries) {
  Channel& channel = m.channels.all.at(id);
  const auto before = mark_of(channel.record);
  const Status taken = take_entries(m, id, channel, entries.entries);
  if (mark_of(channel.record) != before) put_channel(m, channel);
  settle_marks(m, id, channel);
  if (!taken) return give_up(m, id, taken.error());
  trim_posts(m, id);
  // Less than was there before: put back, or another copy for us.
  if (entries.next <= after) {
    return give_up(m, id, {kChannelForked, "a channel does not become shorter"});
  }
  const bool more = entries.next > channel.record.read + 1;
  channel.up_to_date = !more;
  if (!more) begin_marks(m, id, channel);
  tell_withheld(m, channel);
  // It says so, and gives nothing new.
  if (more && channel.record.read == std::get<0>(before)) return channel.reading.fail(m.now, {}, m.random);
  channel.read_at = more ? m.now : m.now + poll_pause(m);
  if (!channel.following || more) return;
  m.done_then(*channel.following, ChannelFollowed{channel_info(channel)});
  const bool by_person = channel.following != kNobodysCommand;
  channel.following.reset();
  want_backup(m);
  if (by_person) return tell_channel(m, channel);
  m.tell_then(ChannelChanged{channel_info(channel)});
}

void on_refused(Machine& m, const wire::ChannelId& id, Channel& channel, const Outcome& outcome) {
  if (outcome.is(wire::kNoSuchChannel)) return give_up(m, id, {kChannelGone, "a channel is at its home"});
  channel.reading.fail(m.now, outcome.retry_after, m.random);
}

// What the channel is, and from where to read.
void look(Machine& m, const wire::ChannelId& id, Channel& channel) {
  channel_link(m, channel).submit(wire::ChannelLook{id}, [&m, id](const Result<wire::Reply>& reply) {
    Channel* asked = find_channel(m, id);
    if (asked == nullptr || asked->record.trouble != 0) return;
    const auto* state = reply ? std::get_if<wire::ChannelState>(&*reply) : nullptr;
    if (state == nullptr) return on_refused(m, id, *asked, outcome_of(reply));
    asked->reading.succeed();
    asked->looked = true;
    const auto before = mark_of(asked->record);
    if (state->head && check_entry(*state->head, asked->record.link.key) && state->head->content) {
      auto head = open_content(*state->head->content, asked->record.link, state->head->header.sequence);
      if (head && head->kind == ChannelContentKind::kHead) {
        take_head(m, *asked, state->head->header.sequence, std::move(*head));
      }
    }
    // Its owner changes and takes back old posts as well.
    if (asked->record.read == 0 && !asked->record.seed && state->next > kChannelReadBack + 1) {
      asked->record.read = state->next - 1 - kChannelReadBack;
    }
    if (mark_of(asked->record) != before) put_channel(m, *asked);
  });
}

void read(Machine& m, const wire::ChannelId& id, Channel& channel) {
  const uint64_t after = channel.record.read;
  const auto done = [&m, id, after](const Result<wire::Reply>& reply) {
    Channel* asked = find_channel(m, id);
    if (asked == nullptr || asked->record.trouble != 0) return;
    const auto* entries = reply ? std::get_if<wire::ChannelEntries>(&*reply) : nullptr;
    if (entries == nullptr || entries->channel != id) return on_refused(m, id, *asked, outcome_of(reply));
    asked->reading.succeed();
    on_entries(m, id, after, *entries);
  };
  Link& link = channel_link(m, channel);
  if (link.is_small()) {
    link.submit(wire::ChannelRead{id, after, kSmallReplyBytes}, done);
  } else {
    link.submit(wire::ChannelFollow{id, after, kChannelReadBytes}, done);
  }
}

}  // namespace

void on_channel_push(Machine& m, const wire::ChannelId& id, const wire::Reply& reply) {
  Channel* channel = find_channel(m, id);
  const auto* entries = std::get_if<wire::ChannelEntries>(&reply);
  if (channel == nullptr || entries == nullptr || entries->channel != id || channel->record.trouble != 0) return;
  if (entries->next <= channel->record.read + 1) return;  // it was read meanwhile
  const bool gap = entries->entries.empty() || entries->entries.front().header.sequence > channel->record.read + 1;
  if (gap) {
    channel->read_at = m.now;
  } else {
    on_entries(m, id, channel->record.read, *entries);
  }
}

void pump_reading(Machine& m, const wire::ChannelId& id, Instant& wake) {
  Channel& channel = m.channels.all.at(id);
  const ChannelRecord& record = channel.record;
  if (!channel.stored || record.trouble != 0 || (record.seed && !record.made)) return;
  if (channel.looked && channel.read_at > m.now) {
    wake = std::min(wake, channel.read_at);
    return;
  }
  if (!channel.reading.may_start(m.now, wake)) return;
  channel.reading.start();
  channel.looked ? read(m, id, channel) : look(m, id, channel);
}

}  // namespace godwit::engine
