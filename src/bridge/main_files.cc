// Files, this machine's address, and what is said to the operator.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "bridge/errors.h"
#include "bridge/main.h"
#include "bridge/secrets.h"
#include "net/errors.h"
#include "routes/ip_address.h"

namespace godwit::bridge {
namespace {

struct Explanation {
  ErrorCode code;
  int exit_code;
  const char* text;
};

// What each error means for an operator. (Raw texts: the formatter cuts others into pieces.)
constexpr const char* kWhatHome =
    R"(not a home that a bridge can reach: give the link of `godwit-home invite` (godwit-home:...),
wss://host/path, bridge://host/path, or ws://127.0.0.1:port/path for a home on this machine)";
constexpr const char* kWhatSecret =
    R"(not a file of secrets that only its owner can read (chmod 600): one secret a line, at least 22
characters of base64url; remove it and a new one is made, but then the links handed out so far are useless)";
constexpr const char* kWhatPort =
    R"(this port needs a permission (ports below 1024 are for root): choose another with --port, or allow it with
setcap cap_net_bind_service=+ep on the program)";
constexpr const char* kWhatOption =
    R"(--site-upstream wants the IP address and port of a web server (http://127.0.0.1:8080), and
--behind-proxy wants loopback addresses in --address)";
constexpr Explanation kExplanations[] = {
    {kBadHome, kExitConfig, kWhatHome},
    {kDamagedLink, kExitConfig, "the home link is damaged or cut off: copy it again, whole"},
    {kBadSecret, kExitConfig, kWhatSecret},
    {kBadFile, kExitFix, "the file or folder cannot be read or written"},
    {net::kAddressInUse, kExitNetwork, "another program listens on this address and port"},
    {net::kAddressForbidden, kExitNetwork, kWhatPort},
    {net::kBadAddress, kExitNetwork, "--address: this machine has no such IP address"},
    {net::kBadCertificate, kExitNetwork, "--cert: a PEM file with the leaf first is wanted"},
    {net::kBadPrivateKey, kExitNetwork, "--key: a PEM file with the certificate's private key is wanted"},
    {net::kKeyMismatch, kExitNetwork, "--key: the private key does not belong to the certificate"},
    {net::kBadOption, kExitConfig, kWhatOption},
    {net::kBadSiteFolder, kExitNetwork, "--site: the folder cannot be read"},
};

bool write_all(int file, std::string_view contents) {
  while (!contents.empty()) {
    const ssize_t written = ::write(file, contents.data(), contents.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    contents.remove_prefix(static_cast<size_t>(written));
  }
  return ::fsync(file) == 0;
}

}  // namespace

int fail(int code, const std::string& text) {
  std::cerr << "godwit-bridge: " << text << std::endl;
  return code;
}

int fail(const Error& error, const std::string& about) {
  for (const Explanation& explanation : kExplanations) {
    if (explanation.code == error.code) {
      return fail(explanation.exit_code, about + ": " + explanation.text + " [" + error.code.name + "]");
    }
  }
  return fail(kExitFix, about + ": " + error.rule + " [" + error.code.name + "]");
}

void SystemRandom::fill(ByteSpan out) {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) std::abort();  // no Linux that runs this lacks it
    out = out.subspan(static_cast<size_t>(got));
  }
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream contents;
  if (file) contents << file.rdbuf();
  REQUIRE(file && !file.bad(), kBadFile, "bridge: the file can be read");
  return contents.str();
}

Status write_file(const std::string& path, std::string_view contents) {
  const std::string draft = path + ".new";
  ::unlink(draft.c_str());
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  REQUIRE(file >= 0, kBadFile, "bridge: the file can be written");
  const bool written = write_all(file, contents);
  ::close(file);
  const bool named = written && ::rename(draft.c_str(), path.c_str()) == 0;
  if (!named) ::unlink(draft.c_str());
  REQUIRE(named, kBadFile, "bridge: the file can be written");
  return {};
}

Status make_folder(const std::string& path) {
  std::error_code trouble;
  if (std::filesystem::is_directory(path, trouble)) return {};
  std::filesystem::create_directories(path, trouble);
  REQUIRE(!trouble && ::chmod(path.c_str(), 0700) == 0, kBadFile, "bridge: the folder can be made");
  return {};
}

Result<std::vector<std::string>> load_secrets(const std::string& path, size_t count, Random& random) {
  std::vector<std::string> secrets;
  struct stat facts{};
  if (::stat(path.c_str(), &facts) == 0) {
    REQUIRE((facts.st_mode & (S_IRWXG | S_IRWXO)) == 0, kBadSecret, "bridge: only its owner reads the file of secrets");
    secrets = TRY(parse_secrets(TRY(read_file(path))));
    if (secrets.size() >= count) return secrets;
  }
  while (secrets.size() < count) secrets.push_back(make_secret(random));
  TRY(write_file(path, print_secrets(secrets)));
  return secrets;
}

std::string own_address() {
  // "Connecting" a UDP socket only looks the way up (192.0.2.0/24 is for examples: RFC 5737).
  const int probe = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return {};
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(443);
  ::inet_pton(AF_INET, "192.0.2.1", &peer.sin_addr);
  sockaddr_in own{};
  socklen_t size = sizeof own;
  const bool found = ::connect(probe, reinterpret_cast<const sockaddr*>(&peer), sizeof peer) == 0 &&
                     ::getsockname(probe, reinterpret_cast<sockaddr*>(&own), &size) == 0;
  ::close(probe);
  char text[INET_ADDRSTRLEN] = {};
  if (!found || ::inet_ntop(AF_INET, &own.sin_addr, text, sizeof text) == nullptr) return {};
  return text;
}

bool is_private_address(const std::string& host) {
  in_addr v4{};
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    const uint32_t address = ntohl(v4.s_addr);
    return address >> 24 == 10 || address >> 24 == 127 || address >> 20 == 0xac1 || address >> 16 == 0xc0a8 ||
           address >> 16 == 0xa9fe;
  }
  in6_addr v6{};
  if (::inet_pton(AF_INET6, host.c_str(), &v6) != 1) return false;
  return (v6.s6_addr[0] & 0xfe) == 0xfc || IN6_IS_ADDR_LINKLOCAL(&v6) || IN6_IS_ADDR_LOOPBACK(&v6);
}

Instant wall_clock() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return Instant{std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

}  // namespace godwit::bridge
