#include "engine/device_list.h"

#include <algorithm>
#include <span>

#include "crypto/hash.h"
#include "engine/errors.h"
#include "engine/recovery_key.h"
#include "engine/words_list.h"

namespace godwit::engine {
namespace {

constexpr std::string_view kSignatureLabel = "godwit device list 1";

Bytes to_be_signed(const DeviceEntry& entry) {
  codec::Writer writer;
  writer.raw(as_bytes(kSignatureLabel));
  writer.u32(entry.sequence);
  writer.u8(static_cast<uint8_t>(entry.change));
  writer.raw(entry.device_key);
  writer.raw(entry.previous_hash);
  writer.raw(entry.signer);
  writer.u64(entry.signed_ms);
  return writer.take();
}

uint64_t to_ms(Instant at) { return static_cast<uint64_t>(std::max<int64_t>(at.ms, 0)); }

// The entries that the words have signed: they come first, and a device's follow.
std::span<const DeviceEntry> words_part(const DeviceListIn& entries) {
  const auto by_device = [&](const DeviceEntry& entry) { return entry.signer != entries.front().signer; };
  return {entries.begin(), std::ranges::find_if(entries, by_device)};
}

// Of two parts of the words, neither of which continues the other: the one that was signed last; of one time, the one with
// the smaller hash where they part. With "the longer of two that continue each other" this is an order of all that the words
// can sign, since their times do not go back.
bool outranks(std::span<const DeviceEntry> part, std::span<const DeviceEntry> other) {
  if (part.back().signed_ms != other.back().signed_ms) return part.back().signed_ms > other.back().signed_ms;
  const auto [mine, theirs] = std::ranges::mismatch(part, other);
  return hash_of(*mine) < hash_of(*theirs);
}

// The next entry after these.
DeviceEntry sign_entry(const DeviceListIn& before, DeviceChange change, const ByteArray<32>& device_key,
                       const crypto::Ed25519KeyPair& signer, uint64_t signed_ms) {
  DeviceEntry entry;
  entry.sequence = static_cast<uint32_t>(before.size()) + 1;
  entry.change = change;
  entry.device_key = device_key;
  if (!before.empty()) entry.previous_hash = hash_of(before.back());
  entry.signer = signer.public_key;
  entry.signed_ms = signed_ms;
  entry.signature = signer.sign(to_be_signed(entry));
  return entry;
}

// Entries of devices after which a device may still add one: the rest of a list is for removals.
constexpr size_t kAddingMax = kDeviceListMax - 8;

// The words sign before all devices, and their times do not go back.
Status check_words(const DeviceListIn& before, const DeviceEntry& entry) {
  if (before.empty() || entry.signer != before.front().signer) return {};
  REQUIRE(before.back().signer == entry.signer, kBadDeviceList, "the words sign on nothing that a device has signed");
  REQUIRE(before.back().signed_ms <= entry.signed_ms, kBadDeviceList, "the words' times do not go back");
  return {};
}

}  // namespace

ByteArray<32> hash_of(const DeviceEntry& entry) { return crypto::sha256(codec::encoded(entry)); }

DeviceList DeviceList::create(const crypto::Ed25519KeyPair& recovery, const crypto::Ed25519PublicKey& device,
                              Instant now) {
  DeviceList out;
  out.entries_.push_back(sign_entry({}, DeviceChange::kAdd, device, recovery, to_ms(now)));
  out.devices_.push_back(device);
  return out;
}

Result<DeviceList> DeviceList::validate(const AccountId& account, DeviceListIn in) {
  REQUIRE(!in.empty() && in.size() <= kDeviceListMax, kBadDeviceList, "a device list has 1 to 64 entries");
  const ByteArray<32> recovery = in.front().signer;
  REQUIRE(account_of(recovery) == account, kBadDeviceList, "the first entry is signed by the account's recovery key");
  DeviceList out;
  ByteArray<32> previous{};
  for (const DeviceEntry& entry : in) {
    REQUIRE(entry.sequence == out.entries_.size() + 1, kBadDeviceList, "entries count up from 1");
    REQUIRE(entry.previous_hash == previous, kBadDeviceList, "an entry names the hash of the one before");
    REQUIRE(entry.signer == recovery || out.has(entry.signer), kBadDeviceList,
            "a signer is in the list or the recovery key");
    REQUIRE(entry.signer == recovery || entry.signed_ms == 0, kBadDeviceList, "a device signs without a time");
    TRY(check_words(out.entries_, entry));
    REQUIRE(crypto::ed25519_verify(entry.signer, to_be_signed(entry), entry.signature).has_value(), kBadDeviceList,
            "an entry's signature holds");
    if (entry.change == DeviceChange::kAdd) {
      REQUIRE(!out.has(entry.device_key), kBadDeviceList, "a device is added once");
      out.devices_.push_back(entry.device_key);
    } else {
      REQUIRE(entry.change == DeviceChange::kRemove && out.has(entry.device_key), kBadDeviceList,
              "a device that is removed was there");
      std::erase(out.devices_, entry.device_key);
    }
    previous = hash_of(entry);
    out.entries_.push_back(entry);
  }
  return out;
}

bool DeviceList::has(ByteView key) const {
  return std::any_of(devices_.begin(), devices_.end(), [&](const auto& device) { return equal(device, key); });
}

bool DeviceList::continues(const DeviceList& older) const {
  return older.entries_.size() <= entries_.size() &&
         std::equal(older.entries_.begin(), older.entries_.end(), entries_.begin());
}

ListVerdict DeviceList::judge(const DeviceList& other) const {
  if (continues(other)) return ListVerdict::kSame;
  if (other.continues(*this)) return ListVerdict::kContinues;
  const auto mine = words_part(entries_);
  const auto theirs = words_part(other.entries_);
  const auto [at, other_at] = std::ranges::mismatch(mine, theirs);
  const bool parted = at != mine.end() && other_at != theirs.end();
  const bool wins = parted ? outranks(theirs, mine) : other_at != theirs.end();
  return wins ? ListVerdict::kOutranks : ListVerdict::kLoses;
}

Result<DeviceList> DeviceList::changed(DeviceChange change, const ByteArray<32>& device_key,
                                       const crypto::Ed25519KeyPair& signer, Instant now) const {
  const bool words = signer.public_key == recovery_key();
  REQUIRE(words || change != DeviceChange::kAdd || entries_.size() < kAddingMax, kBadDeviceList,
          "the last places of a list are for removals");
  DeviceListIn longer = entries_;
  const uint64_t signed_ms = words ? std::max(to_ms(now), entries_.back().signed_ms) : 0;
  longer.push_back(sign_entry(entries_, change, device_key, signer, signed_ms));
  return validate(account_of(recovery_key()), std::move(longer));
}

Result<DeviceList> signed_by_words(const DeviceList& known, const std::vector<ByteArray<32>>& devices,
                                   const crypto::Ed25519KeyPair& words, Instant now) {
  REQUIRE(!devices.empty() && words.public_key == known.recovery_key(), kBadDeviceList, "the words keep a device");
  const Instant after{static_cast<int64_t>(words_part(known.entries()).back().signed_ms) + 1};
  DeviceList list = DeviceList::create(words, devices.front(), std::max(now, after));
  for (size_t i = 1; i < devices.size(); ++i) {
    list = TRY(list.changed(DeviceChange::kAdd, devices[i], words, now));
  }
  return list;
}

}  // namespace godwit::engine
