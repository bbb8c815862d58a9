#pragma once
// Every record that a profile holds, each sealed by itself under the storage key (record_key.h names them, journal.h
// writes them). All of a profile at rest stands in this header.

#include "codec/members.h"
#include "engine/chat_keys.h"
#include "engine/content.h"
#include "engine/file_content.h"
#include "engine/group_records.h"
#include "engine/group_settings.h"
#include "engine/member_info.h"
#include "engine/notices.h"
#include "engine/record_key.h"
#include "engine/said_proof.h"
#include "mls/state_records.h"
#include "wire/bulletin.h"
#include "wire/ids.h"
#include "wire/web_push.h"

namespace godwit::engine {

/// Who this profile is. `opened` is false from the command NewAccount until the home has the mailbox: such an account is
/// not one yet, and only its mailbox is used again by the next NewAccount.
struct AccountRecord {
  uint8_t version = kRecordVersion;
  AccountId account;
  std::string name;
  DeviceListIn devices;
  SecretField device_seed;  ///< Ed25519: signs MLS leaves; stands in the device list.
  wire::HomeAddress home;
  Bytes admission_code;
  wire::MailboxId mailbox;
  SecretField mailbox_seed;  ///< Ed25519: proves the mailbox; nobody but the home knows its public half.
  bool opened = false;
  uint32_t home_number = 0;  ///< How often the account has moved to another home (MemberInfo).
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.account, self.name, self.devices, self.device_seed, self.home,
                          self.admission_code, self.mailbox, self.mailbox_seed, self.opened, self.home_number);
  }
};

/// A home where the account was, and whose mailbox is still looked into.
struct FormerHome {
  wire::HomeAddress home;
  uint32_t number = 0;     ///< AccountRecord::home_number then.
  int64_t left_ms = 0;     ///< When it was left.
  wire::Sequence through;  ///< How far the queue there was taken in.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.home, self.number, self.left_ms, self.through);
  }
};

/// The account's moves to other homes. There its mailbox has the same id and the same keys.
struct HomeMoveRecord {
  /// What is done next.
  enum class Stage : uint8_t {
    kNone = 0,
    kOpening = 1,  ///< `to` is asked for a mailbox, for all devices.
    kTelling = 2,  ///< The other own devices are told, by way of the home that the account leaves.
  };
  uint8_t version = kRecordVersion;
  Stage stage = Stage::kNone;
  wire::HomeAddress to;
  Bytes admission_code;
  int64_t since_ms = 0;             ///< When the stage began.
  bool mover = false;               ///< This device has made the last move.
  std::vector<FormerHome> formers;  ///< The newest last.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.stage, self.to, self.admission_code, self.since_ms, self.mover,
                          self.formers);
  }
};

/// How far this device has taken its queue in: stored in the same batch as what the items led to.
struct CursorRecord {
  wire::Sequence through;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.through);
  }
};

/// An invite that nobody has taken yet, or keys that a contact was given to let us into a group.
struct InviteRecord {
  uint8_t version = kRecordVersion;
  wire::Alias alias;
  SecretField token;
  SecretField key;
  std::vector<SecretBlob> key_packages;  ///< mls::KeyPackagePrivate, one for each suite; none once they have expired.
  int64_t made_ms = 0;
  bool published = false;      ///< False after a restart: the link was never shown, so it is revoked.
  ChatId group{};              ///< The group into which it leads, by the hand of `asker`; zeros: a chat of two.
  AccountId asker{};           ///< Who may take it: of a chat of two zeros if whoever has the link may.
  std::vector<Bytes> early{};  ///< Items of that group that came before the welcome.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.alias, self.token, self.key, self.key_packages, self.made_ms,
                          self.published, self.group, self.asker, self.early);
  }
};

/// An invite that is being taken: so that taking it again after a crash gives the same key package.
struct TakingRecord {
  wire::TakeId take;
  ChatId chat;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.take, self.chat);
  }
};

/// Where a chat's group log is, and what opens its entries.
struct LogLocation {
  wire::HomeAddress home;
  wire::LogId log;
  SecretField key;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.home, self.log, self.key);
  }
};

/// That a chat's log does not answer, though other homes do (log_watch.h).
struct SilenceRecord {
  int64_t since_ms = 0;    ///< When that was first found; 0: it answers.
  int64_t last_ms = 0;     ///< And when last.
  uint32_t times = 0;      ///< How often, half a day apart.
  int64_t refused_ms = 0;  ///< Since when it answers that there is no such log, or not for us; 0: it does not.
  int64_t asked_ms = 0;    ///< When others were last asked where it is.
  friend bool operator==(const SilenceRecord&, const SilenceRecord&) = default;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.since_ms, self.last_ms, self.times, self.refused_ms, self.asked_ms);
  }
};

/// Where a chat's log is about to go on.
struct MovingRecord {
  wire::HomeAddress home;
  wire::LogId log;
  bool goes_on = false;  ///< Also if the old one answers: somebody else has moved it from an epoch before ours.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.home, self.log, self.goes_on);
  }
};

/// A commit of ours that was staged and will not be shown by us. It may have been: others can have followed it.
struct CalledOffRecord {
  ByteArray<32> commit{};  ///< SHA-256.
  ByteArray<32> place{};   ///< For which leaf keys to come back would stand after it.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.commit, self.place);
  }
};

/// Keys of a base that only a log has had where nobody follows.
struct DeadBaseRecord {
  wire::TokenHash name;  ///< Of its token for reading: two branches can have bases of one number.
  int64_t since_ms = 0;  ///< When the log was found to go on without it.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.name, self.since_ms);
  }
};

/// What is owed to one member and not in the outbox yet: at most kContentIdsMax ids each, but for `resend`, which names
/// messages of our own index only (kIndexWindow).
struct OwedRecord {
  AccountId account;
  std::vector<MessageId> delivered;  ///< Receipts.
  std::vector<MessageId> read;       ///< Receipts.
  std::vector<MessageId> resend;     ///< He asked for these again.
  std::vector<MessageId> ask;        ///< These came of him and could not be opened.
  /// True if nothing is owed.
  bool empty() const { return delivered.empty() && read.empty() && resend.empty() && ask.empty(); }
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.account, self.delivered, self.read, self.resend, self.ask);
  }
};

/// What a chat is to people. To MLS all are groups.
enum class ChatKind : uint8_t {
  kDirect = 1,  ///< Of two accounts, for ever.
  kGroup = 2,   ///< Of any number, with roles and settings in the group context.
};
/// Whether this device is in a chat.
enum class Membership : uint8_t {
  kActive = 1,
  kLeft = 2,     ///< We went. The history stays; what was under way before may still come.
  kRemoved = 3,  ///< Somebody removed us.
};

/// One chat, but for its members and its MLS state.
struct ChatRecord {
  uint8_t version = kRecordVersion;
  ChatId chat;
  ChatKind kind = ChatKind::kDirect;
  Membership membership = Membership::kActive;
  bool inviter = false;  ///< This side's address was there before the chat.
  AccountId peer;        ///< Of kDirect: the other account.
  std::string name;      ///< Of a group, as it was when we were last in it.
  wire::Alias own_alias;
  uint32_t home_number = 0;                 ///< Of the home that has `own_alias`: AccountRecord::home_number then.
  std::vector<wire::Alias> former_aliases;  ///< What it was at the homes before, the newest last.
  wire::Alias next_alias;                   ///< What it is to be at the home of now; zeros: none.
  bool next_created = false;                ///< That home has it,
  uint64_t next_base = 0;                   ///< with the token of this base.
  LogLocation log;
  ChatKeys keys;
  std::vector<ChatKeys> previous;          ///< Of earlier bases, the newest first: not everybody is as far as we are.
  std::optional<SecretField> entry_token;  ///< Wrote to the own alias until it had the derived token.
  bool verified = false;
  bool ready = false;           ///< Somebody else is in as well.
  bool address_ready = false;   ///< One's own alias takes messages by a derived token.
  bool token_wanted = false;    ///< One's own home is to be given the token of a new base.
  bool log_ready = false;       ///< The group log is open.
  bool log_wanted = false;      ///< There may be entries to read.
  bool refresh_wanted = false;  ///< A commit is to be made.
  bool leaving = false;         ///< We have asked to be removed.
  int64_t refreshed_ms = 0;     ///< When our last commit was accepted; 0: never.
  Position last;
  Position read;
  uint32_t member_next = 0;
  uint64_t outbox_next = 1;
  uint64_t pending_next = 1;
  uint64_t intent_next = 1;
  uint64_t unknown_next = 0;  ///< Messages of unknown kinds so far; the newest kUnknownKept of them are kept.
  std::vector<OwedRecord> owed;
  std::vector<Bytes> moves{};       ///< How the log came to be where it is: LogMoves (log_move.h), the last one last.
  std::vector<Bytes> moves_told{};  ///< Others that members have told of, not judged yet.
  std::optional<MovingRecord> moving{};       ///< We are about to move it.
  SilenceRecord silence{};                    ///< Of the log.
  bool astray = false;                        ///< Our epoch is none of this log's: only a welcome brings us back.
  std::vector<CalledOffRecord> called_off{};  ///< Of this epoch, in their order; at most kCalledOffMax.
  std::vector<DeadBaseRecord> dead{};         ///< Which of `previous`.
  uint64_t came = 0;  ///< In which epoch this device came in, however often it has come back since.
  int64_t parted_ms =
      0;  ///< What was said since, before the log moved, some may not have been able to open; 0: it has not moved.
  int64_t moved_ms = 0;  ///< When we were last told where it goes on; 0: it has not moved.
  bool misled = false;   ///< One who was an admin and is none any more has moved it: some may follow him.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.chat, self.kind, self.membership, self.inviter, self.peer, self.name,
                          self.own_alias, self.home_number, self.former_aliases, self.next_alias, self.next_created,
                          self.next_base, self.log, self.keys, self.previous, self.entry_token, self.verified,
                          self.ready, self.address_ready, self.token_wanted, self.log_ready, self.log_wanted,
                          self.refresh_wanted, self.leaving, self.refreshed_ms, self.last, self.read, self.member_next,
                          self.outbox_next, self.pending_next, self.intent_next, self.unknown_next, self.owed,
                          self.moves, self.moves_told, self.moving, self.silence, self.astray, self.called_off,
                          self.dead, self.came, self.parted_ms, self.moved_ms, self.misled);
  }
};

/// Who had a leaf in an epoch that is over, if somebody else has it now or nobody, or he lived elsewhere.
struct FormerLeaf {
  uint32_t leaf = 0;
  AccountId account;
  wire::HomeKey home;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.leaf, self.account, self.home);
  }
};

/// An epoch that is over, for messages that come late; what opens them is among the records of kGroup.
struct PastEpochRecord {
  int64_t retired_ms = 0;
  std::vector<FormerLeaf> removed;        ///< By the commit that ended it.
  std::optional<GroupSettings> settings;  ///< Of this epoch, if the commit that ended it changed them.
  ByteArray<32> place{};                  ///< epoch_place() of it.
  ByteArray<32> own_place{};              ///< For which leaf keys to come back would have stood in it.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.retired_ms, self.removed, self.settings, self.place, self.own_place);
  }
};

/// A welcome for one of those whom a commit adds, sealed.
struct StagedWelcome {
  AccountId account;
  Bytes payload;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.account, self.payload);
  }
};

/// A commit of our own that the log has not accepted yet. Stored before it is sent.
struct StagedRecord {
  uint64_t epoch = 0;           ///< That it ends.
  mls::StateChanges successor;  ///< What makes it of the stored group.
  Bytes commit;
  Bytes entry;                          ///< As it is appended, at every attempt.
  bool rebase = false;                  ///< It removes somebody.
  bool refreshes = true;                ///< It has a path: our keys are new.
  std::vector<StagedWelcome> welcomes;  ///< To be sent when it is accepted.
  std::vector<uint64_t> intents;        ///< What it does; numbers of IntentRecords.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.epoch, self.successor, self.commit, self.entry, self.rebase, self.refreshes,
                          self.welcomes, self.intents);
  }
};

/// A message of an epoch or a base that we have not reached: kept until the log was read.
struct PendingRecord {
  /// What is kept.
  enum class Kind : uint8_t {
    kMessage = 1,  ///< An MLSMessage of a later epoch.
    kItem = 2,     ///< An item of the mailbox under keys that we do not have yet.
  };
  Kind kind = Kind::kMessage;
  MessageId ref;        ///< Of kMessage.
  uint32_t sender = 0;  ///< Of kMessage: the leaf that is said to have sent it.
  Bytes bytes;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.kind, self.ref, self.sender, self.bytes);
  }
};

/// What waits for the homes of its recipients to accept it. One content and one payload, however many they are.
struct OutboxRecord {
  /// What is delivered.
  enum class Kind : uint8_t {
    kWelcome = 1,
    kContent = 2,
    kHint = 3,
    kLeaving = 4,
    kReturn = 5,
    kMoved = 6,
    kLogAsked = 7
  };
  Kind kind{};
  MessageId id;  ///< Of kContent.
  /// Of kContent: an encoded Content; of kLeaving: the proposal; of kReturn: a ReturnAskedBody; of kMoved: LogMoves; of kHint: the
  /// LogId; of kLogAsked: a LogAsked.
  Bytes content;
  Position position;  ///< Of a text: where it stands in the history; else 0.
  int64_t queued_ms = 0;
  Bytes payload;       ///< What is delivered; empty until it is its turn.
  uint64_t epoch = 0;  ///< In which `payload` was encrypted; 0 for what no epoch encrypts.
  wire::DeliveryId
      delivery;          ///< Belongs to `payload`, sent again with the same bytes only: each recipient's is made of it.
  MemberSet recipients;  ///< At first; a ProgressRecord says who is left.
  bool accepted = false;  ///< Never stored here.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.kind, self.id, self.content, self.position, self.queued_ms, self.payload, self.epoch,
                          self.delivery, self.recipients);
  }
};

/// A message of the history, as it was said. What changes about it is in IndexRecord and StateRecord.
struct HistoryRecord {
  MessageId id;
  bool own = false;
  int64_t sent_ms = 0;
  std::string text;                ///< Of a text, or under a file; of other kinds what can be searched.
  std::optional<FileBody> file{};  ///< Of kFile.
  AccountId author{};
  uint64_t clock = 0;  ///< As it is ordered, which is not what its sender claims if that is too far ahead.
  ContentKind kind = ContentKind::kText;
  std::optional<MessageId> reply_to{};
  std::optional<uint32_t> expire_seconds{};
  std::vector<ContentExtension> extensions{};
  Bytes body{};                      ///< Of kinds other than texts and files, also unknown ones.
  uint8_t newer = 0;                 ///< Version of the content if it is higher than ours.
  std::optional<SaidProof> proof{};  ///< Of what others have said.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.id, self.own, self.sent_ms, self.text, self.file, self.author, self.clock, self.kind,
                          self.reply_to, self.expire_seconds, self.extensions, self.body, self.newer, self.proof);
  }
  /// A second copy, asked for by name: there is a key in it.
  HistoryRecord clone() const;
};

/// A file that is being brought to the home; its message goes out when it is there.
struct UploadRecord {
  uint8_t version = kRecordVersion;
  MessageId id;
  int64_t sent_ms = 0;
  std::string source;           ///< What the host knows the file by.
  uint64_t source_version = 0;  ///< As the host said: another one means that the file was changed.
  Bytes grant;                  ///< Of the home; empty: to be asked for.
  FileBody file;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.id, self.sent_ms, self.source, self.source_version, self.grant, self.file);
  }
};

/// A file that does not go to the home until a person says so. Its UploadRecord is beside it.
struct PausedRecord {
  uint8_t version = kRecordVersion;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version);
  }
};

/// A file that is being fetched, as far as it is safe on the disk. Goes on when it is asked for again.
struct DownloadRecord {
  uint8_t version = kRecordVersion;
  std::string destination;  ///< What the host knows the place by.
  uint32_t chunks = 0;      ///< From the first on.
  MessageId part;           ///< What the host knows the part file by.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.destination, self.chunks, self.part);
  }
};

/// What is kept in memory of the newest kIndexWindow messages of a chat: enough to know them again and to judge what is done to
/// them. It stays when the message itself is gone.
struct IndexRecord {
  MessageId id;
  bool own = false;
  Delivery delivery = Delivery::kQueued;
  int64_t accepted_ms = 0;  ///< When the homes took it; 0: not yet, or nobody gives a receipt for it.
  AccountId author{};
  uint64_t clock = 0;
  int64_t sent_ms = 0;
  ContentKind kind = ContentKind::kText;
  uint32_t expire_seconds = 0;  ///< 0: it stays.
  int64_t expires_ms = 0;       ///< When it disappears; 0: not yet known, or never.
  bool gone = false;            ///< Nothing else of it is left.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.id, self.own, self.delivery, self.accepted_ms, self.author, self.clock, self.sent_ms,
                          self.kind, self.expire_seconds, self.expires_ms, self.gone);
  }
};

/// Routes that the user has added for his home.
struct AddedRoutesRecord {
  uint8_t version = kRecordVersion;
  wire::HomeKey home;
  std::vector<std::string> routes;  ///< URIs
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.home, self.routes);
  }
};

/// How the home is to wake this device's browser.
struct WebPushRecord {
  uint8_t version = kRecordVersion;
  std::optional<wire::WebPushSubscription> subscription;
  wire::WebPushKey home_key;          ///< For which it was asked.
  std::optional<wire::HomeKey> home;  ///< The home that has it.
  bool dropping = false;              ///< The home is to forget what it has.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.subscription, self.home_key, self.home, self.dropping);
  }
};

/// What the user has said about the local network.
struct LanRecord {
  uint8_t version = kRecordVersion;
  bool on = false;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.on);
  }
};

/// The tickets of one chain, oldest first.
struct TicketsRecord {
  std::vector<SecretBlob> tickets;  ///< session::Ticket
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.tickets);
  }
};

/// What a home has said of itself.
struct BulletinRecord {
  uint8_t version = kRecordVersion;
  wire::HomeKey home;
  bool pinned = false;
  wire::BulletinKey key;        ///< That signs its bulletins, as an authenticated session said; if `pinned`.
  Bytes common;                 ///< An encoded SignedBulletin: the one for everybody; empty: none.
  Bytes own;                    ///< The same with the routes for this mailbox.
  bool common_asked = false;    ///< It came from the home itself, on an anonymous session: it may be handed on.
  int64_t common_asked_ms = 0;  ///< When the home was last asked for it.
  int64_t own_asked_ms = 0;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.home, self.pinned, self.key, self.common, self.own, self.common_asked,
                          self.common_asked_ms, self.own_asked_ms);
  }
};

/// The key to which requests for a home are sealed, as the home itself has named it: beside its bulletins, since those that
/// come from elsewhere may name others.
struct SealingKeyRecord {
  uint8_t version = kRecordVersion;
  Bytes key;  ///< Empty: it takes no sealed requests.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.key);
  }
};

/// Which bulletin of one's own home the peer of a chat was given.
struct SharedRecord {
  uint8_t version = kRecordVersion;
  ByteArray<32> digest{};    ///< Of what it says.
  uint32_t expires_day = 0;  ///< Until when it is good.
  int64_t shared_ms = 0;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.digest, self.expires_day, self.shared_ms);
  }
};

/// What one request in a sealed request was.
struct LetterItem {
  /// What is to be done with the answer.
  enum class Kind : uint8_t { kProof = 1, kRequest = 2, kDelivery = 3, kAcknowledge = 4, kFetch = 5, kBulletin = 6 };
  Kind kind{};
  uint64_t number = 0;        ///< Of kRequest: its RequestId; of kDelivery: in the outbox; of kAcknowledge: through.
  wire::DeliveryId delivery;  ///< Of kDelivery.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.kind, self.number, self.delivery);
  }
};

/// A sealed request that went into a bundle: its answer may come after many restarts. Those that travel faster are in memory
/// only, since what they ask is asked again after a restart.
struct LetterRecord {
  uint8_t version = kRecordVersion;
  int64_t made_ms = 0;
  ChatId chat;  ///< Zeros: of the mailbox.
  wire::HomeKey home;
  SecretBlob reply_key;  ///< session::SealedReplyKey
  std::vector<LetterItem> items;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.made_ms, self.chat, self.home, self.reply_key, self.items);
  }
};

/// The user's mail account.
struct MailRecord {
  uint8_t version = kRecordVersion;
  std::string address;
  std::string smtp;
  std::string imap;
  std::string user;
  SecretBlob password;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.address, self.smtp, self.imap, self.user, self.password);
  }
};

}  // namespace godwit::engine
