#include "api/describe_examples.h"

#include <algorithm>
#include <map>

#include "api/examples.h"
#include "api/rpc_peer.h"
#include "engine/errors.h"

namespace godwit::api {
namespace {

// What a field of text says in examples, by its name; others say "...".
const std::map<std::string, std::string, std::less<>>& texts() {
  static const std::map<std::string, std::string, std::less<>> all{
      {"name", "Boris"},
      {"text", "Hi"},
      {"link", std::string(kExampleInvite)},
      {"path", std::string(kExampleFile)},
      {"mime", "image/jpeg"},
      {"home", "wss://home.example/ws"},
      {"route", "wss://home.example/ws"},
      {"digits", "04516 ... (60 digits)"},
      {"recovery_key", "ZQ7H ... (in groups of four)"},
      {"check", "174208"},
      {"code", "4711 0815 2342"},
      {"home_link", std::string(kExampleHome)},
      {"address", "anna@mail.example"},
      {"smtp", "smtps://mail.example"},
      {"imap", "imaps://mail.example"},
      {"peer_name", "Boris"},
      {"data", R"({"offer":"v=0..."})"},
      {"urls", "turns:home.example:443?transport=tcp"},
      {"username", "1790000000:7f3a"},
  };
  return all;
}

// What would mislead if it came from the types alone: members that an example has instead (RFC 7396), by method or notice.
const std::map<std::string, std::string, std::less<>>& corrections() {
  static const std::map<std::string, std::string, std::less<>> all{
      {"read_account", R"({"name":"Anna"})"},
      {"send_file",
       R"({"message":{"text":"","file":{"name":"photo.jpg","mime":"image/jpeg","size":2481152,"sending":true,"fetching":false}}})"},
      {"new_sticker_pack", R"({"pack":{"name":"Cats","coming":false}})"},
      {"add_sticker_pack", R"({"pack":{"name":"Cats","coming":false}})"},
      {"write_bundle", R"({"left":0})"},
      {"find_page", R"({"address":"https://home.example/"})"},
      {"share_bulletin", R"({"text":"godwit-bulletin:..."})"},
      {"message_received", R"({"message":{"own":false,"delivery":"delivered"}})"},
      {"line_added",
       R"({"message":{"own":false,"kind":"line","text":"","spans":[],"mentions":[],"reactions":[],"delivery":"delivered",)" R"("edits":0,"pinned":false,"forwarded":false,"delivered_to":0,"read_by":0,"expire_seconds":0,"line":{"what":"role",)" R"("by":"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff","by_name":"Anna","by_own":false,)" R"("account":"ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100","name":"Boris","own":false,"role":"admin",)" R"("text":"","before":"","seconds":null,"on":null,"call":null}}})"},
      {"message_moved", R"({"delivery":"delivered"})"},
      {"connection_changed",
       R"({"connection":"connected","small":false,"trying":0,"by_mail":false,"through_home":false,"nearby":0,)" R"("home_full":false,"others_full":false})"},
      {"member_renamed", R"({"before":"Bob"})"},
      {"export_chat", R"({"page":"/home/anna/chat/Boris.html","lines":"/home/anna/chat/Boris.jsonl"})"},
      {"archive_progress", R"({"file":"/home/anna/chats.godwit","messages":18000})"},
      {"import_progress", R"({"file":"/home/anna/WhatsApp Chat with Boris.zip","messages":18000})"},
      {"start_call",
       R"({"call":{"outgoing":true,"state":"calling","offers":false,"media":"video","held_here":false,"held_there":false,"duration_ms":0}})"},
      {"accept_call",
       R"({"call":{"outgoing":false,"state":"answering","held_here":false,"held_there":false,"duration_ms":0}})"},
      {"read_calls",
       R"({"live":{"outgoing":false,"state":"active","held_here":false,"held_there":false,"way":"relayed_tls","duration_ms":0,)" R"("active_at":1790000009000},"more":false,"groups":[],"elsewhere":[]})"},
      {"take_over_call",
       R"({"call":{"outgoing":false,"state":"taking","held_here":false,"held_there":false,"duration_ms":0}})"},
      {"start_group_call",
       R"({"call":{"state":"here","outcome":null,"peers":[],"full":false,"name":"Friends","by_name":"Anna","duration_ms":0}})"},
      {"join_group_call",
       R"({"call":{"state":"here","outcome":null,"full":false,"name":"Friends","by_name":"Boris","duration_ms":0}})"},
      {"group_call_changed",
       R"({"call":{"state":"ringing","outcome":null,"joined_at":null,"full":false,"name":"Friends","by_name":"Boris","duration_ms":0}})"},
      {"call_signal", R"({"from":null})"},
      {"call_changed",
       R"({"call":{"outgoing":false,"state":"ringing_here","offers":true,"held_here":false,"held_there":false,"duration_ms":0}})"},
      {"file_progress", R"({"channel":null,"done":1048576,"total":2481152})"},
  };
  return all;
}

Json corrected(const std::string& name, Json example) {
  const auto found = corrections().find(name);
  if (found != corrections().end()) example.merge_patch(Json::parse(found->second, nullptr, false));
  return example;
}

// Values of the types that a description names.
class Maker {
 public:
  explicit Maker(const Json& description) : description_(description) {}

  Json object(const Json& fields) const {
    Json out = Json::object();
    for (const Json& each : fields) {
      // Where all goes well, a field for what does not is null.
      const bool none = each["type"] == "error" && !each["required"].get<bool>();
      out[each["name"].get<std::string>()] = none ? Json(nullptr) : value(each["type"], each["name"]);
    }
    return out;
  }

 private:
  // Inside another value what may be missing is missing, so that a text has no file.
  Json record(const Json& fields) const {
    Json out = object(fields);
    for (const Json& each : fields) {
      if (!each["required"].get<bool>()) out[each["name"].get<std::string>()] = nullptr;
    }
    return out;
  }

  Json value(const std::string& type, const std::string& field) const {
    if (type.ends_with("[]")) return Json::array({value(type.substr(0, type.size() - 2), field)});
    if (type == "error") return to_json(Error{engine::kNotConnected, "a connection to the home"});
    if (const Json* found = find("records", type)) return record((*found)["fields"]);
    if (const Json* values = find("enums", type)) return (*values)["values"][0]["name"];
    const Json* scalar = find("scalars", type);
    const std::string json = scalar == nullptr ? "string" : (*scalar)["json"].get<std::string>();
    if (json == "boolean") return true;
    if (json == "integer") return type == "time" ? Json(1'790'000'000'000) : Json(4);
    return text(type, field);
  }

  static Json text(const std::string& type, const std::string& field) {
    if (type == "chat_id") return kExampleChat;
    if (type == "message_id") return kExampleMessage;
    if (type == "account_id") return std::string(kExampleChat) + std::string(kExampleMessage);
    if (type == "call_id") return kExampleCall;
    if (type == "contact_request_id") return kExampleContactRequest;
    if (type == "invite_id") return kExampleOpenInvite;
    if (type == "channel_id") return kExampleChannel;
    if (field == "report") return kExampleReport;
    if (type == "device_id") return kExampleDevice;
    if (type == "bytes") return kExampleBundle;
    const auto found = texts().find(field);
    return found == texts().end() ? "..." : found->second;
  }

  const Json* find(const char* part, const std::string& name) const {
    const Json& all = description_[part];
    const auto found = std::find_if(all.begin(), all.end(), [&](const Json& each) { return each["name"] == name; });
    return found == all.end() ? nullptr : &*found;
  }

  const Json& description_;
};

std::string to_godwit(std::string_view line) { return "-> " + std::string(line); }
std::string from_godwit(std::string_view line) { return "<- " + std::string(line); }

Json method_lines(const Json& method, const Json& results, const Maker& maker) {
  const std::string name = method["name"];
  const auto examples = method_examples();
  const auto found =
      std::find_if(examples.begin(), examples.end(), [&](const MethodExample& each) { return each.method == name; });
  if (found == examples.end()) return Json::array();
  Json request{{"jsonrpc", "2.0"}, {"id", 1}, {"method", name}};
  request["params"] = Json::parse(found->params, nullptr, false);
  Json answer{{"jsonrpc", "2.0"}, {"id", 1}};
  const auto result =
      std::find_if(results.begin(), results.end(), [&](const Json& each) { return each["name"] == method["result"]; });
  answer["result"] = corrected(name, result == results.end() ? Json::object() : maker.object((*result)["fields"]));
  return Json::array({to_godwit(dump(request)), from_godwit(dump(answer))});
}

}  // namespace

void add_examples(Json& description) {
  const Json before = description;
  const Maker maker(before);
  for (const char* part : {"methods", "connection_methods", "program_methods"}) {
    for (Json& each : description[part]) each["example"] = method_lines(each, before["results"], maker);
  }
  for (Json& each : description["notices"]) {
    Json line{{"jsonrpc", "2.0"}, {"method", each["name"]}};
    line["params"] = corrected(each["name"], maker.object(each["params"]));
    each["example"] = Json::array({from_godwit(dump(line))});
  }
  Json& refused = description["refused_lines"] = Json::array();
  for (const RefusedLine& each : refused_lines()) {
    RpcPeer peer;
    Json one;
    one["error"] = each.error;
    one["example"] = Json::array({to_godwit(each.line), from_godwit(peer.take(each.line).reply)});
    refused.push_back(std::move(one));
  }
}

}  // namespace godwit::api
