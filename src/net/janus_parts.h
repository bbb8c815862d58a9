#pragma once
// Where Janus, the unit for calls of many, has its parts on this machine.

#include <string>

namespace godwit::net {

/// The two that are used, below their folder; nothing else is loaded.
inline constexpr const char* kJanusParts[] = {"plugins/libjanus_videoroom.so", "transports/libjanus_websockets.so"};

/// The folder with kJanusParts: `named`, or if that is empty the one that belongs to `program`, a path. Absolute. Empty: there is none.
std::string janus_parts(const std::string& program, const std::string& named);

}  // namespace godwit::net
