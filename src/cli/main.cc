// `godwit`: the messenger on the command line.

#include <CLI/CLI.hpp>
#include <clocale>
#include <csignal>
#include <functional>

#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/exit_code.h"
#include "cli/main_group_links.h"
#include "cli/main_names.h"
#include "crypto/random_sources.h"

#ifndef GODWIT_VERSION
#define GODWIT_VERSION "0.1"
#endif

namespace {

using namespace godwit;
using namespace godwit::cli;

// Options live as long as the parser, and are read by the lambda that runs the chosen command.
template <typename Options>
std::shared_ptr<Options> options_of() {
  return std::make_shared<Options>();
}

void add_globals(CLI::App& app, Globals& globals) {
  globals.profile = default_profile_folder();
  app.add_option("--profile", globals.profile, "folder of the profile")->capture_default_str();
  app.add_option("--passphrase-file", globals.secrets.passphrase_file,
                 "file whose first line is the passphrase (or set GODWIT_PASSPHRASE; else it is asked for)");
  app.add_option("--key-file", globals.secrets.key_file,
                 "file that opens the profile; `new` makes it if it is missing");
  app.add_option("--proxy", globals.network.proxy,
                 "go through this proxy: socks5://[user:password@]host:port or http://[user:password@]host:port")
      ->envname("GODWIT_PROXY");
  app.add_option("--tor", globals.network.tor,
                 "address:port of a running Tor, for onion routes (default 127.0.0.1:9050)")
      ->envname("GODWIT_TOR");
  app.add_option("--transport", globals.network.transports,
                 "name=program: the program of a pluggable transport (default: looked for in PATH)")
      ->envname("GODWIT_TRANSPORT");
  app.add_option("--resolvers", globals.network.resolvers,
                 "file of name servers to ask beside the system's (default: `resolvers` in the profile, else "
                 "well-known ones)")
      ->envname("GODWIT_RESOLVERS");
  app.add_option("--clock-offset", globals.clock_offset_seconds, "for tests")->group("");
}

void add_account_commands(CLI::App& app, Chosen& chosen) {
  auto* make = app.add_subcommand("new", "make an account at a home");
  auto new_options = options_of<NewOptions>();
  make->add_option("--name", new_options->name, "what others are shown");
  make->add_option("--home", new_options->home, "link of the home, from `godwit-home invite`");
  auto* link = make->add_option("--link", new_options->link,
                                "link of another device of yours (`godwit link`): no new account, one more device");
  auto* code = make->add_option("--code", new_options->code, "the same by its twelve digits; --home names the home");
  auto* words =
      make->add_option("--recover", new_options->words_file,
                       "file whose first line is the recovery key: brings an account back; --home names the home");
  link->excludes(code)->excludes(words)->excludes("--home")->excludes("--name");
  code->needs("--home");
  words->needs("--home");
  code->excludes(words);
  make->add_flag("--at-new-home", new_options->at_new_home,
                 "with --recover: the account's home is gone, and that of --home takes it")
      ->needs(words);
  make->add_option("--device", new_options->device,
                   "with --link, --code or --recover: this device's name, for you only");
  make->callback([&chosen, new_options] { chosen = [new_options](Context& c) { return run_new(c, *new_options); }; });

  auto* invite = app.add_subcommand("invite", "print a link that lets one person talk to you");
  invite->callback([&chosen] { chosen = run_invite; });

  auto* rename = app.add_subcommand("rename", "change your name, as others see it");
  auto rename_options = options_of<RenameOptions>();
  rename->add_option("name", rename_options->name, "1 to 64 characters")->required();
  rename->callback(
      [&chosen, rename_options] { chosen = [rename_options](Context& c) { return run_rename(c, *rename_options); }; });

  auto* move = app.add_subcommand("move", "move your account to another home, with your devices and chats");
  auto move_options = options_of<MoveOptions>();
  move->add_option("home", move_options->home, "a link of the new home, as for a new account")->required();
  move->callback(
      [&chosen, move_options] { chosen = [move_options](Context& c) { return run_move(c, *move_options); }; });

  auto* add = app.add_subcommand("add", "take somebody's invite");
  auto add_options = options_of<AddOptions>();
  add->add_option("link", add_options->link, "the whole link")->required();
  add->add_option("--wait", add_options->wait_seconds, "seconds to wait for the homes")->capture_default_str();
  add->callback([&chosen, add_options] { chosen = [add_options](Context& c) { return run_add(c, *add_options); }; });

  auto* status = app.add_subcommand("status", "print whose profile this is, and try its home");
  auto status_options = options_of<ListOptions>();
  status->add_flag("--json", status_options->json, "the account as JSON, without trying the home");
  status->callback(
      [&chosen, status_options] { chosen = [status_options](Context& c) { return run_status(c, *status_options); }; });

  auto* profiles = app.add_subcommand("profiles", "list the profiles beside this one (--profile): when each was last used");
  auto profiles_options = options_of<ListOptions>();
  profiles->add_flag("--json", profiles_options->json, "as JSON");
  profiles->callback([&chosen, profiles_options] {
    chosen = [profiles_options](Context& c) { return run_profiles(c, *profiles_options); };
  });
}

void add_device_commands(CLI::App& app, Chosen& chosen) {
  auto* link = app.add_subcommand("link", "let a new device into your account: shows a link, or a code");
  auto link_options = options_of<LinkOptions>();
  link->add_flag("--code", link_options->by_code, "a code to be typed instead of a link");
  link->callback(
      [&chosen, link_options] { chosen = [link_options](Context& c) { return run_link(c, *link_options); }; });

  auto* devices = app.add_subcommand("devices", "list the devices of your account");
  auto options = options_of<DevicesOptions>();
  devices->add_flag("--json", options->json, "as JSON");
  auto* rename = devices->add_subcommand("rename", "give one another name");
  rename->add_option("device", options->device, "its name, or the first digits")->required();
  rename->add_option("name", options->name, "the new name, for you only")->required();
  auto* remove = devices->add_subcommand("remove", "throw one out: lost, stolen or sold");
  remove->add_option("device", options->device, "its name, or the first digits")->required();
  remove->add_option("--words", options->words_file,
                     "file whose first line is the recovery key: then no other device can undo it");
  devices->require_subcommand(0, 1);
  devices->callback([&chosen, options, rename, remove] {
    if (rename->parsed()) options->what = "rename";
    if (remove->parsed()) options->what = "remove";
    chosen = [options](Context& c) { return run_devices(c, *options); };
  });
}

void add_routes_command(CLI::App& app, Chosen& chosen) {
  auto* routes = app.add_subcommand("routes", "list the ways to your home; `add URI` and `remove URI` change them, "
                                              "`share` prints your home's bulletin, `take TEXT|FILE|-` reads one");
  auto options = options_of<RoutesOptions>();
  routes->add_flag("--json", options->json, "as JSON");
  auto* what = routes->add_option("what", options->what, "add, remove, share or take")
                   ->check(CLI::IsMember({"add", "remove", "share", "take"}));
  auto* route = routes->add_option("route", options->route, "a URI such as bridge://name.example; of take: a bulletin");
  routes->callback([&chosen, options, what, route] {
    if (what->count() > 0 && options->what != "share" && route->count() == 0) throw CLI::RequiredError("route");
    chosen = [options](Context& c) { return run_routes(c, *options); };
  });
}

void add_mail_command(CLI::App& app, Chosen& chosen) {
  auto* mail = app.add_subcommand("mail", "a mail account for when nothing else works; alone: whether one is set");
  auto options = options_of<MailOptions>();
  auto* set = mail->add_subcommand("set", "name the account; says first what it shows to others");
  set->add_option("address", options->address, "your address there")->required();
  set->add_option("--smtp", options->smtp, "smtps://host[:port], where letters are handed in")->required();
  set->add_option("--imap", options->imap, "imaps://host[:port], where they come")->required();
  set->add_option("--user", options->user, "name of the account (default: the address)");
  set->add_option("--password-file", options->password_file,
                  "file whose first line is the password (default: asked for)");
  set->add_flag("--yes", options->yes, "do not ask; I know what it shows");
  auto* off = mail->add_subcommand("off", "no mail any more; the account is forgotten");
  mail->require_subcommand(0, 1);
  mail->callback([&chosen, options, set, off] {
    chosen = [options, is_set = set->parsed(), is_off = off->parsed()](Context& c) {
      return is_set ? run_mail_set(c, *options) : is_off ? run_mail_off(c) : run_mail(c);
    };
  });
}

void add_message_commands(CLI::App& app, Chosen& chosen) {
  auto* chats = app.add_subcommand("chats", "list the chats");
  auto list_options = options_of<ListOptions>();
  chats->add_flag("--json", list_options->json, "as JSON");
  chats->callback(
      [&chosen, list_options] { chosen = [list_options](Context& c) { return run_chats(c, *list_options); }; });

  auto* send = app.add_subcommand("send", "send a message");
  auto send_options = options_of<SendOptions>();
  send->add_option("chat", send_options->chat, "name of the other person, or the first digits of the chat's id")
      ->required();
  auto* text = send->add_option("text", send_options->text, "the text; - reads it from standard input");
  auto* file = send->add_option("--file", send_options->file, "a file to send instead of a text");
  text->excludes(file);
  send->add_flag("--as-is", send_options->as_is,
                 "leave in pictures and films what the camera wrote into them: place, time, device")
      ->needs(file);
  send->add_option("--wait", send_options->wait_seconds, "seconds to wait until the home has it")
      ->capture_default_str();
  send->callback([&chosen, send_options, text, file] {
    if (text->empty() == file->empty()) throw CLI::RequiredError("a text, or --file");
    chosen = [send_options](Context& c) { return run_send(c, *send_options); };
  });

  auto* get = app.add_subcommand("get", "fetch the file of a message");
  auto get_options = options_of<GetOptions>();
  get->add_option("message", get_options->message, "its id, as `history` shows it, or the first digits")->required();
  get->add_option("--to", get_options->to,
                  "a folder, or a path at which there is nothing (default: your downloads folder)");
  get->callback([&chosen, get_options] { chosen = [get_options](Context& c) { return run_get(c, *get_options); }; });

  auto* listen = app.add_subcommand("listen", "print what is unread and what comes in, until interrupted");
  auto listen_options = options_of<ListenOptions>();
  listen->add_option("--count", listen_options->count, "end after so many messages");
  listen->add_option("--timeout", listen_options->timeout_seconds, "end after so many seconds");
  listen->add_flag("--json", listen_options->json, "as JSON lines");
  listen->callback(
      [&chosen, listen_options] { chosen = [listen_options](Context& c) { return run_listen(c, *listen_options); }; });

  auto* history = app.add_subcommand("history", "print the messages of a chat");
  auto history_options = options_of<HistoryOptions>();
  history->add_option("chat", history_options->chat, "name or id")->required();
  history->add_option("--count", history_options->count, "how many at most")->capture_default_str();
  history->add_flag("--json", history_options->json, "as JSON");
  history->callback([&chosen, history_options] {
    chosen = [history_options](Context& c) { return run_history(c, *history_options); };
  });
}

void add_delete_command(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("delete", "delete a chat on all your devices; the others keep what they have");
  auto options = options_of<DeleteOptions>();
  command->add_option("chat", options->chat, "name or id")->required();
  command->add_flag("--history", options->history_only, "only what was said: the chat stays in the list");
  command->add_flag("--block", options->block, "of a chat of two: block the other one as well");
  command->add_flag("--yes", options->yes, "do not ask");
  command->callback([&chosen, options] { chosen = [options](Context& c) { return run_delete(c, *options); }; });
}

void add_chat_command(CLI::App& app, Chosen& chosen, const char* name, const char* about,
                      Status (*run)(Context&, const ChatOptions&)) {
  auto* command = app.add_subcommand(name, about);
  auto options = options_of<ChatOptions>();
  command->add_option("chat", options->chat, "name or id")->required();
  command->callback([&chosen, options, run] { chosen = [options, run](Context& c) { return run(c, *options); }; });
}

void add_verify_command(CLI::App& app, Chosen& chosen) {
  auto* verify =
      app.add_subcommand("verify", "note that the safety numbers were the same, or compare one that was scanned");
  auto options = options_of<VerifyOptions>();
  verify->add_option("chat", options->chat, "name or id")->required();
  auto* number = verify->add_option("number", options->number,
                                    "what the other person's program shows: digits, or the text of the code");
  verify->add_flag("--devices", options->devices, "only: the person's new device is known to be theirs")
      ->excludes(number);
  verify->callback([&chosen, options] { chosen = [options](Context& c) { return run_verify(c, *options); }; });
}

void add_group_command(CLI::App& app, Chosen& chosen) {
  auto* group = app.add_subcommand("group", "make a group, see and change who is in it and what each may do; leave it");
  group->require_subcommand(1);
  auto options = options_of<GroupOptions>();
  const auto add = [&](const char* name, const char* about, Status (*run)(Context&, const GroupOptions&)) {
    auto* command = group->add_subcommand(name, about);
    command->callback([&chosen, options, run] { chosen = [options, run](Context& c) { return run(c, *options); }; });
    command
        ->add_option(command->get_name() == "new" ? "name" : "group", options->chat,
                     command->get_name() == "new" ? "what it is called" : "name or id")
        ->required();
    return command;
  };
  const auto people = [&](CLI::App* command, const char* about) {
    return command->add_option("people", options->people, about);
  };
  auto* made = add("new", "make a group; people who are named are let in", run_group_new);
  people(made, "names of contacts");
  made->add_flag("--large", options->large, "for up to 2,000 people with 3,600 devices instead of 100, but not post-quantum");
  add("members", "list who is in it", run_group_members);
  people(add("add", "let contacts in", run_group_add), "names of contacts")->required();
  people(add("remove", "remove members, with all their devices", run_group_remove),
         "names of members, or first digits of accounts")
      ->required();
  auto* role = add("role", "make a member something else", run_group_role);
  role->add_option("member", options->person, "name, or the first digits of the account")->required();
  role->add_option("role", options->value, "reader, member, admin or owner")
      ->required()
      ->check(CLI::IsMember({"reader", "member", "admin", "owner"}));
  add("rename", "give it another name", run_group_rename)->add_option("to", options->value, "the name")->required();
  auto* settings = add("settings", "who may write, and how often", run_group_settings);
  settings->add_option("--admins-only", options->announcement_only, "true: only admins write");
  settings->add_option("--approval", options->join_by_approval, "true: who comes by a link waits for an admin");
  settings->add_option("--admins-pin", options->admins_pin, "true: only admins pin messages");
  settings->add_option("--slow", options->slow_mode_seconds, "seconds between two messages of a member; 0: off");
  settings->parse_complete_callback([options] {
    const bool who = options->announcement_only || options->join_by_approval || options->admins_pin;
    if (!who && !options->slow_mode_seconds)
      throw CLI::RequiredError("--admins-only, --slow, --approval or --admins-pin");
  });
  add("leave", "leave it; what was said stays here to be read", run_group_leave);
  add("move-log", "when the home of its log has gone for good: go on at another one, by default yours", run_group_move_log)
      ->add_option("--home", options->value, "a godwit-home: link");
  add_group_link_commands(*group, chosen);
}

void add_bundle_command(CLI::App& app, Chosen& chosen) {
  auto* bundle = app.add_subcommand("bundle", "carry messages yourself, where no network goes");
  bundle->require_subcommand(1);
  auto options = options_of<BundleOptions>();
  auto* write = bundle->add_subcommand("write", "write what waits to go out into a file, for a stick or any other way");
  write->add_option("file", options->file, "a new file; - writes to standard output")->required();
  write->add_option("--chat", options->chat, "only what is for this chat (name or id)");
  write->add_flag(
      "--homes", options->homes,
      "also as sealed requests that any home, or client with a network, can do (the file then names the homes)");
  write->callback([&chosen, options] { chosen = [options](Context& c) { return run_bundle_write(c, *options); }; });
  auto* read = bundle->add_subcommand("read", "take in what such a file has for you");
  read->add_option("file", options->file, "the file; - reads standard input")->required();
  read->add_option("--replies", options->replies,
                   "hand on what is in it for homes, and write their answers into this new file, to be carried back");
  read->callback([&chosen, options] { chosen = [options](Context& c) { return run_bundle_read(c, *options); }; });
}

void add_archive_command(CLI::App& app, Chosen& chosen, const char* name, const char* about,
                         Status (*run)(Context&, const ArchiveOptions&)) {
  auto* command = app.add_subcommand(name, about);
  auto options = options_of<ArchiveOptions>();
  command->add_option("file", options->file, "the archive")->required();
  command->add_option("--archive-passphrase-file", options->secret.passphrase_file,
                      "its passphrase is the first line of this file (default: it is asked for)");
  command->add_flag("--recovery-key", options->secret.recovery_key,
                    "it is locked by the recovery key, which is asked for");
  command->add_option("--recovery-key-file", options->secret.recovery_key_file,
                      "it is locked by the recovery key, which is the first line of this file");
  command->callback([&chosen, options, run] { chosen = [options, run](Context& c) { return run(c, *options); }; });
}

void add_history_commands(CLI::App& app, Chosen& chosen) {
  auto* import = app.add_subcommand("import", "take in chats that WhatsApp (\"Export chat\": txt or zip) or Telegram Desktop "
                                              "(result.json) has exported; they are only read");
  auto import_options = options_of<ImportOptions>();
  import->add_option("file", import_options->file, "the txt, zip or JSON file, or the folder of Telegram's export")
      ->required();
  import->add_option("--name", import_options->name, "what the chat is called (default: as the export says)");
  import->add_option("--chat", import_options->chat, "a chat (name or id) of which this is what was said before");
  import->add_option("--me", import_options->me, "how the export calls you");
  import->callback(
      [&chosen, import_options] { chosen = [import_options](Context& c) { return run_import(c, *import_options); }; });

  auto* search =
      app.add_subcommand("search", "search all chats: words, \"an exact phrase\", the last word may be unfinished");
  auto search_options = options_of<SearchOptions>();
  search->add_option("query", search_options->query, "what to look for")->required();
  search->add_option("--chat", search_options->chat, "only in this chat (name or id)");
  search->add_option("--from", search_options->from, "only by this person; me: by yourself");
  search->add_option("--since", search_options->since, "only from this day on: YYYY-MM-DD");
  search->add_option("--until", search_options->until, "only up to this day: YYYY-MM-DD");
  search->add_flag("--files", search_options->files, "only messages with a file");
  search->add_option("--count", search_options->count, "how many at most")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  search->add_option("--skip", search_options->skip, "so many newer ones are passed over: the next page");
  search->add_flag("--json", search_options->json, "as JSON");
  search->callback(
      [&chosen, search_options] { chosen = [search_options](Context& c) { return run_search(c, *search_options); }; });

  add_archive_command(app, chosen, "archive",
                      "keep all chats in one encrypted file; the same file again: add what is new", run_archive);
  add_archive_command(app, chosen, "restore", "take the chats of such a file in; they are only read", run_restore);
  auto* out = app.add_subcommand(
      "export", "write chats into a folder, as JSON lines and as pages to read. They are not encrypted there");
  auto export_options = options_of<ExportOptions>();
  out->add_option("folder", export_options->folder, "a new or empty folder")->required();
  out->add_option("--chat", export_options->chat, "only this chat (name or id)");
  out->callback(
      [&chosen, export_options] { chosen = [export_options](Context& c) { return run_export(c, *export_options); }; });
}

void add_lan_command(CLI::App& app, Chosen& chosen) {
  auto* lan =
      app.add_subcommand("lan", "tell whether contacts on the local network are looked for; `on` and `off` change it");
  auto options = options_of<LanOptions>();
  lan->add_option("what", options->what, "on or off")->check(CLI::IsMember({"on", "off"}));
  lan->add_flag("--yes", options->yes, "do not ask; I know what it shows");
  lan->callback([&chosen, options] { chosen = [options](Context& c) { return run_lan(c, *options); }; });
}

void add_rpc_command(CLI::App& app, Chosen& chosen) {
  auto* rpc = app.add_subcommand("rpc", "speak JSON-RPC 2.0 lines on standard input and output: the whole API");
  auto options = options_of<RpcOptions>();
  rpc->add_flag("--describe", options->describe, "print what the API consists of, as JSON");
  rpc->add_flag("--describe-markdown", options->describe_markdown, "print it for docs/protocol/api.md")->group("");
  rpc->add_flag("--make-profile", options->make_profile,
                "begin with an empty profile if there is none: for new_account, link_device and recover_account");
  rpc->add_option("--linger", options->linger_seconds, "seconds to go on after the input's end with what is on its way")
      ->capture_default_str();
  rpc->callback([&chosen, options] { chosen = [options](Context& c) { return run_rpc(c, *options); }; });
}

void add_serve_command(CLI::App& app, Chosen& chosen) {
  auto* serve = app.add_subcommand("serve", "speak the API of `rpc` on a local socket, with several programs at once");
  auto options = options_of<ServeOptions>();
  serve->add_option("--socket", options->socket, "path of the socket (default: api/socket in the profile)");
  serve->add_option("--port", options->port, "also on 127.0.0.1 at this port; 0: a free one");
  serve->callback([&chosen, options] { chosen = [options](Context& c) { return run_serve(c, *options); }; });

  auto* web = app.add_subcommand("web", "Godwit in the browser of this machine: prints the address to open");
  auto web_options = options_of<WebOptions>();
  web->add_option("--page", web_options->page, "folder of the page (default: the one that came with this program)");
  web->add_option("--port", web_options->port,
                  "port on 127.0.0.1 (default: a free one, which is safer: docs/THREATS.md)");
  web->callback([&chosen, web_options] { chosen = [web_options](Context& c) { return run_web(c, *web_options); }; });

  auto* call = app.add_subcommand("call", "call somebody: rings, and prints the address of the page to talk on");
  auto call_options = options_of<CallOptions>();
  call->add_option("chat", call_options->chat, "name of the other person, or the first digits of the chat's id")->required();
  call->add_flag("--video", call_options->video, "with video");
  call->add_option("--page", call_options->page, "folder of the page (default: the one that came with this program)");
  call->callback([&chosen, call_options] { chosen = [call_options](Context& c) { return run_call(c, *call_options); }; });

  auto* token = app.add_subcommand("token", "print what a program must say first on the socket of `serve`");
  auto token_options = options_of<TokenOptions>();
  token->add_flag("--renew", token_options->renew, "make another; the one before is good until `serve` starts again");
  token->callback(
      [&chosen, token_options] { chosen = [token_options](Context& c) { return run_token(c, *token_options); }; });
}

int run(const Globals& globals, const Chosen& chosen) {
  const auto fail = [](const Error& error) {
    print_error(error);
    return static_cast<int>(exit_code(error));
  };
  if (!crypto::initialise()) return fail({kCryptoUnready, "libsodium"});
  auto loop = net::EventLoop::create();
  if (!loop) return fail(loop.error());
  crypto::SystemRandom random;
  Context context{**loop, random, globals};
  auto dial = read_network(**loop, globals.profile, globals.network);
  if (!dial) return fail(dial.error());
  context.globals.dial = std::move(*dial);
  const Status done = chosen(context);
  return done ? kExitDone : fail(done.error());
}

// Somebody has named no command, or one that there is not.
int say_first_steps(const std::vector<std::string>& words) {
  if (!words.empty()) print_note("godwit: There is no command " + safe_line(words.front()) + ".");
  print_note("First steps:\n"
             "  godwit new --name YOU --home 'godwit-home:...'   an account, by the link of a home\n"
             "  godwit invite                                    a link for one person; they take it with `godwit add`\n"
             "  godwit chat NAME                                 talk\n"
             "`godwit --help` lists all commands, `godwit COMMAND --help` explains one.");
  return kExitUsage;
}

}  // namespace

int main(int argc, char** argv) {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app("Godwit: messages that arrive, end-to-end encrypted, through a home that anybody can run.", "godwit");
  Globals globals;
  Chosen chosen;
  add_globals(app, globals);
  add_account_commands(app, chosen);
  add_device_commands(app, chosen);
  add_routes_command(app, chosen);
  add_mail_command(app, chosen);
  add_message_commands(app, chosen);
  add_chat_command(app, chosen, "chat", "talk: type, and see what comes in; Ctrl-D ends", run_chat);
  add_chat_command(app, chosen, "safety", "print the number to compare with the other person", run_safety);
  add_verify_command(app, chosen);
  add_chat_command(app, chosen, "refresh", "change this device's key in a chat now", run_refresh);
  add_delete_command(app, chosen);
  add_group_command(app, chosen);
  add_name_commands(app, chosen);
  add_channel_command(app, chosen);
  add_sticker_command(app, chosen);
  add_bundle_command(app, chosen);
  add_history_commands(app, chosen);
  add_lan_command(app, chosen);
  add_rpc_command(app, chosen);
  add_serve_command(app, chosen);
  app.set_version_flag("--version", "godwit " GODWIT_VERSION);
  app.require_subcommand(1);
  app.footer(kExitCodes);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (app.get_subcommands().empty() && error.get_exit_code() != 0 &&
        dynamic_cast<const CLI::RequiredError*>(&error)) {
      return say_first_steps(app.remaining());
    }
    return app.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  return run(globals, chosen);
}
