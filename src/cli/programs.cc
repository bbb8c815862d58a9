#include "cli/programs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "api/errors.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/files.h"
#include "crypto/hash.h"
#include "net/local_server.h"

namespace godwit::cli {
namespace {

// Who has not shown the token by then is cut off: connections are few.
constexpr Duration kTokenTime = seconds(10);
// Programs at once. Of those that have not shown the token, and of those that have ended their side and wait for answers, the
// oldest goes if there are more, so that neither keeps anybody out.
constexpr size_t kProgramsMax = 64;
constexpr size_t kWaitingMax = 16;
static_assert(kProgramsMax + 2 * kWaitingMax < net::LocalServer::kConnectionsMax);

std::string token_path(const std::string& profile) { return api_folder(profile) + "/token"; }

}  // namespace

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

struct Programs::Program {
  Program(net::EventLoop& loop, engine::CommandId first, api::CheckToken check,
          std::function<void(std::string_view)> on_line)
      : peer(first, std::move(check)), lines(std::move(on_line)), token_timer(loop) {
    peer.allow_program();
  }
  api::RpcPeer peer;
  LineCutter lines;
  net::Timer token_timer;
  bool ended = false;      // nothing that it says is read any more
  bool dismissed = false;  // nothing is said to it any more
};

Programs::Programs(net::EventLoop& loop, std::string token, std::string profile, Random& random)
    : loop_(loop), token_(std::move(token)), jobs_(std::move(profile), random) {}

Programs::~Programs() {
  if (client_ != nullptr) client_->on_notice(nullptr);
  crypto::wipe({reinterpret_cast<uint8_t*>(token_.data()), token_.size()});
}

void Programs::attach(Client& client) {
  client_ = &client;
  jobs_.attach(client_);
  client_->on_notice([this](const engine::Notice& notice) { tell(notice); });
  const auto all = programs_;  // a program that does not read is dropped meanwhile
  for (const auto& [name, program] : all) say(name, program->peer.tell(api::ProgramNotice(api::Unlocked{})));
}

void Programs::detach() {
  client_->on_notice(nullptr);
  client_ = nullptr;
  jobs_.attach(nullptr);
}

void Programs::dismiss_all(const ErrorCode& code) {
  std::vector<Name> all;
  for (const auto& [name, program] : programs_) all.push_back(name);
  for (const Name& name : all) dismiss(name, code, "api.md: the last line");
}

bool Programs::is_token(std::string_view shown) const {
  return crypto::equal_constant_time(as_bytes(shown), as_bytes(token_));
}

std::string Programs::proof_line(std::string_view nonce) const {
  const std::string proof = to_hex(crypto::hmac_sha256(as_bytes(token_), as_bytes(nonce)));
  return R"({"jsonrpc":"2.0","method":"engine_proof","params":{"proof":")" + proof + "\"}}\n";
}

Programs::CarrierId Programs::add(Carrier carrier) {
  carriers_.push_back(std::move(carrier));
  return carriers_.size() - 1;
}

void Programs::open(CarrierId carrier, ConnectionId id) {
  const Name name{carrier, id};
  // Ranges of ids: nobody gives four thousand million commands.
  const engine::CommandId first{Client::kForeignIds.value * ++opened_};
  const auto program = std::make_shared<Program>(
      loop_, first, [this](std::string_view shown) { return is_token(shown); },
      [this, name](std::string_view line) { take_line(name, line); });
  programs_.emplace(name, program);
  make_room(carrier, [](const Program& each) { return !each.ended && !each.peer.authenticated(); });
  program->token_timer.set(kTokenTime, [this, name] {
    const auto found = find(name);
    if (found && !found->peer.authenticated()) dismiss(name, api::kNotAuthenticated, "api.md: ten seconds");
  });
}

void Programs::take(CarrierId carrier, ConnectionId id, ByteView bytes) {
  if (const auto found = find({carrier, id})) found->lines.take(as_text(bytes));
}

void Programs::end(CarrierId carrier, ConnectionId id) {
  const auto found = find({carrier, id});
  if (!found) return;
  found->lines.finish();
  if (std::exchange(found->ended, true)) return;
  end_if_answered({carrier, id}, *found);
  make_room(carrier, [](const Program& each) { return each.ended; });
}

std::shared_ptr<Programs::Program> Programs::find(const Name& name) {
  const auto found = programs_.find(name);
  return found == programs_.end() ? nullptr : found->second;
}

// Of one carrier's programs of this sort the oldest goes, if they are too many.
void Programs::make_room(CarrierId carrier, bool (*of_sort)(const Program&)) {
  std::vector<Name> all;
  for (const auto& [name, program] : programs_) {
    if (name.first == carrier && !program->dismissed && of_sort(*program)) all.push_back(name);
  }
  if (all.size() > kWaitingMax) dismiss(all.front(), api::kTooManyPrograms, "api.md: programs that wait");
}

bool Programs::is_full() const {
  const auto takes_part = [](const auto& each) { return !each.second->ended && each.second->peer.authenticated(); };
  return static_cast<size_t>(std::count_if(programs_.begin(), programs_.end(), takes_part)) > kProgramsMax;
}

// The last line of a connection says why it ends; nothing is read any more.
void Programs::dismiss(const Name& name, const ErrorCode& code, const char* rule) {
  const auto program = find(name);
  if (!program || std::exchange(program->dismissed, true)) return;
  program->ended = true;
  carriers_[name.first].close(name.second, as_bytes(api::error_line("null", {code, rule}) + "\n"));
}

void Programs::take_line(const Name& name, std::string_view line) {
  const auto program = find(name);
  if (!program || program->ended) return;
  const bool known = program->peer.authenticated();
  api::Taken taken = program->peer.take(line);
  if (!known && program->peer.authenticated() && is_full()) {
    return dismiss(name, api::kTooManyPrograms, "api.md: programs at once");
  }
  say(name, taken.reply);
  // Notices tell what changes; how it stands is known to nobody who has just come.
  if (!known && program->peer.authenticated() && client_ != nullptr && client_->connection())
    say(name, program->peer.tell(*client_->connection()));
  if (taken.close) {
    program->ended = program->dismissed = true;  // the rest of what it has said is not read
    carriers_[name.first].close(name.second, {});
  } else if (taken.command && client_ == nullptr) {
    say(name, program->peer.finish(taken.id, Error{kLocked, "the profile is closed"}));
  } else if (taken.command) {
    client_->command(taken.id, std::move(*taken.command));
  } else if (taken.program) {
    add_job(name, taken.id, std::move(*taken.program));
  }
}

// Who has gone meanwhile is not told. The same place may be another's by then, who gets no answer: ids are in ranges of their own.
void Programs::add_job(const Name& name, engine::CommandId id, api::ProgramCommand command) {
  const std::weak_ptr<Program> asker = find(name);
  const auto say_to = [this, name, asker](const auto& line_of) {
    const auto program = asker.lock();
    if (!program || find(name) != program) return;
    say(name, line_of(program->peer));
    end_if_answered(name, *program);
  };
  jobs_.add(
      std::move(command),
      [say_to, id](const Result<api::ProgramAnswer>& answer) {
        say_to([&](api::RpcPeer& peer) { return peer.finish(id, answer); });
      },
      [say_to](const api::ProgramNotice& notice) { say_to([&](api::RpcPeer& peer) { return peer.tell(notice); }); });
}

void Programs::say(const Name& name, const std::string& line) {
  if (line.empty() || carriers_[name.first].send(name.second, as_bytes(line + "\n"))) return;
  dismiss(name, api::kNotReading, "api.md: what may wait");
}

void Programs::tell(const engine::Notice& notice) {
  const auto all = programs_;  // a program that does not read is dropped meanwhile
  for (const auto& [name, program] : all) {
    say(name, program->peer.tell(notice));
    end_if_answered(name, *program);
  }
}

void Programs::end_if_answered(const Name& name, const Program& program) {
  if (program.ended && program.peer.pending() == 0) carriers_[name.first].close(name.second, {});
}

}  // namespace godwit::cli
