#include "routes/end.h"

#include <array>

namespace godwit::routes {
namespace {

struct Meaning {
  std::string_view start;
  End end;
};
constexpr std::array kMeanings{Meaning{"connection_refused", End::kRefused},
                               Meaning{"host_unreachable", End::kRefused},
                               Meaning{"network_unreachable", End::kRefused},
                               Meaning{"connection_reset", End::kReset},
                               Meaning{"eof_error", End::kReset},
                               Meaning{"generic_timeout_error", End::kTimeout},
                               Meaning{"dns_", End::kDns},
                               Meaning{"ssl_", End::kTls},
                               Meaning{"http_", End::kGarbled},
                               Meaning{"websocket_protocol_error", End::kGarbled}};

}  // namespace

End end_of_failure(std::string_view name) {
  for (const Meaning& meaning : kMeanings) {
    if (name.starts_with(meaning.start)) return meaning.end;
  }
  return End::kUnknown;
}

bool is_closed_by_peer(std::string_view name) { return name == "pipe_closed_by_peer"; }

}  // namespace godwit::routes
