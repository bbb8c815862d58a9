// The channel family: logs that one key signs. The home checks the signature and the place of an entry, keeps it, gives it to
// whoever asks, and pushes it to those who follow right now; who that is stands in memory only.

#include <algorithm>

#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "home/channel_grant.h"
#include "home/core.h"

namespace godwit::home {
namespace {

// What an entry takes beside its content, in answers and in the book of a channel's size.
constexpr uint64_t kEntryOverhead = 256;
// Entries read at once: each may have 128 KiB.
constexpr uint32_t kEntriesAtOnce = 4;
// Pushes of one step: more would keep others waiting, as 100,000 followers cost some tenths of a second.
constexpr size_t kPushesPerStep = 2'000;
// A larger entry is not pushed: its followers are told that it is there, and read it one by one.
constexpr size_t kPushSizeMax = 4 * 1024;
// Pushes of one channel that are on their way; above, they become one that says that there is more.
constexpr size_t kPushesWaitingMax = 4;
// While half of what may wait for all clients waits, nobody is pushed entries; then it is tried again.
constexpr Duration kPublishPause = seconds(1);
// A session for which this much waits is told later that there is something.
constexpr size_t kWaitingMax = 256 * 1024;
// Entries erased at once: what is read to find them may have 128 KiB each.
constexpr uint32_t kErasedAtOnce = 32;
// Channels that one session follows; a session is for one.
constexpr size_t kFollowedMax = 16;

uint32_t use_day(Instant now) { return now.day() - now.day() % kLogUseDays; }

ByteArray<32> hash_of(const wire::ChannelHeader& header) { return crypto::sha256(codec::encoded(header)); }

bool is_signed(const wire::ChannelKey& key, std::string_view label, const wire::ChannelId& channel, ByteView what,
               ByteView signature) {
  Bytes message = to_bytes(as_bytes(label));
  append(message, channel.view());
  append(message, what);
  return crypto::ed25519_verify(key.view(), message, signature).has_value();
}

uint64_t size_of(const wire::ChannelEntry& entry) {
  return kEntryOverhead + entry.header.erases.size() * 8 + (entry.content ? entry.content->size() : 0);
}

}  // namespace

wire::ChannelId channel_id(const wire::ChannelKey& key) {
  crypto::Sha256 hash;
  hash.update(as_bytes(wire::kChannelIdLabel));
  hash.update(key.view());
  return wire::ChannelId{hash.finish()};
}

// ---- making ---------------------------------------------------------------------------------------------------------

Core::Answer Core::handle(const Caller& caller, const wire::ChannelGrant&) {
  CO_CHECK(co_await own_mailbox(caller));
  if (channel_grants_day_ != now_.day()) channel_grants_.clear();
  channel_grants_day_ = now_.day();
  uint32_t& given = channel_grants_[caller.device.mailbox];
  CO_REQUIRE(given < options_.limits.channel_grants_day_max, wire::kQuotaFull, "home: channel_grants_day_max");
  ++given;
  co_return wire::ChannelGranted{make_channel_grant(keys_.admission_key, now_.day() + kChannelGrantDays, random_)};
}

Core::Answer Core::handle(const Caller&, const wire::ChannelCreate& request) {
  const wire::ChannelId id = channel_id(request.key);
  const auto lane = co_await lanes_.exclusive(channel_key(id));
  CO_TRY(found, co_await storing_.get(channel_key(id)));
  if (found.value) {
    CO_TRY(record, decode_record<ChannelRecord>(*found.value));
    CO_REQUIRE(!record.ended && !record.removed, wire::kChannelRefused, "home: the channel was taken away");
    co_return wire::Done{};
  }
  CO_TRY(grant, check_channel_grant(keys_.admission_key, request.grant));
  CO_REQUIRE(now_.day() <= grant.expires_day, wire::kChannelRefused, "home: the grant has expired");
  const ShortHash name = short_hash("godwit channel grant spent 1", {grant.id});
  const SpentGrantRecord spent{short_hash("godwit channel grant spent on 1", {grant.id, id.view()}), grant.expires_day};
  CO_TRY(noted, co_await storing_.swap(spent_grant_key(name), std::nullopt, codec::encoded(spent)));
  CO_REQUIRE(noted.swapped || noted.found == codec::encoded(spent), wire::kChannelRefused, "home: the grant was spent");
  CO_REQUIRE(channels_ < options_.limits.channels_max, wire::kQuotaFull, "home: channels_max");
  ++channels_;  // before it is written, so that those on their way count
  ChannelRecord record;
  record.key = request.key;
  record.begun_day = record.used_day = use_day(now_);
  const Bytes value = codec::encoded(record);
  const auto swapped = co_await storing_.swap(channel_key(id), std::nullopt, value);
  if (!swapped || !swapped->swapped) --channels_;
  CO_CHECK(swapped);
  CO_REQUIRE(swapped->swapped, wire::kUnavailable, "home: another node made it meanwhile");
  co_return wire::Done{};
}

Task<Result<ChannelRecord>> Core::load_channel(wire::ChannelId channel) {
  CO_TRY(found, co_await storing_.get(channel_key(channel)));
  CO_REQUIRE(found.value.has_value(), wire::kNoSuchChannel, "home: no such channel");
  CO_TRY(record, decode_record<ChannelRecord>(*found.value));
  CO_REQUIRE(!record.ended && !record.removed, wire::kNoSuchChannel, "home: the channel was taken away");
  co_return std::move(record);
}

// ---- appending ------------------------------------------------------------------------------------------------------

Core::Answer Core::handle(const Caller&, const wire::ChannelAppend& request) {
  const auto lane = co_await lanes_.exclusive(channel_key(request.channel));
  CO_TRY(record, co_await load_channel(request.channel));
  const wire::ChannelHeader& header = request.entry.header;
  if (header.sequence < record.next) {
    CO_TRY(there, co_await storing_.get(channel_entry_key(request.channel, header.sequence)));
    CO_REQUIRE(there.value.has_value(), kBadRecord, "home: an entry that the channel counts is gone");
    CO_TRY(entry, codec::decoded<wire::ChannelEntry>(*there.value));
    CO_REQUIRE(entry.header == header, wire::kChannelMoved, "home: another entry stands there");
    co_return wire::Done{};
  }
  CO_CHECK(check_entry(record, request));
  const Duration wait = channel_rate_.take(channel_key(request.channel), now_);
  if (wait > Duration{}) {
    co_return wire::Refused{wire::kTooManyRequests.number, static_cast<uint32_t>(wait.ms), 0};
  }
  ChannelRecord after = record;
  const uint64_t size = size_of(request.entry);
  if (channel_bytes_day_ != now_.day()) channel_bytes_.clear();
  channel_bytes_day_ = now_.day();
  uint64_t& today = channel_bytes_[request.channel];
  if (today + size > options_.limits.channel_day_bytes_max) {
    const auto tomorrow = Instant{(int64_t{now_.day()} + 1) * days(1).ms};
    co_return wire::Refused{wire::kTooManyRequests.number, static_cast<uint32_t>((tomorrow - now_).ms), 0};
  }
  CO_CHECK(check_channel_room(record, size));
  today += size;
  // The entry first: what the record does not count is read by nobody, and written over.
  const Bytes value = codec::encoded(request.entry);
  CO_CHECK(co_await storing_.put(channel_entry_key(request.channel, header.sequence), value));
  CO_TRY(freed, co_await forget_contents(request.channel, header.erases));
  after.next = header.sequence + 1;
  after.last_hash = hash_of(header);
  if (header.head) after.head = header.sequence;
  after.bytes = record.bytes + size - std::min(record.bytes, freed);
  after.used_day = std::max(record.used_day, use_day(now_));
  CO_TRY(swapped, co_await storing_.swap(channel_key(request.channel), codec::encoded(record), codec::encoded(after)));
  CO_REQUIRE(swapped.swapped, wire::kUnavailable, "home: another node appended meanwhile");
  channels_bytes_ += after.bytes;
  channels_bytes_ -= std::min(channels_bytes_, record.bytes);
  publish(request.channel, request.entry);
  co_return wire::Done{};
}

// Whether a channel has room for so much more. A new one is small, so that making many fills nobody's place soon.
Status Core::check_channel_room(const ChannelRecord& record, uint64_t size) const {
  const Limits& limits = options_.limits;
  const bool is_new = now_.day() < record.begun_day + 2 * kLogUseDays;
  REQUIRE(record.bytes + size <= limits.channel_bytes_max, wire::kQuotaFull, "home: channel_bytes_max");
  REQUIRE(!is_new || record.bytes + size <= limits.channel_new_bytes_max, wire::kQuotaFull,
          "home: channel_new_bytes_max");
  REQUIRE(channels_bytes_ + size <= limits.channels_bytes_max, wire::kQuotaFull, "home: channels_bytes_max");
  return {};
}

// Whether an entry is the next one, and its owner's.
Status Core::check_entry(const ChannelRecord& record, const wire::ChannelAppend& request) const {
  const wire::ChannelHeader& header = request.entry.header;
  REQUIRE(header.sequence == record.next && header.previous == record.last_hash, wire::kChannelMoved,
          "home: an entry follows the last one");
  REQUIRE(crypto::sha256(*request.entry.content) == header.content_hash, wire::kChannelRefused,
          "home: an entry names its content");
  for (const uint64_t erased : header.erases) {
    REQUIRE(erased > 0 && erased < header.sequence, wire::kChannelRefused, "home: earlier entries are taken away");
  }
  REQUIRE(
      is_signed(record.key, wire::kChannelEntryLabel, request.channel, codec::encoded(header), request.entry.signature),
      wire::kChannelRefused, "home: an entry is signed by the channel's key");
  return {};
}

// Takes the content of entries away; their headers stay, so that the chain holds. How many bytes went.
Task<Result<uint64_t>> Core::forget_contents(wire::ChannelId channel, std::vector<uint64_t> sequences) {
  uint64_t freed = 0;
  for (const uint64_t sequence : sequences) {
    const Bytes key = channel_entry_key(channel, sequence);
    CO_TRY(found, co_await storing_.get(key));
    if (!found.value) continue;
    CO_TRY(entry, codec::decoded<wire::ChannelEntry>(*found.value));
    if (!entry.content) continue;
    freed += entry.content->size();
    entry.content.reset();
    CO_CHECK(co_await storing_.put(key, codec::encoded(entry)));
  }
  co_return freed;
}

// ---- reading --------------------------------------------------------------------------------------------------------

Core::Answer Core::handle(const Caller&, const wire::ChannelRead& request) {
  CO_TRY(entries, co_await read_channel(request.channel, request.after, request.bytes_max));
  co_return std::move(entries);
}

Task<Result<wire::ChannelEntries>> Core::read_channel(wire::ChannelId channel, uint64_t after, uint32_t bytes_max) {
  CO_TRY(record, co_await load_channel(channel));
  wire::ChannelEntries out{channel, {}, record.next};
  const uint64_t most = std::min(bytes_max, options_.limits.fetch_bytes_max);
  uint64_t bytes = 0;
  Bytes last = channel_entry_key(channel, after);
  while (true) {
    CO_TRY(page, co_await storing_.scan(channel_entries_prefix(channel), last, kEntriesAtOnce));
    for (auto& [key, value] : page.records) {
      CO_TRY(entry, codec::decoded<wire::ChannelEntry>(value));
      if (entry.header.sequence >= record.next) co_return std::move(out);
      bytes += size_of(entry);
      if (!out.entries.empty() && bytes > most) co_return std::move(out);
      out.entries.push_back(std::move(entry));
    }
    if (!page.more || page.records.empty()) co_return std::move(out);
    last = page.records.back().first;
  }
}

Core::Answer Core::handle(const Caller&, const wire::ChannelLook& request) {
  CO_TRY(record, co_await load_channel(request.channel));
  wire::ChannelState state{record.key, record.next, {}};
  if (record.head > 0) {
    CO_TRY(found, co_await storing_.get(channel_entry_key(request.channel, record.head)));
    CO_REQUIRE(found.value.has_value(), kBadRecord, "home: the head that the channel names is gone");
    CO_TRY(entry, codec::decoded<wire::ChannelEntry>(*found.value));
    state.head = std::move(entry);
  }
  co_return std::move(state);
}

// ---- following ------------------------------------------------------------------------------------------------------

Core::Answer Core::handle(const Caller& caller, const wire::ChannelFollow& request) {
  CO_TRY(entries, co_await read_channel(request.channel, request.after, request.bytes_max));
  const uint64_t last = entries.entries.empty() ? request.after : entries.entries.back().header.sequence;
  const auto session = session_states_.find(caller.session);
  if (session == session_states_.end() || session->second.sealed) co_return std::move(entries);
  std::set<wire::ChannelId>& followed = session->second.followed;
  CO_REQUIRE(followed.size() < kFollowedMax || followed.contains(request.channel), wire::kTooManyRequests,
             "home: a session follows few channels");
  Following& following = following_[request.channel];
  following.next = std::max(following.next, entries.next);
  followed.insert(request.channel);
  following.sessions.insert(caller.session);
  // What was appended while this was read went to nobody here: the follower is told that there is more.
  if (last + 1 < following.next) entries.next = following.next;
  co_return std::move(entries);
}

void Core::unfollow(SessionId session, const SessionState& state) {
  for (const wire::ChannelId& channel : state.followed) {
    const auto found = following_.find(channel);
    if (found == following_.end()) continue;
    found->second.sessions.erase(session);
    if (found->second.sessions.empty()) following_.erase(found);
  }
}

// An entry is durable: it goes to all who follow, some at a time, in the order of entries.
void Core::publish(const wire::ChannelId& channel, const wire::ChannelEntry& entry) {
  const auto found = following_.find(channel);
  if (found == following_.end()) return;
  Following& following = found->second;
  const uint64_t next = entry.header.sequence + 1;
  following.next = std::max(following.next, next);
  Bytes push = wire::encode_reply(wire::ChannelEntries{channel, {entry}, next});
  const bool many = following.pushes.size() >= kPushesWaitingMax;
  if (many || push.size() > kPushSizeMax) push = wire::encode_reply(wire::ChannelEntries{channel, {}, next});
  if (many) following.pushes.resize(1);  // which some have already
  following.pushes.push_back(std::move(push));
  if (following.pushes.size() == 1) publishing_.push_back(channel);
  if (publish_at_ == kNever) push_publications();
}

// Channels take turns, one push at a time, so that nobody waits for the followers of a large one.
void Core::push_publications() {
  size_t left = kPushesPerStep;
  bool full = false;
  while (!publishing_.empty() && left > 0 && !full) {
    const wire::ChannelId channel = publishing_.front();
    const auto found = following_.find(channel);
    if (found != following_.end() && !found->second.pushes.empty()) {
      Following& following = found->second;
      full = !push_first(channel, following, left);
      if (full || left == 0) break;
      following.pushes.pop_front();
      following.last.reset();
      if (!following.pushes.empty()) publishing_.push_back(channel);
    }
    publishing_.pop_front();
  }
  publish_at_ = publishing_.empty() ? kNever : full ? now_ + kPublishPause : now_;
}

// Pushes the first that is on its way to those who have it not yet, `left` of them at most. False: there is no room for pushes.
bool Core::push_first(const wire::ChannelId& channel, Following& following, size_t& left) {
  auto at = following.last ? following.sessions.upper_bound(*following.last) : following.sessions.begin();
  for (; at != following.sessions.end() && left > 0; ++at) {
    const Sessions::Spare spare = sessions_.push_spare(*at, following.pushes.front(), kWaitingMax);
    if (spare == Sessions::Spare::kFull) return false;
    if (spare == Sessions::Spare::kTaken) ++counters_.pushes;
    if (spare == Sessions::Spare::kSlow) session_states_.at(*at).behind.insert(channel);
    following.last = *at;
    --left;
  }
  return true;
}

// A session that was too slow for some entries reads them by itself, once it is told.
void Core::tell_behind(SessionId id, SessionState& state) {
  for (const wire::ChannelId& channel : std::exchange(state.behind, {})) {
    const auto found = following_.find(channel);
    if (found == following_.end()) continue;
    const Bytes push = wire::encode_reply(wire::ChannelEntries{channel, {}, found->second.next});
    if (sessions_.push_spare(id, push, kWaitingMax) != Sessions::Spare::kTaken) state.behind.insert(channel);
  }
}

// ---- the end --------------------------------------------------------------------------------------------------------

Core::Answer Core::handle(const Caller&, const wire::ChannelDrop& request) {
  const auto lane = co_await lanes_.exclusive(channel_key(request.channel));
  CO_TRY(found, co_await storing_.get(channel_key(request.channel)));
  if (!found.value) co_return wire::Done{};
  CO_TRY(record, decode_record<ChannelRecord>(*found.value));
  if (record.removed) co_return wire::Done{};
  CO_REQUIRE(is_signed(record.key, wire::kChannelDropLabel, request.channel, {}, request.signature),
             wire::kChannelRefused, "home: its owner ends a channel");
  CO_TRY(marked, co_await mark_channel_ended(request.channel, std::move(*found.value), false));
  CO_CHECK(co_await erase_channel(request.channel, std::move(marked)));
  co_return wire::Done{};
}

// Ends a channel: its record says so first, so that no crash leaves half of it to be read. At the operator's word the record
// stays, so that nobody makes the same channel again. The record as it stands then. Under its lane.
Task<Result<Bytes>> Core::mark_channel_ended(wire::ChannelId channel, Bytes stored, bool removed) {
  CO_TRY(record, decode_record<ChannelRecord>(stored));
  const uint64_t bytes = record.bytes;
  record.ended = true;
  record.removed = record.removed || removed;
  record.bytes = 0;
  Bytes marked = codec::encoded(record);
  CO_TRY(swapped, co_await storing_.swap(channel_key(channel), stored, marked));
  CO_REQUIRE(swapped.swapped, wire::kUnavailable, "home: another node changed it meanwhile");
  channels_bytes_ -= std::min(channels_bytes_, bytes);
  channel_bytes_.erase(channel);
  if (const auto found = following_.find(channel); found != following_.end()) {
    for (const SessionId id : found->second.sessions) session_states_.at(id).followed.erase(channel);
    following_.erase(found);
  }
  co_return std::move(marked);
}

// Erases the entries of a channel that has ended, and then its record, or notes in it that they are gone. Under its lane.
Task<Status> Core::erase_channel(wire::ChannelId channel, Bytes marked) {
  CO_TRY(record, decode_record<ChannelRecord>(marked));
  if (record.erased) co_return Status{};
  while (true) {
    CO_TRY(page, co_await storing_.scan(channel_entries_prefix(channel), {}, kErasedAtOnce));
    std::vector<Submitted<store::Stored>> erasures;
    for (const auto& [entry, unused] : page.records) erasures.push_back(storing_.erase(entry));
    for (auto& erasure : erasures) CO_CHECK(co_await erasure);
    if (!page.more || page.records.empty()) break;
  }
  record.erased = true;
  std::optional<Bytes> left;
  if (record.removed) left = codec::encoded(record);
  CO_TRY(gone, co_await storing_.swap(channel_key(channel), marked, left));
  if (gone.swapped && !left) channels_ -= std::min<uint64_t>(channels_, 1);
  co_return Status{};
}

// Ends channels to which nothing was appended for as long as an unused group log is kept, and finishes what was begun.
Task<Status> Core::sweep_channel(Bytes key, Bytes value) {
  wire::ChannelId channel;
  CO_TRY(record, decode_record<ChannelRecord>(value));
  const bool idle =
      options_.log_idle_days != 0 && record.used_day + kLogUseDays + uint64_t{options_.log_idle_days} < now_.day();
  const bool over = record.ended ? !record.erased : idle;
  if (!wire::ChannelId::from(ByteView(key).subspan(1), channel) || !over) co_return Status{};
  const auto lane = co_await lanes_.exclusive(key);
  CO_TRY(found, co_await storing_.get(key));
  if (found.value != value) co_return Status{};  // used meanwhile
  CO_TRY(marked, co_await mark_channel_ended(channel, std::move(value), record.removed));
  co_return co_await erase_channel(channel, std::move(marked));
}

}  // namespace godwit::home
