#include "home/janus_messages.h"

#include <charconv>
#include <nlohmann/json.hpp>

namespace godwit::home {
namespace {

using Json = nlohmann::json;

constexpr const char* kPlugin = "janus.plugin.videoroom";
constexpr size_t kLinesMax = 256;

// What is not UTF-8 does not come here, and would become U+FFFD.
std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json message(const char* kind, const JanusFrame& frame) {
  Json out{{"janus", kind}, {"transaction", std::to_string(frame.transaction)}, {"apisecret", frame.secret}};
  if (frame.session != 0) out["session_id"] = frame.session;
  if (frame.handle != 0) out["handle_id"] = frame.handle;
  return out;
}

std::string with_body(const JanusFrame& frame, Json body) {
  Json out = message("message", frame);
  out["body"] = std::move(body);
  return text_of(out);
}

std::string with_body(const JanusFrame& frame, Json body, const JanusDescription& description) {
  Json out = message("message", frame);
  out["body"] = std::move(body);
  out["jsep"] = {{"type", description.offer ? "offer" : "answer"},
                 {"sdp", description.sdp},
                 {"e2ee", true},
                 {"trickle", false},
                 {"rid_order", "lmh"}};  // the page names its sizes so, and Janus takes them the other way round
  return text_of(out);
}

Json listed(const std::vector<JanusStream>& streams) {
  Json out = Json::array();
  for (const JanusStream& each : streams) out.push_back({{"feed", each.feed}, {"mid", each.picture ? "1" : "0"}});
  return out;
}

const Json* member(const Json& json, const char* name) {
  if (!json.is_object()) return nullptr;
  const auto found = json.find(name);
  return found == json.end() ? nullptr : &*found;
}

uint64_t number_in(const Json& json, const char* name) {
  const Json* value = member(json, name);
  return value != nullptr && value->is_number_unsigned() ? value->get<uint64_t>() : 0;
}

std::string_view text_in(const Json& json, const char* name) {
  const Json* value = member(json, name);
  const auto* text = value == nullptr ? nullptr : value->get_ptr<const std::string*>();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

template <typename Number>
Number decimal(std::string_view text) {
  Number out = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() ? out : Number{0};
}

std::vector<JanusLine> lines_of(const Json& data) {
  std::vector<JanusLine> out;
  const Json* streams = member(data, "streams");
  if (streams == nullptr || !streams->is_array()) return out;
  for (const Json& each : *streams) {
    if (out.size() == kLinesMax) break;
    const std::string_view type = text_in(each, "type");
    if (type != "audio" && type != "video") continue;
    const Json* active = member(each, "active");
    out.push_back({decimal<uint16_t>(text_in(each, "mid")), number_in(each, "feed_id"), type == "video",
                   active == nullptr || (active->is_boolean() && active->get<bool>())});
  }
  return out;
}

void read_plugin(const Json& json, JanusSaid& out) {
  const Json* plugin = member(json, "plugindata");
  const Json* data = plugin == nullptr ? nullptr : member(*plugin, "data");
  if (data == nullptr) return;
  if (member(*data, "error_code") != nullptr) {
    out.refused = true;
    out.refusal = number_in(*data, "error_code");
  }
  out.lines = lines_of(*data);
}

JanusSaid::Kind kind_of(std::string_view name) {
  using Kind = JanusSaid::Kind;
  if (name == "ack") return Kind::kAck;
  if (name == "success") return Kind::kSuccess;
  if (name == "event") return Kind::kEvent;
  if (name == "timeout") return Kind::kTimeout;
  if (name == "webrtcup") return Kind::kUp;
  if (name == "hangup") return Kind::kDown;
  return name == "error" ? Kind::kError : Kind::kOther;
}

}  // namespace

std::string janus_create(const JanusFrame& frame) { return text_of(message("create", frame)); }

std::string janus_keepalive(const JanusFrame& frame) { return text_of(message("keepalive", frame)); }

std::string janus_attach(const JanusFrame& frame) {
  Json out = message("attach", frame);
  out["plugin"] = kPlugin;
  return text_of(out);
}

std::string janus_detach(const JanusFrame& frame) { return text_of(message("detach", frame)); }

std::string janus_make_room(const JanusFrame& frame, uint64_t room, const std::string& admin_key, uint32_t seats,
                            uint32_t bits_second) {
  return with_body(frame, {{"request", "create"},
                           {"admin_key", admin_key},
                           {"room", room},
                           {"description", "-"},
                           {"is_private", true},
                           {"permanent", false},
                           {"publishers", seats},
                           {"bitrate", bits_second},
                           {"bitrate_cap", true},
                           {"fir_freq", 10},
                           {"audiocodec", "opus"},
                           {"videocodec", "vp8"},
                           {"record", false},
                           {"lock_record", true},
                           {"notify_joining", false},
                           {"require_e2ee", true}});
}

std::string janus_destroy_room(const JanusFrame& frame, uint64_t room) {
  return with_body(frame, {{"request", "destroy"}, {"room", room}});
}

std::string janus_join(const JanusFrame& frame, uint64_t room, uint64_t feed) {
  return with_body(frame, {{"request", "join"}, {"ptype", "publisher"}, {"room", room}, {"id", feed}});
}

std::string janus_publish(const JanusFrame& frame, const JanusDescription& offer, bool again) {
  return with_body(frame, {{"request", again ? "configure" : "publish"}}, offer);
}

std::string janus_watch(const JanusFrame& frame, uint64_t room, const std::vector<JanusStream>& streams) {
  return with_body(frame, {{"request", "join"},
                           {"ptype", "subscriber"},
                           {"room", room},
                           {"autoupdate", false},
                           {"streams", listed(streams)}});
}

std::string janus_watch_others(const JanusFrame& frame, const std::vector<JanusStream>& more,
                               const std::vector<JanusStream>& less) {
  Json body{{"request", "update"}};
  if (!more.empty()) body["subscribe"] = listed(more);
  if (!less.empty()) body["unsubscribe"] = listed(less);
  return with_body(frame, std::move(body));
}

std::string janus_start(const JanusFrame& frame, const JanusDescription& answer) {
  return with_body(frame, {{"request", "start"}}, answer);
}

std::string janus_layers(const JanusFrame& frame, const std::map<uint16_t, uint8_t>& layers) {
  Json streams = Json::array();
  for (const auto& [line, layer] : layers) streams.push_back({{"mid", std::to_string(line)}, {"substream", layer}});
  return with_body(frame, {{"request", "configure"}, {"streams", std::move(streams)}});
}

std::optional<JanusSaid> read_janus(std::string_view text) {
  if (text.size() > kJanusSaidMax) return std::nullopt;
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  JanusSaid out;
  out.kind = kind_of(text_in(json, "janus"));
  out.transaction = decimal<uint64_t>(text_in(json, "transaction"));
  out.sender = number_in(json, "sender");
  if (const Json* data = member(json, "data")) out.id = number_in(*data, "id");
  if (out.kind == JanusSaid::Kind::kError) {
    out.refused = true;
    if (const Json* error = member(json, "error")) out.refusal = number_in(*error, "code");
  }
  read_plugin(json, out);
  if (const Json* jsep = member(json, "jsep")) {
    out.description = JanusDescription{text_in(*jsep, "type") == "offer", std::string(text_in(*jsep, "sdp"))};
  }
  return out;
}

}  // namespace godwit::home
