#include "bench/options.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace godwit::bench {
namespace {

[[noreturn]] void help(const char* program, const char* about) {
  std::printf(
      "%s: %s\n\n"
      "  --seconds N   how long to measure\n"
      "  --pairs N     pairs of clients (bench_delivery; default 100)\n"
      "  --members N   of the largest group (bench_group, bench_load; default 1000)\n"
      "  --messages N  of the history (bench_linking; default 100000)\n"
      "  --followers N of one channel (bench_followers; default 100000)\n"
      "  --connections N idle logins (bench_load; default 1000)\n"
      "  --runs N      of which medians are shown (bench_load; default 1)\n"
      "  --peer NAME   another server in the same table: mosquitto, ejabberd or prosody; may be repeated (bench_load)\n"
      "  --scene NAME  only idle, logins, online, paced, offline or groups; soak, which no other run has (bench_load)\n"
      "  --smoke       only whether all that is sent to the other servers arrives, in a few seconds (bench_load)\n"
      "  --json FILE   append the figures to FILE as one line of JSON\n"
      "  --verbose     also print each packet (bench_exchange)\n",
      program, about);
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
