// serve, token: the API on a local socket.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>
#include <utility>

#include "api/errors.h"
#include "api/rpc_peer.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/files.h"
#include "cli/line_cutter.h"
#include "net/local_server.h"

namespace godwit::cli {
namespace {

using ConnectionId = net::LocalServer::ConnectionId;

// Who has not shown the token by then is cut off: connections are few.
constexpr Duration kTokenTime = seconds(10);
// Programs at once. Of those that have not shown the token, and of those that have ended their side and wait for answers, the
// oldest goes if there are more, so that neither keeps anybody out.
constexpr size_t kProgramsMax = 64;
constexpr size_t kWaitingMax = 16;
static_assert(kProgramsMax + 2 * kWaitingMax < net::LocalServer::kConnectionsMax);

std::string token_path(const std::string& profile) { return api_folder(profile) + "/token"; }

Result<std::string> read_or_make_token(Context& context, bool renew) {
  const std::string& profile = context.globals.profile;
  REQUIRE(profile_exists(profile), kNoProfile, "there is no header");
  const std::string folder = api_folder(profile);
  const std::string path = token_path(profile);
  TRY(make_folders(folder));
  if (renew) {
    const Descriptor held(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (held.valid()) ::fchmod(held.number(), 0700);
    ::unlink(path.c_str());
  }
  // A token that others could read or put there opens the profile to them.
  REQUIRE(is_private(folder, true), kTokenFile, "api/ belongs to its user alone");
  const bool there = ::access(path.c_str(), F_OK) == 0 || errno != ENOENT;
  REQUIRE(!there || is_private(path, false), kTokenFile, "api/token belongs to its user alone");
  const auto token = read_or_make_key_file(path, context.random);
  REQUIRE(token.has_value(), kTokenFile, "64 hexadecimal digits");
  return to_hex(token->reveal());
}

// The programs that are connected, and the engine that they share.
class Programs {
 public:
  Programs(Client& client, std::string token) : client_(client), token_(std::move(token)) {
    client_.on_notice([this](const engine::Notice& notice) { tell(notice); });
  }
  ~Programs() {
    client_.on_notice(nullptr);
    crypto::wipe({reinterpret_cast<uint8_t*>(token_.data()), token_.size()});
  }
  Programs(const Programs&) = delete;
  Programs& operator=(const Programs&) = delete;

  /// Both give where programs find them.
  Result<std::string> listen_unix(const std::string& path) {
    servers_.push_back(TRY(net::LocalServer::create_unix(client_.loop(), path, events())));
    return "unix:" + path;
  }
  Result<std::string> listen_tcp(uint16_t port) {
    servers_.push_back(TRY(net::LocalServer::create_tcp(client_.loop(), port, events())));
    return "tcp:127.0.0.1:" + std::to_string(servers_.back()->port());
  }

 private:
  struct Program {
    Program(net::EventLoop& loop, engine::CommandId first, api::CheckToken check,
            std::function<void(std::string_view)> on_line)
        : peer(first, std::move(check)), lines(std::move(on_line)), token_timer(loop) {}
    api::RpcPeer peer;
    LineCutter lines;
    net::Timer token_timer;
    bool ended = false;      // nothing that it says is read any more
    bool dismissed = false;  // nothing is said to it any more
  };
  using Name = std::pair<size_t, ConnectionId>;  // the server's place, and its connection

  net::LocalServer::Events events() {
    const size_t server = servers_.size();
    return {[this, server](ConnectionId id) { open({server, id}); },
            [this, server](ConnectionId id, ByteView bytes) {
              if (const auto found = find({server, id})) found->lines.take(as_text(bytes));
            },
            [this, server](ConnectionId id) {
              const auto found = find({server, id});
              if (!found) return;
              found->lines.finish();
              if (std::exchange(found->ended, true)) return;
              end_if_answered({server, id}, *found);
              make_room(server, [](const Program& each) { return each.ended; });
            },
            [this, server](ConnectionId id) { programs_.erase({server, id}); }};
  }

  std::shared_ptr<Program> find(const Name& name) {
    const auto found = programs_.find(name);
    return found == programs_.end() ? nullptr : found->second;
  }

  void open(const Name& name) {
    // Ranges of ids: nobody gives four thousand million commands.
    const engine::CommandId first{Client::kForeignIds.value * ++opened_};
    const auto check = [this](std::string_view shown) {
      return crypto::equal_constant_time(as_bytes(shown), as_bytes(token_));
    };
    const auto program = std::make_shared<Program>(client_.loop(), first, check,
                                                   [this, name](std::string_view line) { take(name, line); });
    programs_.emplace(name, program);
    make_room(name.first, [](const Program& each) { return !each.ended && !each.peer.authenticated(); });
    program->token_timer.set(kTokenTime, [this, name] {
      const auto found = find(name);
      if (found && !found->peer.authenticated()) dismiss(name, api::kNotAuthenticated, "api.md: ten seconds");
    });
  }

  // Of one server's programs of this sort the oldest goes, if they are too many.
  void make_room(size_t server, bool (*of_sort)(const Program&)) {
    std::vector<Name> all;
    for (const auto& [name, program] : programs_) {
      if (name.first == server && !program->dismissed && of_sort(*program)) all.push_back(name);
    }
    if (all.size() > kWaitingMax) dismiss(all.front(), api::kTooManyPrograms, "api.md: programs that wait");
  }

  bool is_full() const {
    const auto takes_part = [](const auto& each) { return !each.second->ended && each.second->peer.authenticated(); };
    return static_cast<size_t>(std::count_if(programs_.begin(), programs_.end(), takes_part)) > kProgramsMax;
  }

  // The last line of a connection says why it ends; nothing is read any more.
  void dismiss(const Name& name, const ErrorCode& code, const char* rule) {
    const auto program = find(name);
    if (!program || std::exchange(program->dismissed, true)) return;
    program->ended = true;
    servers_[name.first]->close(name.second, as_bytes(api::error_line("null", {code, rule}) + "\n"));
  }

  void take(const Name& name, std::string_view line) {
    const auto program = find(name);
    if (!program || program->ended) return;
    const bool known = program->peer.authenticated();
    api::Taken taken = program->peer.take(line);
    if (!known && program->peer.authenticated() && is_full()) {
      return dismiss(name, api::kTooManyPrograms, "api.md: programs at once");
    }
    say(name, taken.reply);
    if (taken.close) {
      program->ended = program->dismissed = true;  // the rest of what it has said is not read
      servers_[name.first]->close(name.second);
    } else if (taken.command) {
      client_.command(taken.id, std::move(*taken.command));
    }
  }

  void say(const Name& name, const std::string& line) {
    if (line.empty() || servers_[name.first]->send(name.second, as_bytes(line + "\n"))) return;
    dismiss(name, api::kNotReading, "api.md: what may wait");
  }

  void tell(const engine::Notice& notice) {
    const auto all = programs_;  // a program that does not read is dropped meanwhile
    for (const auto& [name, program] : all) {
      say(name, program->peer.tell(notice));
      end_if_answered(name, *program);
    }
  }

  void end_if_answered(const Name& name, const Program& program) {
    if (program.ended && program.peer.pending() == 0) servers_[name.first]->close(name.second);
  }

  Client& client_;
  std::string token_;
  std::map<Name, std::shared_ptr<Program>> programs_;
  uint64_t opened_ = 0;
  std::vector<std::unique_ptr<net::LocalServer>> servers_;  // last: their ends tell nobody
};

}  // namespace

Status run_serve(Context& context, const ServeOptions& options) {
  const auto client = TRY(open_client(context, true));
  client->be_patient();
  Programs programs(*client, TRY(read_or_make_token(context, false)));
  const std::string path = options.socket.empty() ? api_socket(context.globals.profile) : options.socket;
  std::string where = TRY(programs.listen_unix(path)) + "\n";
  if (options.port) where += TRY(programs.listen_tcp(*options.port)) + "\n";
  REQUIRE(print_out(where), kNoOutput, "write");
  Status waited;
  do {
    waited = client->wait_quietly([] { return false; }, hours(1));
  } while (waited.error().code == kTimedOut);
  if (waited.error().code != kInterrupted) return waited;
  const Status finished = client->wait_idle("finishing", seconds(5));  // acknowledgements and receipts
  return !finished && finished.error().code.action == Action::kStop ? finished : Status();
}

Status run_token(Context& context, const TokenOptions& options) {
  const std::string token = TRY(read_or_make_token(context, options.renew));
  REQUIRE(print_out(token + "\n"), kNoOutput, "write");
  return {};
}

}  // namespace godwit::cli
