#pragma once
// What the engine tells people and programs: answers to commands, and what happened by itself.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/alternatives.h"
#include "base/error.h"
#include "base/time.h"
#include "engine/call_notices.h"
#include "engine/channel_notices.h"
#include "engine/content_notices.h"
#include "engine/device_notices.h"
#include "engine/door_notices.h"
#include "engine/group_notices.h"
#include "engine/ids.h"
#include "engine/kept_notices.h"
#include "engine/name_notices.h"
#include "engine/sticker_notices.h"
#include "engine/web_push_commands.h"
#include "routes/known_route.h"
#include "routes/looks.h"

namespace godwit::engine {

/// One chat as shown in a list.
struct ChatInfo {
  ChatId chat;
  AccountId peer;         ///< zeros: a group
  std::string name;       ///< as the peer calls himself; of a group, its own
  bool verified = false;  ///< the safety number was compared
  bool new_devices = false;  ///< the peer has a device that nobody here knows of: AcknowledgeDevices
  std::optional<ChatId> came_back_in{};  ///< the recovery words have brought the peer back, and it speaks there: this chat reaches nobody
  bool inviter = false;   ///< this side's invite was taken: who took it is unverified until compared
  bool ready = false;     ///< both sides are in
  bool group = false;     ///< of any number of people, with roles and settings
  bool saved = false;     ///< a group of oneself alone: what one keeps for oneself
  bool member = true;     ///< false: we left, or were removed
  uint32_t members = 0;   ///< accounts, one's own included
  uint64_t epoch = 0;     ///< MLS epoch
  Position last;          ///< newest message, 0: none
  Position read;          ///< read up to here on this side
  uint32_t unread = 0;    ///< messages of others after that, as far as they are in memory; lines do not count
  std::optional<Message> newest;
  ChatSettings settings{};         ///< what its owner has set for it
  uint32_t disappear_seconds = 0;  ///< what is said from now on disappears after so long; 0: it stays
  bool kept = false;                 ///< imported or restored: it is only read
  std::optional<ChatId> older_of{};  ///< of a kept one: it is what was said in that chat before
  bool hidden = false;               ///< it was deleted, and nothing was said in it since
};

// ---- answers ------------------------------------------------------------------------------------------------------

/// It is done; there is nothing more to say.
struct Nothing {};
/// `recovery_key` is shown once, to be written down: it is not kept on the device.
struct AccountMade {
  AccountId account;
  std::string recovery_key;
};
/// `link` is to be handed to one person.
struct InviteMade {
  std::string link;
};
/// An invite for one person that nobody has taken.
struct InviteInfo {
  wire::Alias invite;
  Instant made;
  Instant expires;
  std::string link;
};
/// Of ListInvites, oldest first.
struct Invites {
  std::vector<InviteInfo> invites;
};
/// Of AddContact.
struct ChatMade {
  ChatInfo chat;
};
/// Of SendText.
struct MessageQueued {
  Message message;
};
/// Of ListChats.
struct Chats {
  std::vector<ChatInfo> chats;
};
/// Of ReadHistory, oldest first.
struct Messages {
  std::vector<Message> messages;
};
/// Of ReadSafetyNumber.
struct SafetyNumber {
  std::string digits;
};
/// Of ReadAccount.
struct Account {
  AccountId account;
  std::string name;
  std::string home;  ///< its route as a URI
  std::vector<std::string> former_contacts;  ///< whom one knew before a recovery, and has not met again
  std::string former_home;     ///< of an account that has moved: the home where it was, while that is still looked into; else empty
  uint32_t chats_to_tell = 0;  ///< chats that have still to hear of the move
  std::string moving_to;       ///< the home that was asked for a mailbox and has not given one yet; else empty
};
/// One route to the own home.
struct RouteInfo {
  std::string route;  ///< as a URI
  routes::RouteSource source = routes::RouteSource::kInvite;
  bool in_use = false;
  bool small_only = false;           ///< on this network connections by it do not last
  std::optional<Instant> worked_at;  ///< when it last led to the home on this network
};
/// Of ListRoutes, in the order of preference.
struct Routes {
  std::vector<RouteInfo> routes;
  bool clear = false;  ///< as CallRelays::clear, asked of nobody
};
/// Of WriteBundle.
struct BundleWritten {
  Bytes bundle;
  uint32_t parcels = 0;   ///< how many messages, receipts and hints are in it
  uint32_t left = 0;      ///< how many did not fit
  uint32_t requests = 0;  ///< sealed requests for homes
};
/// Of ReadBundle.
struct BundleRead {
  uint32_t taken = 0;        ///< parcels for this profile, also those that it had already
  uint32_t passed_over = 0;  ///< parcels for others, or that do not open
  uint32_t answers = 0;      ///< sealed replies to requests of this profile
  uint32_t requests = 0;     ///< sealed requests of others in it
  uint32_t passed_on = 0;    ///< of these, how many their homes have answered
  Bytes replies;             ///< a bundle with these answers, to be carried back; empty if there are none
};
/// Of ShareBulletin.
struct BulletinShared {
  std::string text;
};
/// Of FindPage.
struct PageFound {
  std::string address;  ///< https://..., without a "#"; empty: the home knows of none
};
/// Of MakeHomeLink.
struct HomeLinkMade {
  std::string link;  ///< godwit-home:..., for NewAccount; empty: the home takes newcomers without one
};
/// Of ReadMail. The password is never shown.
struct MailState {
  bool set = false;
  std::string address;
  std::string smtp;
  std::string imap;
  std::string user;
  uint32_t outstanding = 0;            ///< letters that wait for an answer
  std::optional<Error> trouble;        ///< why the last letter could not be sent
  std::optional<Instant> answered_at;  ///< when an answer last came by mail, since the program started
};
/// Of GetFile.
struct FileSaved {
  std::string path;  ///< Where the host has put it.
};
/// Of ReadLan.
struct LanState {
  bool on = false;
  std::vector<ChatId> nearby;  ///< chats whose other side is connected over the local network now
};
/// One message that was searched for.
struct FoundMessage {
  ChatId chat;
  Message message;
};
/// One post that was searched for.
struct FoundPost {
  wire::ChannelId channel;
  PostInfo post;
};
/// Of SearchMessages. What there is of both together is not more than was asked for.
struct SearchResults {
  std::vector<FoundMessage> messages;  ///< Newest first.
  std::vector<FoundPost> posts{};      ///< Newest first.
  bool more = false;  ///< there are others, older ones
};

/// Any answer.
using AnswerVariant =
    std::variant<Nothing, AccountMade, InviteMade, Invites, ChatMade, MessageQueued, Chats, Messages, SafetyNumber,
                 Account,
                 BundleWritten, BundleRead, Routes, FileSaved, BulletinShared, MailState, LanState, MessageFound, Edits,
                 Receipts, ScheduledQueued, ScheduledMessages, Privacy, Members, NameClaimed, NameState, NameResolved,
                 RequestSent, OpenInvites, ContactRequests, ContactRequestOpened, BlockedAccounts, ChannelMade,
                 ChannelFollowed, Posted, Channels, Posts, PostReported, MessageReported, ReportChecked, ImportDone, SearchResults,
                 LinkingOffered, DeviceLinked, OwnDevices, AccountRecovered, GroupLinkMade, GroupLinks, JoinAsked,
                 JoinRequests, StickerPacks, StickerPackAdded, StickerFound, WebPushInfo, PageFound, HomeLinkMade,
                 CallTaken, GroupCallTaken, Calls, CallRelays, CallRoomOpened, CallRoomAnswer>;

/// What a command is answered with. A type of its own, so that moving it is compiled once and not by everybody who includes this.
struct Answer : AnswerVariant {
  /// One of them.
  template <Alternative<AnswerVariant> T>
  Answer(T answer) : Answer(kIndexOf<T, AnswerVariant>, &answer) {}  // NOLINT: implicit on purpose
  Answer(const Answer&);
  Answer(Answer&&) noexcept;
  Answer& operator=(const Answer&) = delete;
  Answer& operator=(Answer&&) noexcept;
  ~Answer();

 private:
  Answer(size_t index, void* from);
};

// ---- notices ------------------------------------------------------------------------------------------------------

/// A command was done.
struct CommandDone {
  CommandId command;
  Answer answer;
};
/// A command was not done, and nothing of it will be.
struct CommandFailed {
  CommandId command;
  Error error;
};
/// A message came in and is safe on this device's disk.
struct MessageReceived {
  ChatId chat;
  Message message;
};
/// A message of one's own has come further.
struct MessageMoved {
  ChatId chat;
  MessageId id;
  Delivery delivery;
};
/// A chat is new or has changed (the peer came in, a name, a key).
struct ChatChanged {
  ChatInfo chat;
};
/// All messages of a chat up to this position are no more.
struct HistoryCleared {
  ChatId chat;
  Position through;
};
/// A chat is no more on this device.
struct ChatGone {
  ChatId chat;
};
/// Somebody calls himself otherwise now. Whoever shows messages should say so: a name that somebody else has is no proof of anything.
struct MemberRenamed {
  ChatId chat;
  AccountId account;
  std::string before;
  std::string name;
};
/// The log of a chat goes on at another home, since the one where it was is gone.
struct LogMoved {
  ChatId chat;
  AccountId by;      ///< who says so
  std::string host;  ///< where it is now
};
/// What others are shown of this account was changed, here or on another own device (ReadAccount tells), or its name at the home on
/// another own device (ReadName).
struct AccountChanged {};
/// One honest line about how this device is connected.
enum class Connection : uint8_t { kOffline = 1, kConnecting = 2, kConnected = 3 };
/// How this device is connected, or what is being tried, has changed.
struct ConnectionChanged {
  Connection connection = Connection::kOffline;
  std::string route;                                   ///< in use, or tried first, as a URI
  std::optional<Error> why;                            ///< of kOffline
  routes::Carrier carrier = routes::Carrier::kWss;     ///< of `route`
  routes::LookKind look = routes::LookKind::kAsGiven;  ///< how `route` is shown to whoever watches
  bool small = false;         ///< connections do not last here: messages go in small exchanges, long ones in parts
  uint32_t trying = 0;        ///< of kConnecting: ways that are tried at once
  bool by_mail = false;       ///< of kConnected: no connection, but letters by mail are answered, within minutes
  bool through_home = false;  ///< some contacts' homes are not reached but through the own home
  uint32_t nearby = 0;        ///< chats whose other side is connected over the local network, whatever the home does
  bool home_full = false;     ///< the home has no room left: what it is to keep waits on this device, and is tried again by itself
  bool others_full = false;   ///< the same of another home that something here goes to
};
/// Something that the person should know and the engine cannot mend (wrong home, profile rolled back).
struct Trouble {
  Error error;
};

/// How far a file is, at most some times a second.
struct FileProgress {
  std::optional<ChatId> chat;  ///< None: of a post in `channel`.
  MessageId message;           ///< Of a post: the file.
  bool sending = false;  ///< Else it is being fetched.
  uint64_t done = 0;     ///< Bytes of the file.
  uint64_t total = 0;
  std::optional<Error> error;  ///< Why it does not go on; with "retry later" it is tried again by itself.
  std::optional<wire::ChannelId> channel{};
  bool paused = false;  ///< Of one that is sent: it goes on when a person says so.
};

/// Any notice.
using NoticeVariant =
    std::variant<CommandDone, CommandFailed, MessageReceived, MessageMoved, ChatChanged, ConnectionChanged, Trouble,
                 FileProgress, MessageChanged, MessageGone, Typing, MembersChanged, MemberRenamed, AccountChanged,
                 HistoryCleared, ChatGone, ContactRequestsChanged, OpenInviteUsedUp, ChannelPosted, ChannelChanged,
                 DeviceAsks, LinkingChecked, LinkingEnded, DevicesChanged, JoinRequestsChanged, JoinRefused,
                 ContactDevicesChanged, LogMoved, StickerPacksChanged, WebPushEnded, LineAdded,
                 CallChanged, GroupCallChanged, CallsElsewhere, CallSignal>;

/// What people or programs are told. A type of its own, so that moving it is compiled once and not by everybody who includes this.
struct Notice : NoticeVariant {
  /// One of them.
  template <Alternative<NoticeVariant> T>
  Notice(T notice) : Notice(kIndexOf<T, NoticeVariant>, &notice) {}  // NOLINT: implicit on purpose
  Notice(const Notice&);
  Notice(Notice&&) noexcept;
  Notice& operator=(const Notice&) = delete;
  Notice& operator=(Notice&&) noexcept;
  ~Notice();

 private:
  Notice(size_t index, void* from);
};

}  // namespace godwit::engine
