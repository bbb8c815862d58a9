#pragma once
// Everything a home keeps at rest, complete: each kind of record, under which key it stands, and what it tells whoever
// seizes the disk. What is not here is not kept: no IP addresses, no contacts, no request logs, no times below
// the hour. Of a name, nothing but a slow hash ("u"). Tokens are kept as hashes; what was delivered is sealed under keys that are not kept (crypto/sealed_item.h).
//
// A key is one letter and the ids named beside it, without separators, since ids have fixed sizes. Numbers in keys are
// big-endian, so that the order of keys is the order of numbers.

#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "codec/codec.h"
#include "home/errors.h"
#include "session/sealed_request.h"
#include "store/home_store.h"
#include "wire/ids.h"
#include "wire/requests.h"

namespace godwit::home {

/// The layout of this header; a store says which one it has.
constexpr uint16_t kLayoutVersion = 2;

/// Distinguishes a device from an earlier one with the same key: random, made when the device is added. It names the
/// device's queue and stands in its tickets, so both end with the device.
using DeviceTag = OpaqueId<struct DeviceTagTag, 8>;
/// 16 bytes of a SHA-256: names a thing by something that is not kept.
using ShortHash = OpaqueId<struct ShortHashTag, 16>;

/// Hours since 1970: what a home keeps of an expiry, rounded up.
using Hour = uint32_t;
/// The first full hour at or after `time`.
constexpr Hour hour_after(Instant time) {
  return time.ms <= 0 ? 0 : static_cast<Hour>((time.ms + hours(1).ms - 1) / hours(1).ms);
}
/// The first midnight (UTC) at or after `time`, as the day that begins with it.
constexpr uint32_t day_after(Instant time) {
  return time.ms <= 0 ? 0 : static_cast<uint32_t>((time.ms + days(1).ms - 1) / days(1).ms);
}
/// When something ends that is to be kept for `ttl_seconds` from `now`: rounded up to an hour, or to a day if it is kept
/// for a day or longer, so that not even who knows the ttl learns the hour in which it came.
constexpr Hour end_of(Instant now, uint32_t ttl_seconds) {
  const Instant end = now + seconds(ttl_seconds);
  return seconds(ttl_seconds) < days(1) ? hour_after(end) : day_after(end) * 24;
}
/// When an hour begins.
constexpr Instant start_of(Hour hour) { return Instant{static_cast<int64_t>(hour) * hours(1).ms}; }

// ---- v: this store --------------------------------------------------------------------------------------------------

/// "v". Tells: that this is a home's store.
struct StoreRecord {
  uint16_t layout{};
  GODWIT_WIRE_FIELDS(self.layout)
};

// ---- m, o: mailboxes ------------------------------------------------------------------------------------------------

/// One device of a mailbox.
struct DeviceRecord {
  wire::MailboxKey key;
  DeviceTag tag;
  GODWIT_WIRE_FIELDS(self.key, self.tag)
  friend bool operator==(const DeviceRecord&, const DeviceRecord&) = default;
};
/// "m" mailbox. Tells: that the mailbox exists, how many devices it has, on which day it was last used; two hashes, of keys
/// and lists that are not here.
struct MailboxRecord {
  std::vector<DeviceRecord> devices;  ///< none: the mailbox is being dropped
  std::vector<DeviceTag> leaving;     ///< removed devices whose queues are not gone yet
  uint32_t last_seen_day{};
  wire::RecoveryHash recovery{};  ///< zeros: nobody can take it over
  wire::ListHead list_head{};     ///< zeros: no device was added or removed yet
  GODWIT_WIRE_FIELDS(self.devices, self.leaving, self.last_seen_day, self.recovery, self.list_head)
};
/// "o" mailbox alias, empty. Tells: which addresses belong to one mailbox (as do the addresses themselves).

// ---- a: addresses ---------------------------------------------------------------------------------------------------

/// The token before the current one.
struct OldToken {
  wire::TokenHash hash;
  uint32_t until_day{};  ///< the last day on which it is accepted
  GODWIT_WIRE_FIELDS(self.hash, self.until_day)
};
/// "a" alias. Tells: that the mailbox has this address, when it ends, whether it is for strangers. Not: who has the token.
struct AddressRecord {
  wire::MailboxId mailbox;
  wire::TokenHash token_hash;
  std::optional<OldToken> old_token;
  uint32_t expires_day{};  ///< 0: never
  bool strangers{};        ///< takes contact requests, and nothing else
  GODWIT_WIRE_FIELDS(self.mailbox, self.token_hash, self.old_token, self.expires_day, self.strangers)
};

// ---- q, s: what waits to be fetched ---------------------------------------------------------------------------------

/// An item of the queue "q" mailbox tag, which the store keeps with its expiry (end_of(): a full day for all that is kept a
/// day or longer) and a delivery id of its own (the client's, hashed with the queue's name; it stays until the end of the
/// day after that, without a word on which item it was). Tells: how many items of which size wait and in which order
/// they came, by which address each; how many came in about a month, and of each the day on which its id is forgotten.
/// Not: who sent it, and not that another mailbox holds a copy.
struct QueueItemRecord {
  wire::Alias alias;  ///< all zeros: from another device of the same mailbox
  Bytes sealed;
  GODWIT_WIRE_FIELDS(self.alias, self.sealed)
};
/// "s" hash of mailbox and delivery id. A self-delivery that waits for its 1-30 s; gone afterwards. Tells: that a device of
/// the mailbox tells the others something just now.
struct SelfDeliveryRecord {
  wire::MailboxId mailbox;
  DeviceTag from;
  wire::DeliveryId delivery_id;
  Hour expires_hour{};
  Bytes payload;
  GODWIT_WIRE_FIELDS(self.mailbox, self.from, self.delivery_id, self.expires_hour, self.payload)
};

// ---- k, p: key packages ---------------------------------------------------------------------------------------------

/// One taken key package, remembered so that taking it again gives the same one.
struct TakeRecord {
  ShortHash take;        ///< of the take id
  ShortHash generation;  ///< of the pool that it came from
  uint16_t index{};
  uint32_t day{};
  GODWIT_WIRE_FIELDS(self.take, self.generation, self.index, self.day)
};
/// "k" alias. The pool of one address. Tells: how many key packages are left, how many were taken today and yesterday.
struct PoolRecord {
  ShortHash generation;  ///< of what was published, so that publishing it again changes nothing
  uint16_t count{};
  uint16_t next{};  ///< those below are taken
  bool has_last_resort{};
  bool last_resort_used{};
  std::vector<TakeRecord> takes;
  GODWIT_WIRE_FIELDS(self.generation, self.count, self.next, self.has_last_resort, self.last_resort_used, self.takes)
};
/// "p" alias generation index: one key package, sealed by its owner. Tells: its size.
constexpr uint16_t kLastResortIndex = 0xffff;
/// Takes remembered in one pool at most: the oldest go first.
constexpr size_t kTakesMax = 128;

// ---- g, e: group logs -----------------------------------------------------------------------------------------------

/// Uses of a log are noted no finer than this, so that they say little about when a group is awake.
constexpr uint32_t kLogUseDays = 28;
/// "g" log. How the log was opened, how large it is, in which four weeks it was last used. Tells: that some group exists, and
/// those. Not: of whom.
struct LogRecord {
  uint64_t epoch{};
  wire::TokenHash epoch_token_hash;
  wire::TokenHash read_token_hash;
  uint64_t bytes{};     ///< of its entries with their keys; one more entry for each crash between the two writes
  uint32_t used_day{};  ///< appended to or read, rounded down to a multiple of kLogUseDays
  bool ended{};         ///< its entries are being removed; nobody finds it any more
  GODWIT_WIRE_FIELDS(self.epoch, self.epoch_token_hash, self.read_token_hash, self.bytes, self.used_day, self.ended)
};
/// "e" log epoch attempt. Tells: how many commits the group made, and their sizes.
struct EntryRecord {
  wire::TokenHash next_epoch_token_hash;
  wire::TokenHash read_token_hash;
  Bytes entry;
  GODWIT_WIRE_FIELDS(self.next_epoch_token_hash, self.read_token_hash, self.entry)
};

// ---- b, d, n: blobs -------------------------------------------------------------------------------------------------

/// SHA-256 of a blob's id: at rest a blob stands under it, so that a seized disk does not give the right to read it.
using BlobHash = OpaqueId<struct BlobHashTag, 32>;
/// How long a blob is kept once it is whole, and how long one of which next to nothing comes (blob.cc).
constexpr uint32_t kBlobDays = 30;
constexpr uint32_t kBlobUnfinishedDays = 2;
/// "b" hash. Tells: how large the blob is (a bucket, since clients pad), on which day it was begun, when it ends. Not: who
/// stored it, and not who reads it.
struct BlobRecord {
  uint32_t chunks{};
  uint32_t begun_day{};
  uint32_t end_day{};  ///< the first day on which nobody finds it any more
  bool whole{};        ///< all chunks are there
  bool removed{};      ///< by the operator: stays without chunks, so that nobody stores the same blob again
  GODWIT_WIRE_FIELDS(self.chunks, self.begun_day, self.end_day, self.whole, self.removed)
};
/// "d" day-on-which-the-blob-was-begun hash index: one chunk, as it came. By days, so that what is written and what is removed
/// together lies together in the files.
///
/// "n" hash of a grant's id: a grant that was spent. Tells: that some blob or channel was begun, until the grant's day ends.
struct SpentGrantRecord {
  ShortHash blob;  ///< hash of the grant's id and the blob's or channel's: what it was spent on
  uint32_t expires_day{};
  GODWIT_WIRE_FIELDS(self.blob, self.expires_day)
};

// ---- u, w: names ----------------------------------------------------------------------------------------------------

/// "u" name. Tells: that the mailbox has some name. Which one, and who that is: only whoever guesses the name, each guess at
/// the cost of a slow hash (docs/protocol/chat.md, "Names"), and the passcode as well, if it has one.
struct NameRecord {
  wire::MailboxId mailbox;
  wire::TokenHash access_hash;
  Bytes card;  ///< sealed under a key from name and passcode
  GODWIT_WIRE_FIELDS(self.mailbox, self.access_hash, self.card)
};
/// "w" mailbox. Tells: the same.
struct NameOwnerRecord {
  wire::NameId name;
  GODWIT_WIRE_FIELDS(self.name)
};

// ---- h, i: channels -------------------------------------------------------------------------------------------------

/// "h" channel. Tells: that the channel exists, how many entries it has and how large it is, in which four weeks it was made
/// and last appended to. Not: whose it is, and not who reads it.
struct ChannelRecord {
  wire::ChannelKey key;
  uint64_t next = 1;          ///< the sequence of the next entry
  ByteArray<32> last_hash{};  ///< of the last entry's header
  uint64_t head{};            ///< the newest entry that says what the channel is; 0: none
  uint64_t bytes{};           ///< of its entries, each with what stands around it
  uint32_t begun_day{};       ///< made, rounded down to a multiple of kLogUseDays
  uint32_t used_day{};        ///< appended to, rounded in the same way
  bool ended{};               ///< its entries are being removed; nobody finds it any more
  bool removed{};             ///< by the operator: stays, so that the same channel is not made again
  bool erased{};              ///< of one that was removed: its entries are gone
  GODWIT_WIRE_FIELDS(self.key, self.next, self.last_hash, self.head, self.bytes, self.begun_day, self.used_day,
                     self.ended, self.removed, self.erased)
};
/// "i" channel sequence: an entry, a wire::ChannelEntry. Tells: what it says, if the channel is public; else its size.

// ---- c: admission codes, t: tickets ---------------------------------------------------------------------------------

/// "c" hash of the code. Tells: that a code was used, how often, and for which mailbox last, until that one is open.
struct CodeRecord {
  uint16_t used{};
  uint32_t expires_day{};               ///< after this the code is refused anyhow; 0: never
  std::optional<wire::MailboxId> last;  ///< being opened with it: a repeat after a crash is not counted again
  GODWIT_WIRE_FIELDS(self.used, self.expires_day, self.last)
};
/// "t" keyed hash of the ticket's id. Tells: that a session may be resumed. Not: whose, or under which id on the line.
struct StoredTicketRecord {
  uint32_t expires_day{};  ///< the first day on which it is certainly worth nothing
  Bytes sealed;            ///< session::TicketVault: under a key that is not on this disk
  GODWIT_WIRE_FIELDS(self.expires_day, self.sealed)
};

// ---- r: sealed requests that were done ------------------------------------------------------------------------------

/// "r" hash of the id. Tells: that a sealed request came, and a day up to a month later. Not: by which way, of whom, or what
/// it asked. Kept a day longer than the request is good, for clocks that go back.
struct SealedRecord {
  uint32_t expires_day{};  ///< the first day on which it may be forgotten
  GODWIT_WIRE_FIELDS(self.expires_day)
};

// ---- y: newcomers ---------------------------------------------------------------------------------------------------

/// "y" mailbox. Only of one that a member's admission code let in, for one to two weeks. Tells: the week in which it was opened.
struct NewcomerRecord {
  uint32_t until_day{};  ///< the first day on which it may give codes; a multiple of kNewcomerDays
  GODWIT_WIRE_FIELDS(self.until_day)
};

// ---- l: bridges -----------------------------------------------------------------------------------------------------

/// "l" mailbox. Only where there are private bridges. Tells: in which month the mailbox first asked for some, hence how many
/// it may know; which ones follows from a key that is not in the store.
struct BridgesRecord {
  uint32_t first_month{};  ///< of 30 days, since 1970
  GODWIT_WIRE_FIELDS(self.first_month)
};

/// "w" mailbox: bytes that the mailbox's owner has sealed under a key that he keeps on paper. Tells: their size.

// ---- z: Web Push ------------------------------------------------------------------------------------------------------

/// "z" mailbox tag. How to wake a device by its browser's push service. Tells: which vendor's browser the device is, and an address by
/// which the vendor knows it; gone with the device, or when the service does not know it any more.
struct WebPushRecord {
  wire::WebPushSubscription subscription;
  GODWIT_WIRE_FIELDS(self.subscription)
};

// ---- what a session is bound to, inside its tickets -----------------------------------------------------------------

/// The device of a mailbox session.
struct DeviceBinding {
  wire::MailboxId mailbox;
  wire::MailboxKey key;
  DeviceTag tag;
  GODWIT_WIRE_FIELDS(self.mailbox, self.key, self.tag)
};

// ---- keys -----------------------------------------------------------------------------------------------------------

/// A letter and ids: "m" mailbox and so on. With an empty list, the prefix of all records of that kind.
Bytes record_key(char kind, std::initializer_list<ByteView> ids = {});
/// "m" mailbox.
Bytes mailbox_key(const wire::MailboxId& mailbox);
/// "o" mailbox: the prefix of its addresses.
Bytes owner_prefix(const wire::MailboxId& mailbox);
/// "o" mailbox alias.
Bytes owner_key(const wire::MailboxId& mailbox, const wire::Alias& alias);
/// "a" alias.
Bytes address_key(const wire::Alias& alias);
/// "k" alias.
Bytes pool_key(const wire::Alias& alias);
/// "p" alias: the prefix of its key packages.
Bytes packages_prefix(const wire::Alias& alias);
/// "s" name.
Bytes pending_key(const ShortHash& name);
/// "g" log.
Bytes log_key(const wire::LogId& log);
/// "e" log: the prefix of its entries.
Bytes entries_prefix(const wire::LogId& log);
/// "c" hash of an admission code.
Bytes code_key(ByteView code);
/// "l" mailbox.
Bytes bridges_key(const wire::MailboxId& mailbox);
/// "y" mailbox.
Bytes newcomer_key(const wire::MailboxId& mailbox);
/// "j" mailbox.
Bytes backup_key(const wire::MailboxId& mailbox);
/// "r" hash of the id of a sealed request.
Bytes sealed_key(const session::SealedId& id);
/// "q" mailbox tag.
Bytes queue_key(const wire::MailboxId& mailbox, const DeviceTag& tag);
/// "z" mailbox tag.
Bytes web_push_key(const wire::MailboxId& mailbox, const DeviceTag& tag);
/// "b" hash.
Bytes blob_key(const BlobHash& blob);
/// "d" begun_day hash index.
Bytes chunk_key(const BlobHash& blob, uint32_t begun_day, uint32_t index);
/// "n" hash of a grant's id.
Bytes spent_grant_key(const ShortHash& grant);
/// "u" name.
Bytes name_key(const wire::NameId& name);
/// "w" mailbox.
Bytes name_owner_key(const wire::MailboxId& mailbox);
/// "h" channel.
Bytes channel_key(const wire::ChannelId& channel);
/// "i" channel: the prefix of its entries.
Bytes channel_entries_prefix(const wire::ChannelId& channel);
/// "i" channel sequence.
Bytes channel_entry_key(const wire::ChannelId& channel, uint64_t sequence);
/// "p" alias generation index.
Bytes package_key(const wire::Alias& alias, const ShortHash& generation, uint16_t index);
/// "e" log epoch attempt.
Bytes entry_key(const wire::LogId& log, uint64_t epoch, uint8_t attempt);
/// "e" log epoch: the prefix of all attempts.
Bytes epoch_prefix(const wire::LogId& log, uint64_t epoch);
/// The first 16 bytes of SHA-256(label || parts). Parts have fixed sizes, so that nothing can be moved between them.
ShortHash short_hash(std::string_view label, std::initializer_list<ByteView> parts);
/// The id under which `queue` deduplicates one delivery.
store::AppendId append_id(const Bytes& queue, const wire::DeliveryId& delivery);

/// Reads a record out of the store. kBadRecord: it is not what it should be (damaged, or not ours): clients are told
/// kUnavailable, nothing is changed, and the operator has to look (`godwit-home audit` counts such records).
template <typename T>
Result<T> decode_record(ByteView bytes) {
  auto record = codec::decoded<T>(bytes);
  REQUIRE(record.has_value(), kBadRecord, "home: a record at rest is damaged");
  return std::move(record).value();
}

}  // namespace godwit::home
