#pragma once
// The device list of an account: append-only, each entry signed, verified by everyone who talks to the account
// (docs/protocol/chat.md, "Account and device list").
//
// Entry n names the hash of entry n - 1, so two lists of one account either are prefix and extension, or show a fork. A fork
// is decided by what the recovery key has signed, which comes first in a list: more of it outranks less, and of two such parts
// the later one wins. So a thief who has a device can make a branch, and loses it to the words, also if he hides from them
// what they have signed before; who holds the words is thrown out by nobody. Between two branches made by devices the
// one that is known stays: the thief cannot undo what others have seen already. Own devices make none, since their home lets
// one change at a time through (wire::DeviceAdd).
//
// It says which signature keys speak for the account; what they are used for is not its concern.

#include "base/time.h"
#include "codec/codec.h"
#include "crypto/ed25519.h"
#include "engine/ids.h"

namespace godwit::engine {

/// Entries in one list: more adding and removing than one person does in a life with the program.
constexpr size_t kDeviceListMax = 64;

/// What an entry does with its device key.
enum class DeviceChange : uint8_t { kAdd = 1, kRemove = 2 };

/// One entry. Recovery signatures outrank devices': it signs entry 1, and no entry after a device's.
struct DeviceEntry {
  uint32_t sequence = 0;  ///< Counts from 1.
  DeviceChange change = DeviceChange::kAdd;
  ByteArray<32> device_key{};     ///< Ed25519 signature key that is added or removed.
  ByteArray<32> previous_hash{};  ///< SHA-256 of the encoded entry before; zeros for the first.
  ByteArray<32> signer{};         ///< The recovery key, or a device in the list at that point.
  uint64_t signed_ms = 0;         ///< By the recovery key: when, ms since 1970; by a device: 0.
  ByteArray<64> signature{};      ///< Over "godwit device list 1" and the members above.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.sequence, self.change, self.device_key, self.previous_hash, self.signer, self.signed_ms,
                          self.signature);
  }
  friend bool operator==(const DeviceEntry&, const DeviceEntry&) = default;
};
/// SHA-256 of the encoded entry: what the next one names, and what a home compares.
ByteArray<32> hash_of(const DeviceEntry& entry);

/// What another list of the same account means to somebody who knows one.
enum class ListVerdict : uint8_t {
  kSame,       ///< nothing new, or less than is known
  kContinues,  ///< more of the same
  kOutranks,   ///< another branch, which wins by the recovery key: go over to it
  kLoses,      ///< another branch, which does not: refuse what carried it
};

/// A list as it stands on the wire: nothing in it has been checked.
using DeviceListIn = std::vector<DeviceEntry>;

/// A list whose chain and signatures hold.
class DeviceList {
 public:
  /// A new account's list: the recovery key adds the first device.
  static DeviceList create(const crypto::Ed25519KeyPair& recovery, const crypto::Ed25519PublicKey& device,
                           Instant now = {});
  /// Checks every entry and that the list is `account`'s. kBadDeviceList: drop what carried it.
  static Result<DeviceList> validate(const AccountId& account, DeviceListIn in);

  /// The entries, for sending and storing.
  const DeviceListIn& entries() const { return entries_; }
  /// True if `key` is of a device that was added and not removed.
  bool has(ByteView key) const;
  /// The devices that were added and not removed, in the order of their adding.
  const std::vector<ByteArray<32>>& devices() const { return devices_; }
  /// The recovery public key, whose hash is the account.
  const ByteArray<32>& recovery_key() const { return entries_.front().signer; }
  /// hash_of() the last entry.
  ByteArray<32> head() const { return hash_of(entries_.back()); }
  /// True if this list is `older` or continues it.
  bool continues(const DeviceList& older) const;
  /// How `other`, a list of the same account, stands to this one, which is known. Of two that the
  /// recovery key signed differently the later one wins, or of one time the one with the smaller hash: for everybody alike.
  ListVerdict judge(const DeviceList& other) const;

  /// This list with one more entry by `signer`, a device in it or the recovery key; `now` counts for the latter. kBadDeviceList:
  /// it may not, the list is full (8 places are for removals), or there is nothing to change.
  Result<DeviceList> changed(DeviceChange change, const ByteArray<32>& device_key, const crypto::Ed25519KeyPair& signer,
                             Instant now = {}) const;

 private:
  DeviceList() = default;
  DeviceListIn entries_;
  std::vector<ByteArray<32>> devices_;
};

}  // namespace godwit::engine
