// `godwit link`, `godwit devices`, and making a profile a device of an account that is there: `godwit new --link`, `--code`,
// `--recover`.

#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "api/rpc_peer.h"
#include "base/terminal_qr.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "engine/errors.h"

namespace godwit::cli {
namespace {

// An offer lasts ten minutes; the answer to the last message of it may take a little longer.
constexpr Duration kLinkingLimit = minutes(11);

// A recovery key out of a file.
Result<std::string> read_words(const std::string& path) {
  if (path.empty()) return std::string();
  const auto line = TRY(obtain_passphrase({path, {}}, false));
  REQUIRE(!line.reveal().empty(), engine::kRecoveryKeyMistyped, "the words stand in the first line of their file");
  return std::string(as_text(line.reveal()));
}

std::string default_device_name() {
  char host[65] = {};
  if (::gethostname(host, sizeof(host) - 1) != 0 || host[0] == 0) return "godwit";
  return host;
}

// True if standard input says yes: a person, or a program that has read both numbers.
bool says_yes() {
  std::cerr << "Is it the same number on the other screen? Type yes: " << std::flush;
  std::string line;
  return std::getline(std::cin, line) && line == "yes";
}

void show_offer(const engine::LinkingOffered& offered) {
  if (!offered.code.empty()) {
    print_note("On the new device: godwit new --code \"" + offered.code + "\" --home HOMELINK\n"
               "with the home's link below. The code is good for ten minutes and one try; read it to nobody else.");
    return;
  }
  if (::isatty(STDERR_FILENO) == 1) print_note(qr_for_terminal(offered.link));
  print_note("On the new device: godwit new --link LINK\nThe link is good for ten minutes and once. Whoever sees it can ask "
             "to be linked.");
}

std::string first_digits(const engine::DeviceId& device) { return to_hex(device.view()).substr(0, 8); }

// The device whose name or first digits are given.
Result<engine::DeviceId> find_device(const engine::OwnDevices& all, const std::string& wanted) {
  std::vector<engine::DeviceId> found;
  for (const engine::DeviceInfo& each : all.devices) {
    const bool digits = wanted.size() >= 4 && to_hex(each.device.view()).starts_with(wanted);
    if (each.name == wanted || digits) found.push_back(each.device);
  }
  REQUIRE(!found.empty(), engine::kNoSuchDevice, "a name or the first digits of `godwit devices`");
  REQUIRE(found.size() == 1, engine::kAmbiguousName, "one device");
  return found.front();
}

Status print_devices(Client& client, bool json) {
  const auto all = TRY(client.ask<engine::OwnDevices>(engine::ListDevices{}));
  std::string out;
  if (json) {
    out = api::answer_json(all) + "\n";
  } else {
    for (const engine::DeviceInfo& each : all.devices) {
      out += first_digits(each.device) + "  " + safe_line(each.name) + "  added " + print_time(each.added_at);
      if (each.seen_at) out += "  seen " + print_time(*each.seen_at);
      out += each.own ? "  this one\n" : each.changing ? "  changing\n" : "\n";
    }
  }
  REQUIRE(print_out(out), kNoOutput, "write");
  return {};
}

// Whom somebody knew who has come back with nothing but the words.
void print_contacts(const std::vector<std::string>& names) {
  if (names.empty()) return;
  std::string text = "You knew these people; what was said is gone. To talk again, meet them anew (`godwit invite`):";
  for (const std::string& name : names) text += "\n  " + safe_line(name);
  print_note(text);
}

}  // namespace

Status run_link(Context& context, const LinkOptions& options) {
  const auto client = TRY(open_client(context, true));
  std::optional<engine::DeviceAsks> asks;
  std::optional<engine::LinkingEnded> ended;
  client->on_notice([&](const engine::Notice& notice) {
    if (const auto* found = std::get_if<engine::DeviceAsks>(&notice)) asks = *found;
    if (const auto* found = std::get_if<engine::LinkingEnded>(&notice)) ended = *found;
  });
  const auto offered = TRY(client->ask<engine::LinkingOffered>(engine::StartLinking{options.by_code}));
  show_offer(offered);
  REQUIRE(print_out((options.by_code ? offered.code + "\n" + offered.home_link : offered.link) + "\n"), kNoOutput,
          "write");
  TRY(client->wait_quietly([&] { return asks || ended; }, kLinkingLimit));
  if (!ended) {
    print_note("\"" + safe_line(asks->name) + "\" wants to be linked. Its number: " + asks->check);
    TRY(client->ask<engine::Nothing>(engine::ConfirmLinking{says_yes()}));
    TRY(client->wait([&] { return ended.has_value(); }, "linking", kLinkingLimit));
  }
  if (ended->error) {
    // The other device waits for the no: it is on its way to the home.
    static_cast<void>(client->wait_quietly([] { return false; }, seconds(2)));
    return *ended->error;
  }
  print_note("It is linked. Chats and history follow while godwit runs on both devices.");
  // What is not done yet goes on with the next command.
  static_cast<void>(client->wait_idle("finishing", seconds(10)));
  return {};
}

Status run_devices(Context& context, const DevicesOptions& options) {
  const auto client = TRY(open_client(context, !options.what.empty()));
  if (options.what.empty()) return print_devices(*client, options.json);
  const auto all = TRY(client->ask<engine::OwnDevices>(engine::ListDevices{}));
  const engine::DeviceId device = TRY(find_device(all, options.device));
  if (options.what == "rename") {
    TRY(client->ask<engine::Nothing>(engine::RenameDevice{device, options.name}));
  } else {
    const std::string words = TRY(read_words(options.words_file));
    TRY(client->ask<engine::Nothing>(engine::RemoveDevice{device, words}, "removing it at the home"));
  }
  static_cast<void>(client->wait_idle("telling the other devices", seconds(30)));
  return print_devices(*client, options.json);
}

Status run_new_device(Context& context, const NewOptions& options) {
  const std::string name = options.device.empty() ? default_device_name() : options.device;
  const std::string words = TRY(read_words(options.words_file));
  bool created = false;
  auto profile = open_or_create(context, created);
  if (!profile) return profile.error();
  Status done;
  {
    Client client(context.loop, context.random, std::move(profile).value(), context.globals, true);
    client.on_notice([](const engine::Notice& notice) {
      if (const auto* checked = std::get_if<engine::LinkingChecked>(&notice)) {
        print_note("Number: " + checked->check + ". Confirm on the other device if it shows the same.");
      }
    });
    const auto print = [](const engine::AccountId& account, const std::string& person) -> Status {
      REQUIRE(print_out(to_hex(account.view()) + "  " + safe_line(person) + "\n"), kNoOutput, "write");
      return {};
    };
    if (!words.empty()) {
      const auto back = client.ask<engine::AccountRecovered>(
          engine::RecoverAccount{words, options.home, name, options.name, options.at_new_home}, "opening the mailbox",
          seconds(60));
      done = back ? print(back->account, back->name) : Status(back.error());
      if (back) print_contacts(back->contacts);
    } else {
      const auto linked =
          client.ask<engine::DeviceLinked>(engine::LinkDevice{name, options.link, options.code, options.home},
                                           "waiting for the other device", kLinkingLimit);
      done = linked ? print(linked->account, linked->name) : Status(linked.error());
    }
    // What is not done yet goes on with the next command.
    if (done) static_cast<void>(client.wait_idle("telling the other devices", seconds(10)));
  }
  if (!done && created && done.error().code.action == Action::kFix) remove_profile(context.globals.profile);
  return done;
}

}  // namespace godwit::cli
