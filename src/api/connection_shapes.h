#pragma once
// The table's part about what a program says of its own connection: answered by RpcPeer, unknown to the engine.

#include <array>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "api/errors.h"
#include "api/shapes.h"
#include "engine/notices.h"

namespace godwit::api {

/// Shows the token: the first thing that is said on a socket.
struct Authenticate {
  std::string token;
};

/// Chooses which notices are told on this connection.
struct Subscribe {
  std::optional<std::vector<std::string>> notices;  ///< by name; none: all of them
};

/// All of them.
using ConnectionCommand = std::variant<Authenticate, Subscribe>;

template <>
struct Shape<Authenticate> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "authenticate";
  static constexpr std::
      string_view
          about =
              "Shows the token. On a socket it has to be the first line, and nothing is told before; a wrong one ends "
              "the " "connection. On standard input it is not needed.";
  static constexpr auto fields =
      fields_in_order(field("token", &Authenticate::token, "as `godwit token` prints it: 64 hexadecimal digits"));
  static constexpr std::array errors{kNotAuthenticated};
};

template <>
struct Shape<Subscribe> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "subscribe";
  static constexpr std::string_view about =
      "Chooses which notices are told on this connection from now on, instead of all. Answers are not touched.";
  static constexpr auto fields =
      fields_in_order(field("notices", &Subscribe::notices, "their names; an empty list: none; null or left out: all"));
  static constexpr std::array errors{kUnknownNotice};
};

}  // namespace godwit::api
