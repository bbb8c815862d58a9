// `godwit lan`: contacts on the local network.

#include <unistd.h>

#include <iostream>

#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/terminal.h"

namespace godwit::cli {
namespace {

constexpr std::string_view kWhatItMeans =
    "With this on, messages that no home takes go straight to contacts on the same local network (a flat, a school, a "
    "ship), without the Internet. Both sides have to turn it on.\n"
    "What others learn by it:\n"
    "- Everybody on the network, and whoever runs it, can notice that this device asks for and answers to names of random digits, "
    "and may guess that it runs Godwit. Names change every hour.\n"
    "- They see which two devices talk directly, when, and about how much. They cannot see who the people are or what is said.\n"
    "- A contact can notice that you are on the same network.\n"
    "Where having Godwit is dangerous, leave this off on networks whose owner you do not trust.";

// True if somebody at a terminal says yes.
bool says_yes() {
  if (::isatty(STDIN_FILENO) == 0) return false;
  std::cerr << "Turn it on? Type yes: " << std::flush;
  std::string line;
  return std::getline(std::cin, line) && line == "yes";
}

}  // namespace

Status run_lan(Context& context, const LanOptions& options) {
  if (options.what == "on" && !options.yes) {
    print_note(kWhatItMeans);
    REQUIRE(says_yes(), kNotConfirmed, "a person who says yes, or --yes");
  }
  const auto client = TRY(open_client(context, false));
  if (!options.what.empty()) TRY(client->ask<engine::Nothing>(engine::SetLan{options.what == "on"}));
  const auto state = TRY(client->ask<engine::LanState>(engine::ReadLan{}));
  REQUIRE(print_out(state.on ? "on\n" : "off\n"), kNoOutput, "write");
  if (state.on && options.what.empty()) print_note("`godwit chat` and `godwit listen` use it while they run.");
  return {};
}

}  // namespace godwit::cli
