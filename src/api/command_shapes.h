#pragma once
// The table's part about commands: what may be asked. One Shape for each alternative of engine::Command.

#include <array>

#include "api/device_shapes.h"
#include "api/errors.h"
#include "api/kept_shapes.h"
#include "api/shapes.h"
#include "api/sticker_shapes.h"
#include "engine/commands.h"
#include "engine/errors.h"
#include "engine/notices.h"

namespace godwit::api {

template <>
struct Shape<engine::NewAccount> {
  using Answer = engine::AccountMade;
  static constexpr std::string_view name = "new_account";
  static constexpr std::string_view about = "Makes the account of this profile and opens its mailbox at a home.";
  static constexpr auto fields = fields_in_order(field("name", &engine::NewAccount::name,
                                                       "what others are shown, 1 to 64 characters"),
                                                 field("home_link", &engine::NewAccount::home_link,
                                                       "as printed by `godwit-home invite`; or an invite or a group's "
                                                       "link: then at the " "home of " "whoever gave it, if it takes "
                                                                                       "people without a code"));
  static constexpr std::array errors{engine::kAccountExists, engine::kTooLong,       engine::kNotText,
                                     engine::kLinkDamaged,   engine::kLinkNotGodwit, engine::kLinkOther,
                                     engine::kLinkNewer,     engine::kRefusedByHome, engine::kWrongHome};
};

template <>
struct Shape<engine::MakeInvite> {
  using Answer = engine::InviteMade;
  static constexpr std::string_view name = "make_invite";
  static constexpr std::string_view about =
      "Makes an invite for one person. Answered once the home holds the key package behind it.";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array errors{engine::kNoAccount, engine::kRefusedByHome};
};

template <>
struct Shape<engine::ListInvites> {
  using Answer = engine::Invites;
  static constexpr std::string_view name = "list_invites";
  static constexpr std::string_view about =
      "Lists the invites for one person that this device has made and that nobody has taken.";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array errors{engine::kNoAccount};
};

template <>
struct Shape<engine::RevokeInvite> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "revoke_invite";
  static constexpr std::string_view about =
      "Ends an invite for one person: nobody comes in by it any more. The home is told by itself, across restarts.";
  static constexpr auto fields = fields_in_order(field("invite", &engine::RevokeInvite::invite, "which"));
  static constexpr std::array errors{engine::kNoSuchInvite};
};

template <>
struct Shape<engine::RenameAccount> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "rename_account";
  static constexpr std::string_view
      about =
          "Changes what others are shown as one's name, on all own devices. Within ten minutes each chat is told, and "
          "its " "members get member_renamed.";
  static constexpr auto fields = fields_in_order(field("name", &engine::RenameAccount::name, "1 to 64 characters"));
  static constexpr std::array errors{engine::kNoAccount, engine::kTooLong, engine::kNotText};
};

template <>
struct Shape<engine::AddContact> {
  using Answer = engine::ChatMade;
  static constexpr std::string_view name = "add_contact";
  static constexpr std::string_view
      about =
          "Takes an invite and makes the chat with the one who gave it. Answered as soon as the chat is stored here; "
          "the " "welcome then goes out by itself, across restarts.";
  static constexpr auto fields =
      fields_in_order(field("link", &engine::AddContact::link, "the invite, whole, as it was handed over"));
  static constexpr std::array errors{
      engine::kNoAccount, engine::kLinkDamaged, engine::kLinkNotGodwit, engine::kLinkNewer,    engine::kLinkOwn,
      engine::kLinkKnown, engine::kInviteUsed,  engine::kInviteRefused, engine::kInviteForged, engine::kWrongHome};
};

template <>
struct Shape<engine::SendText> {
  using Answer = engine::MessageQueued;
  static constexpr std::string_view name = "send_text";
  static constexpr std::string_view
      about = "Sends text. Answered as soon as it is safe on this device's disk; it then goes out by itself, across "
              "restarts, and message_moved notices follow.";
  static constexpr auto fields =
      fields_in_order(field("chat", &engine::SendText::chat, "where to"),
                      field("text", &engine::SendText::text, "at most 102,400 bytes of UTF-8"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kTooLong,    engine::kNotText,
                                     engine::kOutboxFull, engine::kNewDevices, engine::kCameBack};
};

template <>
struct Shape<engine::ListChats> {
  using Answer = engine::Chats;
  static constexpr std::string_view name = "list_chats";
  static constexpr std::string_view about = "Lists the chats of this profile.";
  static constexpr auto fields = fields_in_order(
      field_or_default("hidden", &engine::ListChats::hidden,
                       "also those that were deleted and in which nothing was said since; false if left out"));
  static constexpr std::array<ErrorCode, 0> errors{};
};

template <>
struct Shape<engine::DeleteChat> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "delete_chat";
  static constexpr std::string_view about =
      "Removes what was said in a chat from the own devices; the others keep what they have. A chat in which one still "
      "is stays hidden until something is said in it; one that is only kept, and a group that one has left, goes "
      "wholly. What has not gone out is not sent any more.";
  static constexpr auto fields =
      fields_in_order(field("chat", &engine::DeleteChat::chat, "which"),
                      field_or_default("history_only", &engine::DeleteChat::history_only,
                                       "the chat stays in sight, and all that is set for it; false if left out"),
                      field_or_default("block", &engine::DeleteChat::block,
                                       "of a chat of two: the other account is blocked as well; false if left out"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kChatOnlyKept, engine::kNoAccount};
};

template <>
struct Shape<engine::ReadHistory> {
  using Answer = engine::Messages;
  static constexpr std::string_view name = "read_history";
  static constexpr std::string_view about =
      "Reads messages of one chat from this device, oldest first. The answer has 200 messages or 1 MiB of them at "
      "most, and " "leaves out the oldest then: ask again before the first one, until nothing comes.";
  static constexpr auto fields =
      fields_in_order(field("chat", &engine::ReadHistory::chat, "which chat"),
                      field("before", &engine::ReadHistory::before, "only messages before this one; null: the newest"),
                      field_or_default("count", &engine::ReadHistory::count, "how many at most; 50 if left out"));
  static constexpr std::array errors{engine::kNoSuchChat};
};

template <>
struct Shape<engine::MarkRead> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "mark_read";
  static constexpr std::string_view about =
      "The person has seen everything up to `through`: tells the sender, if receipts are on.";
  static constexpr auto fields =
      fields_in_order(field("chat", &engine::MarkRead::chat, "which chat"),
                      field("through", &engine::MarkRead::through, "the last message that was seen"));
  static constexpr std::array errors{engine::kNoSuchChat};
};

template <>
struct Shape<engine::RefreshKeys> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "refresh_keys";
  static constexpr std::string_view
      about =
          "Gives this device a fresh key in the chat, which heals it after a break-in. Answered once the group log has "
          "it. " "Happens by itself at the first message and weekly.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::RefreshKeys::chat, "which chat"));
  static constexpr std::array errors{engine::kNoSuchChat};
};

template <>
struct Shape<engine::ReadSafetyNumber> {
  using Answer = engine::SafetyNumber;
  static constexpr std::string_view name = "read_safety_number";
  static constexpr std::string_view about = "Reads the number that both people compare to be sure of each other.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::ReadSafetyNumber::chat, "which chat"));
  static constexpr std::array errors{engine::kNoSuchChat};
};

template <>
struct Shape<engine::MarkVerified> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "mark_verified";
  static constexpr std::string_view about =
      "The people have compared the safety number, and it was the same. What acknowledge_devices does is done as well.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::MarkVerified::chat, "which chat"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kNotDirect};
};

template <>
struct Shape<engine::AcknowledgeDevices> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "acknowledge_devices";
  static constexpr std::string_view about =
      "The devices that the peer has now are the peer's own: contact_devices_changed was told, and the person has "
      "asked. " "What was held back goes out.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::AcknowledgeDevices::chat, "a chat of two"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kNotDirect};
};

template <>
struct Shape<engine::ReadAccount> {
  using Answer = engine::Account;
  static constexpr std::string_view name = "read_account";
  static constexpr std::string_view about = "Tells whose profile this is.";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array errors{engine::kNoAccount};
};

template <>
struct Shape<engine::WriteBundle> {
  using Answer = engine::BundleWritten;
  static constexpr std::string_view name = "write_bundle";
  static constexpr std::string_view about =
      "Writes what waits to go out into a bundle that people carry to its receivers themselves. It goes out over the "
      "home as " "well, when there is a way.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::WriteBundle::chat,
                                                       "only what is for this chat; null: all"),
                                                 field_or_default("bytes_max", &engine::WriteBundle::bytes_max,
                                                                  "how large it may be; 0 or left out: 16 MiB. A line "
                                                                  "of this interface has " "room for 700,000"),
                                                 field_or_default(
                                                     "requests", &engine::WriteBundle::requests,
                                                     "also as sealed requests for homes, so that any home or client "
                                                     "with a " "network " "can do " "them; " "false " "if left out. "
                                                                                                      "The bundle then "
                                                                                                      "tells " "which "
                                                                                                               "homes " "they are for"));
  static constexpr std::array errors{engine::kNoAccount, engine::kNoSuchChat};
};

template <>
struct Shape<engine::ReadBundle> {
  using Answer = engine::BundleRead;
  static constexpr std::string_view name = "read_bundle";
  static constexpr std::string_view about =
      "Takes in what a bundle has for this profile and passes over the rest. The same bundle twice does no harm. The "
      "messages " "come as message_received.";
  static constexpr auto fields = fields_in_order(
      field("bundle", &engine::ReadBundle::bundle, "as write_bundle gave it"),
      field_or_default(
          "pass_on", &engine::ReadBundle::pass_on,
          "hand sealed requests of others to their homes, and wait up to a " "minute for the " "answers; false " "if " "left " "o" "u" "t"));
  static constexpr std::array errors{engine::kNoAccount, engine::kNotBundle, engine::kBundleDamaged,
                                     engine::kBundleNewer};
};

template <>
struct Shape<engine::ListRoutes> {
  using Answer = engine::Routes;
  static constexpr std::string_view name = "list_routes";
  static constexpr std::string_view about = "Lists every way to the own home that is known.";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array errors{engine::kNoAccount};
};

template <>
struct Shape<engine::AddRoute> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "add_route";
  static constexpr std::string_view about =
      "Takes a route to the own home, such as a bridge that a friend has named. It is tried beside the others.";
  static constexpr auto fields =
      fields_in_order(field("route", &engine::AddRoute::route, "a URI such as bridge://name.example"));
  static constexpr std::array errors{engine::kNoAccount, engine::kTooLong, engine::kRoutesFull, routes::kBadRoute,
                                     routes::kUnknownScheme};
};

template <>
struct Shape<engine::RemoveRoute> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "remove_route";
  static constexpr std::string_view about = "Forgets a route that was added.";
  static constexpr auto fields = fields_in_order(field("route", &engine::RemoveRoute::route, "as it was added"));
  static constexpr std::array errors{engine::kNoAccount, engine::kNoSuchRoute};
};

template <>
struct Shape<engine::SendFile> {
  using Answer = engine::MessageQueued;
  static constexpr std::string_view name = "send_file";
  static constexpr std::string_view about =
      "Sends a file. Answered as soon as the file was found; it is then read, encrypted and brought to the own home by "
      "itself, across restarts, and has to stay as it is until then. file_progress and message_moved notices follow.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::SendFile::chat, "where to"),
                                                 field(
                                                     "source", &engine::SendFile::source,
                                                     "its path on this machine; one without a leading \"/\" is taken "
                                                     "from the folder " "in which " "Godwit was started. JPEG, PNG, "
                                                                                    "WebP, GIF, HEIC, AVIF, films "
                                                                                    "(MP4, " "MOV, M4A, WebM) and " "so"
                                                                                                                    "un"
                                                                                                                    "ds"
                                                                                                                    " w"
                                                                                                                    "it"
                                                                                                                    "h "
                                                                                                                    "ta"
                                                                                                                    "gs"
                                                                                                                    " ("
                                                                                                                    "MP"
                                                                                                                    "3,"
                                                                                                                    " O"
                                                                                                                    "gg"
                                                                                                                    ") "
                                                                                                                    "go"
                                                                                                                    " w"
                                                                                                                    "it"
                                                                                                                    "ho"
                                                                                                                    "ut"
                                                                                                                    " w"
                                                                                                                    "ha"
                                                                                                                    "t " "the camera " "wrote beside the picture " "(place, time, device; the " "engine in a browser leaves WebP " "to its page); " "with " "\"as-is:\" " "before the " "path they stay " "as they are"),
                                                 field_or_default(
                                                     "name", &engine::SendFile::name,
                                                     "as the receiver sees it; left out: the last part of the path"),
                                                 field_or_default("mime", &engine::SendFile::mime,
                                                                  "left out: guessed by the name"),
                                                 field_or_default("caption", &engine::SendFile::caption,
                                                                  "what stands under it, at most 65,536 bytes"),
                                                 field("reply_to", &engine::SendFile::reply_to, "what it answers"),
                                                 field("media", &engine::SendFile::media,
                                                       "of a picture, video, voice note or sticker; left out: just a "
                                                       "file"));
  static constexpr std::array errors{
      engine::kNoAccount, engine::kNoSuchChat, engine::kFileTooLarge, engine::kTransfersFull, engine::kBadMedia,
      engine::kTooLong,   engine::kNotText,    kFileNoAccess,         engine::kNewDevices,    engine::kCameBack};
};

template <>
struct Shape<engine::GetFile> {
  using Answer = engine::FileSaved;
  static constexpr std::string_view name = "get_file";
  static constexpr std::string_view
      about =
          "Fetches the file of a message, or one of a post. Answered once all of it is there; file_progress notices come until "
          "then. "
          "After a " "restart the same command goes on where it was.";
  static constexpr auto fields = fields_in_order(
      field("chat", &engine::GetFile::chat, "which chat; left out: of a post in `channel`"),
      field("message", &engine::GetFile::message, "which message; of a post: the id of the file"),
      field("channel", &engine::GetFile::channel, "which channel; left out: of a chat"),
      field_or_default("post", &engine::GetFile::post, "which post of the channel"),
      field("destination", &engine::GetFile::destination,
            "a path at which there is nothing; or a folder, ending in \"/\": the file gets its own name there"));
  static constexpr std::array errors{
      engine::kNoSuchChat, engine::kNoSuchChannel, engine::kNoSuchFile, engine::kFileGone, engine::kFileDamaged,
      engine::kNoSuchPost, engine::kTransfersFull, engine::kFilePaused, kFileNoAccess,     kFileExists};
};

template <>
struct Shape<engine::PauseFile> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "pause_file";
  static constexpr std::string_view about =
      "Holds up a file that is on its way. One that goes to the home waits, also after a restart, until the same comes with "
      "paused: false. One that is fetched ends with engine_file_paused; get_file to the same destination goes on.";
  static constexpr auto fields =
      fields_in_order(field("chat", &engine::PauseFile::chat, "which chat; left out: of a post in `channel`"),
                      field("message", &engine::PauseFile::message, "which message; of a post: the id of the file"),
                      field("channel", &engine::PauseFile::channel, "which channel; left out: of a chat"),
                      field_or_default("paused", &engine::PauseFile::paused, "false: it goes on; true if left out"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kNoSuchChannel, engine::kNoSuchFile};
};

template <>
struct Shape<engine::TakeBulletin> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "take_bulletin";
  static constexpr std::string_view about =
      "Takes a home's bulletin, as a friend, a page or a file had it: ways to the own home or to a contact's.";
  static constexpr auto fields =
      fields_in_order(field("text", &engine::TakeBulletin::text, "the whole text, from godwit-bulletin: on"));
  static constexpr std::array errors{engine::kNoAccount,          engine::kNotBulletin,    engine::kBulletinDamaged,
                                     engine::kBulletinNewer,      engine::kBulletinForged, engine::kBulletinOld,
                                     engine::kBulletinUnknownHome};
};

template <>
struct Shape<engine::FindPage> {
  using Answer = engine::PageFound;
  static constexpr std::string_view name = "find_page";
  static constexpr std::string_view about =
      "Asks the own home where people find its page. An invite is handed on as that address, \"#invite=\" and the "
      "percent-encoded " "link: whoever opens it needs nothing but a browser.";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array errors{engine::kNoAccount};
};

template <>
struct Shape<engine::MakeHomeLink> {
  using Answer = engine::HomeLinkMade;
  static constexpr std::string_view name = "make_home_link";
  static constexpr std::string_view about =
      "Asks the own home for a link by which one newcomer can have an account there, to be handed on with an invite: as "
      "\"#home=\" and the percent-encoded link, \"&invite=...\". A home gives each a few a day, and none to whom "
      "a member let in during the last one to two weeks (wire_quota_full).";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array errors{engine::kNoAccount};
};

template <>
struct Shape<engine::ShareBulletin> {
  using Answer = engine::BulletinShared;
  static constexpr std::string_view name = "share_bulletin";
  static constexpr std::string_view about =
      "Gives the own home's bulletin that is for everybody, as a text to hand on.";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array errors{engine::kNoAccount, engine::kNoBulletin};
};

template <>
struct Shape<engine::SetMail> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "set_mail";
  static constexpr std::string_view about =
      "Names a mail account by which sealed requests may travel when nothing else works, or takes it away. The "
      "provider, " "and whoever watches him, learns that it exchanges mail with the homes' addresses: ask people "
                   "first.";
  static constexpr auto fields =
      fields_in_order(field("account", &engine::SetMail::account, "null or left out: no mail any more"));
  static constexpr std::array errors{engine::kNoAccount, engine::kBadMailAccount};
};

template <>
struct Shape<engine::ReadMail> {
  using Answer = engine::MailState;
  static constexpr std::string_view name = "read_mail";
  static constexpr std::string_view about = "Tells which mail account is set, without its password, and how mail goes.";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array errors{engine::kNoAccount};
};

template <>
struct Shape<engine::SetLan> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "set_lan";
  static constexpr std::string_view about =
      "Whether to look for contacts on the local network and to be found there, when homes cannot be reached. Off "
      "until it is " "asked for; kept across restarts.";
  static constexpr auto fields = fields_in_order(field("on", &engine::SetLan::on, "true: look, and be found"));
  static constexpr std::array errors{engine::kNoAccount};
};

template <>
struct Shape<engine::ReadLan> {
  using Answer = engine::LanState;
  static constexpr std::string_view name = "read_lan";
  static constexpr std::string_view about = "Tells whether the local network is used, and who is connected over it.";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array<ErrorCode, 0> errors{};
};

}  // namespace godwit::api
