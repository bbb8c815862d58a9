#pragma once
// What this home and Janus (janus.conf.meetecho.com/docs/rest.html, videoroom.html) say to each other: JSON text out, values in. Pure. Janus
// runs beside this home and forwards what strangers have written, so that its words are read as anybody's.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace godwit::home {

/// What each message to Janus has.
struct JanusFrame {
  uint64_t transaction = 0;  ///< counts up; its answer names it
  uint64_t session = 0;      ///< 0: there is none yet
  uint64_t handle = 0;       ///< 0: it is about the session
  std::string secret;        ///< its api_secret
};
/// A description that goes along; it is of frames that are sealed end to end, and Janus is told so.
struct JanusDescription {
  bool offer = false;
  std::string sdp;
};
/// What somebody in a room sends, by the "mid" that he gave it.
struct JanusStream {
  uint64_t feed = 0;
  bool picture = false;  ///< mid "1", else "0"
};

/// Begins a session.
std::string janus_create(const JanusFrame& frame);
/// Keeps it for another minute.
std::string janus_keepalive(const JanusFrame& frame);
/// A handle of the rooms: one connection of somebody's media.
std::string janus_attach(const JanusFrame& frame);
/// Ends it.
std::string janus_detach(const JanusFrame& frame);
/// Makes a room for `seats` who send at most `bits_second` each; nothing in it that is not sealed end to end.
std::string janus_make_room(const JanusFrame& frame, uint64_t room, const std::string& admin_key, uint32_t seats,
                            uint32_t bits_second);
/// Ends a room.
std::string janus_destroy_room(const JanusFrame& frame, uint64_t room);
/// Comes in as somebody who will send, by this number.
std::string janus_join(const JanusFrame& frame, uint64_t room, uint64_t feed);
/// Sends by that handle, or (`again`) otherwise than before.
std::string janus_publish(const JanusFrame& frame, const JanusDescription& offer, bool again);
/// Comes in as somebody who is sent these.
std::string janus_watch(const JanusFrame& frame, uint64_t room, const std::vector<JanusStream>& streams);
/// Wants more, and less, than before.
std::string janus_watch_others(const JanusFrame& frame, const std::vector<JanusStream>& more,
                               const std::vector<JanusStream>& less);
/// Answers an offer of Janus.
std::string janus_start(const JanusFrame& frame, const JanusDescription& answer);
/// Which size of each picture comes at most, by its line.
std::string janus_layers(const JanusFrame& frame, const std::map<uint16_t, uint8_t>& layers);

/// Where a stream stands in what Janus sends, or what somebody sends to it (`feed` 0).
struct JanusLine {
  uint16_t line = 0;
  uint64_t feed = 0;
  bool picture = false;
  bool active = false;
};
/// What Janus has said.
struct JanusSaid {
  /// kTimeout: the session is gone; kUp, kDown: the media of a handle flow, or no longer.
  enum class Kind : uint8_t { kAck, kSuccess, kEvent, kError, kTimeout, kUp, kDown, kOther };
  Kind kind = Kind::kOther;
  uint64_t transaction = 0;  ///< 0: it said it by itself
  uint64_t id = 0;           ///< of what was created or attached
  uint64_t sender = 0;       ///< the handle
  bool refused = false;      ///< by Janus or the room
  uint64_t refusal = 0;      ///< its number
  std::optional<JanusDescription> description;
  std::vector<JanusLine> lines;
};
/// Longest message of Janus that is read.
inline constexpr size_t kJanusSaidMax = 512 * 1024;
/// Nothing: it is no message of Janus.
std::optional<JanusSaid> read_janus(std::string_view text);

}  // namespace godwit::home
