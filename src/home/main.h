#pragma once
// The commands of `godwit-home`. Only main files include this: it is where the pure home meets files and sockets.

#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "home/audit.h"
#include "home/config.h"
#include "home/keys.h"
#include "home/removal.h"

namespace godwit::home {

/// The version of this program.
#ifdef GODWIT_VERSION
inline constexpr const char* kVersion = GODWIT_VERSION;
#else
inline constexpr const char* kVersion = "0.1";
#endif

/// What the program ends with; the same table stands in --help and docs/protocol/home.md.
enum ExitCode : int {
  kExitDone = 0,
  kExitFix = 1,       ///< it cannot be done as asked
  kExitUsage = 2,     ///< the command line is wrong
  kExitConfig = 3,    ///< the configuration or a key file is wrong; the line is named
  kExitRunning = 4,   ///< a home runs on this folder already
  kExitNetwork = 5,   ///< the address cannot be listened on, or the certificate cannot be used
  kExitDamaged = 6,   ///< the store is damaged: restore a backup
  kExitDiskFull = 7,  ///< no room on the disk
};

/// The table as people read it.
inline constexpr const char* kExitCodes =
    "Exit codes: 0 done; 1 cannot be done as asked; 2 the command line is wrong; 3 the configuration or a key file is\n"
    "wrong; 4 a home runs on this folder already; 5 the address or the certificate cannot be used; 6 the store is\n"
    "damaged; 7 the disk is full.";

/// Where the home's files are.
struct Place {
  std::string folder;  ///< everything that has no other path

  /// `path` below the folder, unless it begins with '/'.
  std::string file(const std::string& path) const;
};

/// Options of `init`.
struct InitOptions {
  std::vector<std::string> addresses;  ///< to listen on; empty: all
  std::string host;                    ///< in links; empty: the first address
  uint16_t port = 443;
  std::string path;  ///< of the WebSocket; empty: a random one
  std::string certificate;
  std::string certificate_key;
  std::string ticket_key;
  std::string admission = "code";
};
/// Options of `run`; what is empty is as the configuration says.
struct RunOptions {
  std::vector<std::string> addresses;
  int port = -1;
};
/// Options of `invite`.
struct InviteOptions {
  uint16_t uses = 1;
  uint32_t days = 30;
  bool without_code = false;
};
/// Options of `bulletin`.
struct BulletinOptions {
  std::string out;  ///< a file; empty: standard output
};
/// Options of `bundle`.
struct BundleOptions {
  std::string file;
  std::string out;  ///< a new file for the answers
};
/// Options of `audit`.
struct AuditOptions {
  std::string mailbox;  ///< hexadecimal; empty: everything
  bool line = false;
  bool mailboxes = false;  ///< only their ids
  bool kinds = false;      ///< what can be stored, without looking
};

/// Options of `remove`.
struct RemoveOptions {
  std::string kind;  ///< "blob" or "channel"
  std::string id;    ///< 64 hexadecimal digits
};

/// Options of `backup` and `restore`.
struct BackupOptions {
  std::string folder;  ///< the backup
};

/// Options of `calls`.
struct CallsOptions {
  std::string action;  ///< "enable", "disable" or "status"
  bool many = false;   ///< of "enable": calls of more than four too
  bool udp = false;    ///< of "enable": callers come by UDP too
};

/// Makes keys, certificate and configuration in an empty or new folder.
int run_init(const Place& place, const InitOptions& options);
/// Runs the home until SIGTERM.
int run_run(const Place& place, const RunOptions& options);
/// Prints a link that opens a mailbox here. Works beside a running home.
int run_invite(const Place& place, const InviteOptions& options);
/// Prints the routes that links name, one a line. Works beside a running home.
int run_routes(const Place& place);
/// Prints the bulletin that everybody may have. Works beside a running home.
int run_bulletin(const Place& place, const BulletinOptions& options);
/// Does the sealed requests in a bundle. Works beside a running home.
int run_bundle(const Place& place, const BundleOptions& options);
/// Prints what is stored. Works beside a running home.
int run_audit(const Place& place, const AuditOptions& options);

/// Takes a blob or a channel away. Works beside a running home, and only there.
int run_remove(const Place& place, const RemoveOptions& options);

/// Switches the relay for calls on or off, or prints how it is. Works beside a running home, which does it at once.
int run_calls(const Place& place, const CallsOptions& options);
/// Prints whether a home runs on the folder, what it counts, and how its calls are. kExitFix if not all is well.
int run_status(const Place& place);
/// Prints what is wrong, or soon will be, and what to do. Changes nothing; works beside a running home. kExitFix if something is wrong.
int run_check(const Place& place);
/// Has a running home finish what it was asked and end, and waits for that.
int run_drain(const Place& place);
/// Copies the store as it is at one moment, with keys, certificate and configuration, into a new folder. Works beside a running home.
int run_backup(const Place& place, const BackupOptions& options);
/// Makes a home in a new folder from a backup, every byte of which is compared with its sum.
int run_restore(const Place& place, const BackupOptions& options);

// ---- what they share (main_files.cc) ----------------------------------------------------------------------------------

/// Prints "godwit-home: ..." on standard error and gives `code` back; of a home that runs, an "event=failed" of its log (main_log.h).
int fail(int code, const std::string& text);
/// What an error of ours means for an operator.
std::string explanation_of(const Error& error);
/// The same for an error of ours: what it means for an operator, with its name.
int fail(const Error& error, const std::string& about);
/// What a failure to listen is about: the file or the key of the configuration that it names, or the port.
std::string blamed_for(const Place& place, const Config& config, const ErrorCode& code);

/// The whole of a file. kBadKeyFile: it cannot be read.
Result<std::string> read_file(const std::string& path);
/// Writes a file for its owner only; it must not exist unless `replace`. The name appears when the contents are durable.
/// kHomeExists: it exists; kBadKeyFile: it cannot be written.
Status write_file(const std::string& path, std::string_view contents, bool replace);
/// Reads the configuration of a folder; says itself what is wrong. kBadConfig.
Result<Config> load_config(const Place& place);
/// Reads the key files that the configuration names; says itself what is wrong. kBadKeyFile. A ticket key without a file
/// is made here.
Result<Keys> load_keys(const Place& place, const Config& config, Random& random);
/// Reads the secret of which the key is made by which push services know the home; says itself what is wrong. kBadKeyFile. One that is
/// not there is made.
Result<crypto::Secret<32>> load_web_push_key(const Place& place, const Config& config, Random& random);
/// A new key as the text of its file.
std::string print_key(const crypto::Secret<32>& key);

/// What a running home writes into its folder, so that other commands find it.
struct Running {
  int pid = 0;
  uint16_t port = 0;  ///< 0: a standby, which waits for its store on NATS
};
/// Writes it.
Status write_running(const Place& place, const Running& running);
/// Reads it; nothing if no home has run here.
std::optional<Running> read_running(const Place& place);

/// The routes that a link of this home names: those of the configuration, or wss://host:port/path, and then those of the
/// transports that a running home serves. On an error the text says what is missing; empty: fine.
std::string public_routes(const Place& place, const Config& config, std::vector<std::string>& routes);
/// Where a running home notes the routes of its transports.
std::string transports_file(const Place& place);

/// Where the programs of transports keep what is theirs, one folder for each.
inline constexpr const char* kTransports = "transports";

/// Where the store's snapshot stands while a backup is being made, and nothing else.
std::string snapshot_folder(const Place& place, const Config& config);
/// Removes it, and what RocksDB leaves beside it where it dies while it makes one.
void remove_snapshot(const std::string& folder);
/// The lock that a backup of the home holds, as store::lock_folder has it.
Result<int> lock_backup(const Place& place);
/// What a command that has died left: its questions and answers, and the snapshot of a backup, in which is what was erased since. Not while a
/// snapshot is being made.
void clear_left_over(const Place& place, const Config& config);
/// True for a path that stays below a folder: relative, without "..".
bool is_inside(const std::string& path);
/// Reads a SHA256SUMS as `sha256sum` prints them: the hexadecimal sums by name. Nothing: it is cut short, or a name is not inside.
std::optional<std::map<std::string, std::string>> parse_sums(std::string_view text);

/// The hash of the certificate, where links name it. kBadKeyFile, net::kBadCertificate: it cannot be read.
Result<std::optional<wire::CertificatePin>> certificate_pin(const Place& place, const Config& config);
/// What bulletins say. On an error the text says what is missing; empty: fine.
std::string bulletin_plan(const Place& place, const Config& config, BulletinPlan& plan);

/// Says on standard output where a home that runs listens, and its key.
void announce(const Config& config, const Keys& keys, uint16_t port);

/// Milliseconds since 1970.
Instant wall_clock();
/// What `remove` was asked: the kind, a blank, the id. Nothing: neither kind, or no id.
std::optional<Removal> parse_removal(std::string_view text);
/// What `audit` was asked: a mailbox in 32 hexadecimal digits, or nothing for everything. False: neither.
[[nodiscard]] bool parse_mailbox(std::string_view text, std::optional<wire::MailboxId>& out);
/// What `audit` was asked.
struct AuditQuestion {
  std::optional<wire::MailboxId> mailbox;  ///< with every byte of it
  bool mailboxes = false;                  ///< the ids of all
};
/// Reads it; nothing: it is none.
std::optional<AuditQuestion> parse_audit_question(std::string_view text);
/// Writes what an audit shows into a file for its owner only, as it comes.
class AuditBytes {
 public:
  AuditBytes(std::string path, const AuditQuestion& question);
  /// What the Audit is given; this object must outlive it.
  Audit::Show show();
  /// After the last entry. False: not all of it could be written.
  bool finish();
  /// The file.
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool mailboxes_;
  std::ofstream file_;
};
/// The answer's text.
std::string print_report(const AuditReport& report);

}  // namespace godwit::home
