#include "net/tls_looks.h"

#include <algorithm>

namespace godwit::net {

TlsLook TlsLooks::choose(const std::string& host, Instant now) {
  const auto [found, fresh] = hosts_.try_emplace(host, Host{first_, now});
  Host& known = found->second;
  if (!fresh && known.failed && now >= known.dialled + kRest) {
    known.look = known.look == TlsLook::kLean ? TlsLook::kDefault : TlsLook::kLean;
    known.failed = false;
  }
  known.dialled = now;
  const TlsLook look = known.look;
  if (hosts_.size() > kHostsMax) {
    hosts_.erase(std::min_element(hosts_.begin(), hosts_.end(),
                                  [](const auto& a, const auto& b) { return a.second.dialled < b.second.dialled; }));
  }
  return look;
}

void TlsLooks::on_failure(const std::string& host) {
  const auto found = hosts_.find(host);
  if (found != hosts_.end()) found->second.failed = true;
}

}  // namespace godwit::net
