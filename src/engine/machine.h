#pragma once
// What the parts of the engine share: its state in memory, and the few ways in which everything reaches the host.
// Inside engine/ only. The parts are functions over it, one file per concern; engine.cc only dispatches.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "engine/bulletins.h"
#include "engine/call_book.h"
#include "engine/channel_book.h"
#include "engine/chat.h"
#include "engine/courier.h"
#include "engine/device_state.h"
#include "engine/door_book.h"
#include "engine/engine.h"
#include "engine/errands.h"
#include "engine/errors.h"
#include "engine/invite_link.h"
#include "engine/journal.h"
#include "engine/kept_records.h"
#include "engine/lan_peers.h"
#include "engine/link.h"
#include "engine/name_book.h"
#include "engine/return_book.h"
#include "engine/sticker_records.h"
#include "engine/web_push.h"

namespace godwit::engine {

/// Of what the engine does by itself as if it had been asked: nobody is told.
constexpr CommandId kNobodysCommand{UINT64_MAX};

/// The account of this profile with its keys ready.
struct Self {
  AccountRecord record;
  crypto::Ed25519KeyPair device;
  crypto::Ed25519KeyPair mailbox;
};

/// How far this device has taken its queue at one home.
struct MailboxQueue {
  wire::Sequence cursor;
  wire::Sequence stored;  ///< What may be acknowledged.
  wire::Sequence acknowledged;
  bool acknowledging = false;
  bool fetching = false;
  bool fetched = false;       ///< To its end, since this program runs.
  bool fetch_again = false;   ///< Something came meanwhile that the Fetch under way may not give.
  Instant fetch_at = kNever;  ///< When to fetch again after a failure.
};

/// The account's moves to other homes.
struct HomeMove {
  HomeMoveRecord record;
  std::map<wire::HomeKey, MailboxQueue> queues;  ///< Of FormerHomes.
  std::optional<CommandId> command;
  Attempt attempt;
  uint64_t work = 0;
};

/// An invite of one's own, and the command that waits for its link.
struct Invite {
  InviteRecord record;
  std::optional<CommandId> command;
  bool stored = false;      ///< Its record is on the disk.
  bool revoked = false;     ///< It is to be taken back.
  bool taken_back = false;  ///< By a person, since this program runs, and the home has not said yes.
  Attempt attempt;
};

/// Whether the own home may have lost some (own_addresses.h).
struct OwnAddresses {
  bool wanted = false;    ///< The home is to be asked.
  bool put_back = false;  ///< It was put back from a backup.
  Instant proved_at{};    ///< The mailbox was last proved then.
  Instant not_before{};   ///< It is not asked again sooner.
};

/// An invite of somebody else that is being taken.
struct Taking {
  InviteLink link;
  TakingRecord record;
  CommandId command;
  Attempt attempt;
};

/// NewAccount, or RecoverAccount at a new home, while the home is asked.
struct AccountBeingMade {
  CommandId command;
  std::string recovery_key;  ///< Empty: it comes back by its words.
};

/// Gets the records that were read, opened.
struct LoadedRecord {
  Bytes key;
  crypto::SecretBuffer value;
};
using LoadHandler = std::function<void(std::vector<LoadedRecord>)>;

/// A chat that is only kept.
struct KeptChat {
  KeptChatRecord record;
  std::optional<Message> newest;
  std::shared_ptr<std::map<MessageId, uint64_t>> known;  ///< Where each message is, once that was asked.
  std::map<std::string, MessageId> keys;  ///< Of what was imported since the start: ImportEntry::key, for answers.
};

/// What was deleted of a chat, and how far that is.
struct Deletion {
  DeletionRecord record;
  size_t stage = 0;         ///< Of `whole`: which kind of record is erased.
  Bytes next;               ///< The key with which the next page begins; empty: the first.
  std::vector<Bytes> last;  ///< Keys that are erased all at once, in the end.
  bool busy = false;
  bool again = false;  ///< More was deleted while a page was read.
  Attempt attempt;     ///< Of giving the address back.
};

class SearchWork;

/// See above.
struct Machine {
  Machine(StorageKey key, Options chosen, Random& source);
  ~Machine();

  const StorageKey storage_key;
  const Options options;
  Random& random;
  Instant now{};     ///< For waiting: never goes back, even when the host's clock is put back.
  Duration shift{};  ///< How far `now` is ahead of the host's clock.
  Counters counters;
  std::deque<Effect> effects;
  Journal journal;
  LinkWorld links;

  // What is stored.
  std::optional<Self> self;
  MailboxQueue queue;  ///< At the account's home.
  HomeMove move;
  std::map<wire::Alias, Invite> invites;
  std::map<wire::Alias, TakingRecord> takings;
  std::map<ChatId, Chat> chats;
  std::map<wire::Alias, ChatId> chat_of_alias;
  std::map<LinkKey, TicketsRecord> tickets;

  std::map<ChatId, KeptChat> kept;
  std::map<ChatId, Deletion> deletions;
  std::shared_ptr<SearchWork> search;

  bool calls_carried = false;  ///< As of Engine::carry_calls.
  PrivacyRecord privacy;
  BulletinBook bulletins;
  Courier courier;
  Errands errands;
  NameBook names;
  DoorBook doors;
  ReturnBook returns;
  ChannelBook channels;
  DeviceState devices;
  StickerBook stickers;
  WebPush web_push;
  CallBook calls;

  // Under way.
  bool loaded = false;
  std::optional<Error> broken;  ///< Why nothing is done any more.
  bool told_store = false;
  std::deque<std::pair<CommandId, Command>> early_commands;
  std::map<LoadId, LoadHandler> loads;
  uint64_t last_load = 0;
  std::map<FileOpId, std::function<void(const FileRead&)>> file_reads;
  std::map<FileOpId, std::function<void(const FileWritten&)>> file_writes;
  uint64_t last_file_op = 0;
  std::map<LinkKey, std::unique_ptr<Link>> link_of;
  std::vector<std::unique_ptr<Link>> dead_links;  ///< Until the next event, since one of them may be calling.
  std::map<wire::Alias, Taking> being_taken;
  std::optional<AccountBeingMade> being_made;
  uint64_t mailbox_work = 0;
  std::optional<ConnectionChanged> told_connection;
  bool told_wrong_home = false;
  OwnAddresses own_addresses;
  std::vector<std::string> added_routes;  ///< URIs, for the own home.
  LanPeers lan;
  uint64_t kept_routes = 0;  ///< Version of what is stored of the memory of routes.
  Instant kept_routes_at{};
  std::set<ChatId> dirty;
  Instant wake = kNever;  ///< When invites and takings want to be looked at again.
  Instant swept{};

  /// The host's clock has come to `host_now`.
  void set_time(Instant host_now);
  /// The host's clock: for what is shown, stored, or judged by others.
  Instant wall() const { return now - shift; }
  /// When a stored time comes, in terms of `now`.
  Instant when(int64_t wall_ms) const { return Instant{wall_ms} + shift; }
  /// Tells people or programs, now.
  void tell(Notice notice);
  /// Tells once everything put into the journal so far is stored.
  void tell_then(Notice notice);
  /// Answers a command, now.
  void done(CommandId command, Answer result);
  /// Answers a command once everything put into the journal so far is stored.
  void done_then(CommandId command, Answer result);
  /// Answers a command: it failed.
  void fail(CommandId command, Error error);
  /// The profile is damaged: tells, and does nothing more with it.
  void stop(Error error);

  /// Reads records and opens them; a damaged one stops the engine.
  void load(Bytes first, Bytes last, uint32_t count_max, bool backwards, LoadHandler handler);

  /// True if there is an account whose mailbox is open.
  bool has_account() const { return self && self->record.opened; }
  /// The chat, or null.
  Chat* find_chat(const ChatId& id);
  /// Why a command cannot be about this chat, which find_chat() has not found. kNoSuchChat, kChatOnlyKept.
  Error no_chat(const ChatId& id) const;
  /// Writes a chat's record.
  void put(const Chat& chat);
  /// Writes what has changed of a chat's MLS state.
  void put_group(Chat& chat);
  /// Writes changes of a chat's MLS state.
  void put_changes(const Chat& chat, const mls::StateChanges& changes);
  /// The chat has something to do.
  void touch(const Chat& chat) { dirty.insert(chat.record.chat); }

  /// The link of this device's mailbox. Only with an account.
  Link& mailbox();
  /// The same at the account's home or at the one where it was.
  Link& mailbox_at(const wire::HomeAddress& home);
  /// The anonymous link of one chat to one home.
  Link& link(const ChatId& chat, const wire::HomeAddress& home, LinkHooks hooks = {});
  /// Forgets an anonymous link that is not needed again, with its tickets. May be called from inside that link.
  void end_link(const ChatId& chat, const wire::HomeAddress& home);
  /// Forgets the account, which the home has refused, and its link. May be called from inside that link.
  void forget_account();

  /// A random id.
  template <typename Id>
  Id random_id() {
    return Id{random.bytes<Id::kSize>()};
  }
};

/// A home's wish to be asked later is heard up to this: a broken one would keep messages back for weeks.
constexpr Duration kRetryAfterMax = minutes(15);

/// What came of a request that is answered by Done: success, or the refusal with the pause that the home wishes.
struct Outcome {
  std::optional<Error> error;
  Duration retry_after{};
  uint32_t detail = 0;

  /// True if it was done.
  bool ok() const { return !error.has_value(); }
  /// True if it was refused with this code.
  bool is(ErrorCode code) const { return error && error->code == code; }
};
/// Reads a reply that should be Done.
Outcome outcome_of(const Result<wire::Reply>& reply);

}  // namespace godwit::engine
