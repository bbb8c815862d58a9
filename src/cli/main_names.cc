#include "cli/main_names.h"

#include <memory>

#include "cli/channel_commands.h"
#include "cli/name_commands.h"
#include "cli/sticker_commands.h"

namespace godwit::cli {
namespace {

// Options live as long as the parser, and are read by the lambda that runs the chosen command.
template <typename Options>
CLI::App* add(CLI::App& app, Chosen& chosen, const char* name, const char* about, std::shared_ptr<Options> options,
              Status (*run)(Context&, const Options&)) {
  auto* command = app.add_subcommand(name, about);
  command->callback([&chosen, options, run] { chosen = [options, run](Context& c) { return run(c, *options); }; });
  return command;
}

void add_requests(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<RequestsOptions>();
  auto* requests = app.add_subcommand(
      "requests", "list contact requests of strangers; `open`, `accept`, `decline` one, or `decline-all`");
  requests->add_flag("--json", options->json, "as JSON");
  requests->require_subcommand(0, 1);
  using Run = Status (*)(Context&, const RequestsOptions&);
  const std::tuple<const char*, const char*, Run> kinds[] = {
      {"open", "print who it is of and what it says", run_requests_open},
      {"accept", "make the chat", run_requests_accept},
      {"decline", "remove it; its sender is told nothing", run_requests_decline}};
  for (const auto& [name, about, run] : kinds) {
    auto* one = requests->add_subcommand(name, about);
    one->add_option("request", options->request, "its id, or the first digits")->required();
    one->callback([&chosen, options, chosen_run = run] {
      chosen = [options, chosen_run](Context& c) { return chosen_run(c, *options); };
    });
  }
  requests->add_subcommand("decline-all", "remove all of them")->callback([&chosen] {
    chosen = run_requests_decline_all;
  });
  requests->callback([&chosen, options, requests] {
    if (requests->get_subcommands().empty()) chosen = [options](Context& c) { return run_requests(c, *options); };
  });
}

void add_invites(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<InvitesOptions>();
  auto* invites =
      app.add_subcommand("invites", "list invites that may still be taken; `make` one for many people, `revoke` one");
  invites->add_flag("--json", options->json, "those for many as JSON");
  invites->add_flag("--single", options->single, "only those for one person, as `godwit invite` makes them");
  invites->require_subcommand(0, 1);
  auto* make = add(*invites, chosen, "make", "print a link that lets several people talk to you, by `request`", options,
                   run_invites_make);
  make->add_option("--uses", options->uses, "how many people may take it (default: any number, up to 200)");
  make->add_option("--days", options->days, "for how many days, 1 to 365")->capture_default_str();
  auto* revoke = add(*invites, chosen, "revoke", "end one", options, run_invites_revoke);
  revoke->add_option("invite", options->invite, "its id, or the first digits")->required();
  invites->callback([&chosen, options, invites] {
    if (invites->get_subcommands().empty()) chosen = [options](Context& c) { return run_invites(c, *options); };
  });
}

void add_blocks(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<BlockOptions>();
  auto* block = add(app, chosen, "block", "take nothing from somebody any more", options, run_block);
  block->add_option("who", options->who, "the chat, by name or id, or an account")->required();
  auto* unblock = add(app, chosen, "unblock", "take that back", options, run_unblock);
  unblock->add_option("who", options->who, "the chat, by name or id, or an account")->required();
  app.add_subcommand("blocked", "list the blocked accounts")->callback([&chosen] { chosen = run_blocked; });
}

void add_reports(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<ReportOptions>();
  auto* report =
      add(app, chosen, "report", "copy a message for the operator of its author's home", options, run_report);
  report->add_option("message", options->message, "its id, or the first digits (`history --json` has it)")->required();
  report->add_option("file", options->file, "a new file; - writes to standard output")->required();
  auto* check = add(app, chosen, "check-report", "check a report of a message or a post, as an operator", options,
                    run_check_report);
  check->add_option("file", options->file, "the report; - reads standard input")->required();
}

void add_name(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<NameOptions>();
  const auto passcode = [options](CLI::App* command) {
    command->add_option("--passcode-file", options->passcode_file, "file whose first line is the passcode of the name");
  };
  const auto home = [options](CLI::App* command) {
    command->add_option("--home", options->home, "link of the name's home, if that is not yours");
  };
  auto* name = app.add_subcommand("name", "print your name; `claim`, `release`, `find` one");
  name->require_subcommand(0, 1);
  auto* claim = add(*name, chosen, "claim", "take a name, by which people find you", options, run_name_claim);
  claim->add_option("name", options->name, "3 to 32 letters, digits, and . _ - between them")->required();
  passcode(claim);
  name->add_subcommand("release", "give your name back")->callback([&chosen] { chosen = run_name_release; });
  auto* find = add(*name, chosen, "find", "print who has a name", options, run_name_find);
  find->add_option("name", options->name, "name@host")->required();
  passcode(find);
  home(find);
  name->callback([&chosen, name] {
    if (name->get_subcommands().empty()) chosen = run_name;
  });
  auto* request = add(app, chosen, "request", "ask a stranger to talk with you", options, run_request);
  request->add_option("name", options->name, "name@host, or a link for requests")->required();
  request->add_option("greeting", options->greeting, "at most 200 characters");
  passcode(request);
  home(request);
}

}  // namespace

void add_name_commands(CLI::App& app, Chosen& chosen) {
  add_name(app, chosen);
  add_requests(app, chosen);
  add_invites(app, chosen);
  add_blocks(app, chosen);
  add_reports(app, chosen);
}

void add_channel_command(CLI::App& app, Chosen& chosen) {
  auto* channel = app.add_subcommand("channel", "channels: one writes, many read");
  channel->require_subcommand(1);
  auto options = std::make_shared<ChannelOptions>();
  const auto add_one = [&](const char* name, const char* about, Status (*run)(Context&, const ChannelOptions&)) {
    return add(*channel, chosen, name, about, options, run);
  };
  const auto which = [&](CLI::App* command) {
    command->add_option("channel", options->channel, "its name, its link, or the first digits of its id")->required();
    return command;
  };
  const auto post = [&](CLI::App* command) {
    command->add_option("post", options->post, "number of the post")->required();
    return command;
  };
  const auto text = [&](CLI::App* command) {
    command->add_option("text", options->text, "the text; - reads it from standard input")->required();
  };
  add_one("list", "list your channels and those you follow", run_channel_list)
      ->add_flag("--json", options->json, "as JSON");
  auto* create = add_one("create", "make a channel, and print its link", run_channel_create);
  create->add_option("name", options->channel, "what readers are shown")->required();
  create->add_option("--about", options->about, "what it is about");
  create->add_flag("--public", options->is_public, "the home can read it too (default: only who has the link)");
  auto* describe = which(add_one("describe", "give it another name or description", run_channel_describe));
  describe->add_option("name", options->text, "what readers are shown")->required();
  describe->add_option("--about", options->about, "what it is about");
  which(add_one("end", "end your channel, with all its posts", run_channel_end));
  auto* discussion = which(add_one("discussion", "name the group in which it is talked about", run_channel_discussion));
  discussion->add_option("link", options->text, "the group's link (`godwit group link`), or off")->required();
  text(post(which(add_one("comment", "say something about a post, in that group", run_channel_comment))));
  auto* write = which(add_one("post", "write into your channel", run_channel_post));
  auto* said = write->add_option("text", options->text, "the text; - reads it from standard input");
  auto* file = write->add_option("--file", options->files, "a file that goes with it; may be given up to eight times");
  file->allow_extra_args(false);
  write->add_flag("--as-is", options->as_is, "leave in pictures and films what the camera wrote into them: place, time, device")
      ->needs(file);
  write->parse_complete_callback([said, file] {
    if (said->empty() && file->empty()) throw CLI::RequiredError("a text, or --file");
  });
  text(post(which(add_one("edit", "change a post", run_channel_edit))));
  post(which(add_one("delete", "take a post away", run_channel_delete)));
  auto* follow = add_one("follow", "follow a channel", run_channel_follow);
  follow->add_option("link", options->channel, "godwit:c#...")->required();
  which(add_one("unfollow", "forget a channel and its posts", run_channel_unfollow));
  auto* read = which(add_one("read", "print its newest posts", run_channel_read));
  read->add_option("--count", options->count, "how many at most")->capture_default_str();
  read->add_flag("--json", options->json, "as JSON");
  which(add_one("mute", "do not tell of its posts, here and on your other devices", run_channel_mute))
      ->add_flag("--off", options->off, "tell of them again");
  auto* report = post(which(add_one("report", "copy a post for the operator of its home", run_channel_report)));
  report->add_option("file", options->file, "a new file; - writes to standard output")->required();
  add_one("check-report", "check such a file, as an operator", run_channel_check_report)
      ->add_option("file", options->file, "the file; - reads standard input")
      ->required();
}

void add_sticker_command(CLI::App& app, Chosen& chosen) {
  auto* sticker = app.add_subcommand("sticker", "packs of stickers: make, share, add and send them");
  sticker->require_subcommand(1);
  auto options = std::make_shared<StickerOptions>();
  const auto add_one = [&](const char* name, const char* about, Status (*run)(Context&, const StickerOptions&)) {
    return add(*sticker, chosen, name, about, options, run);
  };
  const auto which = [&](CLI::App* command) {
    command->add_option("pack", options->pack, "its name, or the first digits of its id")->required();
    return command;
  };
  const auto chat = [&](CLI::App* command) {
    command->add_option("chat", options->chat, "name of the chat, or the first digits of its id")->required();
    command->add_option("--wait", options->wait_seconds, "seconds to wait for it to go out");
    return command;
  };
  add_one("list", "list your packs, and their stickers", run_sticker_list)
      ->add_flag("--json", options->json, "as JSON");
  auto* make = add_one("make", "make a pack of the pictures in a folder, in the order of their names", run_sticker_make);
  make->add_option("name", options->pack, "what the pack is called")->required();
  make->add_option("folder", options->folder, "PNG, GIF or WebP; \"02 😺.png\" stands for 😺")->required();
  make->add_option("--emoji", options->emoji, "what pictures stand for whose names do not say it")->capture_default_str();
  add_one("add", "add the pack that somebody has sent", run_sticker_add)
      ->add_option("message", options->message, "its id, or the first digits (`history --json` has it)")
      ->required();
  which(add_one("remove", "forget a pack, on all your devices", run_sticker_remove));
  which(chat(add_one("send", "send a sticker", run_sticker_send)))
      ->add_option("number", options->number, "which of the pack, from 1 on")
      ->required();
  which(chat(add_one("share", "send a whole pack, for others to add", run_sticker_share)));
  which(add_one("export", "write the pictures of a pack into a folder", run_sticker_export))
      ->add_option("folder", options->folder, "it is made if it is not there")
      ->required();
}

}  // namespace godwit::cli
