// `godwit-home`: a home for mailboxes. Anyone can run one.

#include "home/main.h"

#include <CLI/CLI.hpp>

#include "crypto/random_sources.h"

namespace {

using namespace godwit::home;

constexpr const char* kAbout =
    "godwit-home keeps mailboxes for people who write to each other with godwit.\n\n"
    "It stores what nobody has fetched yet, sealed: it cannot read messages, does not know who wrote them, and keeps no\n"
    "addresses of computers and no log of people. `godwit-home audit` shows all that it has.\n\n"
    "To begin, on a machine that others can reach:\n"
    "  godwit-home init --host home.example.org    keys, a certificate and a configuration with every key explained\n"
    "  godwit-home run                             the home, until it is told to end (Ctrl-C, SIGTERM)\n"
    "  godwit-home invite                          a link for one person: he runs `godwit new --home LINK`\n\n"
    "Strangers who look at the address see an ordinary small web site.";

void add_init(CLI::App& app, InitOptions& options) {
  auto* init = app.add_subcommand("init", "make a home: keys, certificate, configuration");
  init->add_option("--host", options.host, "name or IP address under which clients reach the home");
  init->add_option("--address", options.addresses, "IP address to listen on (default: all of this machine)");
  init->add_option("--port", options.port, "port to listen on; 0: a free one at every start")->capture_default_str();
  init->add_option("--path", options.path, "path of the web site that is the home (default: a random one)");
  init->add_option("--cert", options.certificate, "PEM file of a certificate (default: one is made, self-signed)");
  init->add_option("--key", options.certificate_key, "PEM file of the certificate's private key");
  init->add_option("--ticket-key", options.ticket_key,
                   "file for the key that seals session tickets, on another disk than the home's; made if it is\n"
                   "missing (default: kept in memory, so that clients reconnect in full after a restart)");
  init->add_option("--admission", options.admission, "who may open a mailbox: code, work, \"code or work\"")
      ->capture_default_str();
}

void add_run(CLI::App& app, RunOptions& options) {
  auto* run = app.add_subcommand("run", "run the home until SIGTERM; prints the address it listens on");
  run->add_option("--address", options.addresses, "listen on this IP address instead of the configured ones");
  run->add_option("--port", options.port, "listen on this port instead of the configured one; 0: a free one")
      ->check(CLI::Range(0, 65535));
  run
      ->footer(
          "SIGTERM and Ctrl-C: takes no new requests, finishes the others, ends. SIGHUP: reads the certificate and "
          "the\n" "bridges anew.");
}

void add_invite(CLI::App& app, InviteOptions& options) {
  auto* invite = app.add_subcommand("invite", "print a link with which somebody can open a mailbox here");
  invite->add_option("--uses", options.uses, "how many mailboxes the link may open; 0: any number")
      ->capture_default_str();
  invite->add_option("--days", options.days, "for how many days the link is good; 0: for ever")->capture_default_str();
  invite->add_flag("--no-code", options.without_code, "a link without a code, for homes that let work open mailboxes");
}

void add_routes(CLI::App& app) {
  auto* routes = app.add_subcommand("routes", "print the routes that links name, those of transports included");
  routes->footer("Each may be given to people by any other way: `godwit` takes them beside those of the link.");
}

void add_bulletin(CLI::App& app, BulletinOptions& options) {
  auto* bulletin = app.add_subcommand("bulletin", "print what everybody may know of this home, signed, as a text");
  bulletin->add_option("--out", options.out, "write it to this file instead");
  bulletin->footer(
      "For a web page, a letter, a QR code: clients take it from anywhere. Good for two weeks. Keys of the "
      "configuration:\n" "[bulletin] and [[bridge]].");
}

void add_bundle(CLI::App& app, BundleOptions& options) {
  auto* bundle = app.add_subcommand("bundle", "do what people have carried here for this home in a file");
  bundle->add_option("file", options.file, "a bundle, as made by `godwit bundle write --homes`")->required();
  bundle->add_option("--out", options.out, "a new file for the answers, to be carried back")->required();
}

void add_audit(CLI::App& app, AuditOptions& options) {
  auto* audit = app.add_subcommand("audit", "print all that is stored, by kind, and what each kind tells");
  audit->add_option("mailbox", options.mailbox, "only what belongs to this mailbox (32 hexadecimal digits)");
  audit->add_flag("--line", options.line, "in one line");
  audit->add_flag("--mailboxes", options.mailboxes, "only the ids of all mailboxes");
  audit->add_flag("--kinds", options.kinds,
                  "what can be stored, each kind of entry and each of its fields; looks at nothing");
  audit->footer("With a mailbox every byte follows that is stored about it, and what each tells.");
}

void add_remove(CLI::App& app, RemoveOptions& options) {
  auto* remove = app.add_subcommand("remove", "take a blob or a channel away that somebody has reported");
  remove->add_option("kind", options.kind, "blob or channel")->required()->check(CLI::IsMember({"blob", "channel"}));
  remove->add_option("id", options.id, "its id: 64 hexadecimal digits")->required();
  remove->footer("Nobody reads it any more, at once. A channel that was taken away cannot be made again here.");
}

void add_calls(CLI::App& app, CallsOptions& options) {
  auto* calls = app.add_subcommand("calls", "calls through this home: switch them on or off, or see how they are");
  calls->add_option("action", options.action, "enable, disable or status")
      ->required()
      ->check(CLI::IsMember({"enable", "disable", "status"}));
  calls->add_flag("--many", options.many,
                  "with enable: calls of up to 32 too, forwarded by Janus (Debian: apt install janus)");
  calls->add_flag("--udp", options.udp,
                  "with enable: callers may come by UDP too, at a port that is open to the world (calls_udp_port)");
  calls->footer(
      "A call's voice and picture are encrypted between the two; this home passes them on, inside TLS on its ordinary port, and sees\n"
      "two addresses, when and how much. It starts coturn for that (Debian: apt install coturn). Ending them ends calls that go on.");
  app.add_subcommand("status", "print whether the home runs, what it counts, and how its calls are");
}

void add_operations(CLI::App& app, BackupOptions& backup) {
  app.add_subcommand("check", "say what is wrong with the home, or soon will be, and what to do; changes nothing");
  app.add_subcommand("drain", "have the running home finish what it was asked, and end");
  auto* make = app.add_subcommand("backup", "copy the home into a new folder, also while it runs");
  make->add_option("folder", backup.folder, "a folder that is not there yet; its name appears when all is in it")
      ->required();
  make->footer("It holds the home's keys, readable for its owner only. `sha256sum -c SHA256SUMS` in it checks it.");
  auto* restore = app.add_subcommand("restore", "make a home from a backup, in a new folder (--folder)");
  restore->add_option("backup", backup.folder, "the backup's folder")->required();
}

}  // namespace

int main(int count, char** arguments) {
  CLI::App app{kAbout, "godwit-home"};
  Place place{"godwit-home"};
  InitOptions init;
  RunOptions run;
  InviteOptions invite;
  BulletinOptions bulletin;
  BundleOptions bundle;
  AuditOptions audit;
  RemoveOptions remove;
  CallsOptions calls;
  BackupOptions backup;
  app.add_option("--folder", place.folder, "folder of the home")->capture_default_str();
  app.set_version_flag("--version", std::string("godwit-home ") + kVersion);
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(kExitCodes);
  add_init(app, init);
  add_run(app, run);
  add_invite(app, invite);
  add_routes(app);
  add_bulletin(app, bulletin);
  add_bundle(app, bundle);
  add_audit(app, audit);
  add_remove(app, remove);
  add_calls(app, calls);
  add_operations(app, backup);
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  if (!godwit::crypto::initialise()) return fail(kExitFix, "libsodium cannot be initialised");
  if (app.got_subcommand("init")) return run_init(place, init);
  if (app.got_subcommand("run")) return run_run(place, run);
  if (app.got_subcommand("invite")) return run_invite(place, invite);
  if (app.got_subcommand("routes")) return run_routes(place);
  if (app.got_subcommand("bulletin")) return run_bulletin(place, bulletin);
  if (app.got_subcommand("bundle")) return run_bundle(place, bundle);
  if (app.got_subcommand("remove")) return run_remove(place, remove);
  if (app.got_subcommand("calls")) return run_calls(place, calls);
  if (app.got_subcommand("status")) return run_status(place);
  if (app.got_subcommand("check")) return run_check(place);
  if (app.got_subcommand("drain")) return run_drain(place);
  if (app.got_subcommand("backup")) return run_backup(place, backup);
  if (app.got_subcommand("restore")) return run_restore(place, backup);
  return run_audit(place, audit);
}
