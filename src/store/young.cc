#include "store/young.h"

#include <mutex>

namespace godwit::store {
namespace {

const Change* seen_at(const Change& newest, uint64_t version) {
  const Change* change = &newest;
  while (change != nullptr && change->version > version) change = change->older.get();
  return change;
}

}  // namespace

uint64_t Young::note_reader() {
  ++readers_;  // before the version is asked for: whoever applies a group after it keeps what that version sees
  return version_;
}

void Young::apply(Changes group, uint64_t journal) {
  const std::unique_lock hold(mutex_);
  const uint64_t version = ++version_;  // before readers are counted: who is not counted sees this version
  const bool read_now = readers_ > 0;
  while (!group.empty()) {
    auto node = group.extract(group.begin());
    node.mapped().version = version;
    node.mapped().journal = journal;
    const auto at = changes_.lower_bound(node.key());
    if (at == changes_.end() || at->first != node.key()) {
      changes_.insert(at, std::move(node));
    } else {
      replace(at, std::move(node.mapped()), read_now);
    }
  }
}

void Young::replace(Changes::iterator at, Change change, bool read_now) {
  Change& before = at->second;
  change.fresh = before.fresh;  // what the database has did not change
  if (read_now) {
    change.older = std::make_unique<const Change>(std::move(before));
  } else if (!change.value && change.fresh) {
    changes_.erase(at);
    return;
  }
  before = std::move(change);
}

bool Young::forget_through(uint64_t journal) {
  const std::unique_lock hold(mutex_);
  if (readers_ > 0) return false;
  for (auto at = changes_.begin(); at != changes_.end();) {
    Change& change = at->second;
    change.older.reset();
    const bool gone = change.journal <= journal || (change.fresh && !change.value);
    at = gone ? changes_.erase(at) : std::next(at);
  }
  return true;
}

std::shared_ptr<Young> Young::copy_after(uint64_t journal) const {
  auto copy = std::make_shared<Young>();
  const std::shared_lock hold(mutex_);
  for (const auto& [key, change] : changes_) {
    if (change.journal <= journal || (change.fresh && !change.value)) continue;
    Change& kept = copy->changes_.emplace_hint(copy->changes_.end(), key, Change{})->second;
    kept.value = change.value;
    kept.fresh = change.fresh;
    kept.journal = change.journal;
  }
  return copy;
}

void Young::forget_fresh() {
  const std::unique_lock hold(mutex_);
  for (auto& [key, change] : changes_) change.fresh = false;
}

const Change* Young::find(ByteView key, uint64_t version) const {
  const auto at = changes_.find(key);
  return at == changes_.end() ? nullptr : seen_at(at->second, version);
}

std::optional<std::optional<Bytes>> Young::read(ByteView key, uint64_t version) const {
  const std::shared_lock hold(mutex_);
  const Change* change = find(key, version);
  if (change == nullptr) return std::nullopt;
  return std::make_optional<std::optional<Bytes>>(change->value);
}

std::vector<Young::Seen> Young::piece(ByteView first, ByteView last, uint64_t version) const {
  std::vector<Seen> out;
  size_t bytes = 0;
  const std::shared_lock hold(mutex_);
  for (auto at = changes_.lower_bound(first); at != changes_.end() && KeyOrder{}(at->first, last); ++at) {
    if (out.size() == kPieceCountMax || bytes > kPieceBytesMax) break;
    const Change* change = seen_at(at->second, version);
    if (change == nullptr) continue;
    if (change->value) bytes += change->value->size();
    out.emplace_back(at->first, change->value);
  }
  return out;
}

}  // namespace godwit::store
