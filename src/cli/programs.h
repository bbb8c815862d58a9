#pragma once
// The programs that are connected to one engine: by the sockets of `serve`, or as the page of `web`.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/rpc_peer.h"
#include "base/result.h"
#include "cli/client.h"
#include "cli/line_cutter.h"
#include "cli/program_jobs.h"

namespace godwit::cli {

struct Context;

/// The token of the profile, 64 hexadecimal digits; made if there is none, or if another is wanted (`renew`). kNoProfile,
/// kTokenFile: others could have read it, or it is none.
Result<std::string> read_or_make_token(Context& context, bool renew);

/// Lines of programs in, commands of the engine out; answers and notices back.
class Programs {
 public:
  /// Names one connection of a carrier.
  using ConnectionId = uint64_t;
  /// How bytes reach those who came in by one way. What it calls must outlive the last call of Programs.
  struct Carrier {
    std::function<bool(ConnectionId, ByteView)> send;   ///< False: too much waits for him.
    std::function<void(ConnectionId, ByteView)> close;  ///< With his last words.
  };
  /// Names a carrier.
  using CarrierId = size_t;

  /// Who shows `token` first is let in. `profile`: its folder. `loop` must outlive it.
  Programs(net::EventLoop& loop, std::string token, std::string profile, Random& random);
  ~Programs();
  Programs(const Programs&) = delete;
  Programs& operator=(const Programs&) = delete;

  /// The engine that answers from now on, until detach(). Those who are there are told that the profile is open.
  void attach(Client& client);
  /// There is none: whoever is there may only open the lock.
  void detach();
  /// Everybody is sent away with this error as the last word.
  void dismiss_all(const ErrorCode& code);
  /// What they have asked of this program, to be done between two runs of the loop.
  ProgramJobs& jobs() { return jobs_; }
  /// True if this is the token; compares in constant time.
  bool is_token(std::string_view shown) const;
  /// The line that shows somebody who knows the token that we know it too: HMAC-SHA256 of his nonce under it, both as their
  /// hexadecimal digits.
  std::string proof_line(std::string_view nonce) const;
  /// Adds a carrier, which then reports what happens on it by the calls below.
  CarrierId add(Carrier carrier);
  /// Somebody is there.
  void open(CarrierId carrier, ConnectionId id);
  /// He says something.
  void take(CarrierId carrier, ConnectionId id, ByteView bytes);
  /// He says nothing more, but may still read.
  void end(CarrierId carrier, ConnectionId id);
  /// He is gone.
  void forget(CarrierId carrier, ConnectionId id) { programs_.erase({carrier, id}); }

 private:
  struct Program;
  using Name = std::pair<CarrierId, ConnectionId>;

  std::shared_ptr<Program> find(const Name& name);
  void make_room(CarrierId carrier, bool (*of_sort)(const Program&));
  bool is_full() const;
  void dismiss(const Name& name, const ErrorCode& code, const char* rule);
  void take_line(const Name& name, std::string_view line);
  void say(const Name& name, const std::string& line);
  void tell(const engine::Notice& notice);
  void add_job(const Name& name, engine::CommandId id, api::ProgramCommand command);
  void end_if_answered(const Name& name, const Program& program);

  net::EventLoop& loop_;
  Client* client_ = nullptr;
  std::string token_;
  ProgramJobs jobs_;
  std::vector<Carrier> carriers_;
  std::map<Name, std::shared_ptr<Program>> programs_;
  uint64_t opened_ = 0;
};

}  // namespace godwit::cli
