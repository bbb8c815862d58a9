#include "api/describe.h"

#include <variant>

#include "api/call_shapes.h"
#include "api/channel_shapes.h"
#include "api/command_shapes.h"
#include "api/connection_shapes.h"
#include "api/describe_examples.h"
#include "api/errors.h"
#include "api/door_shapes.h"
#include "api/group_shapes.h"
#include "api/messages.h"
#include "api/name_shapes.h"
#include "api/notice_shapes.h"
#include "api/program_shapes.h"
#include "api/rpc_peer.h"
#include "api/to_json.h"
#include "api/web_push_shapes.h"

namespace godwit::api {
namespace {

// ---- the name of a type ----------------------------------------------------------------------------------------------

template <typename T>
struct TypeName {
  static std::string get() {
    if constexpr (requires { EnumShape<T>::name; }) {
      return std::string(EnumShape<T>::name);
    } else {
      return std::string(Shape<T>::name);
    }
  }
};
template <typename T>
struct TypeName<std::optional<T>> : TypeName<T> {};
template <typename T>
  requires(!std::is_same_v<T, uint8_t>)
struct TypeName<std::vector<T>> {
  static std::string get() { return TypeName<T>::get() + "[]"; }
};
#define GODWIT_SCALAR(Type, scalar)                               \
  template <>                                                     \
  struct TypeName<Type> {                                         \
    static std::string get() { return std::string(scalar.name); } \
  };
GODWIT_SCALAR(std::string, kTextScalar)
GODWIT_SCALAR(Bytes, kBytesScalar)
GODWIT_SCALAR(engine::MailPassword, kTextScalar)
GODWIT_SCALAR(bool, kBooleanScalar)
GODWIT_SCALAR(uint32_t, kCountScalar)
GODWIT_SCALAR(uint64_t, kCountScalar)
GODWIT_SCALAR(int64_t, kIntegerScalar)
GODWIT_SCALAR(Instant, kTimeScalar)
GODWIT_SCALAR(engine::AccountId, kAccountIdScalar)
GODWIT_SCALAR(engine::DeviceId, kDeviceIdScalar)
GODWIT_SCALAR(engine::CallId, kCallIdScalar)
GODWIT_SCALAR(engine::ChatId, kChatIdScalar)
GODWIT_SCALAR(engine::StickerPackId, kStickerPackIdScalar)
GODWIT_SCALAR(engine::MessageId, kMessageIdScalar)
GODWIT_SCALAR(engine::Position, kPositionScalar)
GODWIT_SCALAR(engine::ContactRequestId, kContactRequestIdScalar)
GODWIT_SCALAR(wire::Alias, kInviteIdScalar)
GODWIT_SCALAR(wire::ChannelId, kChannelIdScalar)
GODWIT_SCALAR(wire::BlobId, kBlobIdScalar)
#undef GODWIT_SCALAR

// ---- the parts -------------------------------------------------------------------------------------------------------

template <typename Owner, typename Member>
Json describe_field(const Field<Owner, Member>& each) {
  Json json;
  json["name"] = each.name;
  json["type"] = TypeName<Member>::get();
  json["required"] = each.required;
  json["about"] = each.about;
  return json;
}

template <typename T>
Json describe_shape(const char* fields_name) {
  Json json;
  json["name"] = Shape<T>::name;
  json["about"] = Shape<T>::about;
  Json list = Json::array();
  Shape<T>::fields([&](const auto&... each) { (list.push_back(describe_field(each)), ...); });
  json[fields_name] = std::move(list);
  return json;
}

template <typename T>
Json describe_method() {
  Json json = describe_shape<T>("params");
  json["result"] = Shape<typename Shape<T>::Answer>::name;
  Json errors = Json::array();
  for (const ErrorCode& code : Shape<T>::errors) errors.push_back(code.name);
  json["errors"] = std::move(errors);
  return json;
}

template <typename... T>
Json describe_methods(const std::variant<T...>*) {
  return Json::array({describe_method<T>()...});
}

template <typename... T>
Json describe_answers(const std::variant<T...>*) {
  return Json::array({describe_shape<T>("fields")...});
}

template <typename T>
void describe_notice(Json& list) {
  if constexpr (!std::is_same_v<T, engine::CommandDone> && !std::is_same_v<T, engine::CommandFailed>) {
    list.push_back(describe_shape<T>("params"));
  }
}

template <typename... T>
Json describe_notices(const std::variant<T...>*) {
  Json list = Json::array();
  (describe_notice<T>(list), ...);
  return list;
}

Json describe_error_record() {
  Json json = describe_shape<Error>("fields");
  const auto add = [&](const char* name, const char* type, const char* about) {
    Json one;
    one["name"] = name;
    one["type"] = type;
    one["required"] = true;
    one["about"] = about;
    json["fields"].push_back(std::move(one));
  };
  add("code", "count", "its number, listed below");
  add("name", "text", "its name, listed below");
  add("action", "action", "what to do");
  add("rule", "text", "which rule was broken, for programmers");
  add("message", "text", "one sentence for people");
  return json;
}

template <typename T>
Json describe_enum() {
  Json json;
  json["name"] = EnumShape<T>::name;
  json["about"] = EnumShape<T>::about;
  json["values"] = Json::array();
  for (const auto& each : EnumShape<T>::values) {
    Json one;
    one["name"] = each.name;
    one["about"] = each.about;
    json["values"].push_back(std::move(one));
  }
  return json;
}

Json describe_scalars() {
  Json list = Json::array();
  for (const Scalar& each : kScalars) {
    Json one;
    one["name"] = each.name;
    one["json"] = each.json;
    one["about"] = each.about;
    list.push_back(std::move(one));
  }
  return list;
}

Json describe_errors() {
  Json list = Json::array();
  for (const CodeMessage& each : messages()) {
    Json one;
    one["code"] = each.number;
    one["name"] = each.name;
    one["action"] = to_json(each.action);
    one["message"] = each.sentence;
    list.push_back(std::move(one));
  }
  return list;
}

Json describe() {
  Json json;
  json["api"] = "godwit";
  json["version"] = kApiVersion;
  json["jsonrpc"] = "2.0";
  json["line_size_max"] = kLineSizeMax;
  json["pending_max"] = kPendingMax;
  json["methods"] = describe_methods(static_cast<const engine::Command*>(nullptr));
  json["connection_methods"] = describe_methods(static_cast<const ConnectionCommand*>(nullptr));
  json["program_methods"] = describe_methods(static_cast<const ProgramCommand*>(nullptr));
  json["results"] = describe_answers(static_cast<const engine::Answer*>(nullptr));
  for (Json& each : describe_answers(static_cast<const ProgramAnswer*>(nullptr))) {
    json["results"].push_back(std::move(each));
  }
  json["notices"] = describe_notices(static_cast<const engine::Notice*>(nullptr));
  for (Json& each : describe_notices(static_cast<const ProgramNotice*>(nullptr))) {
    json["notices"].push_back(std::move(each));
  }
  json["records"] = Json::array({
       describe_shape<engine::Message>("fields"), describe_shape<engine::ChatInfo>("fields"),
       describe_shape<engine::RouteInfo>("fields"), describe_shape<engine::FileInfo>("fields"),
       describe_shape<engine::MailAccount>("fields"), describe_shape<engine::WebPushTarget>("fields"), describe_shape<engine::KeptInfo>("fields"),
       describe_shape<engine::KeptReaction>("fields"),
       describe_shape<engine::ImportEntry>("fields"), describe_shape<engine::FoundMessage>("fields"),
       describe_shape<engine::FoundPost>("fields"),
       describe_shape<engine::NewSticker>("fields"), describe_shape<engine::StickerInfo>("fields"),
       describe_shape<engine::StickerPackInfo>("fields"),
       describe_shape<engine::TextSpan>("fields"), describe_shape<engine::Mention>("fields"),
       describe_shape<engine::LinkPreview>("fields"), describe_shape<engine::PostRef>("fields"), describe_shape<engine::PostFile>("fields"),
       describe_shape<engine::PostFileInfo>("fields"), describe_shape<engine::ReportedFile>("fields"),
       describe_shape<engine::ReportedMessage>("fields"),
       describe_shape<engine::MediaInfo>("fields"), describe_shape<engine::ReactionInfo>("fields"),
       describe_shape<engine::PollInfo>("fields"), describe_shape<engine::PollOption>("fields"),
       describe_shape<engine::LocationInfo>("fields"), describe_shape<engine::ContactInfo>("fields"),
       describe_shape<engine::DeletedInfo>("fields"), describe_shape<engine::LineInfo>("fields"), describe_shape<engine::ChatSettings>("fields"),
       describe_shape<engine::EditInfo>("fields"), describe_shape<engine::ReceiptInfo>("fields"),
       describe_shape<engine::ScheduledInfo>("fields"), describe_shape<engine::MemberShown>("fields"),
       describe_shape<engine::InviteInfo>("fields"), describe_shape<engine::OpenInviteInfo>("fields"), describe_shape<engine::ContactRequestInfo>("fields"),
       describe_shape<engine::ChannelInfo>("fields"), describe_shape<engine::PostInfo>("fields"),
       describe_shape<engine::DeviceInfo>("fields"), describe_shape<engine::GroupLinkShown>("fields"),
       describe_shape<engine::JoinRequestShown>("fields"), describe_shape<engine::CallInfo>("fields"),
       describe_shape<engine::CallLine>("fields"), describe_shape<engine::PastCall>("fields"), describe_shape<engine::CallElsewhere>("fields"), describe_shape<engine::CallRelay>("fields"), describe_shape<engine::CallRoomStream>("fields"), describe_shape<engine::CallRoomLine>("fields"),
       describe_shape<engine::GroupCallInfo>("fields"), describe_shape<engine::GroupCallPeer>("fields"),
       describe_error_record()});
  json["enums"] = Json::array(
      {describe_enum<engine::Delivery>(), describe_enum<engine::Connection>(), describe_enum<routes::Carrier>(),
       describe_enum<routes::LookKind>(), describe_enum<routes::RouteSource>(), describe_enum<Action>(), describe_enum<engine::Role>(),
       describe_enum<engine::MessageKind>(), describe_enum<engine::LineKind>(), describe_enum<engine::MediaKind>(), describe_enum<engine::SpanStyle>(),
       describe_enum<engine::CallState>(), describe_enum<engine::CallOutcome>(), describe_enum<engine::CallMedia>(), describe_enum<engine::CallWay>(), describe_enum<engine::CallRoomWish>(), describe_enum<engine::GroupCallState>()});
  json["scalars"] = describe_scalars();
  json["errors"] = describe_errors();
  add_examples(json);
  return json;
}

// ---- markdown --------------------------------------------------------------------------------------------------------

std::string text_of(const Json& json) { return json.get<std::string>(); }

void add_fields(std::string& out, const Json& fields) {
  if (fields.empty()) {
    out += "No fields.\n\n";
    return;
  }
  out += "| field | type | |\n|---|---|---|\n";
  for (const Json& each : fields) {
    out += "| `" + text_of(each["name"]) + "` | " + text_of(each["type"]) +
           (each["required"].get<bool>() ? "" : ", optional") + " | " + text_of(each["about"]) + " |\n";
  }
  out += "\n";
}

// Lines as they go over the connection.
void add_example(std::string& out, const Json& lines) {
  out += "```\n";
  for (const Json& line : lines) out += text_of(line) + "\n";
  out += "```\n\n";
}

void add_methods(std::string& out, const char* title, const Json& methods) {
  out += std::string("## ") + title + "\n\n";
  for (const Json& each : methods) {
    out += "### `" + text_of(each["name"]) + "`\n\n" + text_of(each["about"]) + " Result: `" + text_of(each["result"]) +
           "`.";
    std::string errors;
    for (const Json& name : each["errors"]) errors += (errors.empty() ? " Errors: `" : ", `") + text_of(name) + "`";
    out += (errors.empty() ? "" : errors + ".") + "\n\n";
    add_fields(out, each["params"]);
    add_example(out, each["example"]);
  }
}

void add_section(std::string& out, const char* title, const Json& list, const char* fields_name) {
  out += std::string("## ") + title + "\n\n";
  for (const Json& each : list) {
    out += "### `" + text_of(each["name"]) + "`\n\n" + text_of(each["about"]) + "\n\n";
    add_fields(out, each[fields_name]);
    if (each.contains("example")) add_example(out, each["example"]);
  }
}

void add_values(std::string& out, const Json& json) {
  out += "## Values\n\n| type | in JSON | |\n|---|---|---|\n";
  for (const Json& each : json["scalars"]) {
    out += "| " + text_of(each["name"]) + " | " + text_of(each["json"]) + " | " + text_of(each["about"]) + " |\n";
  }
  for (const Json& each : json["enums"]) {
    out += "\n" + text_of(each["name"]) + ": " + text_of(each["about"]) + "\n\n| value | |\n|---|---|\n";
    for (const Json& value : each["values"]) {
      out += "| `" + text_of(value["name"]) + "` | " + text_of(value["about"]) + " |\n";
    }
  }
  out += "\n## Lines that are refused\n\n";
  for (const Json& each : json["refused_lines"]) add_example(out, each["example"]);
  out += "## Errors\n\n| code | name | action | message |\n|---|---|---|---|\n";
  for (const Json& each : json["errors"]) {
    out += "| " + dump(each["code"]) + " | `" + text_of(each["name"]) + "` | " + text_of(each["action"]) + " | " +
           text_of(each["message"]) + " |\n";
  }
}

}  // namespace

std::string describe_json() { return describe().dump(2); }

std::string describe_markdown() {
  const Json json = describe();
  std::string out;
  add_methods(out, "Methods", json["methods"]);
  add_methods(out, "Methods of the connection", json["connection_methods"]);
  add_methods(out, "Methods of the program", json["program_methods"]);
  add_section(out, "Results", json["results"], "fields");
  add_section(out, "Notices", json["notices"], "params");
  add_section(out, "Records", json["records"], "fields");
  add_values(out, json);
  return out;
}

}  // namespace godwit::api
