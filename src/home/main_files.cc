// What the commands share: files, keys, and what is said to people.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "home/errors.h"
#include "home/main.h"
#include "home/main_disk.h"
#include "home/main_log.h"
#include "net/errors.h"
#include "routes/route.h"
#include "store/errors.h"

namespace godwit::home {
namespace {

constexpr const char* kConfigFile = "config.toml";

struct Explanation {
  ErrorCode code;
  int exit_code;
  const char* text;
};

// What each error means for an operator.
constexpr Explanation kExplanations[] = {
    {store::kDiskFull, kExitDiskFull, "the disk is full: make room; nothing that was answered is lost"},
    {store::kCorrupted, kExitDamaged,
     "the store is damaged (a checksum does not match): restore a backup of its folder"},
    {store::kUnavailable, kExitFix, "the store does not answer; one on NATS needs more than half of its servers, which may want a certificate (`nats_certificate`)"},
    {store::kLocked, kExitRunning, "a home has this store already: stop it first, or wait (one on NATS is taken over when it ends)"},
    {store::kNoAccess, kExitFix,
     "the store's folder cannot be made, opened or written; or the NATS servers want the certificate of `nats_certificate`, or are not "
     "those of `nats_authorities`"},
    {store::kNewerVersion, kExitFix, "the store was written by a newer godwit-home: start that one"},
    {store::kOvertaken, kExitRunning, "another home has taken this store while this one was silent: nothing is written any more"},
    {store::kOldServer, kExitFix,
     "a NATS server is too old, and would lose what it acknowledged: all of them must be nats-server 2.10.27 or later"},
    {store::kUnfitStream, kExitFix,
     "the NATS servers do not keep what they are given: JetStream must be on, max_payload at least 1MB, three named servers one "
     "cluster, and the stream there as this program made it (docs/operations.md)"},
    {kNewerStore, kExitFix, "the store was written by a newer godwit-home: start that one"},
    {kOlderStore, kExitFix,
     "the store was written by a godwit-home of before the first release, whose records nothing reads any more: begin "
     "a new one"},
    {kBadRecord, kExitDamaged, "a record in the store is damaged"},
    {kBadKeyFile, kExitConfig, "the file cannot be read or written"},
    {kHomeExists, kExitFix, "there is a home in this folder already; nothing was changed"},
    {net::kAddressInUse, kExitNetwork, "another program listens on this address and port"},
    {net::kAddressForbidden, kExitNetwork,
     "this port needs a permission: choose one above 1023, or `setcap cap_net_bind_service=+ep` the program"},
    {net::kBadAddress, kExitNetwork, "this machine has no such address"},
    {net::kBadCertificate, kExitNetwork, "the certificate cannot be read: a PEM file with the leaf first is wanted"},
    {net::kBadPrivateKey, kExitNetwork, "the certificate's private key cannot be read: a PEM file is wanted"},
    {net::kKeyMismatch, kExitNetwork, "the private key does not belong to the certificate"},
    {net::kBadSiteFolder, kExitNetwork, "the web site's folder cannot be read"},
    {net::kMailLogin, kExitConfig,
     "the mail provider does not accept user and password: many want a password made for one program, and IMAP "
     "switched on"},
    {net::kMailNoTls, kExitConfig, "the mail server offers no encryption: use smtps:// and imaps://"},
    {net::kBadMailAccount, kExitConfig,
     "[mail] is no account: address, smtps://host, imaps://host, and a file whose first line is the password"},
    {net::kBadOption, kExitConfig, "the network options contradict each other (behind_proxy wants loopback addresses)"},
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

// Gives a whole file its name. Unless `replace` somebody else's file stays, also one that was made this moment.
Status name_file(const std::string& draft, const std::string& path, bool replace) {
  if (!replace) {
    if (::renameat2(AT_FDCWD, draft.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) return {};
    REQUIRE(errno != EEXIST, kHomeExists, "home: the file exists");
  }
  REQUIRE(::rename(draft.c_str(), path.c_str()) == 0, kBadKeyFile, "home: the file cannot be written");
  return {};
}

Result<crypto::Secret<32>> read_key(const std::string& path) {
  std::string text = TRY(read_file(path));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  Bytes bytes;
  const bool good = from_base64url(text, bytes) && bytes.size() == 32;
  crypto::wipe({reinterpret_cast<uint8_t*>(text.data()), text.size()});
  REQUIRE(good, kBadKeyFile, "home: a key file holds 32 bytes as base64url");
  auto key = crypto::Secret<32>::copy_of(bytes);
  crypto::wipe(bytes);
  return key;
}

Result<crypto::Secret<32>> load_key(const Place& place, const std::string& name) {
  if (is_open_to_others(place.file(name))) {
    fail(kExitConfig, place.file(name) + ": others may read this key, so it is not used: chmod 600 " + place.file(name));
    return Error{kBadKeyFile, "home: a key is for its owner only"};
  }
  auto key = read_key(place.file(name));
  if (!key) fail(kExitConfig, place.file(name) + ": not a key file: 32 bytes as base64url are wanted");
  return key;
}

// A home from before there was this key has it made, by whichever command comes first.
Result<crypto::Secret<32>> load_or_make_key(const Place& place, const std::string& name, Random& random) {
  if (!std::filesystem::exists(place.file(name))) {
    const Status made = write_file(place.file(name), print_key(crypto::Secret<32>::random(random)), false);
    if (!made && made.error().code != kHomeExists) {
      fail(kExitConfig, place.file(name) + ": the key file is missing and cannot be made");
      return made.error();
    }
  }
  return load_key(place, name);
}

}  // namespace

std::string Place::file(const std::string& path) const {
  return (std::filesystem::path(folder) / path).string();  // an absolute path stays what it is
}

int fail(int code, const std::string& text) {
  if (log_has_begun()) {
    say(LogLevel::kError, "failed", {{"exit_code", static_cast<uint64_t>(code)}, {"text", text}});
  } else {
    std::cerr << "godwit-home: " << text << std::endl;
  }
  return code;
}

std::string explanation_of(const Error& error) {
  for (const Explanation& explanation : kExplanations) {
    if (explanation.code == error.code) return explanation.text;
  }
  return error.rule;
}

int fail(const Error& error, const std::string& about) {
  int code = kExitFix;
  for (const Explanation& explanation : kExplanations) {
    if (explanation.code == error.code) code = explanation.exit_code;
  }
  return fail(code, about + ": " + explanation_of(error) + " [" + error.code.name + "]");
}

std::string blamed_for(const Place& place, const Config& config, const ErrorCode& code) {
  if (code == net::kBadPrivateKey) return place.file(config.certificate_key);
  if (code == net::kBadCertificate || code == net::kKeyMismatch) return place.file(config.certificate);
  if (code == net::kBadAddress) return "`addresses`";
  return "port " + std::to_string(config.port);
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream contents;
  if (file) contents << file.rdbuf();
  REQUIRE(file && !file.bad(), kBadKeyFile, "home: the file cannot be read");
  return contents.str();
}

Status write_file(const std::string& path, std::string_view contents, bool replace) {
  if (!replace && std::filesystem::exists(path)) return Error{kHomeExists, "home: the file exists"};
  const std::string draft = path + ".new" + std::to_string(::getpid());
  ::unlink(draft.c_str());
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  REQUIRE(file >= 0, kBadKeyFile, "home: the file cannot be written");
  const bool written = write_all(file, contents);
  ::close(file);
  const Status named =
      written ? name_file(draft, path, replace) : Error{kBadKeyFile, "home: the file cannot be written"};
  if (!named) ::unlink(draft.c_str());
  TRY(named);
  const std::string folder = std::filesystem::absolute(path).parent_path().string();
  const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory >= 0) {
    ::fsync(directory);
    ::close(directory);
  }
  return {};
}

Result<Config> load_config(const Place& place) {
  const std::string path = place.file(kConfigFile);
  const auto text = read_file(path);
  if (!text) {
    fail(kExitConfig, path + ": there is no home here; make one with `godwit-home init --folder " + place.folder + "`");
    return Error{kBadConfig, "home: no configuration"};
  }
  ConfigProblem problem;
  auto config = parse_config(*text, problem);
  if (!config) {
    const std::string line = problem.line == 0 ? "" : ":" + std::to_string(problem.line);
    fail(kExitConfig, path + line + ": " + problem.text);
  }
  return config;
}

Result<Keys> load_keys(const Place& place, const Config& config, Random& random) {
  auto identity = TRY(load_key(place, config.identity_key));
  auto admission = TRY(load_key(place, config.admission_key));
  auto ticket = crypto::Secret<32>::random(random);
  if (!config.ticket_key.empty()) ticket = TRY(load_key(place, config.ticket_key));
  auto sealing = TRY(load_or_make_key(place, config.sealing_key, random));
  auto bulletin = TRY(load_or_make_key(place, config.bulletin_key, random));
  return Keys{crypto::X25519KeyPair::from_private(std::move(identity)), std::move(ticket), std::move(admission),
              crypto::XWingKeyPair::from_seed(std::move(sealing)),
              crypto::Ed25519KeyPair::from_seed(std::move(bulletin))};
}

Result<crypto::Secret<32>> load_web_push_key(const Place& place, const Config& config, Random& random) {
  return load_or_make_key(place, config.web_push_key, random);
}

std::string print_key(const crypto::Secret<32>& key) { return to_base64url(key.reveal()) + "\n"; }

Status write_running(const Place& place, const Running& running) {
  const std::string text = std::to_string(running.pid) + " " + std::to_string(running.port) + "\n";
  return write_file(place.file("running"), text, true);
}

namespace {

// The note stays where a home was killed, and its number may be another program's by now. A process of which the system says
// nothing is another user's, or gone: it gets no signal from us either.
bool may_be_home(pid_t pid) {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/exe", error);
  if (error || program.filename().string().starts_with("godwit-home")) return true;
  return program == std::filesystem::read_symlink("/proc/self/exe", error);  // under whatever name, as in tests
}

}  // namespace

std::optional<Running> read_running(const Place& place) {
  const auto text = read_file(place.file("running"));
  if (!text) return std::nullopt;
  std::istringstream words(*text);
  Running running;
  words >> running.pid >> running.port;
  if (!words || running.pid <= 0 || !may_be_home(running.pid)) return std::nullopt;
  return running;
}

void announce(const Config& config, const Keys& keys, uint16_t port) {
  const routes::Route route{routes::Carrier::kWss, config.host, port, config.path};
  std::cout << "listening on " << routes::to_uri(route) << "\n"
            << "home key " << to_base64url(keys.identity.public_key) << std::endl;
}

Instant wall_clock() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return Instant{std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

bool parse_mailbox(std::string_view text, std::optional<wire::MailboxId>& out) {
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  out.reset();
  if (text.empty()) return true;
  Bytes bytes;
  wire::MailboxId mailbox;
  if (!from_hex(text, bytes) || !wire::MailboxId::from(bytes, mailbox)) return false;
  out = mailbox;
  return true;
}

std::string print_report(const AuditReport& report) { return audit_line(report) + "\n" + audit_table(report); }

}  // namespace godwit::home
