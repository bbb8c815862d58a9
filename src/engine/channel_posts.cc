// Posts that were read, as they lie on the disk; and what is made of one for its home's operator.

#include <algorithm>
#include <deque>
#include <utility>

#include "engine/channel_marks.h"
#include "engine/channel_report.h"
#include "engine/channels.h"
#include "engine/downloads.h"
#include "engine/message_report.h"
#include "engine/search.h"
#include "engine/transfers.h"

namespace godwit::engine {
namespace {

// The number behind the channel's id in the key of a post. kProfileDamaged.
Result<uint64_t> post_of(ByteView key) {
  codec::Reader reader(key.subspan(std::min(key.size(), 1 + wire::ChannelId::kSize)));
  const auto number = reader.u64();
  REQUIRE(number.has_value() && reader.at_end(), kProfileDamaged, "a post's key fits its kind");
  return *number;
}

}  // namespace

Result<KeptPost> kept_post(const ChannelLink& link, const LoadedRecord& record) {
  KeptPost out;
  out.post = TRY(post_of(record.key));
  auto entry = codec::decoded<wire::ChannelEntry>(record.value.reveal());
  REQUIRE(entry.has_value() && entry->content.has_value(), kProfileDamaged, "a post is a whole entry");
  auto content = open_content(*entry->content, link, entry->header.sequence);
  REQUIRE(content.has_value(), kProfileDamaged, "a post that was read can be read");
  out.entry = std::move(*entry);
  out.content = std::move(*content);
  return out;
}

Bytes post_key(const wire::ChannelId& id, uint64_t post) {
  return record_key(RecordKind::kChannelPost, id.view(), post);
}

PostInfo post_info(const Channel& channel, uint64_t post, const ChannelContent& content) {
  PostInfo out{post, content.text, Instant{content.sent_ms}, content.kind == ChannelContentKind::kEdit};
  const auto extensions = extensions_of(content);
  out.spans = spans_in(extensions, content.text);
  out.mentions = mentions_in(extensions, content.text);
  for (size_t i = 0; i < content.files.size(); ++i) {
    FileInfo file = file_info(content.files[i]);
    file.fetching = channel.downloads.contains(post_file_number(post, i));
    out.files.push_back({post_file_id(content.files[i].blob), std::move(file)});
  }
  return out;
}

namespace {

void erase_post(Machine& m, const wire::ChannelId& id, Channel& channel, uint64_t post) {
  m.journal.erase(post_key(id, post));
  drop_post_files(m, id, post);
  note_post_gone(channel, post);
}

}  // namespace

void drop_post(Machine& m, const wire::ChannelId& id, Channel& channel, uint64_t post) {
  erase_post(m, id, channel, post);
  search_forget_post(m, channel, post);
}

void drop_post_files(Machine& m, const wire::ChannelId& id, uint64_t post) {
  for (size_t i = 0; i < kPostFilesMax; ++i) {
    drop_download(m, id, post_file_number(post, i), {kNoSuchPost, "a post of this channel"});
  }
}

void load_post(Machine& m, const wire::ChannelId& id, uint64_t post,
               std::function<void(Channel&, std::optional<KeptPost>)> done) {
  Bytes last = post_key(id, post);
  last.push_back(0);
  m.load(post_key(id, post), last, 1, false,
         [&m, id, done = std::move(done)](const std::vector<LoadedRecord>& records) {
           Channel* channel = find_channel(m, id);
           if (channel == nullptr) return;
           if (records.empty()) return done(*channel, std::nullopt);
           auto kept = kept_post(channel->record.link, records.front());
           if (!kept) return m.stop(kept.error());
           done(*channel, std::move(*kept));
         });
}

namespace {

// `done` gets a channel that is still there.
void load_newest(Machine& m, const wire::ChannelId& id, std::function<void(Channel&)> done) {
  m.load(post_key(id, 0), after_prefix(record_key(RecordKind::kChannelPost, id.view())), 1, true,
         [&m, id, done = std::move(done)](const std::vector<LoadedRecord>& records) {
           Channel* channel = find_channel(m, id);
           if (channel == nullptr) return;
           if (records.empty()) return done(*channel);
           auto kept = kept_post(channel->record.link, records.front());
           if (!kept) return m.stop(kept.error());
           // Unless a newer one came meanwhile.
           if (!channel->newest || channel->newest->post < kept->post) {
             channel->newest = NewestPost{kept->post, std::move(kept->content)};
           }
           done(*channel);
         });
}

void load_next_newest(Machine& m, std::deque<wire::ChannelId> ids, std::function<void()> done) {
  if (ids.empty()) return done();
  const wire::ChannelId id = ids.front();
  ids.pop_front();
  load_newest(m, id, [&m, ids = std::move(ids), done = std::move(done)](Channel&) { load_next_newest(m, ids, done); });
}

}  // namespace

void look_for_newest(Machine& m, const wire::ChannelId& id) {
  // After all that was put and erased before is on the disk.
  m.journal.then(
      [&m, id] { load_newest(m, id, [&m](Channel& channel) { m.tell_then(ChannelChanged{channel_info(channel)}); }); });
}

void load_newest_posts(Machine& m, std::function<void()> done) {
  std::deque<wire::ChannelId> ids;
  for (const auto& [id, channel] : m.channels.all) ids.push_back(id);
  load_next_newest(m, std::move(ids), std::move(done));
}

namespace {

// Posts that are looked at together: each may have 128 KiB.
constexpr uint32_t kTrimAtOnce = 32;

// From the newest to the oldest, below `last`: `sum` bytes stay so far, and `counted` were kept when it began. `dropping`: the first
// that does not stay was found, and the search has forgotten it with all older ones.
void trim_below(Machine& m, const wire::ChannelId& id, Bytes last, uint64_t sum, uint64_t counted, bool dropping) {
  m.load(post_key(id, 0), std::move(last), kTrimAtOnce, true,
         [&m, id, sum, counted, dropping](const std::vector<LoadedRecord>& records) {
           Channel* channel = find_channel(m, id);
           if (channel == nullptr) return;
           uint64_t kept = sum;
           bool drops = dropping;
           const uint64_t most = m.options.channel_bytes_max / 4 * 3;
           for (const LoadedRecord& record : records) {
             const size_t size = record.value.reveal().size();
             if (!drops && kept + size <= most) {
               kept += size;
               continue;
             }
             const uint64_t post = number_at_end(record.key);
             if (!std::exchange(drops, true)) search_forget_posts(m, *channel, post);
             erase_post(m, id, *channel, post);
           }
           if (records.size() == kTrimAtOnce) return trim_below(m, id, records.back().key, kept, counted, drops);
           channel->trimming = false;
           channel->record.kept_bytes =
               kept + channel->record.kept_bytes - std::min(channel->record.kept_bytes, counted);
           put_channel(m, *channel);
           settle_marks(m, id, *channel);
           m.tell_then(ChannelChanged{channel_info(*channel)});
         });
}

}  // namespace

void trim_posts(Machine& m, const wire::ChannelId& id) {
  Channel* channel = find_channel(m, id);
  if (channel == nullptr || channel->record.seed || channel->trimming) return;
  if (channel->record.kept_bytes <= m.options.channel_bytes_max) return;
  channel->trimming = true;
  // After all that was put before is on the disk.
  m.journal.then([&m, id, counted = channel->record.kept_bytes] {
    trim_below(m, id, after_prefix(record_key(RecordKind::kChannelPost, id.view())), 0, counted, false);
  });
}

void read_channel(Machine& m, CommandId id, const ReadChannel& command) {
  if (find_channel(m, command.channel) == nullptr) return m.fail(id, {kNoSuchChannel, "a channel of this profile"});
  const uint32_t count = std::min(command.count, kChannelPageMax);
  if (count == 0) return m.done(id, Posts{});
  const Bytes last = command.before == 0 ? after_prefix(record_key(RecordKind::kChannelPost, command.channel.view()))
                                         : post_key(command.channel, command.before);
  m.load(post_key(command.channel, 0), last, count, true,
         [&m, id, of = command.channel](const std::vector<LoadedRecord>& records) {
           Posts out;
           const Channel* channel = find_channel(m, of);
           if (channel == nullptr) return m.fail(id, {kNoSuchChannel, "a channel of this profile"});
           for (const LoadedRecord& record : records) {
             const auto kept = kept_post(channel->record.link, record);
             if (!kept) return m.stop(kept.error());
             out.posts.push_back(post_info(*channel, kept->post, kept->content));
           }
           std::ranges::reverse(out.posts);
           m.done(id, std::move(out));
         });
}

void report_post(Machine& m, CommandId id, const ReportPost& command) {
  if (find_channel(m, command.channel) == nullptr) return m.fail(id, {kNoSuchChannel, "a channel of this profile"});
  load_post(m, command.channel, command.post, [&m, id](Channel& channel, std::optional<KeptPost> kept) {
    if (!kept) return m.fail(id, {kNoSuchPost, "a post of this channel"});
    m.done(id, PostReported{make_report(channel.record.link, std::move(kept->entry))});
  });
}

void check_report(Machine& m, CommandId id, const CheckReport& command) {
  auto checked =
      is_message_report(command.report) ? check_message_report(command.report) : check_report(command.report);
  if (!checked) return m.fail(id, checked.error());
  m.done(id, std::move(*checked));
}

}  // namespace godwit::engine
