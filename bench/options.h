#pragma once
// The command line that all programs of bench/ share, so that `make bench ARGS=...` can hand the same to each: what does
// not concern a program is ignored by it.

#include <optional>
#include <string>
#include <vector>

namespace godwit::bench {

/// What a person may choose.
struct Options {
  std::optional<std::string> json_file;  ///< --json FILE: one line of JSON is appended to it
  double seconds = 0;                    ///< --seconds N: of measuring; 0: as the program likes
  int pairs = 100;                       ///< --pairs N: of clients (delivery_bench)
  int members = 1000;                    ///< --members N: of the largest group (group_bench, load_bench)
  int messages = 100'000;                ///< --messages N: of the history (linking_bench)
  int followers = 100'000;               ///< --followers N: of one channel (followers_bench)
  int connections = 1'000;               ///< --connections N: idle logins (load_bench)
  int sessions = 0;                ///< --sessions N: without connections (sessions_bench); 0: as the program likes
  int runs = 1;                    ///< --runs N: of which medians are shown (load_bench)
  std::vector<std::string> peers;  ///< --peer NAME, again for more: other servers in the same table (load_bench)
  std::string scene;               ///< --scene NAME: only that one; empty: all (load_bench)
  bool smoke = false;              ///< --smoke: the peers alone, few people, nothing printed (load_bench)
  bool verbose = false;            ///< --verbose: every packet (exchange_bench)
};

/// Reads the command line. On --help or a mistake it prints and ends the program, with 0 or 2; `about` is the first line
/// of the help.
Options parse_options(int argc, char** argv, const char* about);

}  // namespace godwit::bench
