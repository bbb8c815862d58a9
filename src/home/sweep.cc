// What a home does by itself: removes records whose time has come, a few at a time, and finishes what a crash left half.
// Expired queue items are the store's to remove; it is told when at every append.

#include "home/core.h"

namespace godwit::home {
namespace {

constexpr char kSweptKinds[] = {'a', 'k', 'p', 't', 'c', 'r', 'm', 'g', 'b', 'n', 'h', 'y'};
constexpr uint32_t kRecordsPerStep = 128;
constexpr Duration kBetweenSteps = seconds(1);
constexpr Duration kBetweenRounds = minutes(30);
constexpr Duration kAfterTrouble = minutes(1);

// The id behind the kind in a key; nothing if the key is too short.
template <typename Id>
std::optional<Id> id_in(ByteView key) {
  Id id;
  if (key.size() < 1 + Id::kSize || !Id::from(key.subspan(1, Id::kSize), id)) return std::nullopt;
  return id;
}

}  // namespace

// One step: some records of one kind. The next step is set when this one is done, so they never pile up.
Task<Status> Core::sweep_some() {
  const char kind = kSweptKinds[sweep_kind_];
  auto page = co_await storing_.scan(record_key(kind), sweep_after_, kRecordsPerStep);
  if (!page) {
    sweeping_ = false;
    sweep_at_ = now_ + kAfterTrouble;
    co_return page.error();
  }
  const bool more = page->more && !page->records.empty();
  sweep_after_ = more ? page->records.back().first : Bytes{};
  for (auto& [key, value] : page->records) {
    const auto swept = co_await sweep_record(kind, std::move(key), std::move(value));
    if (!swept && swept.error().code == kBadRecord) ++counters_.damaged_records;
  }
  if (!more) sweep_kind_ = (sweep_kind_ + 1) % std::size(kSweptKinds);
  const bool round_done = !more && sweep_kind_ == 0;
  sweeping_ = false;
  sweep_at_ = now_ + (round_done ? kBetweenRounds : kBetweenSteps);
  co_return Status{};
}

// One record: removed if its time has come and it still stands as it was read.
Task<Status> Core::sweep_record(char kind, Bytes key, Bytes value) {
  bool over = false;
  if (kind == 'a') {
    CO_TRY(record, decode_record<AddressRecord>(value));
    const auto alias = id_in<wire::Alias>(key);
    if (alias && record.expires_day != 0 && now_.day() > record.expires_day) {
      const auto lane = co_await lanes_.exclusive(key);
      co_return co_await erase_address(record.mailbox, *alias);
    }
  } else if (kind == 'k') {
    CO_TRY(record, decode_record<PoolRecord>(value));
    const auto alias = id_in<wire::Alias>(key);
    const bool old = !record.takes.empty() && record.takes.front().day + 1 < now_.day();
    if (alias && old) co_return co_await tidy_pool(*alias);
  } else if (kind == 'p') {
    const auto alias = id_in<wire::Alias>(key);
    const bool first_of_pool = alias && (sweep_pool_ != *alias);
    if (first_of_pool) {
      sweep_pool_ = *alias;
      co_return co_await tidy_pool(*alias);
    }
  } else if (kind == 't') {
    CO_TRY(record, decode_record<StoredTicketRecord>(value));
    over = record.expires_day <= now_.day();
  } else if (kind == 'c') {
    CO_TRY(record, decode_record<CodeRecord>(value));
    over = record.expires_day != 0 && now_.day() > record.expires_day;
  } else if (kind == 'r') {
    CO_TRY(record, decode_record<SealedRecord>(value));
    over = record.expires_day <= now_.day();
  } else if (kind == 'm') {
    co_return co_await sweep_mailbox(std::move(key), std::move(value));
  } else if (kind == 'g') {
    co_return co_await sweep_log(std::move(key), std::move(value));
  } else if (kind == 'h') {
    co_return co_await sweep_channel(std::move(key), std::move(value));
  } else if (kind == 'b') {
    co_return co_await sweep_blob(std::move(key), std::move(value));
  } else if (kind == 'n') {
    CO_TRY(record, decode_record<SpentGrantRecord>(value));
    over = now_.day() > record.expires_day;
  } else if (kind == 'y') {
    CO_TRY(record, decode_record<NewcomerRecord>(value));
    over = now_.day() >= record.until_day;
  }
  if (over) {
    CO_TRY(swapped, co_await storing_.swap(std::move(key), std::move(value), std::nullopt));
    if (swapped.swapped && kind == 't') ticket_gone();
    if (swapped.swapped && kind == 'r') sealed_ids_ -= std::min<uint64_t>(sealed_ids_, 1);
  }
  co_return Status{};
}

// Finishes what was begun (devices that leave, a mailbox that is dropped), and drops those not used for long.
Task<Status> Core::sweep_mailbox(Bytes key, Bytes value) {
  const auto mailbox = id_in<wire::MailboxId>(key);
  CO_TRY(seen, decode_record<MailboxRecord>(value));
  const bool idle = options_.mailbox_idle_days != 0 && seen.last_seen_day + options_.mailbox_idle_days < now_.day();
  if (!mailbox || (!idle && seen.leaving.empty() && !seen.devices.empty())) co_return Status{};
  const auto lane = co_await lanes_.exclusive(key);
  if (idle) {
    MailboxRecord empty{{}, seen.leaving, seen.last_seen_day};
    for (const DeviceRecord& device : seen.devices) empty.leaving.push_back(device.tag);
    CO_CHECK(co_await replace_mailbox(*mailbox, seen, empty));
    for (const DeviceRecord& device : seen.devices) close_sessions_of(*mailbox, device.tag, SessionId{});
  }
  co_return co_await finish_leaving(*mailbox);
}

// Removes a log that nobody has used for long: its record says so first, so that no crash leaves half a log to be read, and
// goes last.
Task<Status> Core::sweep_log(Bytes key, Bytes value) {
  const auto log = id_in<wire::LogId>(key);
  CO_TRY(record, decode_record<LogRecord>(value));
  const bool idle =
      options_.log_idle_days != 0 && record.used_day + kLogUseDays + uint64_t{options_.log_idle_days} < now_.day();
  if (!log || (!idle && !record.ended)) co_return Status{};
  const auto lane = co_await lanes_.exclusive(key);
  LogRecord ended = record;
  ended.ended = true;
  const Bytes last = codec::encoded(ended);
  CO_TRY(marked, co_await storing_.swap(key, value, last));
  if (!marked.swapped) co_return Status{};  // used meanwhile
  while (true) {
    CO_TRY(page, co_await storing_.scan(entries_prefix(*log), {}, 32));
    for (const auto& [entry, unused] : page.records) CO_CHECK(co_await storing_.erase(entry));
    if (!page.more || page.records.empty()) break;
  }
  CO_TRY(gone, co_await storing_.swap(key, last, std::nullopt));
  if (gone.swapped) {
    logs_ -= std::min<uint64_t>(logs_, 1);
    logs_bytes_ -= std::min(logs_bytes_, record.bytes);
  }
  co_return Status{};
}

}  // namespace godwit::home
