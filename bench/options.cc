#include "bench/options.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace godwit::bench {
namespace {

// A program's help has what concerns it; the others' options it takes and ignores.
struct Help {
  std::string_view programs;  // whose it is; empty: every one's
  const char* text;
};
constexpr Help kHelp[] = {
    {"bench_load", "  --seconds N      how long each scene without a number of messages is measured (default 3)"},
    {"bench_delivery bench_exchange bench_mls bench_session bench_store", "  --seconds N      how long to measure"},
    {"bench_delivery", "  --pairs N        pairs of clients (default 100)"},
    {"bench_load", "  --pairs N        clients who talk to each other, two fifths as many pairs (default 100: 40 pairs)"},
    {"bench_group", "  --members N      of the largest group (default 1000)"},
    {"bench_load", "  --members N      leaves groups out that have more (default 1000: those of 100 and of 1,000)"},
    {"bench_linking", "  --messages N     of the history (default 100000)"},
    {"bench_followers", "  --followers N    of one channel (default 100000)"},
    {"bench_sessions", "  --sessions N     the largest number of them (default 20000)"},
    {"bench_load", "  --connections N  idle logins (default 1000)"},
    {"bench_load", "  --runs N         rounds, in each of which every server has its turn; medians are shown (default 1, `make bench` says 3)"},
    {"bench_load", "  --peer NAME      another server in the same table: mosquitto, ejabberd or prosody; again for more. One that is not there is said\n"
                   "                   to be SKIPPED; bench/load/install_peer NAME installs it"},
    {"bench_load", "  --scene NAME     only idle, logins, online, paced, offline or groups; or soak, which no other run has"},
    {"bench_load", "  --smoke          only whether all that is sent to the other servers arrives, in a few seconds"},
    {"", "  --json FILE      append the figures to FILE as one line of JSON"},
    {"bench_exchange", "  --verbose        also print each packet"},
};

[[noreturn]] void help(std::string_view program, const char* about) {
  program.remove_prefix(std::min(program.size(), program.rfind('/') + 1));
  std::printf("%.*s: %s\n\n", static_cast<int>(program.size()), program.data(), about);
  for (const Help& each : kHelp) {
    if (each.programs.empty() || each.programs.find(program) != std::string_view::npos) std::printf("%s\n", each.text);
  }
  std::exit(0);
}

[[noreturn]] void mistake(const char* program, std::string_view what) {
  std::fprintf(stderr, "%s: cannot use \"%.*s\"; see --help\n", program, static_cast<int>(what.size()), what.data());
  std::exit(2);
}

template <typename Number>
Number number(const char* program, std::string_view text, Number lowest, Number highest) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < lowest || value > highest) {
    mistake(program, text);
  }
  return value;
}

}  // namespace

Options parse_options(int argc, char** argv, const char* about) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--help" || name == "-h") help(argv[0], about);
    if (name == "--verbose") {
      options.verbose = true;
      continue;
    }
    if (name == "--smoke") {
      options.smoke = true;
      continue;
    }
    if (i + 1 == argc) mistake(argv[0], name);
    const std::string_view value = argv[++i];
    if (name == "--json") {
      options.json_file = std::string(value);
    } else if (name == "--seconds") {
      options.seconds = number<double>(argv[0], value, 0.1, 3600);
    } else if (name == "--pairs") {
      options.pairs = number<int>(argv[0], value, 1, 1000);
    } else if (name == "--followers") {
      options.followers = number<int>(argv[0], value, 100, 1'000'000);
    } else if (name == "--messages") {
      options.messages = number<int>(argv[0], value, 1'000, 1'000'000);
    } else if (name == "--connections") {
      options.connections = number<int>(argv[0], value, 1, 19'000);
    } else if (name == "--sessions") {
      options.sessions = number<int>(argv[0], value, 800, 1'000'000);
    } else if (name == "--runs") {
      options.runs = number<int>(argv[0], value, 1, 100);
    } else if (name == "--scene") {
      options.scene = value;
    } else if (name == "--peer") {
      options.peers.emplace_back(value);
    } else if (name == "--members") {
      options.members = number<int>(argv[0], value, 100, 2000);
    } else {
      mistake(argv[0], name);
    }
  }
  return options;
}

}  // namespace godwit::bench
