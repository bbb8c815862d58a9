#pragma once
// The control channel: JSON lines in, JSON lines out.

#include <string>
#include <string_view>
#include <vector>

#include "lab/censor/censor.h"

namespace godwit::lab {

/// {"event":"ready"}
std::string ready_line();
/// {"event":"error","text":...}
std::string error_line(const std::string& text);
/// {"event":"modes","modes":[...]}
std::string modes_line(const Censor& censor);
/// {"event":"counters","modes":{...},"hosts":{...},"lost":N}
std::string counters_line(const Censor& censor);
/// {"event":"suspect","server":...,"first_payload":base64,"reason":...}
std::string suspect_line(const Suspect& suspect);

/// What a command leads to.
struct ControlAnswer {
  std::string line;   ///< to be written, without a line end; may be empty
  bool quit = false;  ///< the program shall end
};

/// Obeys one line from outside; whatever it holds, the answer is a line of JSON or none.
ControlAnswer obey(std::string_view line, Censor& censor, Time now);

/// The table of modes and presets for people.
std::string catalogue_text();
/// The same as one JSON value.
std::string catalogue_json();

}  // namespace godwit::lab
