#include "api/rpc_peer.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "api/call_shapes.h"
#include "api/channel_shapes.h"
#include "api/command_shapes.h"
#include "api/door_shapes.h"
#include "api/errors.h"
#include "api/from_json.h"
#include "api/group_shapes.h"
#include "api/messages.h"
#include "api/name_shapes.h"
#include "api/notice_shapes.h"
#include "api/to_json.h"
#include "api/web_push_shapes.h"

namespace godwit::api {
namespace {

/// Why a request is refused, and which of its fields is to blame.
struct Refusal {
  Error error;
  std::string field;
};

int rpc_code(const ErrorCode& code) {
  if (code == kNotJson) return -32700;
  if (code == kNotARequest || code == kLineTooLong) return -32600;
  if (code == kUnknownMethod) return -32601;
  if (code == kUnknownField || code == kMissingField || code == kWrongType || code == kUnknownNotice) {
    return -32602;
  }
  return code.number;
}

// ---- reading a command ---------------------------------------------------------------------------------------------

template <typename T>
bool is_field_of(std::string_view name) {
  return Shape<T>::fields([&](const auto&... each) { return ((each.name == name) || ...); });
}

template <typename T, typename F>
bool read_field(const Json& params, const F& each, T& out, Refusal& refusal) {
  const auto found = params.find(std::string(each.name));
  if (found == params.end()) {
    if (!each.required) return true;
    refusal = {{kMissingField, "api.md: a field without which the method cannot do"}, std::string(each.name)};
    return false;
  }
  if (is_left_out(*found, each) || read(*found, out.*(each.member))) return true;
  refusal = {{kWrongType, "api.md: the type of each field"}, std::string(each.name)};
  return false;
}

template <typename T>
bool read_params(const Json& params, T& out, Refusal& refusal) {
  for (const auto& item : params.items()) {
    if (is_field_of<T>(item.key())) continue;
    refusal = {{kUnknownField, "api.md: the fields of each method"}, item.key()};
    return false;
  }
  return Shape<T>::fields([&](const auto&... each) { return (read_field(params, each, out, refusal) && ...); });
}

template <typename T, typename Commands>
bool read_command_as(const Json& params, Commands& out, Refusal& refusal) {
  // Not by assigning: for each of so many kinds compilers would then ask whether it could become any other.
  return read_params(params, out.template emplace<T>(), refusal);
}

template <typename... T>
bool read_command(std::string_view method, const Json& params, std::variant<T...>& out, Refusal& refusal) {
  bool read = false;
  const auto as = [&]<typename Each>(const Each*) {
    if (method != Shape<Each>::name) return false;
    read = read_command_as<Each>(params, out, refusal);
    return true;
  };
  if (!(as(static_cast<const T*>(nullptr)) || ...)) {
    refusal = {{kUnknownMethod, "api.md: the methods"}, std::string(method)};
  }
  return read;
}

// ---- reading a request ---------------------------------------------------------------------------------------------

/// One request as JSON-RPC sees it. `id` is the JSON text of its id, empty if there is none.
struct Envelope {
  std::string id;
  std::string method;
  Json params = Json::object();
};

/// Ids are strings, numbers or null (JSON-RPC 2.0 §4); long ones are refused, since each is kept until its answer.
constexpr size_t kIdSizeMax = 128;

bool read_id(const Json& json, std::string& out) {
  if (!json.is_string() && !json.is_number() && !json.is_null()) return false;
  std::string text = dump(json);
  if (text.size() > kIdSizeMax) return false;
  out = std::move(text);
  return true;
}

bool read_envelope(Json& json, Envelope& out, Refusal& refusal) {
  const auto refuse = [&](const char* rule, std::string_view field) {
    refusal = {{kNotARequest, rule}, std::string(field)};
    return false;
  };
  if (!json.is_object()) return refuse("JSON-RPC 2.0 §4: a request is an object", "");
  if (json.contains("id") && !read_id(json["id"], out.id)) return refuse("JSON-RPC 2.0 §4: id", "id");
  if (!json.contains("jsonrpc") || json["jsonrpc"] != "2.0") return refuse("JSON-RPC 2.0 §4: jsonrpc", "jsonrpc");
  if (!json.contains("method") || !json["method"].is_string()) return refuse("JSON-RPC 2.0 §4: method", "method");
  out.method = json["method"].get<std::string>();
  for (const auto& item : json.items()) {
    const std::string& key = item.key();
    if (key != "id" && key != "jsonrpc" && key != "method" && key != "params") {
      return refuse("JSON-RPC 2.0 §4: no other members", key);
    }
  }
  if (!json.contains("params")) return true;
  if (!json["params"].is_object()) return refuse("api.md: params by name", "params");
  out.params = std::move(json["params"]);
  return true;
}

// Discarded if the line is no JSON. What lies deeper than kDepthMax is left out and `too_deep` set.
Json parse(std::string_view line, bool& too_deep) {
  const auto keep = [&](int depth, Json::parse_event_t, Json&) {
    if (depth < kDepthMax) return true;
    too_deep = true;
    return false;
  };
  return Json::parse(line, keep, false);
}

template <typename... T>
bool is_method_of(std::string_view method, const std::variant<T...>*) {
  return ((method == Shape<T>::name) || ...);
}

template <typename T>
constexpr bool kIsAnswer = std::is_same_v<T, engine::CommandDone> || std::is_same_v<T, engine::CommandFailed>;

template <typename T>
constexpr std::string_view notice_name() {
  if constexpr (kIsAnswer<T>) {
    return {};
  } else {
    return Shape<T>::name;
  }
}

template <typename... T>
bool is_notice(std::string_view name, const std::variant<T...>*) {
  return !name.empty() && ((name == notice_name<T>()) || ...);
}

std::string result_line(const std::string& id, const engine::Answer& answer) {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":)" + answer_json(answer) + "}";
}

// The newest messages of a page that have room in an answer; one at least.
engine::Messages newest_that_fit(const engine::Messages& page) {
  const auto end = page.messages.end();
  auto first = end;
  for (size_t size = 0; first != page.messages.begin(); --first) {
    size += dump(to_json(*std::prev(first))).size();
    if (size > kPageSizeMax && first != end) break;
  }
  return {{first, end}};
}

template <typename T>
std::string notification_line(const T& notice) {
  Json line;
  line["jsonrpc"] = "2.0";
  line["method"] = Shape<T>::name;
  line["params"] = to_json(notice);
  return dump(line);
}

}  // namespace

std::string answer_json(const engine::Answer& answer) {
  return std::visit([](const auto& each) { return dump(to_json(each)); }, answer);
}

std::string error_line(std::string_view id, const Error& error, std::string_view field) {
  Json data = to_json(error);
  if (!field.empty()) data["field"] = field;
  Json body;
  body["code"] = rpc_code(error.code);
  body["message"] = message_of(error.code);
  body["data"] = std::move(data);
  return R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"error":)" + dump(body) + "}";
}

std::optional<Error> RpcPeer::carry_out(const ConnectionCommand& command) {
  if (const auto* shown = std::get_if<Authenticate>(&command)) {
    authenticated_ = check_ == nullptr || check_(shown->token);
    if (authenticated_) return std::nullopt;
    return Error{kNotAuthenticated, "api.md: the token"};
  }
  const auto& wanted = std::get<Subscribe>(command).notices;
  if (!wanted) {
    wanted_.reset();
    return std::nullopt;
  }
  for (const std::string& name : *wanted) {
    if (!is_notice(name, static_cast<const engine::Notice*>(nullptr)) &&
        !is_notice(name, static_cast<const ProgramNotice*>(nullptr))) {
      return Error{kUnknownNotice, "api.md: the notices"};
    }
  }
  wanted_.emplace(wanted->begin(), wanted->end());
  return std::nullopt;
}

Taken RpcPeer::take(std::string_view line) {
  Taken taken = read_line(line);
  if (authenticated_) return taken;
  taken.close = true;
  return taken;
}

Taken RpcPeer::read_line(std::string_view line) {
  Taken taken;
  if (line.size() > kLineSizeMax) {
    taken.reply = error_line("null", {kLineTooLong, "api.md: the size of a line"});
    return taken;
  }
  bool too_deep = false;
  Json json = parse(line, too_deep);
  if (json.is_discarded()) {
    taken.reply = error_line("null", {kNotJson, "RFC 8259"});
    return taken;
  }
  Envelope envelope;
  Refusal refusal{};
  engine::Command command = engine::ReadAccount{};  // any, until one is read
  ConnectionCommand of_connection;
  ProgramCommand of_program;
  bool sound = read_envelope(json, envelope, refusal);
  if (sound && too_deep) {
    sound = false;
    refusal = {{kNotARequest, "api.md: how deep a line may be"}, {}};
  }
  const bool connection = is_method_of(envelope.method, &of_connection);
  const bool program = program_ && is_method_of(envelope.method, &of_program);
  const auto read = [&] {
    if (connection) return read_command(envelope.method, envelope.params, of_connection, refusal);
    if (program) return read_command(envelope.method, envelope.params, of_program, refusal);
    return read_command(envelope.method, envelope.params, command, refusal);
  };
  if (sound && !authenticated_ && envelope.method != Shape<Authenticate>::name) {
    taken.reply = error_line(envelope.id.empty() ? "null" : envelope.id, {kNotAuthenticated, "api.md: the token"});
    return taken;
  }
  if (!sound || !read()) {
    // A request without an id is not answered even if it is wrong, but one that is no request at all is.
    if (sound && envelope.id.empty()) return taken;
    taken.reply = error_line(envelope.id.empty() ? "null" : envelope.id, refusal.error, refusal.field);
    return taken;
  }
  if (connection) {
    const std::optional<Error> error = carry_out(of_connection);
    if (envelope.id.empty()) return taken;
    taken.reply = error ? error_line(envelope.id, *error) : result_line(envelope.id, engine::Nothing{});
    return taken;
  }
  if (pending_.size() >= kPendingMax) {
    if (!envelope.id.empty()) {
      taken.reply = error_line(envelope.id, {kTooManyPending, "api.md: requests that wait"});
    }
    return taken;
  }
  taken.id = next_id_;
  next_id_.value += 1;
  pending_.emplace(taken.id, std::move(envelope.id));
  if (program) {
    taken.program = std::move(of_program);
  } else {
    taken.command = std::move(command);
  }
  return taken;
}

// The text of the id of the request that is answered now; empty: no answer is wanted.
std::string RpcPeer::pending_id(engine::CommandId command) {
  const auto node = pending_.extract(command);
  return node.empty() ? std::string() : std::move(node.mapped());
}

bool RpcPeer::wants(std::string_view notice) const { return authenticated_ && (!wanted_ || wanted_->contains(notice)); }

std::string RpcPeer::finish(engine::CommandId command, const Result<ProgramAnswer>& answer) {
  const std::string id = pending_id(command);
  if (id.empty()) return id;
  if (!answer) return error_line(id, answer.error());
  const auto as_json = [](const auto& each) { return dump(to_json(each)); };
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":)" + std::visit(as_json, *answer) + "}";
}

std::string RpcPeer::tell(const ProgramNotice& notice) const {
  const auto line = [this](const auto& each) {
    return wants(Shape<std::remove_cvref_t<decltype(each)>>::name) ? notification_line(each) : std::string();
  };
  return std::visit(line, notice);
}

std::string RpcPeer::tell(const engine::Notice& notice) {
  if (const auto* done = std::get_if<engine::CommandDone>(&notice)) {
    const std::string id = pending_id(done->command);
    if (id.empty()) return id;
    const auto* page = std::get_if<engine::Messages>(&done->answer);
    return result_line(id, page == nullptr ? done->answer : newest_that_fit(*page));
  }
  if (const auto* failed = std::get_if<engine::CommandFailed>(&notice)) {
    const std::string id = pending_id(failed->command);
    return id.empty() ? id : error_line(id, failed->error);
  }
  return std::visit(
      [this](const auto& each) -> std::string {
        using T = std::remove_cvref_t<decltype(each)>;
        if constexpr (kIsAnswer<T>) {
          return {};
        } else if (!wants(Shape<T>::name)) {
          return {};
        } else {
          return notification_line(each);
        }
      },
      notice);
}

}  // namespace godwit::api
