#include "engine/device_list.h"

#include <algorithm>

#include "crypto/hash.h"
#include "engine/errors.h"
#include "engine/recovery_key.h"

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

// Of two entries at one place, both by the recovery key.
bool outranks(const DeviceEntry& entry, const DeviceEntry& other) {
  if (entry.signed_ms != other.signed_ms) return entry.signed_ms > other.signed_ms;
  return hash_of(entry) < hash_of(other);
}

}  // namespace

ByteArray<32> hash_of(const DeviceEntry& entry) { return crypto::sha256(codec::encoded(entry)); }

DeviceList DeviceList::create(const crypto::Ed25519KeyPair& recovery, const crypto::Ed25519PublicKey& device,
                              Instant now) {
  DeviceEntry entry;
  entry.sequence = 1;
  entry.device_key = device;
  entry.signer = recovery.public_key;
  entry.signed_ms = to_ms(now);
  entry.signature = recovery.sign(to_be_signed(entry));
  DeviceList out;
  out.entries_.push_back(entry);
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
  const auto [mine, theirs] =
      std::mismatch(entries_.begin(), entries_.end(), other.entries_.begin(), other.entries_.end());
  if (theirs == other.entries_.end()) return ListVerdict::kSame;
  if (mine == entries_.end()) return ListVerdict::kContinues;
  const bool mine_by_words = mine->signer == recovery_key();
  const bool theirs_by_words = theirs->signer == recovery_key();
  const bool wins = mine_by_words == theirs_by_words ? mine_by_words && outranks(*theirs, *mine) : theirs_by_words;
  return wins ? ListVerdict::kOutranks : ListVerdict::kLoses;
}

Result<DeviceList> DeviceList::changed(DeviceChange change, const ByteArray<32>& device_key,
                                       const crypto::Ed25519KeyPair& signer, Instant now) const {
  DeviceEntry entry;
  entry.sequence = static_cast<uint32_t>(entries_.size()) + 1;
  entry.change = change;
  entry.device_key = device_key;
  entry.previous_hash = head();
  entry.signer = signer.public_key;
  if (entry.signer == recovery_key()) entry.signed_ms = to_ms(now);
  entry.signature = signer.sign(to_be_signed(entry));
  DeviceListIn longer = entries_;
  longer.push_back(entry);
  return validate(account_of(recovery_key()), std::move(longer));
}

}  // namespace godwit::engine
