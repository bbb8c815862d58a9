#pragma once
// The commands of `godwit-bridge`. Only main files include this: it is where the pure bridge meets files and sockets.

#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "bridge/core.h"
#include "bridge/upstream.h"

namespace godwit::bridge {

/// What the program ends with; the same table stands in --help and docs/bridge.md.
enum ExitCode : int {
  kExitDone = 0,
  kExitFix = 1,      ///< it cannot be done as asked
  kExitUsage = 2,    ///< the command line is wrong
  kExitConfig = 3,   ///< an option's value or a file is wrong; the option is named
  kExitNetwork = 5,  ///< the address cannot be listened on, or the certificate cannot be used
};

/// The table as people read it.
inline constexpr const char* kExitCodes =
    "Exit codes: 0 done; 1 cannot be done as asked; 2 the command line is wrong; 3 an option's value or a file is "
    "wrong,\n" "the option is named; 5 the address or the certificate cannot be used.";

/// Options of `run`.
struct RunOptions {
  std::vector<std::string> homes;
  std::string folder = "godwit-bridge";
  std::string secret_file;             ///< empty: "secret" in the folder
  std::vector<std::string> addresses;  ///< empty: all, or 127.0.0.1 behind a proxy
  uint16_t port = 443;
  std::string host;          ///< in the link; empty: this machine's address
  uint16_t public_port = 0;  ///< in the link; 0: the one listened on, 443 behind a proxy
  std::string certificate;
  std::string certificate_key;
  bool pin = false;
  bool behind_proxy = false;
  std::string site_folder;
  std::string site_upstream;
  bool no_qr = false;
  Limits limits;
  uint64_t memory_max = 512ULL << 20;  ///< lowers limits.passages_max
  uint32_t idle_minutes = 25;
  uint32_t dial_spacing_ms = 0;
};

/// Runs the bridge until SIGTERM.
int run_run(const RunOptions& options);

// ---- what the main files share (main_files.cc) ------------------------------------------------------------------------

/// Bytes of memory that one passage takes at most: two TLS connections with full queues both ways, and what is kept.
inline constexpr uint64_t kPassageMemory = 640 * 1024;
/// Bytes that each of its pipes queues for a peer that does not read.
inline constexpr size_t kPipeQueueBytes = 128 * 1024;

/// Prints "godwit-bridge: ..." on standard error and gives `code` back.
int fail(int code, const std::string& text);
/// The same for an error of ours: what it means for an operator, with its name.
int fail(const Error& error, const std::string& about);

/// Randomness of the system.
class SystemRandom final : public Random {
 public:
  void fill(ByteSpan out) override;
};

/// The whole of a file. kBadFile.
Result<std::string> read_file(const std::string& path);
/// Writes a file for its owner only (mode 0600), by a new file of another name. kBadFile.
Status write_file(const std::string& path, std::string_view contents);
/// Makes the folder for its owner only, if it is not there. kBadFile.
Status make_folder(const std::string& path);
/// The secrets of the file, which is made or gets more lines until there are `count`. kBadFile, kBadSecret; also if
/// anybody but its owner may read it.
Result<std::vector<std::string>> load_secrets(const std::string& path, size_t count, Random& random);
/// The address by which this machine reaches the Internet; empty: none. Nothing is sent to find it.
std::string own_address();
/// True for an address that only its own network can reach (RFC 1918, RFC 4193, loopback, link-local).
bool is_private_address(const std::string& host);
/// Milliseconds since 1970.
Instant wall_clock();

}  // namespace godwit::bridge
