// routes share, routes take, mail: what goes where no connection stands.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "api/messages.h"
#include "base/terminal_qr.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/files.h"
#include "cli/terminal.h"

namespace godwit::cli {
namespace {

constexpr std::string_view kBulletinScheme = "godwit-bulletin:";
// Codes of longer texts are larger than a terminal, and no camera reads them from it.
constexpr size_t kQrTextMax = 1'500;
// How long the own home has to give its bulletin, if it has not yet.
constexpr Duration kBulletinPatience = seconds(20);

constexpr const char* kWhatMailShows =
    "When nothing else works, sealed requests may go as letters from your mail account to the mail address of your home,\n"
    "and of your contacts' homes. What others learn from that:\n"
    "  - your mail provider, and whoever can look into it or into your mailbox, sees that this account exchanges letters\n"
    "    with these addresses, when, and how large they are. That an address belongs to a Godwit home may be known;\n"
    "  - whoever watches your network sees that you use this provider;\n"
    "  - nobody but the homes can read what is inside, or tell who talks with whom. A home sees your mail address.\n"
    "Use an account that does not carry your name. Its password is kept sealed in this profile.";

Result<crypto::SecretBuffer> read_password(const MailOptions& options) {
  SecretSources sources;
  sources.passphrase_file = options.password_file;
  if (!options.password_file.empty()) return obtain_passphrase(sources, false);
  return ask_secret("Password of the mail account: ");
}

Result<std::string> read_text(const std::string& source) {
  if (source.starts_with(kBulletinScheme)) return source;
  const auto bytes =
      source == "-" ? read_file("/dev/stdin", engine::kFetchedTextMax) : read_file(source, engine::kFetchedTextMax);
  REQUIRE(bytes.has_value(), kFileNoAccess, "a bulletin's text, or a file with one");
  return std::string(as_text(*bytes));
}

}  // namespace

Status run_routes_share(Context& context) {
  const auto client = TRY(open_client(context, true));
  auto shared = client->ask<engine::BulletinShared>(engine::ShareBulletin{});
  const Instant end = client->loop().now() + kBulletinPatience;
  // The first time the home has to be asked.
  while (!shared && shared.error().code.action == Action::kRetryLater && client->loop().now() < end) {
    const Status waited = client->wait([] { return false; }, "asking the home", seconds(1));
    if (!waited && !(waited.error().code == kTimedOut)) return waited.error();
    shared = client->ask<engine::BulletinShared>(engine::ShareBulletin{});
  }
  if (!shared) return shared.error();
  if (::isatty(STDERR_FILENO) == 1) {
    const std::string code = shared->text.size() <= kQrTextMax ? qr_for_terminal(shared->text) : "";
    print_note(code + "Anybody may have this. It names public ways to your home, and nobody who uses it. It is taken with "
                      "`godwit routes take`.");
  }
  REQUIRE(print_out(shared->text + "\n"), kNoOutput, "write");
  return {};
}

Status run_routes_take(Context& context, const std::string& source) {
  const std::string text = TRY(read_text(source));
  const auto client = TRY(open_client(context, false));
  TRY(client->ask<engine::Nothing>(engine::TakeBulletin{text}));
  print_note("The bulletin is taken.");
  return {};
}

Status run_mail(Context& context) {
  const auto client = TRY(open_client(context, false));
  const auto state = TRY(client->ask<engine::MailState>(engine::ReadMail{}));
  if (!state.set) {
    print_note("No mail account is set. `godwit mail set` names one, and says before what it shows to others.");
    REQUIRE(print_out("off\n"), kNoOutput, "write");
    return {};
  }
  const std::string out = "address  " + safe_line(state.address) + "\nsmtp     " + safe_line(state.smtp) +
                          "\nimap     " + safe_line(state.imap) + "\nuser     " + safe_line(state.user) + "\n";
  REQUIRE(print_out(out), kNoOutput, "write");
  return {};
}

Status run_mail_set(Context& context, const MailOptions& options) {
  print_note(kWhatMailShows);
  if (!options.yes) {
    const std::string said = TRY(ask_terminal("Use this account? Type yes: "));
    REQUIRE(said == "yes", kNotConfirmed, "an informed yes");
  }
  engine::MailAccount account{options.address, options.smtp, options.imap,
                              options.user.empty() ? options.address : options.user, TRY(read_password(options))};
  const auto client = TRY(open_client(context, false));
  TRY(client->ask<engine::Nothing>(engine::SetMail{std::move(account)}));
  print_note("The account is set. It is used only while nothing else works; `godwit mail off` takes it away.");
  return {};
}

Status run_mail_off(Context& context) {
  const auto client = TRY(open_client(context, false));
  TRY(client->ask<engine::Nothing>(engine::SetMail{}));
  print_note("No mail is used any more, and the account is forgotten.");
  return {};
}

}  // namespace godwit::cli
