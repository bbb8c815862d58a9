#include "home/main_web_push.h"

#include <charconv>

#include "home/main_addresses.h"
#include "net/errors.h"
#include "net/upgrade.h"

namespace godwit::home {
namespace {

using Kind = WebPushResult::Kind;

// What every push says, and no more: that something waits. Padded to one size.
Bytes said() {
  Bytes out = to_bytes(as_bytes("godwit 1"));
  out.resize(net::kWebPushPlainSize);
  return out;
}

// A header is good for at most a day (RFC 8292 §2), and is used for half of its time.
constexpr Duration kSignedFor = hours(12);
constexpr Duration kSignedUsed = hours(6);
constexpr size_t kSignedMax = 256;
// A wish that is a date, or nonsense, counts as this.
constexpr Duration kUnreadableWish = minutes(15);

Duration wish_of(const net::HttpHeaders& headers) {
  const std::string_view text = headers.first("retry-after");
  if (text.empty()) return {};
  uint32_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  return whole ? seconds(value) : kUnreadableWish;
}

// RFC 8030 §5, §7.3, §8.4. A redirect is an answer like any other that is not wanted.
WebPushResult result_of(const net::HttpResponse& response) {
  const int status = response.status;
  if (status >= 200 && status < 300) return {Kind::kSent, {}};
  if (status == 404 || status == 410) return {Kind::kGone, {}};
  if (status == 408 || status == 429 || status >= 500) return {Kind::kLater, wish_of(response.headers)};
  // It does not believe the home who it is: its clock, or its key. The subscription is not to blame.
  if (status == 401 || status == 403) return {Kind::kLater, kUnreadableWish};
  return {Kind::kRefused, {}};
}

}  // namespace

WebPusher::WebPusher(net::EventLoop& loop, net::VapidKey key, WebPusherOptions options,
                     std::function<void(WebPushId, WebPushResult)> done)
    : loop_(loop),
      key_(std::move(key)),
      options_(std::move(options)),
      done_(std::move(done)),
      resolver_(std::make_shared<net::Resolver>(loop, net::ResolverOptions{})),
      host_rate_(options_.host_burst, options_.host_interval),
      address_rate_(options_.host_burst, options_.host_interval) {}

WebPusher::~WebPusher() = default;

void WebPusher::answer(WebPushId push, WebPushResult result) {
  loop_.post([this, alive = std::weak_ptr<bool>(alive_), push, result] {
    if (alive.expired()) return;
    under_way_.erase(push);
    done_(push, result);
  });
}

// One for each push service, used for some hours: a signature costs little, but services remember keys by it.
Result<std::string> WebPusher::authorization(const net::HttpsUrl& url) {
  const std::string name = net::authority_of(url.host, url.port);
  const auto found = signed_.find(name);
  if (found != signed_.end() && loop_.now() < found->second.until) return found->second.header;
  auto header = TRY(key_.authorization(url, options_.contact, loop_.now() + kSignedFor));
  if (signed_.size() >= kSignedMax) signed_.clear();
  signed_[name] = {header, loop_.now() + kSignedUsed};
  return header;
}

void WebPusher::send(SendWebPush push) {
  const WebPushId id = push.push;
  const auto url = net::parse_https_url(push.subscription.endpoint);
  if (!url) return answer(id, {Kind::kGone, {}});
  const net::WebPushReceiver to{push.subscription.key.value, push.subscription.auth.value};
  const auto message = net::encrypt_web_push(said(), to);
  if (!message) return answer(id, {message.error().code == net::kBadOption ? Kind::kRefused : Kind::kLater, {}});
  const std::string host = url->host + ":" + std::to_string(url->port);
  const Duration wait = host_rate_.take(to_bytes(as_bytes(host)), loop_.now());
  if (wait > Duration{}) return answer(id, {Kind::kBusy, wait});
  const auto header = authorization(*url);
  if (!header) return answer(id, {Kind::kLater, {}});
  net::HttpsQuestion question;
  question.request = net::web_push_request(*url, *header, *message);
  question.limit = options_.limit;
  question.trust.authorities = options_.authorities;
  net::ConnectOptions connect;
  connect.resolver = resolver_;
  // A place that is none for strangers will hardly be one later; one that is asked too often will.
  const auto forbidden = std::make_shared<bool>(false);
  connect.may_connect = [this, forbidden](const routes::MappedAddress& address) {
    *forbidden = !options_.private_too && !is_strangers_goal(address);
    return !*forbidden && address_rate_.take(counted_name(address), loop_.now()) <= Duration{};
  };
  under_way_[id] =
      net::ask_https(loop_, *url, std::move(question), connect, [this, id, forbidden](Result<net::HttpsAnswer> reply) {
        const WebPushResult without{*forbidden ? Kind::kRefused : Kind::kLater, {}};
        answer(id, reply ? result_of(reply->head) : without);
      });
}

}  // namespace godwit::home
