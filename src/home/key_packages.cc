// The key package family: a pool behind each address, of packages that the home cannot read.

#include "home/core.h"

namespace godwit::home {
namespace {

// The same for the same packages in the same order, so that publishing again does not hand out what was taken since.
ShortHash generation_of(const wire::KeyPackagePublish& request) {
  return short_hash("godwit pool 1", {wire::encode_request(request)});
}

// The one that this take id got before, nothing if it is new.
const TakeRecord* find_take(const PoolRecord& pool, const ShortHash& take) {
  for (const TakeRecord& record : pool.takes) {
    if (record.take == take) return &record;
  }
  return nullptr;
}

}  // namespace

// ---- the owner ------------------------------------------------------------------------------------------------------

Core::Answer Core::handle(const Caller& caller, const wire::KeyPackagePublish& request) {
  const auto address_lane = co_await lanes_.shared(address_key(request.alias));
  const auto mailbox_lane = co_await lanes_.shared(mailbox_key(caller.device.mailbox));
  const auto pool_lane = co_await lanes_.exclusive(pool_key(request.alias));
  CO_CHECK(co_await own_mailbox(caller));
  CO_CHECK(co_await own_address(caller, request.alias));
  CO_TRY(found, co_await storing_.get(pool_key(request.alias)));
  PoolRecord before;
  if (found.value) {
    CO_TRY(stored, decode_record<PoolRecord>(*found.value));
    before = stored;
  }
  PoolRecord pool;
  pool.generation = generation_of(request);
  if (found.value && before.generation == pool.generation) co_return wire::Done{};
  pool.count = static_cast<uint16_t>(request.packages.size());
  pool.has_last_resort = request.last_resort.has_value();
  pool.takes = before.takes;
  // The packages first: without the record that names their generation they are nothing, and the sweep removes them.
  std::vector<Submitted<store::Stored>> writes;
  for (uint16_t i = 0; i < pool.count; ++i) {
    writes.push_back(storing_.put(package_key(request.alias, pool.generation, i), request.packages[i]));
  }
  if (request.last_resort) {
    writes.push_back(storing_.put(package_key(request.alias, pool.generation, kLastResortIndex), *request.last_resort));
  }
  for (auto& write : writes) CO_CHECK(co_await write);
  CO_TRY(swapped, co_await storing_.swap(pool_key(request.alias), found.value, codec::encoded(pool)));
  CO_REQUIRE(swapped.swapped, wire::kUnavailable, "home: another node changed the pool meanwhile");
  // Those nobody took are of no use any more. What fails here is left to the sweep.
  std::vector<Submitted<store::Stored>> erasures;
  for (uint16_t i = before.next; i < before.count; ++i) {
    erasures.push_back(storing_.erase(package_key(request.alias, before.generation, i)));
  }
  if (before.has_last_resort) {
    erasures.push_back(storing_.erase(package_key(request.alias, before.generation, kLastResortIndex)));
  }
  for (auto& erasure : erasures) static_cast<void>(co_await erasure);
  co_return wire::Done{};
}

Core::Answer Core::handle(const Caller& caller, const wire::KeyPackageCount& request) {
  const auto address_lane = co_await lanes_.shared(address_key(request.alias));
  const auto mailbox_lane = co_await lanes_.shared(mailbox_key(caller.device.mailbox));
  CO_CHECK(co_await own_mailbox(caller));
  CO_CHECK(co_await own_address(caller, request.alias));
  CO_TRY(found, co_await storing_.get(pool_key(request.alias)));
  if (!found.value) co_return wire::KeyPackagesLeft{};
  CO_TRY(pool, decode_record<PoolRecord>(*found.value));
  co_return wire::KeyPackagesLeft{static_cast<uint32_t>(pool.count - pool.next), pool.last_resort_used};
}

// ---- everybody else -------------------------------------------------------------------------------------------------

// One take is one compare-and-swap: the index moves on and the take is remembered together, so that no crash can hand a
// package to two.
Core::Answer Core::handle(const Caller&, const wire::KeyPackageTake& request) {
  const auto address_lane = co_await lanes_.shared(address_key(request.alias));
  CO_CHECK(co_await check_address(request.alias, request.token));
  const Duration wait = take_rate_.take(address_key(request.alias), now_);
  if (wait > Duration{}) {
    co_return wire::Refused{wire::kTooManyRequests.number, static_cast<uint32_t>(wait.ms), 0};
  }
  const auto pool_lane = co_await lanes_.exclusive(pool_key(request.alias));
  CO_TRY(found, co_await storing_.get(pool_key(request.alias)));
  CO_REQUIRE(found.value.has_value(), wire::kNoKeyPackage, "home: nothing was published here");
  CO_TRY(pool, decode_record<PoolRecord>(*found.value));
  const ShortHash take = short_hash("godwit take 1", {request.alias.view(), request.take_id.view()});
  if (const TakeRecord* before = find_take(pool, take)) {
    co_return co_await give_package(request.alias, before->generation, before->index);
  }
  PoolRecord changed = pool;
  uint16_t index = kLastResortIndex;
  if (pool.next < pool.count) {
    index = changed.next++;
    changed.takes.push_back({take, pool.generation, index, now_.day()});
    if (changed.takes.size() > kTakesMax) changed.takes.erase(changed.takes.begin());
  } else {
    CO_REQUIRE(pool.has_last_resort, wire::kNoKeyPackage, "home: the pool is empty and has no last resort");
    changed.last_resort_used = true;
  }
  const Bytes value = codec::encoded(changed);
  if (value != *found.value) {
    CO_TRY(swapped, co_await storing_.swap(pool_key(request.alias), found.value, value));
    CO_REQUIRE(swapped.swapped, wire::kUnavailable, "home: another node gave one away meanwhile");
  }
  co_return co_await give_package(request.alias, pool.generation, index);
}

Task<Result<wire::Reply>> Core::give_package(wire::Alias alias, ShortHash generation, uint16_t index) {
  CO_TRY(found, co_await storing_.get(package_key(alias, generation, index)));
  CO_REQUIRE(found.value.has_value(), kBadRecord, "home: a key package that the pool names is gone");
  co_return wire::KeyPackageTaken{std::move(*found.value), index == kLastResortIndex};
}

// ---- by itself ------------------------------------------------------------------------------------------------------

// Removes the pool of an address that ends.
Task<Status> Core::erase_pool(wire::Alias alias) {
  CO_CHECK(co_await storing_.erase(pool_key(alias)));
  const Bytes prefix = packages_prefix(alias);
  while (true) {
    CO_TRY(page, co_await storing_.scan(prefix, {}, 32));
    std::vector<Submitted<store::Stored>> erasures;
    for (const auto& [key, value] : page.records) erasures.push_back(storing_.erase(key));
    for (auto& erasure : erasures) CO_CHECK(co_await erasure);
    if (!page.more || page.records.empty()) co_return Status{};
  }
}

// Forgets takes of the day before yesterday, and every package that nothing names any more.
Task<Status> Core::tidy_pool(wire::Alias alias) {
  const auto pool_lane = co_await lanes_.exclusive(pool_key(alias));
  CO_TRY(found, co_await storing_.get(pool_key(alias)));
  PoolRecord pool;
  if (found.value) {
    CO_TRY(stored, decode_record<PoolRecord>(*found.value));
    pool = stored;
    std::erase_if(pool.takes, [&](const TakeRecord& take) { return take.day + 1 < now_.day(); });
    const Bytes value = codec::encoded(pool);
    if (value != *found.value) CO_CHECK(co_await storing_.swap(pool_key(alias), found.value, value));
  }
  std::set<Bytes> named;
  for (const TakeRecord& take : pool.takes) named.insert(package_key(alias, take.generation, take.index));
  for (uint16_t i = pool.next; i < pool.count; ++i) named.insert(package_key(alias, pool.generation, i));
  if (pool.has_last_resort) named.insert(package_key(alias, pool.generation, kLastResortIndex));
  Bytes after;
  while (true) {
    CO_TRY(page, co_await storing_.scan(packages_prefix(alias), after, 32));
    for (const auto& [key, value] : page.records) {
      if (!named.contains(key)) CO_CHECK(co_await storing_.erase(key));
    }
    if (!page.more || page.records.empty()) co_return Status{};
    after = page.records.back().first;
  }
}

}  // namespace godwit::home
