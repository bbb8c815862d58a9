#include "store/rocksdb_table.h"

#include <rocksdb/db.h>

#include <algorithm>
#include <array>

#include "base/assert.h"

namespace godwit::store {
namespace {

rocksdb::Slice slice(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
ByteView view(const rocksdb::Slice& bytes) { return as_bytes({bytes.data(), bytes.size()}); }

/// One layer's records of a range, in key order. The erased ones are among them.
class Layer {
 public:
  virtual ~Layer() = default;
  /// The key it is at; nothing: it has no more. Valid until next().
  virtual std::optional<ByteView> key() const = 0;
  /// The value there; nothing: erased.
  virtual std::optional<ByteView> value() const = 0;
  virtual void next() = 0;
};

std::optional<ByteView> view_of(const std::optional<Bytes>& value) {
  return value ? std::optional<ByteView>(*value) : std::nullopt;
}

Bytes start_of(ByteView value, size_t count_max) { return to_bytes(value.first(std::min(value.size(), count_max))); }
std::optional<Bytes> start_of(const std::optional<Bytes>& value, size_t count_max) {
  return value ? std::optional(start_of(ByteView(*value), count_max)) : std::nullopt;
}

class GroupLayer final : public Layer {
 public:
  GroupLayer(const Changes* group, ByteView first, ByteView last) {
    if (group == nullptr) return;
    at_ = group->lower_bound(first);
    end_ = KeyOrder{}(first, last) ? group->lower_bound(last) : at_;
  }
  std::optional<ByteView> key() const override { return at_ == end_ ? std::nullopt : std::optional<ByteView>(at_->first); }
  std::optional<ByteView> value() const override { return view_of(at_->second.value); }
  void next() override { ++at_; }

 private:
  Changes::const_iterator at_{};
  Changes::const_iterator end_{};
};

/// By pieces, so that nobody who writes waits for whoever reads.
class YoungLayer final : public Layer {
 public:
  YoungLayer(const View& view, ByteView first, ByteView last)
      : view_(view), last_(last), piece_(view.young->piece(first, last, view.version)) {}
  std::optional<ByteView> key() const override {
    return at_ == piece_.size() ? std::nullopt : std::optional<ByteView>(piece_[at_].first);
  }
  std::optional<ByteView> value() const override { return view_of(piece_[at_].second); }
  void next() override {
    if (++at_ < piece_.size()) return;
    Bytes after = std::move(piece_.back().first);
    after.push_back(0);  // the least key above it
    piece_ = view_.young->piece(after, last_, view_.version);
    at_ = 0;
  }

 private:
  const View& view_;
  const ByteView last_;
  std::vector<Young::Seen> piece_;
  size_t at_ = 0;
};

class DatabaseLayer final : public Layer {
 public:
  DatabaseLayer(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, ByteView first, ByteView last) : last_(slice(last)) {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot;
    options.iterate_upper_bound = &last_;
    at_.reset(db.NewIterator(options));
    at_->Seek(slice(first));
  }
  std::optional<ByteView> key() const override {
    return at_->Valid() && at_->key().compare(last_) < 0 ? std::optional(view(at_->key())) : std::nullopt;
  }
  std::optional<ByteView> value() const override { return view(at_->value()); }
  void next() override { at_->Next(); }
  /// Of one that has no more: why.
  Status status() const { return at_->status().ok() ? Status() : error_of(at_->status()); }

 private:
  const rocksdb::Slice last_;
  std::unique_ptr<rocksdb::Iterator> at_;
};

}  // namespace

Result<std::optional<Bytes>> LayeredTable::get(ByteView key, size_t count_max) {
  if (group_ != nullptr) {
    // Whoever writes is alone: nothing of it changes meanwhile.
    if (const auto at = group_->find(key); at != group_->end()) return start_of(at->second.value, count_max);
    if (const Change* change = view_.young->find(key, view_.version)) return start_of(change->value, count_max);
  } else if (auto change = view_.young->read(key, view_.version)) {
    return start_of(*change, count_max);
  }
  if (view_.known != nullptr) {
    if (const auto at = view_.known->find(key); at != view_.known->end()) return std::optional(start_of(ByteView(at->second), count_max));
  }
  rocksdb::ReadOptions options;
  options.snapshot = view_.snapshot;
  rocksdb::PinnableSlice value;
  rocksdb::DB& db = database_.db();
  const rocksdb::Status status = db.Get(options, db.DefaultColumnFamily(), slice(key), &value);
  if (status.IsNotFound()) return std::optional<Bytes>();
  if (!status.ok()) return error_of(status);
  return std::optional(start_of(view(value), count_max));
}

Status LayeredTable::visit(ByteView first, ByteView last, const Visitor& visitor) {
  GroupLayer group(group_, first, last);
  YoungLayer young(view_, first, last);
  DatabaseLayer database(database_.db(), view_.snapshot, first, last);
  const std::array<Layer*, 3> layers{&group, &young, &database};  // the newest first
  for (;;) {
    if (!database.key()) TRY(database.status());  // else what it could not read would be passed over
    Layer* least = nullptr;
    for (Layer* layer : layers) {
      if (layer->key() && (least == nullptr || KeyOrder{}(*layer->key(), *least->key()))) least = layer;
    }
    if (least == nullptr) return {};
    const auto value = least->value();
    if (value && !visitor(*least->key(), *value)) return {};
    for (Layer* layer : layers) {
      if (layer != least && layer->key() && equal(*layer->key(), *least->key())) layer->next();
    }
    least->next();
  }
}

void LayeredTable::put(ByteView key, Bytes value) {
  ASSERT(group_ != nullptr);
  group_->try_emplace(to_bytes(key)).first->second.value = std::move(value);
}

void LayeredTable::put_new(ByteView key, Bytes value) {
  ASSERT(group_ != nullptr);
  const auto [at, added] = group_->try_emplace(to_bytes(key));
  if (added) at->second.fresh = view_.young->find(key, view_.version) == nullptr;
  at->second.value = std::move(value);
}

void LayeredTable::erase(ByteView key) {
  ASSERT(group_ != nullptr);
  const auto [at, added] = group_->try_emplace(to_bytes(key));
  if (at->second.fresh) {
    group_->erase(at);  // nobody has seen it
  } else {
    at->second.value.reset();
  }
}

}  // namespace godwit::store
