#pragma once
// Everything that can be asked of the engine. Each command is answered once by a CommandDone or CommandFailed notice
// with its id; those that need the network are answered when it has answered, and go on by themselves until then, also
// across restarts where that is said.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/alternatives.h"
#include "base/bytes.h"
#include "base/time.h"
#include "engine/call_commands.h"
#include "engine/channel_commands.h"
#include "engine/content_commands.h"
#include "engine/device_commands.h"
#include "engine/door_commands.h"
#include "engine/group_commands.h"
#include "engine/ids.h"
#include "engine/kept_commands.h"
#include "engine/mail_account.h"
#include "engine/name_commands.h"
#include "engine/sticker_commands.h"
#include "engine/web_push_commands.h"

namespace godwit::engine {

/// Makes the account of this profile and opens its mailbox at the home that `home_link` names (as printed by
/// `godwit-home invite`), or at that of whoever gave the invite or group link that it is (home_of_link.h). `name` is what others
/// are shown, 1 to 64 characters. Answered by AccountMade.
/// kAccountExists, kTooLong, kNotText, kLinkDamaged, kLinkNotGodwit, kLinkOther,
/// kLinkNewer, kRefusedByHome, kWrongHome.
struct NewAccount {
  std::string name;
  std::string home_link;
};
/// Makes a single-use invite. Answered by InviteMade once the home holds the key package behind it. kNoAccount.
struct MakeInvite {};
/// Answered by Invites: those for one person that this device has made and that nobody has taken. kNoAccount.
struct ListInvites {};
/// Ends an invite for one person: from now on nobody comes in by it, also who has asked the home for it already. The home is told
/// by itself, across restarts. Answered by Nothing. kNoSuchInvite.
struct RevokeInvite {
  wire::Alias invite;
};
/// Changes what others are shown as one's name, on all own devices. Answered by Nothing as soon as it is safe on this device's
/// disk; each chat is told with a commit of its own, within kRenameSpread, across restarts. The name is the same in all chats.
/// kNoAccount, kTooLong, kNotText.
struct RenameAccount {
  std::string name;  ///< 1 to 64 characters
};
/// Takes an invite and makes the chat with the one who gave it. Answered by ChatMade as soon as the chat is stored here;
/// the welcome then goes out by itself, across restarts. kLinkDamaged, kLinkNotGodwit, kLinkNewer, kLinkOwn, kLinkKnown,
/// kInviteUsed, kInviteRefused, kInviteForged, kWrongHome.
struct AddContact {
  std::string link;
};
/// Sends text, at most kTextSizeMax bytes of UTF-8. Answered by MessageQueued as soon as it is safe on this device's disk;
/// it then goes out by itself, across restarts, and MessageMoved notices follow. kNoSuchChat, kTooLong, kNotText, kOutboxFull.
struct SendText {
  ChatId chat;
  std::string text;
};
/// Answered by Chats.
struct ListChats {
  bool hidden = false;  ///< Also those that were deleted and in which nothing was said since.
};
/// Removes what was said in a chat from the own devices; the others keep what they have. A chat in which one still is stays, out of
/// sight until something is said in it; one that is only kept, and a group that one has left, goes wholly. What has not gone out
/// is not sent any more. Answered by Nothing as soon as that is safe on this device's disk: nothing of it is shown from then on;
/// the records go by themselves, some at a time, across restarts. kNoSuchChat, kChatOnlyKept (`history_only`), kNoAccount.
struct DeleteChat {
  ChatId chat;
  bool history_only = false;  ///< The chat stays in sight, and all that is set for it.
  bool block = false;         ///< Of a chat of two: the other account is blocked as well.
};
/// The newest `count` messages before `before` (none: from the newest), oldest first. Answered by Messages. kNoSuchChat.
struct ReadHistory {
  ChatId chat;
  std::optional<Position> before;
  uint32_t count = 50;
};
/// The person has seen everything up to `through`: tells the sender, if receipts are on. Answered by Nothing.
struct MarkRead {
  ChatId chat;
  Position through;
};
/// Commits a fresh key for this device's leaf (RFC 9420 §12.1.2), which heals the chat after a break-in. Answered by
/// Nothing once the group log has it. Happens by itself at the first message and weekly. kNoSuchChat.
struct RefreshKeys {
  ChatId chat;
};
/// Answered by SafetyNumber: 60 digits, the same on both sides, to be compared by people. kNoSuchChat.
struct ReadSafetyNumber {
  ChatId chat;
};
/// The people have compared the safety number. What AcknowledgeDevices does is done as well. Answered by Nothing.
struct MarkVerified {
  ChatId chat;
};
/// The person answers for it that the devices which the peer has now are the peer's own (ContactDevicesChanged). What was held back goes
/// out. Answered by Nothing. kNoSuchChat, kNotDirect.
struct AcknowledgeDevices {
  ChatId chat;
};
/// Answered by Account. kNoAccount.
struct ReadAccount {};
/// Writes what waits to go out, of one chat or of all, into a bundle that people carry to its receivers themselves. It goes out
/// over the home as well, when there is a way. `bytes_max` 0: as much as a bundle may have. Answered by BundleWritten.
/// kNoAccount, kNoSuchChat.
struct WriteBundle {
  std::optional<ChatId> chat;
  uint32_t bytes_max = 0;
  /// Also as sealed requests for the contacts' homes, and for the own mailbox, so that a home, or anybody with a network,
  /// can do them; the answers come in another bundle. The file then tells which homes they are for.
  bool requests = false;
};
/// Takes in what a bundle has for this profile and passes over the rest. The same bundle twice does no harm. Answered by
/// BundleRead; the messages come as MessageReceived. kNoAccount, kNotBundle, kBundleDamaged, kBundleNewer.
struct ReadBundle {
  Bytes bundle;
  /// Hands sealed requests of others to their homes, by way of the own home, and waits up to a minute for the answers.
  bool pass_on = false;
};

/// Answered by Routes: every way to the own home that is known. kNoAccount.
struct ListRoutes {};
/// Takes a route to the own home, such as a bridge that a friend has named. It is tried beside the others. Answered by
/// Nothing. kNoAccount, kTooLong, kRoutesFull, routes::kBadRoute, routes::kUnknownScheme.
struct AddRoute {
  std::string route;  ///< as a URI
};
/// Forgets a route that was added. Answered by Nothing. kNoAccount, kNoSuchRoute.
struct RemoveRoute {
  std::string route;
};

/// Sends a file of at most kFileSizeMax bytes. Answered by MessageQueued as soon as the file was found and what is to be done
/// with it is safe on this device's disk. It is then read, encrypted and brought to the own home by itself, across restarts,
/// and the message goes out when it is there; FileProgress notices follow, then MessageMoved. The file has to stay as it is
/// until then. kNoAccount, kNoSuchChat, kFileTooLarge, kTransfersFull, kBadMedia, kTooLong, kNotText, or why
/// the host cannot read it.
struct SendFile {
  ChatId chat;
  std::string source;  ///< What the host finds it by: a path.
  std::string name;    ///< As the receiver sees it; empty: the last part of `source`.
  std::string mime;    ///< Empty: guessed by the name.
  std::string caption{};  ///< What stands under it: as a text.
  std::optional<MessageId> reply_to{};
  std::optional<MediaInfo> media{};  ///< None: just a file.
};
/// Fetches the file of a message, or one of a channel's post. Answered by FileSaved once all of it is safe at `destination`;
/// FileProgress notices come until then. After a restart or a failure the same command goes on where it was. kNoSuchChat,
/// kNoSuchChannel, kNoSuchFile, kFileGone, kFileDamaged, kTransfersFull, or why the host cannot write it.
struct GetFile {
  std::optional<ChatId> chat;  ///< None: of a post in `channel`.
  MessageId message;           ///< Of a post: the file's id.
  std::string destination;     ///< What the host finds the place by: a path; a folder, if it ends in '/'.
  std::optional<wire::ChannelId> channel{};
  uint64_t post = 0;
};
/// Holds up a file that is on its way. One that goes to the home waits, also across restarts, until the same command comes with
/// `paused` false. One that is fetched ends with kFilePaused; GetFile to the same place goes on. Answered by Nothing. kNoSuchChat,
/// kNoSuchChannel, kNoSuchFile: no such file is on its way.
struct PauseFile {
  std::optional<ChatId> chat;  ///< None: of a post in `channel`, that is being fetched.
  MessageId message;           ///< Of a post: the file's id.
  std::optional<wire::ChannelId> channel{};
  bool paused = true;
};
/// Takes a home's bulletin, as a friend, a page or a file had it: ways to the own home or to a contact's. Answered by
/// Nothing. kNotBulletin, kBulletinDamaged, kBulletinNewer, kBulletinForged, kBulletinOld, kBulletinUnknownHome.
struct TakeBulletin {
  std::string text;
};
/// Asks for the own home's bulletin that is for everybody, as a text to hand on. Answered by BulletinShared. kNoAccount,
/// kNoBulletin.
struct ShareBulletin {};
/// Asks the own home where people find the page, for what is handed on. Answered by PageFound. kNoAccount, and as the home refuses.
struct FindPage {};
/// Asks the own home for a link by which one newcomer can have an account there. Answered by HomeLinkMade. kNoAccount, kQuotaFull (of
/// wire/: no more today), and as the home refuses.
struct MakeHomeLink {};
/// Names a mail account by which sealed requests may travel when nothing else works, or (none) takes it away. The provider,
/// and whoever watches him, learns that it exchanges mail with the homes' addresses: ask people first. Answered by Nothing.
/// kNoAccount, kBadMailAccount.
struct SetMail {
  std::optional<MailAccount> account;
};
/// Answered by MailState. kNoAccount.
struct ReadMail {};
/// Whether to look for one's contacts on the local network, and to be found there; off until it is asked for, kept across
/// restarts. Answered by Nothing. kNoAccount.
struct SetLan {
  bool on = false;
};
/// Answered by LanState.
struct ReadLan {};

/// Any command.
using CommandVariant = std::variant<
    NewAccount, MakeInvite, ListInvites, RevokeInvite, RenameAccount, AddContact, SendText, ListChats, DeleteChat,
    ReadHistory, MarkRead, RefreshKeys, ReadSafetyNumber,
    MarkVerified, ReadAccount, WriteBundle, ReadBundle, ListRoutes, AddRoute, RemoveRoute, SendFile, GetFile, PauseFile,
    TakeBulletin, ShareBulletin, SetMail, ReadMail, SetLan, ReadLan, SendMessage, ReadMessage, EditMessage, ReadEdits,
    DeleteMessage, React, SendTyping, SendLocation, SendContact, SendPoll, Vote, ClosePoll, PinMessage, ListPinned,
    SetDisappearing, ForwardMessage, SetChat, ReadReceipts, ReportMessage, ScheduleMessage, ListScheduled, CancelScheduled,
    SetPrivacy, ReadPrivacy, NewGroup, OpenSaved, ListMembers, AddMembers, RemoveMember, LeaveGroup, SetRole, RenameGroup,
    SetGroupSettings, MoveLog, MakeGroupLink, ListGroupLinks, RevokeGroupLink, JoinGroup, ListJoinRequests, ApproveJoin,
    RefuseJoin, ClaimName, ReleaseName, ReadName, ResolveName, SendContactRequest, MakeOpenInvite, ListOpenInvites,
    RevokeOpenInvite, ListContactRequests, OpenContactRequest, AcceptContactRequest, DeclineContactRequest,
    DeclineContactRequests, BlockAccount, UnblockAccount, ListBlocked, NewChannel, DescribeChannel, SetDiscussion,
    EndChannel, Post, EditPost, DeletePost, ListChannels, FollowChannel, UnfollowChannel, ReadChannel, ReportPost, CheckReport,
    MarkChannelRead, SetChannel,
    StartLinking, ConfirmLinking, LinkDevice, ListDevices, RenameDevice, RemoveDevice, RecoverAccount, MoveAccount,
    ImportMessages,
    SearchMessages, AcknowledgeDevices, NewStickerPack, AddStickerPack, ListStickerPacks, ReadSticker, RemoveStickerPack,
    SendSticker, ShareStickerPack, SetWebPush, ReadWebPush, FindPage, MakeHomeLink,
    StartGroupCall, JoinGroupCall, IgnoreGroupCall, StartCall, AcceptCall, TakeOverCall, DeclineCall, EndCall, HoldCall, SendCallSignal, SayCallMedia, ReadCalls, ReadCallRelays, OpenCallRoom, AskCallRoom>;

/// What the engine is asked to do. A type of its own, so that moving it is compiled once and not by everybody who includes this.
struct Command : CommandVariant {
  /// One of them.
  template <Alternative<CommandVariant> T>
  Command(T command) : Command(kIndexOf<T, CommandVariant>, &command) {}  // NOLINT: implicit on purpose
  Command(const Command&) = delete;
  Command(Command&&) noexcept;
  Command& operator=(const Command&) = delete;
  Command& operator=(Command&&) noexcept;
  ~Command();

 private:
  Command(size_t index, void* from);
};

/// Bytes of UTF-8 in one text.
constexpr uint32_t kTextSizeMax = 100 * 1024;

}  // namespace godwit::engine
