#pragma once
// The commands of `godwit`, one function each. Data goes to standard output, everything for people to standard error. The
// caller prints the error that a command returns, and turns it into an exit code.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "cli/client.h"
#include "cli/secrets.h"
#include "moving/message_words.h"

namespace godwit::cli {

class ProgramJobs;

/// What a command needs from the program.
struct Context {
  net::EventLoop& loop;
  Random& random;
  Globals globals;
};

/// Opens the profile and starts its engine. As of Profile::open.
Result<std::unique_ptr<Client>> open_client(Context& context, bool network);

/// Of `new`.
struct NewOptions {
  std::string name;
  std::string home;
  std::string link;          ///< of another device's offer: no new account
  std::string code;          ///< the same, with `home`
  std::string words_file;    ///< the recovery key of an account whose devices are lost, with `home`
  bool at_new_home = false;  ///< with it: its home is gone, and `home` takes it
  std::string device;        ///< of these three: this device's name; empty: the host's
};
/// Opens the profile, or makes it (`created`).
Result<Profile> open_or_create(Context& context, bool& created);
/// Removes what Profile::create has made, after the account could not be made for a reason that will not go away.
void remove_profile(const std::string& folder);
/// Makes the profile a device of an account that is there; prints the account and its name.
Status run_new_device(Context& context, const NewOptions& options);

/// Of `link`.
struct LinkOptions {
  bool by_code = false;
};
/// Offers to link a new device: prints link or code, waits for it, and asks the person.
Status run_link(Context& context, const LinkOptions& options);

/// Of `devices`.
struct DevicesOptions {
  std::string what;  ///< "rename", "remove", or empty: list
  std::string device;
  std::string name;
  std::string words_file;  ///< of remove: the recovery key signs
  bool json = false;
};
/// Prints the devices of the account, or changes one.
Status run_devices(Context& context, const DevicesOptions& options);
/// Makes profile and account; prints the recovery key.
Status run_new(Context& context, const NewOptions& options);

/// Prints an invite; its QR code goes to a terminal on standard error.
Status run_invite(Context& context);

/// Of `rename`.
struct RenameOptions {
  std::string name;
};
/// Changes the name that others see.
Status run_rename(Context& context, const RenameOptions& options);

/// Of `move`.
struct MoveOptions {
  std::string home;  ///< a link of the new home
};
/// Moves the account to another home. As engine::MoveAccount.
Status run_move(Context& context, const MoveOptions& options);

/// Of `add`.
struct AddOptions {
  std::string link;
  uint32_t wait_seconds = 30;
};
/// Takes an invite; prints the chat's id and name.
Status run_add(Context& context, const AddOptions& options);

/// Of `chats`, `status` and `profiles`.
struct ListOptions {
  bool json = false;
};
/// Prints all chats.
Status run_chats(Context& context, const ListOptions& options);
/// Prints whose profile this is and whether its home can be reached.
Status run_status(Context& context, const ListOptions& options);
/// Prints the profiles that stand beside this one, without opening any.
Status run_profiles(Context& context, const ListOptions& options);

/// Of `routes`.
struct RoutesOptions {
  std::string what;   ///< "add", "remove", "take", "share", or empty: list
  std::string route;  ///< of "take": a bulletin, a file with one, or "-"
  bool json = false;
};
/// Lists the ways to the own home, after adding or removing one.
Status run_routes(Context& context, const RoutesOptions& options);

/// Prints the own home's bulletin, to be handed on; its QR code goes to a terminal on standard error.
Status run_routes_share(Context& context);
/// Takes a home's bulletin.
Status run_routes_take(Context& context, const std::string& source);

/// Of `mail`.
struct MailOptions {
  std::string address;
  std::string smtp;
  std::string imap;
  std::string user;           ///< empty: the address
  std::string password_file;  ///< its first line; empty: asked for
  bool yes = false;           ///< what it shows is known
};
/// Prints which mail account is set.
Status run_mail(Context& context);
/// Sets the mail account, after saying what it shows and asking for a yes.
Status run_mail_set(Context& context, const MailOptions& options);
/// Takes it away.
Status run_mail_off(Context& context);

/// Of `send`.
struct SendOptions {
  std::string chat;
  std::string text;    ///< "-": from standard input
  std::string file;    ///< a file to send instead
  bool as_is = false;  ///< pictures keep what the camera wrote into them
  uint32_t wait_seconds = 15;
};
/// Sends; prints the message's id and how far it has come. kStillQueued: it goes out later.
Status run_send(Context& context, const SendOptions& options);

/// Sends a file; prints as run_send. With no time given it waits as long as the file goes on.
Status run_send_file(Context& context, const SendOptions& options);

/// Gives a command that sends a file, and waits for it as run_send_file does.
Status send_and_wait(Client& client, engine::Command command, uint32_t wait_seconds);
/// The file whose message, or whose own id in a post, begins so. kNoSuchFile, kAmbiguousName.
Result<engine::GetFile> find_file(Client& client, const std::string& wanted);

/// A file goes on for as long as it moves; a person ends it.
constexpr Duration kTransferTime = hours(24);

/// Of `get`.
struct GetOptions {
  std::string message;  ///< its id, or that of the file of a post, or the first digits
  std::string to;       ///< a path or a folder; empty: the downloads folder
};
/// Fetches the file of a message or of a post; prints where it is.
Status run_get(Context& context, const GetOptions& options);
/// Where a file goes that shall be at `to`: a path, or a folder with '/' at its end.
std::string destination_of(const std::string& to);
using moving::print_size;
/// How far a file is: "sending 3.4 MB of 20.0 MB".
std::string print_progress(const engine::FileProgress& progress);

/// Of `listen`.
struct ListenOptions {
  uint32_t count = 0;            ///< 0: without end
  uint32_t timeout_seconds = 0;  ///< 0: without end
  bool json = false;
};
/// Prints what is unread and what comes in.
Status run_listen(Context& context, const ListenOptions& options);

/// Of `history`.
struct HistoryOptions {
  std::string chat;
  uint32_t count = 50;
  bool json = false;
};
/// Prints the newest messages of a chat.
Status run_history(Context& context, const HistoryOptions& options);

/// Of `delete`.
struct DeleteOptions {
  std::string chat;
  bool history_only = false;
  bool block = false;
  bool yes = false;  ///< do not ask
};
/// Deletes a chat, or what was said in it, on all own devices.
Status run_delete(Context& context, const DeleteOptions& options);

/// Of `report` and `check-report`.
struct ReportOptions {
  std::string message;  ///< its id, or the first digits
  std::string file;     ///< "-": standard output or input
};
/// Writes what the operator of its author's home can check of a message into a new file.
Status run_report(Context& context, const ReportOptions& options);
/// Checks such a file, or one of a channel's post; prints what it proves. Needs no account.
Status run_check_report(Context& context, const ReportOptions& options);
/// Writes a report into a new file, or to standard output.
Status write_report(const std::string& file, ByteView report);

/// Of the commands that name a chat and nothing else.
struct ChatOptions {
  std::string chat;
};
/// Talks: what is typed is sent, what comes in is shown.
Status run_chat(Context& context, const ChatOptions& options);
/// Prints the safety number; on a terminal as a code to scan as well.
Status run_safety(Context& context, const ChatOptions& options);
/// Of `verify`.
struct VerifyOptions {
  std::string chat;
  std::string
      number;  ///< What the other side shows: its digits, or the text of its code. Empty: people have compared it.
  bool devices = false;  ///< Only that the devices which the other side has now are its own.
};
/// Notes that the safety number was compared, or compares it; or that new devices are known. kNumberDiffers, kNotNumber: nothing was noted.
Status run_verify(Context& context, const VerifyOptions& options);
/// Gives this device a fresh key in the chat.
Status run_refresh(Context& context, const ChatOptions& options);

/// Of `group` and what stands after it.
struct GroupOptions {
  std::string chat;                 ///< name or id; of `new`: the group's name
  std::vector<std::string> people;  ///< names of contacts or members, or first digits of their accounts
  std::string person;               ///< of `role`
  std::string value;                ///< a role, or another name
  std::optional<uint32_t> slow_mode_seconds;
  std::optional<bool> announcement_only;
  std::optional<bool> join_by_approval;
  std::optional<bool> admins_pin;
  bool large = false;  ///< of `new`
};
/// Makes a group, with contacts in it.
Status run_group_new(Context& context, const GroupOptions& options);
/// Prints who is in a group, and what each may do.
Status run_group_members(Context& context, const GroupOptions& options);
/// Lets contacts in.
Status run_group_add(Context& context, const GroupOptions& options);
/// Removes members.
Status run_group_remove(Context& context, const GroupOptions& options);
/// Makes a member something else.
Status run_group_role(Context& context, const GroupOptions& options);
/// Gives a group another name.
Status run_group_rename(Context& context, const GroupOptions& options);
/// Changes who may write, and how often.
Status run_group_settings(Context& context, const GroupOptions& options);
/// Goes on with a group's log at another home.
Status run_group_move_log(Context& context, const GroupOptions& options);
/// Leaves a group.
Status run_group_leave(Context& context, const GroupOptions& options);

/// Of `bundle write` and `bundle read`.
struct BundleOptions {
  std::string file;     ///< "-": standard output or input
  std::string chat;     ///< of `write`: only what is for this chat; empty: all
  bool homes = false;   ///< of `write`: also as sealed requests for homes
  std::string replies;  ///< of `read`: pass on what is for homes, and write their answers there
};
/// Writes what waits to go out into a new file, to be carried by people.
Status run_bundle_write(Context& context, const BundleOptions& options);
/// Takes in what a bundle has for this profile.
Status run_bundle_read(Context& context, const BundleOptions& options);

/// Of `import`.
struct ImportOptions {
  std::string file;
  std::string name;  ///< of the chat; empty: as the export says
  std::string chat;  ///< a chat of which it is what was said before; empty: none
  std::string me;    ///< how the export calls oneself; empty: as it says itself
};
/// Takes in what another messenger has exported.
Status run_import(Context& context, const ImportOptions& options);

/// Of `search`.
struct SearchOptions {
  std::string query;
  std::string chat;
  std::string channel;
  std::string from;
  std::string since;  ///< YYYY-MM-DD
  std::string until;  ///< that day, too
  bool files = false;
  uint32_t count = 20;
  uint32_t skip = 0;
  bool json = false;
};
/// Searches all histories.
Status run_search(Context& context, const SearchOptions& options);

/// Of `export`.
struct ExportOptions {
  std::string folder;  ///< new or empty
  std::string chat;    ///< only this one; empty: all
};
/// Writes chats as JSON lines and as pages to read.
Status run_export(Context& context, const ExportOptions& options);

/// What opens an archive, as it is given on the command line; nothing: it is asked for on the terminal.
struct ArchiveSecretSources {
  std::string passphrase_file;
  std::string recovery_key_file;
  bool recovery_key = false;  ///< the recovery key is asked for, and not a passphrase
};

/// Of `archive` and `restore`.
struct ArchiveOptions {
  std::string file;
  bool only_here = false;  ///< of `archive`: what this device does not have goes from it
  ArchiveSecretSources secret;
};
/// Makes an archive of all chats, or goes on with it: what is there stays, what was taken back goes.
Status run_archive(Context& context, const ArchiveOptions& options);
/// Takes the chats of an archive in, as chats that are only read.
Status run_restore(Context& context, const ArchiveOptions& options);

/// Of `lan`.
struct LanOptions {
  std::string what;  ///< "on", "off", or empty: tell
  bool yes = false;  ///< do not ask
};
/// Turns the local network on or off, or tells whether it is.
Status run_lan(Context& context, const LanOptions& options);

/// Of `rpc`.
struct RpcOptions {
  bool describe = false;
  bool describe_markdown = false;
  bool make_profile = false;     ///< begin with an empty profile if there is none
  uint32_t linger_seconds = 30;  ///< after the end of the input, for what is on its way
};
/// Speaks JSON lines on standard input and output.
Status run_rpc(Context& context, const RpcOptions& options);

/// Of `serve`.
struct ServeOptions {
  std::string socket;            ///< empty: the one in the profile
  std::optional<uint16_t> port;  ///< also on loopback; 0: a free one
};
/// Speaks the API on a socket with everybody who shows the token, until interrupted; prints where.
Status run_serve(Context& context, const ServeOptions& options);

/// Lets programs come and go until the person ends it, then finishes what is on its way; or until it is `enough`, without that. As of
/// Client::wait.
Status serve_until_interrupted(Client& client, ProgramJobs& jobs, const std::function<bool()>& enough);

/// Of `web`.
struct WebOptions {
  std::string page;   ///< the folder of the page; empty: the one that came with the program
  uint16_t port = 0;  ///< 0: a free one
  // Of what is done beside it, until the profile is closed; any may be empty.
  std::function<Status(Client&)> begin{};  ///< before anybody is served
  std::function<void(const engine::Notice&)> watch{};
  std::function<bool()> enough{};      ///< true: it ends
  std::function<void(Client&)> end{};  ///< before the profile is closed
};
/// Shows the page to the browsers of this machine until interrupted; prints where, with the token that lets in. Makes the profile
/// if there is none: the page then asks for a name.
Status run_web(Context& context, const WebOptions& options);

/// Of `call`.
struct CallOptions {
  std::string chat;
  bool video = false;
  std::string page;  ///< as of `web`
};
/// Calls somebody and shows the page to talk on; ends when nobody has answered, or interrupted.
Status run_call(Context& context, const CallOptions& options);

/// Of `token`.
struct TokenOptions {
  bool renew = false;
};
/// Prints the token of the API, which is made if there is none.
Status run_token(Context& context, const TokenOptions& options);

/// A message as it stands in a list: time, who, what it answers if that is given, what, and how far an own one has come.
std::string print_message(const engine::Message& message, const engine::ChatInfo& chat,
                          const engine::Message* answered = nullptr);
/// The first words of a message, on one line.
std::string first_words(const engine::Message& message);
/// Who said it, for people: "you", or his name.
std::string speaker_of(const engine::Message& message, const engine::ChatInfo& chat);
using moving::print_body;
/// "queued", "sent" and so on.
std::string_view print_delivery(engine::Delivery delivery);

}  // namespace godwit::cli
