// The blob family: encrypted files in chunks. A grant is given out on a mailbox session and counted there; everything else is
// anonymous. A chunk is written once and answered when it is durable; how far a blob is stored is not written, but counted.

#include "crypto/hash.h"
#include "home/blob_grant.h"
#include "home/core.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

// Chunks that may overtake those before them: what a client has on its way.
constexpr uint32_t kAhead = 8;
// Blobs of which it is remembered how far they are stored; of others it is counted again.
constexpr size_t kActiveMax = 4'096;
// Chunks erased at once.
constexpr uint32_t kErasedAtOnce = 256;

BlobHash hash_of(const wire::BlobId& blob) { return {crypto::sha256(blob.view())}; }

ShortHash grant_name(const GrantedBlob& grant) { return short_hash("godwit grant spent 1", {grant.id}); }

// What a spent grant's record says of the blob: nothing to whoever does not have the grant.
ShortHash spent_on(const GrantedBlob& grant, const BlobHash& blob) {
  return short_hash("godwit grant blob 1", {grant.id, blob.view()});
}

bool is_over(const BlobRecord& record, Instant now) { return now.day() >= record.end_day; }

// The end of a blob that is not whole: two days after it was begun, and later by as large a part of 30 days as it is stored.
// Time has to be paid for in bytes, so that little is held by who brings little, and a file over a poor network gets through.
uint32_t unfinished_end(const BlobRecord& record, uint32_t stored) {
  const uint64_t earned = uint64_t{stored} * kBlobDays / std::max(record.chunks, 1U);
  return record.begun_day + kBlobUnfinishedDays + 1 + static_cast<uint32_t>(earned);
}

}  // namespace

// ---- the right to store ---------------------------------------------------------------------------------------------

Core::Answer Core::handle(const Caller& caller, const wire::BlobGrant& request) {
  const auto lane = co_await lanes_.shared(mailbox_key(caller.device.mailbox));
  CO_CHECK(co_await own_mailbox(caller));
  CO_CHECK(charge_grant(caller.device.mailbox, request.chunks));
  co_return wire::BlobGranted{make_grant(keys_.admission_key, request.chunks, now_.day() + kGrantDays, random_)};
}

// Counts what a mailbox was granted today; in memory only, since at rest it would say who sends much.
Status Core::charge_grant(const wire::MailboxId& mailbox, uint32_t chunks) {
  if (grants_day_ != now_.day()) {
    grants_day_ = now_.day();
    granted_bytes_.clear();
  }
  const uint64_t size = blob_bytes(chunks);
  const uint64_t most = options_.limits.grants_day_bytes_max;
  const auto found = granted_bytes_.find(mailbox);
  const uint64_t before = found == granted_bytes_.end() ? 0 : found->second;
  REQUIRE(size <= most && before <= most - size, wire::kQuotaFull, "home: grants_day_bytes_max");
  granted_bytes_[mailbox] = before + size;
  return {};
}

// ---- storing --------------------------------------------------------------------------------------------------------

Core::Answer Core::handle(const Caller&, const wire::BlobPut& request) {
  const BlobHash blob = hash_of(request.blob);
  ActiveBlobHold active;
  {
    const auto lane = co_await lanes_.exclusive(blob_key(blob));
    CO_TRY(begun, co_await begin_chunk(blob, request));
    active = std::move(begun);
  }
  const auto lane = co_await lanes_.shared(blob_key(blob));
  CO_REQUIRE(!is_over(active->record, now_), wire::kNoSuchBlob, "home: the blob is over");
  CO_CHECK(co_await store_chunk(blob, *active, request));
  // Whole is said only after the record says so, since from then on the blob lives longer.
  const uint32_t sure = active->record.whole ? active->record.chunks : active->record.chunks - 1;
  co_return wire::BlobState{active->record.chunks, std::min(active->stored, sure)};
}

// Makes sure that the grant is good for the blob, and that the blob is there, before a chunk of it is written. Under its
// lane.
Task<Result<Core::ActiveBlobHold>> Core::begin_chunk(BlobHash blob, const wire::BlobPut& request) {
  // Also of a grant that was good before: it may have expired since.
  CO_TRY(grant, check_grant(keys_.admission_key, request.grant));
  CO_REQUIRE(now_.day() <= grant.expires_day, wire::kBlobRefused, "home: the grant has expired");
  CO_REQUIRE(grant.chunks == request.chunks, wire::kBlobRefused, "home: the grant is for another size");
  CO_TRY(active, co_await find_blob(blob));
  if (active && active->grant == request.grant) {
    CO_REQUIRE(active->record.chunks == request.chunks, wire::kIdTaken, "home: a blob keeps its size");
    co_return std::move(active);
  }
  CO_TRY(newly, co_await spend_grant(blob, grant));
  if (!active) {
    CO_TRY(begun, co_await begin_blob(blob, request.chunks));
    active = std::move(begun);
  } else if (newly && active->record.whole) {
    CO_CHECK(co_await keep_blob(blob, *active, true));
  }
  CO_REQUIRE(active->record.chunks == request.chunks, wire::kIdTaken, "home: a blob keeps its size");
  active->grant = request.grant;
  co_return std::move(active);
}

// One grant, one blob: the first chunk binds them. True if it did so now.
Task<Result<bool>> Core::spend_grant(BlobHash blob, const GrantedBlob& grant) {
  const SpentGrantRecord spent{spent_on(grant, blob), grant.expires_day};
  const Bytes value = codec::encoded(spent);
  CO_TRY(swapped, co_await storing_.swap(spent_grant_key(grant_name(grant)), std::nullopt, value));
  CO_REQUIRE(swapped.swapped || swapped.found == value, wire::kBlobRefused,
             "home: the grant was spent on another blob");
  co_return swapped.swapped;
}

// A new blob counts as a whole from now on, so that what was begun can be finished.
Task<Result<Core::ActiveBlobHold>> Core::begin_blob(BlobHash blob, uint32_t chunks) {
  const uint64_t size = blob_bytes(chunks);
  const uint64_t most = options_.limits.blobs_bytes_max;
  CO_REQUIRE(size <= most && blobs_bytes_ <= most - size, wire::kQuotaFull, "home: blobs_bytes_max");
  blobs_bytes_ += size;
  BlobRecord record{chunks, now_.day(), 0, false};
  record.end_day = unfinished_end(record, 0);
  const auto swapped = co_await storing_.swap(blob_key(blob), std::nullopt, codec::encoded(record));
  if (!swapped || !swapped->swapped) blobs_bytes_ -= size;
  CO_CHECK(swapped);
  CO_REQUIRE(swapped->swapped, wire::kUnavailable, "home: another node began it meanwhile");
  co_return remember_blob(blob, {record, 0, {}, {}});
}

// Chunks come in their order, but for a few that have overtaken others. One that is too far ahead is not stored; the answer
// says how far it goes.
Task<Status> Core::store_chunk(BlobHash blob, ActiveBlob& active, const wire::BlobPut& request) {
  const uint32_t index = request.index;
  if (index >= active.stored + kAhead) co_return Status{};
  const Bytes key = chunk_key(blob, active.record.begun_day, index);
  CO_TRY(swapped, co_await storing_.swap(key, std::nullopt, request.bytes));
  CO_REQUIRE(swapped.swapped || swapped.found == request.bytes, wire::kIdTaken, "home: other bytes stand there");
  if (index >= active.stored) active.beyond.insert(index);
  while (!active.beyond.empty() && *active.beyond.begin() <= active.stored) {
    if (*active.beyond.begin() == active.stored) ++active.stored;
    active.beyond.erase(active.beyond.begin());
  }
  co_return co_await keep_blob(blob, active, false);
}

// Writes a new end: when the blob has become whole, when somebody extends it, and as more of it is stored. Chunks that
// stand already move nothing.
Task<Status> Core::keep_blob(BlobHash blob, ActiveBlob& active, bool extend) {
  CO_REQUIRE(!active.record.removed, wire::kNoSuchBlob, "home: the blob was taken away");
  BlobRecord kept = active.record;
  kept.whole = active.stored == kept.chunks;
  if (kept.whole != active.record.whole || extend) kept.end_day = day_after(now_ + days(kBlobDays));
  if (!kept.whole) kept.end_day = std::max(kept.end_day, unfinished_end(kept, active.stored));
  if (kept.whole == active.record.whole && kept.end_day == active.record.end_day) co_return Status{};
  CO_CHECK(co_await storing_.put(blob_key(blob), codec::encoded(kept)));
  active.record = kept;
  co_return Status{};
}

// ---- what is there --------------------------------------------------------------------------------------------------

// The record of a blob that is not over.
Task<Result<std::optional<BlobRecord>>> Core::load_blob(BlobHash blob) {
  CO_TRY(found, co_await storing_.get(blob_key(blob)));
  if (!found.value) co_return std::optional<BlobRecord>{};
  CO_TRY(record, decode_record<BlobRecord>(*found.value));
  if (is_over(record, now_)) co_return std::optional<BlobRecord>{};
  co_return std::optional(record);
}

// The blob and how far it is stored; null if there is none. One that is over and not yet removed is kNoSuchBlob: its id is of
// no use any more. Under its lane.
Task<Result<Core::ActiveBlobHold>> Core::find_blob(BlobHash blob) {
  const auto known = active_blobs_.find(blob);
  if (known != active_blobs_.end() && !is_over(known->second->record, now_)) co_return known->second;
  active_blobs_.erase(blob);
  CO_TRY(found, co_await storing_.get(blob_key(blob)));
  if (!found.value) co_return ActiveBlobHold{};
  CO_TRY(record, decode_record<BlobRecord>(*found.value));
  CO_REQUIRE(!is_over(record, now_) && record.chunks > 0, wire::kNoSuchBlob, "home: the blob is over");
  ActiveBlob counted{record, record.chunks, {}, {}};
  if (!record.whole) CO_CHECK(co_await count_chunks(blob, counted));
  const ActiveBlobHold active = remember_blob(blob, std::move(counted));
  CO_CHECK(co_await keep_blob(blob, *active, false));  // whole, but for a crash before that was written
  co_return active;
}

// Which chunks are there. They come in order but for kAhead, so a search by halves comes close, and the few around where it
// ends are looked at.
Task<Status> Core::count_chunks(BlobHash blob, ActiveBlob& active) {
  const uint32_t chunks = active.record.chunks;
  uint32_t there = 0;
  uint32_t missing = chunks;
  while (there < missing) {
    const uint32_t middle = there + (missing - there) / 2;
    CO_TRY(found, co_await storing_.get(chunk_key(blob, active.record.begun_day, middle)));
    if (found.value) {
      there = middle + 1;
    } else {
      missing = middle;
    }
  }
  active.stored = there - std::min(there, kAhead);
  for (uint32_t index = active.stored; index < std::min(chunks, there + kAhead); ++index) {
    CO_TRY(found, co_await storing_.get(chunk_key(blob, active.record.begun_day, index)));
    if (!found.value) continue;
    if (index == active.stored) {
      ++active.stored;
    } else {
      active.beyond.insert(index);
    }
  }
  co_return Status{};
}

Core::ActiveBlobHold Core::remember_blob(const BlobHash& blob, ActiveBlob active) {
  while (active_blobs_.size() >= kActiveMax) {
    auto next = active_blobs_.upper_bound(last_evicted_blob_);
    for (size_t tried = 0; tried < active_blobs_.size(); ++tried) {
      if (next == active_blobs_.end()) next = active_blobs_.begin();
      if (next->second.use_count() == 1) break;
      ++next;
    }
    if (next == active_blobs_.end() || next->second.use_count() != 1)
      break;  // all are at work: bounded by their number
    last_evicted_blob_ = next->first;
    active_blobs_.erase(next);
  }
  return active_blobs_[blob] = std::make_shared<ActiveBlob>(std::move(active));
}

Core::Answer Core::handle(const Caller&, const wire::BlobLook& request) {
  const BlobHash blob = hash_of(request.blob);
  const auto lane = co_await lanes_.exclusive(blob_key(blob));
  auto found = co_await find_blob(blob);
  if (!found && found.error().code == wire::kNoSuchBlob) co_return wire::BlobState{};
  CO_CHECK(found);
  const ActiveBlobHold active = *found;
  if (!active) co_return wire::BlobState{};
  co_return wire::BlobState{active->record.chunks, active->stored};
}

Core::Answer Core::handle(const Caller&, const wire::BlobGet& request) {
  const BlobHash blob = hash_of(request.blob);
  CO_TRY(record, co_await load_blob(blob));
  CO_REQUIRE(record.has_value(), wire::kNoSuchBlob, "home: no such blob");
  CO_TRY(chunk, co_await storing_.get(chunk_key(blob, record->begun_day, request.index)));
  CO_REQUIRE(chunk.value.has_value(), wire::kNoSuchBlob, "home: no such chunk");
  co_return wire::BlobChunk{record->chunks, std::move(*chunk.value)};
}

// ---- by itself ------------------------------------------------------------------------------------------------------

// Removes a blob that is over: nobody finds it any more; its chunks; its record. A crash in between leaves the record, and what
// the operator took away leaves it without chunks.
Task<Status> Core::sweep_blob(Bytes key, Bytes value) {
  CO_TRY(record, decode_record<BlobRecord>(value));
  BlobHash blob;
  if (record.removed && record.chunks == 0) co_return Status{};
  if (!is_over(record, now_) || key.size() != 1 + BlobHash::kSize || !BlobHash::from(ByteView(key).subspan(1), blob)) {
    co_return Status{};
  }
  const auto lane = co_await lanes_.exclusive(key);
  CO_TRY(still, co_await storing_.get(key));
  if (still.value != value) co_return Status{};  // extended meanwhile
  active_blobs_.erase(blob);
  for (uint32_t index = 0; index < record.chunks;) {
    std::vector<Submitted<store::Stored>> erasures;
    for (; index < record.chunks && erasures.size() < kErasedAtOnce; ++index) {
      erasures.push_back(storing_.erase(chunk_key(blob, record.begun_day, index)));
    }
    for (auto& erasure : erasures) CO_CHECK(co_await erasure);
  }
  std::optional<Bytes> left;
  if (record.removed) left = codec::encoded(BlobRecord{0, 0, 0, false, true});
  CO_TRY(gone, co_await storing_.swap(key, value, left));
  if (gone.swapped) blobs_bytes_ -= std::min(blobs_bytes_, blob_bytes(record.chunks));
  co_return Status{};
}

}  // namespace godwit::home
