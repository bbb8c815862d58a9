#include "store/layout.h"

#include <bit>

#include "base/assert.h"

namespace godwit::store::layout {
namespace {

constexpr size_t kNumberSize = 8;
constexpr size_t kLengthSize = 4;
constexpr size_t kDaySize = 4;
constexpr uint32_t kDaysKept = 64;
constexpr int64_t kDayMs = 24 * 60 * 60 * 1000;
constexpr uint64_t kSignBit = uint64_t{1} << 63;

void append_number(Bytes& out, uint64_t number, size_t size = kNumberSize) {
  for (size_t i = size; i-- > 0;) out.push_back(static_cast<uint8_t>(number >> (8 * i)));
}
void append_time(Bytes& out, Instant time) { append_number(out, static_cast<uint64_t>(time.ms) ^ kSignBit); }

uint64_t number_at(ByteView bytes, size_t offset, size_t size = kNumberSize) {
  uint64_t number = 0;
  for (const uint8_t byte : bytes.subspan(offset, size)) number = number << 8 | byte;
  return number;
}
Instant time_at(ByteView bytes, size_t offset) { return {static_cast<int64_t>(number_at(bytes, offset) ^ kSignBit)}; }

// With room for `more` bytes behind it.
Bytes queue_key(uint8_t kind, ByteView queue, size_t more = 0) {
  ASSERT(queue.size() <= UINT32_MAX);
  Bytes key;
  key.reserve(1 + kLengthSize + queue.size() + more);
  key.push_back(kind);
  append_number(key, queue.size(), kLengthSize);
  append(key, queue);
  return key;
}

}  // namespace

Range starting_with(Bytes prefix) {
  Bytes last = prefix;
  while (!last.empty() && last.back() == 0xff) last.pop_back();
  ASSERT(!last.empty());
  ++last.back();
  return {std::move(prefix), std::move(last)};
}

Bytes record(ByteView key) {
  Bytes out;
  out.reserve(1 + key.size());
  out.push_back(kRecords);
  append(out, key);
  return out;
}
Bytes items_of(ByteView queue) { return queue_key(kItems, queue); }
Bytes item(ByteView queue, uint64_t sequence) {
  Bytes key = queue_key(kItems, queue, kNumberSize);
  append_number(key, sequence);
  return key;
}
Bytes ids_of(ByteView queue) { return queue_key(kIds, queue); }
Bytes id(ByteView queue, const AppendId& id) {
  Bytes key = queue_key(kIds, queue, id.view().size());
  append(key, id.view());
  return key;
}
Bytes counter(ByteView queue) { return queue_key(kCounters, queue); }

Bytes expiry(Instant time, ByteView target) {
  Bytes key;
  key.reserve(1 + kNumberSize + target.size());
  key.push_back(kExpiries);
  append_time(key, time);
  append(key, target);
  return key;
}
Range expired(Instant now) {
  Bytes upto{kExpiries};
  append_time(upto, now);
  return {Bytes{kExpiries}, starting_with(std::move(upto)).last};
}
ByteView expiry_target(ByteView expiry_key) {
  if (expiry_key.size() <= 1 + kNumberSize) return {};
  return expiry_key.subspan(1 + kNumberSize);
}

Instant expiry_time(ByteView expiry_key) { return time_at(expiry_key, 1); }

std::optional<ByteView> queue_of(ByteView key) {
  if (key.size() < 1 + kLengthSize || (key[0] != kItems && key[0] != kIds && key[0] != kCounters)) return std::nullopt;
  const uint64_t size = number_at(key, 1, kLengthSize);
  if (key.size() - 1 - kLengthSize < size) return std::nullopt;
  return key.subspan(1 + kLengthSize, size);
}

std::optional<uint64_t> item_sequence(ByteView item_key) {
  if (item_key.size() < kNumberSize) return std::nullopt;
  return number_at(item_key, item_key.size() - kNumberSize);
}

Bytes write_item(Instant expires, ByteView item) {
  Bytes out;
  out.reserve(kNumberSize + item.size());
  append_time(out, expires);
  append(out, item);
  return out;
}
std::optional<ItemValue> read_item(ByteView value) {
  if (value.size() < kNumberSize) return std::nullopt;
  return ItemValue{time_at(value, 0), value.subspan(kNumberSize)};
}

Bytes write_id(Instant remember_until) {
  Bytes out;
  out.reserve(kNumberSize);
  append_time(out, remember_until);
  return out;
}
std::optional<Instant> read_id(ByteView value) {
  if (value.size() != kNumberSize) return std::nullopt;
  return time_at(value, 0);
}

ByteView id_in(ByteView id_key) {
  const auto queue = queue_of(id_key);
  return queue ? id_key.subspan(1 + kLengthSize + queue->size()) : ByteView{};
}

bool CounterValue::has(uint32_t day) const {
  return day >= first_day && day - first_day < kDaysKept && (days >> (day - first_day) & 1) != 0;
}

bool CounterValue::add(uint32_t day) {
  if (days == 0) first_day = day;
  if (day < first_day) {
    const uint32_t by = first_day - day;
    if (by >= kDaysKept || days >> (kDaysKept - by) != 0) return false;
    days <<= by;
    first_day = day;
  }
  if (day - first_day >= kDaysKept) return false;
  days |= uint64_t{1} << (day - first_day);
  return true;
}

void CounterValue::remove(uint32_t day) {
  if (!has(day)) return;
  days &= ~(uint64_t{1} << (day - first_day));
  if (days == 0) return;
  const int before = std::countr_zero(days);
  days >>= before;
  first_day += static_cast<uint32_t>(before);
}

Bytes write_counter(const CounterValue& counter) {
  Bytes out;
  out.reserve(kNumberSize + kDaySize + kNumberSize);
  append_number(out, counter.last);
  if (counter.days == 0) return out;
  append_number(out, counter.first_day, kDaySize);
  append_number(out, counter.days);
  return out;
}

std::optional<CounterValue> read_counter(ByteView value) {
  if (value.size() != kNumberSize && value.size() != kNumberSize + kDaySize + kNumberSize) return std::nullopt;
  CounterValue out;
  out.last = number_at(value, 0);
  if (value.size() == kNumberSize) return out;
  out.first_day = static_cast<uint32_t>(number_at(value, kNumberSize, kDaySize));
  out.days = number_at(value, kNumberSize + kDaySize);
  // Whoever takes one day after the other out comes to an end.
  const auto after_first = static_cast<uint32_t>(std::bit_width(out.days)) - 1;
  if ((out.days & 1) == 0 || after_first > UINT32_MAX - out.first_day) return std::nullopt;
  return out;
}

std::optional<uint32_t> day_beginning(Instant time) {
  if (time.ms < 0 || time.ms % kDayMs != 0 || time.ms / kDayMs > UINT32_MAX) return std::nullopt;
  return static_cast<uint32_t>(time.ms / kDayMs);
}

Instant begin_of(uint32_t day) { return {int64_t{day} * kDayMs}; }

Bytes write_number(uint64_t number) {
  Bytes out;
  out.reserve(kNumberSize);
  append_number(out, number);
  return out;
}
std::optional<uint64_t> read_number(ByteView value) {
  if (value.size() != kNumberSize) return std::nullopt;
  return number_at(value, 0);
}

}  // namespace godwit::store::layout
