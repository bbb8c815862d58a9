#pragma once
// Brings pushes to browsers' push services, for `godwit-home run` (RFC 8030): encrypted for the browser, signed with the home's key. Who
// named the endpoint is a stranger: https:// only, public addresses only, no redirect followed, few to one host. Endpoints are never
// logged.

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "home/home.h"
#include "home/rate.h"
#include "net/event_loop.h"
#include "net/web_push.h"

namespace godwit::home {

/// How it does that. The defaults are right for homes; tests shorten the times.
struct WebPusherOptions {
  std::string contact;                        ///< a mailto: or https: URL that push services are told
  std::string authorities;                    ///< a PEM file with the authorities that count; empty: the system's
  bool private_too = false;                   ///< addresses of this machine and its networks as well
  Duration limit = seconds(20);               ///< for one push
  uint32_t host_burst = 200;                  ///< pushes to one host and port, and to one address, at once
  Duration host_interval = milliseconds(50);  ///< and then one in this time
};

/// Pushes on their way; the home sees to it that they are few (Limits::web_pushes_max).
class WebPusher {
 public:
  /// `done` is told once of each push, from the loop, never from inside a call. `loop` must outlive it.
  WebPusher(net::EventLoop& loop, net::VapidKey key, WebPusherOptions options,
            std::function<void(WebPushId, WebPushResult)> done);
  ~WebPusher();
  WebPusher(const WebPusher&) = delete;
  WebPusher& operator=(const WebPusher&) = delete;

  /// Brings one.
  void send(SendWebPush push);
  /// On their way now.
  size_t under_way() const { return under_way_.size(); }

 private:
  Result<std::string> authorization(const net::HttpsUrl& url);
  void answer(WebPushId push, WebPushResult result);

  net::EventLoop& loop_;
  const net::VapidKey key_;
  const WebPusherOptions options_;
  const std::function<void(WebPushId, WebPushResult)> done_;
  std::shared_ptr<net::Resolver> resolver_;
  Rate host_rate_;     // by host and port
  Rate address_rate_;  // by the address that is really connected to, whatever names it has
  struct Signed {
    std::string header;
    Instant until;
  };
  std::map<std::string, Signed> signed_;  // by host and port
  std::map<WebPushId, std::unique_ptr<net::HttpsExchange>> under_way_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace godwit::home
