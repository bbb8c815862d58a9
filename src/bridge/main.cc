// `godwit-bridge`: a way around a block for those who have its link. Anyone can run one.

#include "bridge/main.h"

#include <CLI/CLI.hpp>

#ifndef GODWIT_VERSION
#define GODWIT_VERSION "0.1"
#endif

namespace {

using namespace godwit::bridge;

constexpr const char* kAbout =
    "godwit-bridge helps people whose way to their Godwit home is blocked: they connect to this machine, and it passes\n"
    "their bytes on to the home.\n\n"
    "It cannot read what it passes on, keeps nothing, and logs nothing about anybody. Strangers who look at its address see\n"
    "an ordinary small web site. It costs the traffic of those who use it: text is little, a picture is a megabyte.\n\n"
    "On a server, or on a computer at home whose router passes port 443 on to it:\n"
    "  godwit-bridge run --home LINK\n"
    "LINK is the home's: ask its operator for the line that `godwit-home invite` prints. What this prints in turn, a\n"
    "bridge:// link and a QR code, is for those who shall use the bridge: give it to each by hand, never publish it.";

void add_reach(CLI::App& run, RunOptions& options) {
  run.add_option("--home", options.homes,
                 "the home to pass on to: its link, a route wss://host/path, another bridge's link bridge://host/path,\n"
                 "or ws://127.0.0.1:port/path on this machine; may be given several times, each gets a link of its own")
      ->required()
      ->allow_extra_args(false);
  run.add_option("--folder", options.folder, "folder for the secret, the certificate and the link; made if missing")
      ->capture_default_str();
  run.add_option("--secret", options.secret_file,
                 "file with the secret that stands in the link; made if missing (default: FOLDER/secret)");
  run.add_option("--host", options.host, "name or IP address of this machine in the link (default: its own address)");
  run.add_option("--address", options.addresses, "IP address to listen on (default: all of this machine)")
      ->allow_extra_args(false);
  run.add_option("--port", options.port, "port to listen on; 0: a free one")->capture_default_str();
  run.add_option("--public-port", options.public_port, "port in the link, if a router or web server has another one");
  run.add_flag("--no-qr", options.no_qr, "no QR code on the terminal");
}

void add_site(CLI::App& run, RunOptions& options) {
  run.add_option("--cert", options.certificate,
                 "PEM file of a certificate (default: one is made, and pinned in the link)");
  run.add_option("--key", options.certificate_key, "PEM file of the certificate's private key");
  run.add_flag("--pin", options.pin, "pin the given certificate in the link too: links die when it is renewed");
  run.add_flag("--behind-proxy", options.behind_proxy,
               "a web server on this machine does TLS and passes the secret path on: listens without TLS on 127.0.0.1");
  run.add_option("--site", options.site_folder, "folder of the web site that strangers see (default: a built-in page)");
  run.add_option("--site-upstream", options.site_upstream,
                 "web server whose site strangers see, such as http://127.0.0.1:8080: they talk to it, byte for byte");
}

void add_limits(CLI::App& run, RunOptions& options) {
  run.add_option("--connections", options.limits.passages_max, "people's connections at once")->capture_default_str();
  run.add_option("--source-connections", options.limits.passages_per_source_max,
                 "of these, from one address; 0: any number (right if another bridge passes on to this one)")
      ->capture_default_str();
  run.add_option("--bytes-per-day", options.limits.bytes_per_day_max,
                 "bytes passed on a day, both ways together, as in 50G; 0: any number")
      ->transform(CLI::AsSizeValue(false));
  run.add_option("--source-bytes-per-day", options.limits.bytes_per_source_per_day_max,
                 "the same for one address; addresses are then in memory until the day ends. 0: any number")
      ->transform(CLI::AsSizeValue(false));
  run.add_option("--memory", options.memory_max, "memory for connections at most, as in 512M: lowers --connections")
      ->transform(CLI::AsSizeValue(false))
      ->default_str("512M");
  run.add_option("--idle-minutes", options.idle_minutes, "a connection on which nothing happens so long is ended")
      ->capture_default_str()
      ->check(CLI::Range(1, 24 * 60));
  run.add_option("--dial-spacing-ms", options.dial_spacing_ms,
                 "between two connections to homes, for a bridge whose own way is watched (450 is enough)")
      ->capture_default_str()
      ->check(CLI::Range(0, 5000));
}

}  // namespace

int main(int count, char** arguments) {
  CLI::App app{kAbout, "godwit-bridge"};
  RunOptions options;
  app.set_version_flag("--version", "godwit-bridge " GODWIT_VERSION);
  app.require_subcommand(1);
  app.footer(kExitCodes);
  auto* run = app.add_subcommand("run", "run the bridge until SIGTERM; prints the link to hand out");
  run->footer(
      "SIGTERM and Ctrl-C: ends in good order; people reconnect elsewhere or later, nothing is lost. SIGHUP: reads "
      "the\n" "certificate anew and prints sums about nobody.");
  add_reach(*run, options);
  add_site(*run, options);
  add_limits(*run, options);
  app.set_config("--config", "", "file with options, as [run] and home = \"...\"");
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  return run_run(options);
}
