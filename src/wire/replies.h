#pragma once
// What a home answers, and what it pushes. An encoded reply is its kind (uint16), then the fields in their order.

#include <variant>

#include "base/alternatives.h"
#include "wire/requests.h"

namespace godwit::wire {

/// It is done, and durable where that matters.
struct Done {
  GODWIT_WIRE_FIELDS()
};
/// It was not done; `code` is one of wire/errors.h. `detail` is the bits of work wanted for kProofOfWorkRefused.
struct Refused {
  uint16_t code{};
  uint32_t retry_after_ms{};  ///< 0: whenever you like, if the code says that retrying makes sense at all
  uint32_t detail{};
  GODWIT_WIRE_FIELDS(self.code, self.retry_after_ms, self.detail)
};
/// The mailbox keys of all devices.
struct Devices {
  std::vector<MailboxKey> keys;
  GODWIT_WIRE_FIELDS(self.keys)
};
/// One address as its owner sees it.
struct AddressInfo {
  Alias alias;
  uint32_t expires_day{};
  uint32_t items{};      ///< undelivered ones, counted against its quota
  TokenHash token_hash;  ///< of the token that AddressCreate or AddressToken gave it last, for an owner who may have been forgotten
  GODWIT_WIRE_FIELDS(self.alias, self.expires_day, self.items, self.token_hash)
};
/// All addresses of the mailbox that have not expired.
/// Of AddressList.
struct Addresses {
  std::vector<AddressInfo> addresses;
  GODWIT_WIRE_FIELDS(self.addresses)
};
/// One result for each recipient of a DeliverMany, in their order: 0, or a code of wire/errors.h.
struct Delivered {
  std::vector<uint16_t> codes;
  GODWIT_WIRE_FIELDS(self.codes)
};
/// One item of a queue. `sealed` is the payload under a key that the home made from the token that delivered it and did
/// not keep (crypto/sealed_item.h, docs/protocol/wire.md); the owner of the alias derives the token and opens it. Items
/// that came by SelfDeliver have an all-zero alias and are not sealed again. Sequence 0: it was never stored (a ttl of 0),
/// so there is nothing to acknowledge.
struct Item {
  Sequence sequence;
  Alias alias;
  Bytes sealed;
  GODWIT_WIRE_FIELDS(self.sequence, self.alias, self.sealed)
};
/// Items in order; answers a Fetch, and comes as a push on a live session.
struct Items {
  std::vector<Item> items;
  bool more{};  ///< there are further ones: fetch again
  GODWIT_WIRE_FIELDS(self.items, self.more)
};
/// One key package, as it was published.
/// Of KeyPackageTake.
struct KeyPackageTaken {
  Bytes package;
  bool last_resort{};
  GODWIT_WIRE_FIELDS(self.package, self.last_resort)
};
/// What is left of the pool behind an address.
/// Of KeyPackageCount.
struct KeyPackagesLeft {
  uint32_t count{};
  bool last_resort_used{};
  GODWIT_WIRE_FIELDS(self.count, self.last_resort_used)
};
/// One entry of a group log, as it was appended.
/// One entry of a group log, sealed.
struct LogEntry {
  uint64_t epoch{};
  uint8_t attempt{};
  Bytes entry;
  GODWIT_WIRE_FIELDS(self.epoch, self.attempt, self.entry)
};
/// Somebody else's entry stands for that epoch and attempt: this one.
struct Conflict {
  LogEntry winner;
  GODWIT_WIRE_FIELDS(self.winner)
};
/// Entries in the order of (epoch, attempt).
/// Of LogRead, oldest first.
struct LogEntries {
  std::vector<LogEntry> entries;
  bool more{};
  GODWIT_WIRE_FIELDS(self.entries, self.more)
};

/// Of PartPut and PartGet.
struct PartState {
  uint32_t received{};     ///< bytes of the request that are there, without a gap from its beginning
  uint32_t reply_total{};  ///< 0: not done yet
  uint32_t offset{};       ///< where `bytes` stand in the reply
  Bytes bytes;             ///< of the encoded reply
  GODWIT_WIRE_FIELDS(self.received, self.reply_total, self.offset, self.bytes)
};
/// Of Sealed and Forward.
struct SealedReply {
  Bytes bytes;
  GODWIT_WIRE_FIELDS(self.bytes)
};
/// Of BulletinGet: an encoded SignedBulletin (bulletin.h).
struct BulletinText {
  Bytes bytes;
  GODWIT_WIRE_FIELDS(self.bytes)
};
/// Of BlobGrant: to be shown with every chunk, on an anonymous session. It names nobody.
struct BlobGranted {
  Bytes grant;
  GODWIT_WIRE_FIELDS(self.grant)
};
/// Of BlobGet.
struct BlobChunk {
  uint32_t chunks{};  ///< of the whole blob
  Bytes bytes;
  GODWIT_WIRE_FIELDS(self.chunks, self.bytes)
};
/// Of BlobPut and BlobLook.
struct BlobState {
  uint32_t chunks{};  ///< of the whole blob; 0: none is known
  uint32_t stored{};  ///< from the first on
  GODWIT_WIRE_FIELDS(self.chunks, self.stored)
};

/// Of NameResolve: what the owner of the name has put there, as he sealed it.
struct NameCard {
  Bytes card;
  GODWIT_WIRE_FIELDS(self.card)
};
/// Of ChannelGrant: to be shown with ChannelCreate, on an anonymous session. It names nobody.
struct ChannelGranted {
  Bytes grant;
  GODWIT_WIRE_FIELDS(self.grant)
};
/// Of ChannelRead and ChannelFollow, and the push that follows: entries in their order. A push without entries says that
/// there are some up to `next` which this session was too slow for.
struct ChannelEntries {
  ChannelId channel;
  std::vector<ChannelEntry> entries;
  uint64_t next{};  ///< the sequence that the channel's next entry will have
  GODWIT_WIRE_FIELDS(self.channel, self.entries, self.next)
};
/// Of ChannelLook.
struct ChannelState {
  ChannelKey key;
  uint64_t next{};                   ///< as in ChannelEntries
  std::optional<ChannelEntry> head;  ///< the newest entry that says what the channel is
  GODWIT_WIRE_FIELDS(self.key, self.next, self.head)
};

/// Of MeetingGet.
struct MeetingMessage {
  Bytes bytes;  ///< empty: nobody has left it yet
  GODWIT_WIRE_FIELDS(self.bytes)
};
/// Of BackupGet.
struct Backup {
  Bytes bytes;  ///< empty: there is none
  GODWIT_WIRE_FIELDS(self.bytes)
};

/// Characters of a page's address.
constexpr size_t kPageAddressMax = 200;
/// Of PageLook.
struct PageAddress {
  std::string url;  ///< https://..., without a "#", as check_page_address() takes it; empty: this home knows of none
  GODWIT_WIRE_FIELDS(self.url)
};
/// kTooLarge: kPageAddressMax; kMalformed: neither empty nor an address of the web (web_address.h), or with a "?" in it.
Status check_page_address(std::string_view url);

/// Of AdmissionGet.
struct AdmissionCode {
  Bytes code;  ///< for MailboxOpen; empty: this home opens mailboxes without one
  GODWIT_WIRE_FIELDS(self.code)
};

/// Bounds of TurnCredentials.
constexpr size_t kTurnUrlsMax = 4;
constexpr size_t kTurnTextMax = 256;  ///< characters of each of its texts
/// Of TurnGet: a relay for calls (RFC 8656) and short-lived credentials for it, bound to nothing that names a person.
struct TurnCredentials {
  std::vector<std::string> urls;  ///< "turns:home.example:443?transport=tcp" (RFC 7065), 1 to kTurnUrlsMax
  std::string username;
  std::string password;
  uint32_t ttl_seconds{};  ///< for how long a new connection may begin with them; one that stands may go on
  GODWIT_WIRE_FIELDS(self.urls, self.username, self.password, self.ttl_seconds)
};
/// kMalformed: no url or too many, one that is none of turn: and turns:, or a text that is empty, too long or not printable.
Status check_turn_credentials(const TurnCredentials& credentials);

/// Of CallRoomOpen.
struct CallRoom {
  CallRoomKey room;
  GODWIT_WIRE_FIELDS(self.room)
};
/// Where a stream stands in an offer of the unit.
struct CallLine {
  uint16_t line{};  ///< the "mid" of its section
  uint64_t feed{};
  bool picture{};
  GODWIT_WIRE_FIELDS(self.line, self.feed, self.picture)
};
/// Of CallRoomAsk; members that a wish has no use for are empty.
struct CallRoomSaid {
  Bytes text;                           ///< a description (SDP), at most kCallTextMax
  uint64_t feed{};                      ///< of kPublish: by which others ask for what this seat sends
  std::vector<CallLine> lines;          ///< of kWatch: all that is sent from now on, at most kCallStreamsMax
  std::vector<TurnCredentials> relays;  ///< of kEnter: one, by which the unit is reached, and by none else
  GODWIT_WIRE_FIELDS(self.text, self.feed, self.lines, self.relays)
};
/// kMalformed: outside its bounds.
Status check_call_room_said(const CallRoomSaid& said);

/// Of WebPushLook.
struct WebPushState {
  std::optional<WebPushKey>
      home_key;  ///< by which the home shows itself to push services (RFC 8292); none: it sends none
  bool set{};    ///< this device has a subscription here
  GODWIT_WIRE_FIELDS(self.home_key, self.set)
};

/// The number of Done; the others count up from it in the order of Reply. Far from requests, so that a mix-up shows.
constexpr uint16_t kFirstReplyKind = 0x4001;

/// Any reply, by kind.
using ReplyVariant =
    std::variant<Done, Refused, Devices, Addresses, Delivered, Items, KeyPackageTaken, KeyPackagesLeft, Conflict,
                 LogEntries, PartState, SealedReply, BulletinText, BlobGranted, BlobChunk, BlobState, NameCard,
                 ChannelGranted, ChannelEntries, ChannelState, MeetingMessage, Backup, WebPushState, PageAddress,
                 AdmissionCode, TurnCredentials, CallRoom, CallRoomSaid>;

/// Any reply. Numbered like requests: append only.
/// A type of its own, so that moving it is compiled once and not by everybody who includes this.
struct Reply : ReplyVariant {
  /// One of them.
  template <Alternative<ReplyVariant> T>
  Reply(T reply) : Reply(kIndexOf<T, ReplyVariant>, &reply) {}  // NOLINT: implicit on purpose
  Reply(const Reply&);
  Reply(Reply&&) noexcept;
  Reply& operator=(const Reply&);
  Reply& operator=(Reply&&) noexcept;
  ~Reply();

 private:
  Reply(size_t index, void* from);
};

/// The encoding of `reply`: kind, then fields. A push is an encoded Items or ChannelEntries.
Bytes encode_reply(const Reply& reply);
/// The same of one kind, for pushes: without a copy of what is in it.
Bytes encode_reply(const Items& items);
/// The reverse. kMalformed: the home is broken or hostile; close the session.
Result<Reply> decode_reply(ByteView bytes);
/// The error that a Refused stands for; an unknown number is kUnknownRequest, one of those that say "not now" kUnavailable.
ErrorCode refusal(const Refused& refused);

}  // namespace godwit::wire
