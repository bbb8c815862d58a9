#include "home/transfers.h"

#include <algorithm>

#include "wire/errors.h"

namespace godwit::home {
namespace {

constexpr Error kUnknown{wire::kNoSuchTransfer, "home: the transfer is known"};

}  // namespace

Transfers::Transfer* Transfers::find(const Name& name, Instant now) {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return nullptr;
  const Table::iterator transfer = found->second;
  const bool old = transfer->touched + limits_.life <= now || transfer->begun + limits_.life * kLivesMax <= now;
  if (old && transfer->stage != Stage::kDoing) {
    erase(transfer);
    return nullptr;
  }
  return &*transfer;
}

Result<Transfers::Transfer*> Transfers::begin(const Name& name, const Bytes& beginner, uint32_t total, Instant now) {
  const auto own = by_beginner_.find(beginner);
  if (own != by_beginner_.end() && own->second >= limits_.beginner_max) {
    const auto oldest = std::ranges::find_if(
        table_, [&](const Transfer& one) { return one.beginner == beginner && one.stage != Stage::kDoing; });
    REQUIRE(oldest != table_.end(), wire::kQuotaFull, "home: transfers_owner_max");
    erase(oldest);
  }
  TRY(make_room(1, kOverhead, nullptr, now));
  Transfer& transfer = table_.emplace_back();
  transfer.name = name;
  transfer.beginner = beginner;
  transfer.total = total;
  transfer.begun = transfer.touched = now;
  by_name_[name] = std::prev(table_.end());
  ++by_beginner_[beginner];
  count(transfer);
  return &transfer;
}

Result<std::optional<Bytes>> Transfers::put(const Name& name, const Bytes& beginner, const wire::PartPut& part,
                                            Instant now) {
  Transfer* transfer = find(name, now);
  if (transfer == nullptr) {
    REQUIRE(part.offset == 0, wire::kNoSuchTransfer, "home: a transfer begins with its first part");
    transfer = TRY(begin(name, beginner, part.total, now));
  }
  REQUIRE(transfer->total == part.total, wire::kMalformed, "home: a transfer has one total");
  transfer->touched = now;
  table_.splice(table_.end(), table_, by_name_.at(name));
  Bytes& have = transfer->request;
  if (transfer->stage != Stage::kGathering || part.offset > have.size()) return std::optional<Bytes>{};
  const size_t known = std::min(have.size() - part.offset, part.bytes.size());
  const bool same = equal(ByteView(have).subspan(part.offset, known), ByteView(part.bytes).first(known));
  REQUIRE(same, wire::kMalformed, "home: a part that comes again is the same");
  const ByteView fresh = ByteView(part.bytes).subspan(known);
  if (have.capacity() < have.size() + fresh.size()) {
    // Half as much again, so that what is held is near to what was brought.
    const size_t wanted = std::min<size_t>(part.total, have.size() + have.size() / 2 + fresh.size());
    TRY(make_room(0, wanted - have.capacity(), transfer, now));
    have.reserve(wanted);
  }
  append(have, fresh);
  const bool whole = have.size() == part.total;
  std::optional<Bytes> out;
  if (whole) {
    transfer->stage = Stage::kDoing;
    out = std::exchange(have, {});
  }
  count(*transfer);
  return out;
}

void Transfers::finish(const Name& name, Bytes reply, Instant now) {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return;
  Transfer& transfer = *found->second;
  reply.shrink_to_fit();
  const bool fits = make_room(0, reply.capacity(), &transfer, now).has_value();
  transfer.stage = Stage::kFinished;
  transfer.touched = now;
  table_.splice(table_.end(), table_, found->second);
  if (!fits) return erase(found->second);  // its client asks again
  transfer.reply = std::move(reply);
  count(transfer);
}

void Transfers::keep(const Name& name, const Bytes& beginner, uint32_t total, Bytes reply, Instant now) {
  if (find(name, now) != nullptr || !begin(name, beginner, total, now)) return;
  finish(name, std::move(reply), now);
}

Result<wire::PartState> Transfers::state(const Name& name, uint32_t offset, uint32_t reply_bytes, Instant now) {
  const Transfer* transfer = find(name, now);
  if (transfer == nullptr) return kUnknown;
  by_name_.at(name)->touched = now;
  table_.splice(table_.end(), table_, by_name_.at(name));
  wire::PartState out;
  out.received =
      transfer->stage == Stage::kGathering ? static_cast<uint32_t>(transfer->request.size()) : transfer->total;
  if (transfer->stage != Stage::kFinished) return out;
  REQUIRE(offset <= transfer->reply.size(), wire::kMalformed, "home: an offset lies within the reply");
  out.reply_total = static_cast<uint32_t>(transfer->reply.size());
  out.offset = offset;
  const ByteView left = ByteView(transfer->reply).subspan(offset);
  out.bytes = to_bytes(left.first(std::min<size_t>({left.size(), reply_bytes, wire::kPartBytesMax})));
  return out;
}

void Transfers::expire(Instant now) {
  while (!table_.empty() && table_.front().touched + limits_.life <= now) {
    if (table_.front().stage != Stage::kDoing) {
      erase(table_.begin());
      continue;
    }
    table_.front().touched = now;  // the store is slow
    table_.splice(table_.end(), table_, table_.begin());
  }
}

// Gives up others until there is room. kQuotaFull: all that is left is being done, or `but` itself.
Status Transfers::make_room(size_t transfers, size_t bytes, const Transfer* but, Instant now) {
  const auto pace = [&](const Transfer& one) {  // bytes in a second
    return one.request.size() * 1000 / static_cast<uint64_t>(std::max<int64_t>((now - one.begun + kPaceFloor).ms, 1));
  };
  const auto greedier = [](const Transfer& one, const Transfer& other) {  // more of a reply for each byte brought
    return one.reply.size() * uint64_t{std::max(other.total, 1U)} >
           other.reply.size() * uint64_t{std::max(one.total, 1U)};
  };
  while (table_.size() + transfers > limits_.transfers_max || bytes_ + bytes > limits_.bytes_max) {
    auto victim = table_.end();
    for (auto it = table_.begin(); it != table_.end(); ++it) {
      if (&*it == but || it->stage == Stage::kDoing) continue;
      const bool finished = it->stage == Stage::kFinished;
      const bool before = victim != table_.end() && victim->stage == Stage::kFinished;
      if (finished && (!before || greedier(*it, *victim))) victim = it;
      if (!finished && !before && (victim == table_.end() || pace(*it) < pace(*victim))) victim = it;
    }
    REQUIRE(victim != table_.end(), wire::kQuotaFull, "home: transfers_max, transfers_bytes_max");
    erase(victim);
  }
  return {};
}

void Transfers::count(Transfer& transfer) {
  const size_t held = kOverhead + transfer.request.capacity() + transfer.reply.capacity();
  bytes_ += held;
  bytes_ -= transfer.counted;
  transfer.counted = held;
}

void Transfers::erase(Table::iterator which) {
  bytes_ -= which->counted;
  by_name_.erase(which->name);
  const auto beginner = by_beginner_.find(which->beginner);
  if (--beginner->second == 0) by_beginner_.erase(beginner);
  table_.erase(which);
}

}  // namespace godwit::home
