#pragma once
// Every request that a client may make of a home, one structure each, grouped by family (docs/protocol/wire.md).
//
// Not here: how they are carried (session/), who may ask what (home/). An encoded request is its kind (uint16), then the
// fields in their order. A request that is idempotent may travel in a resumed session's first flight.

#include <variant>

#include "base/alternatives.h"
#include "codec/codec.h"
#include "wire/call_room_requests.h"
#include "wire/channel_requests.h"
#include "wire/fields.h"
#include "wire/home_link.h"
#include "wire/ids.h"
#include "wire/name_requests.h"
#include "wire/web_push.h"

namespace godwit::wire {

/// Bounds of what may be asked; a home answers kTooLarge above them.
constexpr uint32_t kPayloadSizeMax = 128 * 1024;     ///< of one delivery: 60 KB of text padded, with room
constexpr uint32_t kEntrySizeMax = 224 * 1024;       ///< of one group log entry: it fits a sealed request
constexpr uint32_t kKeyPackageSizeMax = 16 * 1024;   ///< of one sealed key package (X-Wing ones are about 4 KB)
constexpr uint32_t kKeyPackagesMax = 64;             ///< in the pool of one address
constexpr uint32_t kFleetingSizeMax = 4 * 1024;      ///< of one with a ttl of 0, which is only held in memory
constexpr uint32_t kDeliverManyMax = 256;            ///< addresses in one deliver_many
constexpr uint32_t kDeliverManyBytesMax = 4U << 20;  ///< payload times addresses
constexpr uint32_t kDevicesMax = 8;                  ///< devices of one mailbox
constexpr uint32_t kAttemptsMax = 255;               ///< entries for one epoch of a group log
constexpr uint32_t kAttemptsFree = 8;                ///< of these at once; then a home takes one in 10 s
constexpr uint32_t kTtlSecondsMax = 30 * 86'400;     ///< 30 days
constexpr uint8_t kOldDaysMax = 7;                   ///< how long an address's token before lives on
constexpr uint32_t kOpenCodeSizeMax = 64;            ///< of the admission code in a MailboxOpen
constexpr uint32_t kSignatureSize = 64;              ///< of a mailbox proof: exactly that, or kMalformed

constexpr uint32_t kPartTotalMax = 256 * 1024;   ///< of a request that comes in parts
constexpr uint32_t kPartBytesMax = 64 * 1024;    ///< of one part, either way
constexpr uint32_t kSealedSizeMax = 240 * 1024;  ///< of a sealed request that is brought over a session
constexpr uint32_t kBlobChunkSize = 64 * 1024;   ///< of every chunk of a blob but the last
constexpr uint32_t kBlobChunksMax = 33'000;      ///< of one blob: 2 GiB with room
constexpr uint32_t kBlobGrantSizeMax = 64;       ///< of what lets somebody store a blob

constexpr uint32_t kMeetingMessages = 8;                ///< of one meeting
constexpr uint32_t kMeetingMessageSizeMax = 32 * 1024;  ///< of one message, at least 1
constexpr uint32_t kMeetingSeconds = 600;               ///< how long a meeting lasts
constexpr uint32_t kBackupSizeMax = 128 * 1024;         ///< of what a mailbox keeps for the words' holder

/// What a mailbox key signs, before the channel binding and the mailbox id.
constexpr char kMailboxProofLabel[] = "godwit mailbox proof 1";
/// What a recovery key signs, before the channel binding, the mailbox id and the key of the device that comes in.
constexpr char kMailboxRecoveryLabel[] = "godwit mailbox recovery 1";
/// What a proof of work hashes, before the subject and the nonce (8 bytes, big-endian).
constexpr char kWorkLabel[] = "godwit proof of work 1";

// ---- mailbox ------------------------------------------------------------------------------------------------------

/// Opens a mailbox with its first device and makes this session that device's. Idempotent for the same id and key.
/// kAdmissionRefused, kProofOfWorkRefused, kIdTaken, kProofRefused.
struct MailboxOpen {
  MailboxId mailbox;
  MailboxKey key;
  Bytes signature;       ///< as in MailboxProve
  Bytes admission_code;  ///< empty: by proof of work, where the operator allows that
  ProofOfWork work;      ///< over the mailbox id
  RecoveryHash recovery{};
  GODWIT_WIRE_FIELDS(self.mailbox, self.key, self.signature, self.admission_code, self.work, self.recovery)
};
/// Makes this session the mailbox session of one device. First request of a session that was not resumed.
/// `signature` is Ed25519 by `key` over "godwit mailbox proof 1" || channel binding || mailbox. kProofRefused,
/// kNoSuchMailbox.
struct MailboxProve {
  MailboxId mailbox;
  MailboxKey key;
  Bytes signature;
  GODWIT_WIRE_FIELDS(self.mailbox, self.key, self.signature)
};
/// Adds a device to the own mailbox (at most kDevicesMax, kQuotaFull above). Together with it the account's device list
/// goes from `before` to `after`, so that two devices that change the list at the same time do so one after the other:
/// kListMoved if it stands elsewhere. Idempotent.
struct DeviceAdd {
  MailboxKey key;
  ListHead before{};  ///< zeros, as `after`: the list stays as it is
  ListHead after{};
  GODWIT_WIRE_FIELDS(self.key, self.before, self.after)
};
/// Removes a device with its queue and its tickets, at once; the list as in DeviceAdd. Idempotent. kListMoved.
struct DeviceRemove {
  MailboxKey key;
  ListHead before{};
  ListHead after{};
  GODWIT_WIRE_FIELDS(self.key, self.before, self.after)
};
/// Asks for the mailbox keys of all devices.
struct DeviceList {
  GODWIT_WIRE_FIELDS()
};
/// Deletes the mailbox with everything in it. Idempotent.
struct MailboxDrop {
  GODWIT_WIRE_FIELDS()
};

// ---- address (mailbox session) ------------------------------------------------------------------------------------

/// Makes an address. Idempotent for the same alias and hash; kIdTaken, kQuotaFull.
struct AddressCreate {
  Alias alias;
  TokenHash token_hash;
  uint32_t expires_day{};  ///< days since 1970 after which it is refused; 0: never
  bool strangers{};        ///< for contact requests: takes nothing but ContactDeliver, of which few wait
  GODWIT_WIRE_FIELDS(self.alias, self.token_hash, self.expires_day, self.strangers)
};
/// Gives an address a new token; the one before lives on for `old_days` (0 to 7) under a low quota. Idempotent.
struct AddressToken {
  Alias alias;
  TokenHash token_hash;
  uint8_t old_days{};
  GODWIT_WIRE_FIELDS(self.alias, self.token_hash, self.old_days)
};
/// Ends an address: every token of it is refused from now on. Idempotent.
struct AddressRevoke {
  Alias alias;
  GODWIT_WIRE_FIELDS(self.alias)
};
/// Asks for all addresses of the own mailbox.
struct AddressList {
  GODWIT_WIRE_FIELDS()
};

// ---- deliver ------------------------------------------------------------------------------------------------------

/// Puts `payload` into the mailbox behind an address, for each of its devices (anonymous session). Answered after it is
/// durable. Idempotent by delivery id. kAddressRefused, kQuotaFull, kTooLarge, kNobodyConnected. With a ttl of 0 an old
/// token reaches nobody, and an address takes a bounded rate (kTooManyRequests).
struct Deliver {
  Recipient recipient;
  uint32_t ttl_seconds{};  ///< 0: only if connected now, at most kFleetingSizeMax; at most kTtlSecondsMax
  Bytes payload;
  GODWIT_WIRE_FIELDS(self.recipient, self.ttl_seconds, self.payload)
};
/// The same payload to several addresses of this home, at most kDeliverManyBytesMax in all; answered by one result each.
/// Idempotent.
struct DeliverMany {
  std::vector<Recipient> recipients;
  uint32_t ttl_seconds{};
  Bytes payload;
  GODWIT_WIRE_FIELDS(self.recipients, self.ttl_seconds, self.payload)
};
/// Puts `payload` into the queues of the own other devices after 1-30 s (mailbox session), so that it cannot be paired
/// with what was sent at the same time. Idempotent by delivery id.
struct SelfDeliver {
  DeliveryId delivery_id;
  uint32_t ttl_seconds{};
  Bytes payload;
  GODWIT_WIRE_FIELDS(self.delivery_id, self.ttl_seconds, self.payload)
};

// ---- fetch (mailbox session) --------------------------------------------------------------------------------------

/// Asks for the items of the own queue after `after`, oldest first. `live`: once a live Fetch of this session has been
/// answered with more = false, whatever arrives later comes as pushes. Pushing pauses while much is not acknowledged.
/// Idempotent.
struct Fetch {
  Sequence after;
  uint32_t bytes_max{};  ///< at least one item is given if there is one, however large
  bool live{};
  GODWIT_WIRE_FIELDS(self.after, self.bytes_max, self.live)
};
/// Says that everything up to and including `through` is safe on the device's own disk: the home forgets it. Idempotent.
struct Acknowledge {
  Sequence through;
  GODWIT_WIRE_FIELDS(self.through)
};

// ---- key packages -------------------------------------------------------------------------------------------------

/// Replaces the pool of key packages behind an address of one's own (mailbox session). The home cannot read them: they
/// are sealed under the key in the invite or address. Idempotent.
struct KeyPackagePublish {
  Alias alias;
  std::vector<Bytes> packages;
  std::optional<Bytes> last_resort;  ///< given when the pool is empty; replaced by its owner within a day of use
  GODWIT_WIRE_FIELDS(self.alias, self.packages, self.last_resort)
};
/// Takes one key package (anonymous session). Idempotent by take id within a day. kAddressRefused, kNoKeyPackage,
/// kTooManyRequests.
struct KeyPackageTake {
  Alias alias;
  Token token;
  TakeId take_id;
  GODWIT_WIRE_FIELDS(self.alias, self.token, self.take_id)
};
/// Asks how many are left behind an address of one's own, and whether the last resort was used (mailbox session).
struct KeyPackageCount {
  Alias alias;
  GODWIT_WIRE_FIELDS(self.alias)
};

// ---- group log (anonymous session) --------------------------------------------------------------------------------

/// Opens a log whose first entry will be for `epoch`. Idempotent for the same content; kIdTaken, kProofOfWorkRefused,
/// kQuotaFull: the home has as many logs as it may.
struct LogOpen {
  LogId log;
  uint64_t epoch{};
  TokenHash epoch_token_hash;  ///< of the token that appends for `epoch`
  TokenHash read_token_hash;
  ProofOfWork work;  ///< over the log id
  GODWIT_WIRE_FIELDS(self.log, self.epoch, self.epoch_token_hash, self.read_token_hash, self.work)
};
/// Appends the entry that ends `epoch`. The first for an (epoch, attempt) wins; others are answered by Conflict and the
/// winner. Attempt n needs attempt n-1 to stand there already (void by MLS, which only clients can tell). Idempotent:
/// the same bytes again are a success. kLogRefused; kMalformed: attempt n-1 is not there; kQuotaFull: the log, or the
/// home, is full; kTooManyRequests: attempts from kAttemptsFree on come slowly, and so do many appends.
struct LogAppend {
  LogId log;
  uint64_t epoch{};
  uint8_t attempt{};
  Token epoch_token;                ///< derived from `epoch`
  TokenHash next_epoch_token_hash;  ///< of the token that appends for epoch + 1 if this entry is valid
  TokenHash read_token_hash;        ///< of the token that reads what comes after this entry; changes at every Remove
  Bytes entry;                      ///< sealed under the log key
  GODWIT_WIRE_FIELDS(self.log, self.epoch, self.attempt, self.epoch_token, self.next_epoch_token_hash,
                     self.read_token_hash, self.entry)
};
/// Reads entries from attempt `from_attempt` for `from_epoch` on, oldest first, as far as `read_token` reaches: entries for an epoch are given
/// to whoever shows a token whose hash the log's opening (for its first epoch) or any entry for the epoch before has set.
/// kLogRefused: also if the token does not reach the entries for `from_epoch`. Idempotent.
struct LogRead {
  LogId log;
  Token read_token;
  uint64_t from_epoch{};
  uint32_t bytes_max{};
  uint8_t from_attempt{};
  GODWIT_WIRE_FIELDS(self.log, self.read_token, self.from_epoch, self.bytes_max, self.from_attempt)
};

// ---- requests in parts (any session) ------------------------------------------------------------------------------

/// Brings `bytes` of an encoded request, from `offset` on, to where `total` bytes are put together; for connections on which
/// it does not fit at once. A transfer belongs to the device, or to the anonymous sessions, that began it. Once all is there
/// the home does the request, as if it had come whole on this session, and keeps the reply for PartGet. Answered by
/// PartState, which says how much is there: parts may be repeated, and come in any order of sending as long as each begins
/// where nothing is missing before it. kNoSuchTransfer: unknown, or forgotten, as after a restart; begin again at 0.
/// kQuotaFull: too many at once. kMalformed: another total or other bytes than before.
struct PartPut {
  TransferId transfer;
  uint32_t total{};  ///< 1 to kPartTotalMax
  uint32_t offset{};
  Bytes bytes;             ///< at most kPartBytesMax
  uint32_t reply_bytes{};  ///< how much of the reply may come at once
  GODWIT_WIRE_FIELDS(self.transfer, self.total, self.offset, self.bytes, self.reply_bytes)
};
/// Asks for the reply to a request that came in parts, from `offset` on. Answered by PartState. kNoSuchTransfer.
struct PartGet {
  TransferId transfer;
  uint32_t offset{};
  uint32_t reply_bytes{};
  GODWIT_WIRE_FIELDS(self.transfer, self.offset, self.reply_bytes)
};

// ---- sealed requests and what a home says of itself (any session) -------------------------------------------------

/// A sealed request for this home (docs/protocol/session.md), brought by whoever has it. Answered by SealedReply.
/// kSealedRefused: not for this home, damaged, expired or done before.
struct Sealed {
  Bytes bytes;
  GODWIT_WIRE_FIELDS(self.bytes)
};
/// A sealed request that this home passes on to another one, whose sealed reply comes back as SealedReply (anonymous
/// session). kHomeUnreachable, kTooManyRequests, kSealedRefused.
struct Forward {
  HomeAddress home;
  Bytes bytes;
  GODWIT_WIRE_FIELDS(self.home, self.bytes)
};
/// Asks for the home's bulletin (bulletin.h): on a mailbox session with the routes that are for this mailbox, else with
/// those that are for everybody. Answered by BulletinText.
struct BulletinGet {
  GODWIT_WIRE_FIELDS()
};
/// Asks where people find the page, for the invites that they hand on (mailbox session). Answered by PageAddress. Idempotent.
struct PageLook {
  GODWIT_WIRE_FIELDS()
};
/// Asks for an admission code for one newcomer, whom this mailbox brings in (mailbox session). Answered by AdmissionCode. kQuotaFull.
struct AdmissionGet {
  GODWIT_WIRE_FIELDS()
};
/// Asks for what lets a call pass through this home's relay for a while (mailbox session). Answered by TurnCredentials. kCallsOff,
/// kTooManyRequests.
struct TurnGet {
  GODWIT_WIRE_FIELDS()
};

// ---- blobs --------------------------------------------------------------------------------------------------------

/// Asks for the right to store a blob of `chunks` chunks (mailbox session). Counted against the mailbox. Answered by
/// BlobGranted. kQuotaFull.
struct BlobGrant {
  uint32_t chunks{};  ///< 1 to kBlobChunksMax
  GODWIT_WIRE_FIELDS(self.chunks)
};
/// Stores one chunk (anonymous session). Chunks come in their order, each of kBlobChunkSize but for the last; the id is the
/// right to read them, so it is random and only for those who may. Answered by BlobState after it is durable. Idempotent.
/// kBlobRefused: a grant that is not, or no longer, good for it; kIdTaken: other bytes stand there.
struct BlobPut {
  BlobId blob;
  uint32_t chunks{};
  uint32_t index{};
  Bytes grant;
  Bytes bytes;
  GODWIT_WIRE_FIELDS(self.blob, self.chunks, self.index, self.grant, self.bytes)
};
/// Asks for one chunk (anonymous session). Answered by BlobChunk. kNoSuchBlob: none, or no longer. Idempotent.
struct BlobGet {
  BlobId blob;
  uint32_t index{};
  GODWIT_WIRE_FIELDS(self.blob, self.index)
};
/// Asks how far a blob is stored (anonymous session). Answered by BlobState. Idempotent.
struct BlobLook {
  BlobId blob;
  GODWIT_WIRE_FIELDS(self.blob)
};

// ---- several devices ----------------------------------------------------------------------------------------------

/// Opens a meeting for kMeetingSeconds (mailbox session): two devices that share only an id leave each other messages
/// there. It is in memory only. A mailbox has one at a time, the newest; kIdTaken: somebody else's; kTooManyRequests,
/// kQuotaFull. Idempotent.
struct MeetingOpen {
  MeetingId meeting;
  GODWIT_WIRE_FIELDS(self.meeting)
};
/// Leaves message `index` of a meeting (any session). The first one stands; the same bytes again are a success, others
/// kIdTaken. kNoSuchMeeting: it is over, or never was. Idempotent.
struct MeetingPut {
  MeetingId meeting;
  uint8_t index{};
  Bytes bytes;
  GODWIT_WIRE_FIELDS(self.meeting, self.index, self.bytes)
};
/// Asks for message `index` of a meeting (any session). Answered by MeetingMessage. kNoSuchMeeting. Idempotent.
struct MeetingGet {
  MeetingId meeting;
  uint8_t index{};
  GODWIT_WIRE_FIELDS(self.meeting, self.index)
};
/// Takes over a mailbox whose devices are lost, with the key whose hash MailboxOpen named: all its devices are removed but for
/// `key`, which is added, and this session is that device's. `signature` as in MailboxProve; `recovery_signature` is Ed25519
/// by `recovery_key` over kMailboxRecoveryLabel || channel binding || mailbox || key. kProofRefused: also if there is no such
/// mailbox. Idempotent.
struct MailboxRecover {
  MailboxId mailbox;
  MailboxKey key;
  Bytes signature;
  MailboxKey recovery_key;
  Bytes recovery_signature;
  GODWIT_WIRE_FIELDS(self.mailbox, self.key, self.signature, self.recovery_key, self.recovery_signature)
};
/// Keeps `bytes` beside the mailbox, sealed by its owner, in place of what was kept before (mailbox session). Idempotent.
struct BackupPut {
  Bytes bytes;
  GODWIT_WIRE_FIELDS(self.bytes)
};
/// Asks for them (mailbox session). Answered by Backup.
struct BackupGet {
  GODWIT_WIRE_FIELDS()
};

/// The number of MailboxOpen; the others count up from it in the order of Request.
constexpr uint16_t kFirstRequestKind = 1;

/// Any request, by kind.
using RequestVariant =
    std::variant<MailboxOpen, MailboxProve, DeviceAdd, DeviceRemove, DeviceList, MailboxDrop, AddressCreate,
                 AddressToken, AddressRevoke, AddressList, Deliver, DeliverMany, SelfDeliver, Fetch, Acknowledge,
                 KeyPackagePublish, KeyPackageTake, KeyPackageCount, LogOpen, LogAppend, LogRead, PartPut, PartGet,
                 Sealed, Forward, BulletinGet, BlobGrant, BlobPut, BlobGet, BlobLook, NameClaim, NameRelease,
                 NameResolve, ContactDeliver, ChannelGrant, ChannelCreate, ChannelAppend, ChannelRead, ChannelFollow,
                 ChannelLook, ChannelDrop, MeetingOpen, MeetingPut, MeetingGet, MailboxRecover, BackupPut, BackupGet,
                 WebPushLook, WebPushSet, WebPushDrop, PageLook, AdmissionGet, TurnGet, CallRoomOpen, CallRoomAsk>;

/// Any request. The number of a kind is kFirstRequestKind plus its place here: append only, never reorder.
/// A type of its own, so that moving it is compiled once and not by everybody who includes this.
struct Request : RequestVariant {
  /// One of them.
  template <Alternative<RequestVariant> T>
  Request(T request) : Request(kIndexOf<T, RequestVariant>, &request) {}  // NOLINT: implicit on purpose
  Request(const Request&);
  Request(Request&&) noexcept;
  Request& operator=(const Request&);
  Request& operator=(Request&&) noexcept;
  ~Request();

 private:
  Request(size_t index, void* from);
};

/// The encoding of `request`: kind, then fields.
Bytes encode_request(const Request& request);
/// The reverse, with every bound above checked. kUnknownRequest, kMalformed, kTooLarge: answer with that error.
Result<Request> decode_request(ByteView bytes);
/// True if repeating `request`, at any later time, changes nothing, so that it may travel in a first flight. Stricter than
/// "idempotent" above: what a later request could have undone (a new token, a device removed) is not repeatable, and
/// neither is what proves a mailbox (a resumed session needs none) or is not remembered (a ttl of 0).
bool is_idempotent(const Request& request);
/// True if `request` may come in parts: repeatable ones, and KeyPackagePublish, which replaces a pool by one of its owner's
/// whenever it comes, and is done once however often its parts are repeated: these have to be two at least, so that none alone
/// does anything. Not those about parts, and no proofs.
bool may_come_in_parts(const Request& request);

}  // namespace godwit::wire
