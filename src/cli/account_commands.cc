// new, invite, rename, add, status.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "api/rpc_peer.h"
#include "cli/codes.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/handed_on.h"
#include "engine/errors.h"
#include "engine/home_of_link.h"
#include "wire/home_link.h"

namespace godwit::cli {
namespace {

// One line typed on the terminal, with echo.
Result<std::string> ask_line(std::string_view question) {
  const Descriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  REQUIRE(terminal.valid() && write_all(terminal.number(), as_bytes(question)), kNoName, "no terminal");
  std::string out;
  char byte = 0;
  while (out.size() < 4096 && ::read(terminal.number(), &byte, 1) == 1 && byte != '\n') out += byte;
  return out;
}

Result<engine::AccountMade> make_account(Context& context, Profile profile, const NewOptions& options) {
  Client client(context.loop, context.random, std::move(profile), context.globals, true);
  const auto there = client.ask<engine::Account>(engine::ReadAccount{});
  REQUIRE(!there.has_value(), engine::kAccountExists, "one account per profile");
  if (!(there.error().code == engine::kNoAccount)) return there.error();
  return client.ask<engine::AccountMade>(engine::NewAccount{options.name, options.home},
                                         "opening a mailbox at the home", seconds(60));
}

}  // namespace

void remove_profile(const std::string& folder) {
  const std::string records = folder + "/records";
  for (const char* name : {"profile.db", "profile.db-wal", "profile.db-shm", "profile.lock"}) {
    ::unlink((records + "/" + name).c_str());
  }
  ::rmdir(records.c_str());
  for (const char* name : {"header", "lock"}) ::unlink((folder + "/" + name).c_str());
  ::rmdir(folder.c_str());
}

Result<Profile> open_or_create(Context& context, bool& created) {
  created = !profile_exists(context.globals.profile);
  if (created) return Profile::create(context.globals.profile, context.globals.secrets, context.random);
  return Profile::open(context.globals.profile, context.globals.secrets);
}

Result<std::unique_ptr<Client>> open_client(Context& context, bool network) {
  Profile profile = TRY(Profile::open(context.globals.profile, context.globals.secrets));
  return std::make_unique<Client>(context.loop, context.random, std::move(profile), context.globals, network);
}

Status run_new(Context& context, const NewOptions& given) {
  if (!given.link.empty() || !given.code.empty() || !given.words_file.empty()) return run_new_device(context, given);
  NewOptions options = given;
  if (options.home.empty()) options.home = TRY(ask_line("Link of your home: "));
  if (options.name.empty()) options.name = TRY(ask_line("Your name, as others see it: "));
  TRY(engine::home_of_link(options.home));  // before anything is made
  bool created = false;
  auto profile = open_or_create(context, created);
  if (!profile) return profile.error();
  const auto made = make_account(context, std::move(profile).value(), options);
  if (!made) {
    if (created && made.error().code.action == Action::kFix) remove_profile(context.globals.profile);
    return made.error();
  }
  print_note("The account is made. Below is its recovery key: write it down on paper and keep it safe.\n"
             "It is shown only this once. It brings the account back when all devices are lost (`godwit new --recover FILE`).");
  REQUIRE(print_out(made->recovery_key + "\n"), kNoOutput, "write");
  return {};
}

Status run_invite(Context& context) {
  const auto client = TRY(open_client(context, true));
  const auto made = TRY(client->ask<engine::InviteMade>(engine::MakeInvite{}, "leaving the invite at the home"));
  if (::isatty(STDERR_FILENO) == 1) {
    const std::string code = code_that_fits(made.link, STDERR_FILENO);
    if (!code.empty()) {
      print_note(code + "Give this to one person: the code above, or the link below. It works once.");
    } else {
      print_note("Give this link to one person. It works once. (In a wider terminal there is a code to scan as well.)");
    }
  }
  REQUIRE(print_out(made.link + "\n"), kNoOutput, "write");
  const auto page = client->ask<engine::PageFound>(engine::FindPage{}, "asking the home for its page", seconds(5));
  if (page && !page->address.empty()) {
    // Without one (no more today, or the home gives none) the newcomer is told what else he needs.
    const auto home = client->ask<engine::HomeLinkMade>(engine::MakeHomeLink{}, "asking the home for a code", seconds(5));
    print_note("The same for somebody who has nothing but a browser:\n" +
               handed_on(made.link, page->address, home ? home->link : std::string()));
  }
  return client->wait_idle("finishing", seconds(5));
}

Status run_rename(Context& context, const RenameOptions& options) {
  const auto client = TRY(open_client(context, true));
  TRY(client->ask<engine::Nothing>(engine::RenameAccount{options.name}));
  print_note("Each chat is told with the next thing that you say there, or within ten minutes while Godwit runs.");
  static_cast<void>(client->wait_idle("telling your other devices", seconds(15)));  // else with the next command
  return {};
}

Status run_move(Context& context, const MoveOptions& options) {
  const auto client = TRY(open_client(context, true));
  TRY(client->ask<engine::Nothing>(engine::MoveAccount{options.home}, "opening the mailbox at the new home",
                                   seconds(400)));
  print_note("Your account lives at the new home. Each chat is told with the next thing that you say there, or within ten "
             "minutes while Godwit runs. What still comes to the old home is fetched for 30 days.");
  static_cast<void>(client->wait_idle("telling your other devices", seconds(15)));  // else with the next command
  return {};
}

Status run_add(Context& context, const AddOptions& options) {
  const auto client = TRY(open_client(context, true));
  const auto made = TRY(client->ask<engine::ChatMade>(engine::AddContact{link_in(options.link)}, "asking the other one's home",
                                                      seconds(options.wait_seconds)));
  REQUIRE(print_out(to_hex(made.chat.chat.view()) + "  " + safe_line(made.chat.name) + "\n"), kNoOutput, "write");
  const Status gone = client->wait_idle("sending the welcome", seconds(options.wait_seconds));
  if (!gone && gone.error().code == kTimedOut) {
    print_note("The chat is made. The other person learns of it when the home can be reached: with your next command.");
  }
  return gone;
}

Status run_status(Context& context, const ListOptions& options) {
  const auto client = TRY(open_client(context, true));
  const auto account = TRY(client->ask<engine::Account>(engine::ReadAccount{}));
  if (options.json) {
    REQUIRE(print_out(api::answer_json(account) + "\n"), kNoOutput, "write");
    return {};
  }
  std::string out = "name       " + safe_line(account.name) + "\naccount    " + to_hex(account.account.view()) +
                    "\nhome       " + safe_line(account.home) + "\nprofile    " + context.globals.profile + "\n";
  if (!account.moving_to.empty()) out += "moving to  " + safe_line(account.moving_to) + "\n";
  if (!account.former_home.empty()) {
    out += "moved from " + safe_line(account.former_home) + "\n";
    out += "to tell    " + std::to_string(account.chats_to_tell) + " chats\n";
  }
  for (const std::string& each : account.former_contacts) out += "to meet    " + safe_line(each) + "\n";
  REQUIRE(print_out(out), kNoOutput, "write");
  const auto connected = [&] {
    return client->connection() && client->connection()->connection == engine::Connection::kConnected;
  };
  const Status waited = client->wait(connected, "trying the home", seconds(30));
  out = "connection " + (client->connection() ? print_connection(*client->connection()) : "not tried") +
        "\nto send    " + (client->host().idle() ? "nothing" : "something is on its way") + "\n";
  REQUIRE(print_out(out), kNoOutput, "write");
  return waited;
}

Status run_routes(Context& context, const RoutesOptions& options) {
  if (options.what == "share") return run_routes_share(context);
  if (options.what == "take") TRY(run_routes_take(context, options.route));
  const auto client = TRY(open_client(context, false));
  if (options.what == "add") {
    TRY(client->ask<engine::Nothing>(engine::AddRoute{options.route}));
  } else if (options.what == "remove") {
    TRY(client->ask<engine::Nothing>(engine::RemoveRoute{options.route}));
  }
  const auto known = TRY(client->ask<engine::Routes>(engine::ListRoutes{}));
  if (options.json) {
    REQUIRE(print_out(api::answer_json(known) + "\n"), kNoOutput, "write");
    return {};
  }
  std::string out;
  for (const engine::RouteInfo& each : known.routes) {
    out += safe_line(each.route) + (each.source == routes::RouteSource::kAdded ? "  added" : "");
    if (each.source == routes::RouteSource::kBulletin) out += "  from the home";
    if (each.worked_at) out += "  worked " + print_time(*each.worked_at);
    out += each.small_only ? "  small exchanges only\n" : "\n";
  }
  REQUIRE(print_out(out), kNoOutput, "write");
  return {};
}

}  // namespace godwit::cli
