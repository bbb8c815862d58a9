#pragma once
// The JSON side of the engine: lines of JSON-RPC 2.0 in, commands out; answers and notices in, lines out. Pure: no file, no
// clock. What it is not: the description of the methods, which is describe.h.
//
//   {"jsonrpc":"2.0","id":1,"method":"send_text","params":{"chat":"...","text":"Hi"}}
//   {"jsonrpc":"2.0","id":1,"result":{"message":{...}}}
//   {"jsonrpc":"2.0","method":"message_received","params":{"chat":"...","message":{...}}}
//
// One object per line; batches (arrays) are refused. A request without an id is carried out and never answered. What a
// program says of its own connection (connection_shapes.h) is answered here.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "api/connection_shapes.h"
#include "api/program_shapes.h"
#include "engine/commands.h"
#include "engine/notices.h"

namespace godwit::api {

/// Bytes of one line: the largest text (100 KiB) with every byte escaped as \u00xx, and room.
constexpr size_t kLineSizeMax = 1024 * 1024;
/// Objects and arrays of a line that may lie inside each other; no method needs more than five.
constexpr int kDepthMax = 32;
/// Bytes of the messages in one answer of read_history; of more, the oldest are left out.
constexpr size_t kPageSizeMax = 1024 * 1024;
/// True if a program may come in with this token; compares in constant time.
using CheckToken = std::function<bool(std::string_view)>;

/// Requests that may wait for an answer at the same time; more get kTooManyPending, so that memory has a bound.
constexpr size_t kPendingMax = 1024;

/// What one line asks for: a command for the engine or for the program around it, or a line to answer with at once (the request was
/// no good).
struct Taken {
  std::optional<engine::Command> command;
  std::optional<ProgramCommand> program;
  engine::CommandId id;  ///< of `command` or `program`
  std::string reply;     ///< without a newline; empty if there is a command, or nothing to say
  bool close = false;    ///< after `reply` the connection has to be ended: it did not show the token
};

/// One program at the other end. Numbers its commands from `first_id` up; two peers of one engine need ranges apart.
class RpcPeer {
 public:
  /// With `check` the first line has to be `authenticate`, and nothing is told before; without it everybody is let in.
  explicit RpcPeer(engine::CommandId first_id = engine::CommandId{1}, CheckToken check = nullptr)
      : next_id_(first_id), check_(std::move(check)), authenticated_(check_ == nullptr) {}

  /// There is a program around the engine that carries out ProgramCommands; else their methods are unknown.
  void allow_program() { program_ = true; }
  /// Reads one line without its newline. Any bytes are fine.
  Taken take(std::string_view line);
  /// The line for a notice, without a newline; empty if it answers a command of somebody else or one without an id, or
  /// if the program does not want to hear of it.
  std::string tell(const engine::Notice& notice);
  /// The line that answers a ProgramCommand, without a newline; empty if no answer is wanted.
  std::string finish(engine::CommandId id, const Result<ProgramAnswer>& answer);
  /// The line for a notice of the program, without a newline; empty if it is not wanted.
  std::string tell(const ProgramNotice& notice) const;
  /// Requests that are not yet answered.
  size_t pending() const { return pending_.size(); }
  /// False until the token was shown, if one is wanted.
  bool authenticated() const { return authenticated_; }

 private:
  Taken read_line(std::string_view line);
  std::string pending_id(engine::CommandId command);
  bool wants(std::string_view notice) const;
  std::optional<Error> carry_out(const ConnectionCommand& command);

  engine::CommandId next_id_;
  CheckToken check_;
  bool authenticated_;
  bool program_ = false;
  std::optional<std::set<std::string, std::less<>>> wanted_;  // notices; none: all
  std::map<engine::CommandId, std::string> pending_;  // the JSON text of the request's id; empty: no answer is wanted
};

/// The answer's fields as one JSON object, as they stand in "result".
std::string answer_json(const engine::Answer& answer);
/// A line that refuses a request whose id has the JSON text `id` ("null" if it could not be read).
std::string error_line(std::string_view id, const Error& error, std::string_view field = {});

}  // namespace godwit::api
