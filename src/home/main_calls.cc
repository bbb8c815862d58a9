#include "home/main_calls.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "home/call_config.h"
#include "home/errors.h"
#include "home/main_log.h"
#include "home/unit_config.h"
#include "net/child_process.h"
#include "net/errors.h"
#include "net/local_networks.h"
#include "net/turn_password.h"
#include "routes/ip_address.h"
#include "routes/public_address.h"

namespace godwit::home {
namespace {

constexpr const char* kConfigName = "turnserver.conf";

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out;
}

// Whether others on the Internet can send to it.
bool is_public(const std::string& address) {
  const std::string text = address.substr(0, address.find('/'));
  routes::MappedAddress mapped{};
  if (const auto v6 = routes::parse_ipv6(text)) {
    mapped = *v6;
  } else if (const auto v4 = routes::parse_ipv4(text)) {
    mapped[10] = mapped[11] = 0xff;
    std::copy(v4->begin(), v4->end(), mapped.begin() + 12);
  }
  return routes::is_public_address(mapped);
}

}  // namespace

ServedCalls::ServedCalls(net::EventLoop& loop, const Place& place, const Config& config, Random& random, Home& home,
                         net::Listener& listener)
    : loop_(loop),
      place_(place),
      config_(config),
      random_(random),
      home_(home),
      listener_(listener),
      folder_(std::filesystem::absolute(place.file("calls")).string()),
      secret_(crypto::Secret<32>::random(random)) {}

ServedCalls::~ServedCalls() { stop(); }

void ServedCalls::set(const CallsConfig& calls) {
  const bool same = calls == calls_;
  if (same && (coturn_ != nullptr) == calls.on) return;
  stop();
  calls_ = calls;
  if (calls_.on) start();
}

void ServedCalls::start() {
  addresses_ = calls_.addresses.empty() ? net::own_addresses() : calls_.addresses;
  net::KeptProgramOptions options;
  options.program = calls_.program;
  options.arguments = {"-c", folder_ + "/" + kConfigName};
  options.prepare = [this] { return configure(); };
  net::KeptProgramEvents events;
  events.on_up = [this](const net::ListensAt& at) { up(at.port); };
  events.on_down = [this](Error error, const std::string& words) { down(error, words); };
  state_ = State::kStarting;
  coturn_ = std::make_unique<net::KeptProgram>(loop_, std::move(options), std::move(events));
  if (calls_.udp) {
    udp_ = std::make_unique<ServedUdpRelay>(
        loop_, folder_ + "/udp", calls_, [this] { return plan(); },
        [this] {
          tell_home();
          settle(state_);
        });
  }
  if (!calls_.unit) return;
  unit_address_ = unit_address(random_);
  const auto relay = [this] {
    return relay_ ? std::optional(turn_credentials(*relay_, random_, loop_.now()))
                  : std::optional<wire::TurnCredentials>();
  };
  unit_ = std::make_unique<ServedUnit>(loop_, random_, home_, folder_ + "/unit", unit_address_, calls_, relay,
                                       [this] { settle(state_); });
}

void ServedCalls::stop() {
  // Its own code may stand below us.
  if (coturn_) loop_.post([gone = std::shared_ptr<net::KeptProgram>(std::move(coturn_))] {});
  coturn_.reset();
  if (unit_) unit_->close();
  if (unit_) loop_.post([gone = std::shared_ptr<ServedUnit>(std::move(unit_))] {});
  unit_.reset();
  if (udp_) udp_->close();
  if (udp_) loop_.post([gone = std::shared_ptr<ServedUdpRelay>(std::move(udp_))] {});
  udp_.reset();
  unit_address_.clear();
  listener_.relay_calls(std::nullopt);
  relay_.reset();
  home_.set_call_relay(std::nullopt);
  ::unlink((folder_ + "/" + kConfigName).c_str());
  error_.reset();
  words_.clear();
  settle(State::kOff);
}

// Before each start. What was left by a home that was killed is replaced.
Result<net::ListensAt> ServedCalls::configure() {
  REQUIRE(!addresses_.empty(), net::kBadAddress, "home: an address from which a call's packets leave");
  std::error_code trouble;
  std::filesystem::create_directories(folder_, trouble);
  REQUIRE(!trouble, kBadKeyFile, "home: the folder of the relay cannot be made");
  ::chmod(folder_.c_str(), 0700);
  CoturnPlan told = plan();
  told.port = net::free_loopback_port(loop_);
  REQUIRE(told.port != 0, net::kSystem, "home: no port of this machine is left");
  std::string text = coturn_config(told, calls_);
  const Status written = write_file(folder_ + "/" + kConfigName, text, true);
  crypto::wipe({reinterpret_cast<uint8_t*>(text.data()), text.size()});
  crypto::wipe({reinterpret_cast<uint8_t*>(told.secret.data()), told.secret.size()});
  if (!written) return written.error();
  return net::ListensAt{told.port, {}};
}

// Without a port.
CoturnPlan ServedCalls::plan() {
  CoturnPlan out;
  out.secret = to_base64url(secret_.reveal());
  out.realm = config_.host;
  out.folder = folder_;
  out.addresses = addresses_;
  out.unit = unit_address_;
  return out;
}

void ServedCalls::up(uint16_t port) {
  ++starts_;
  error_.reset();
  words_.clear();
  net::CallRelay relay;
  relay.port = port;
  relay.connections_max = calls_.connections_max;
  relay.source_max = calls_.source_max;
  listener_.relay_calls(relay);
  CallRelayPlan plan;
  plan.urls = call_urls(config_, listener_.port());
  plan.password_of = [this](std::string_view username, Instant until) { return password_of(username, until); };
  relay_ = std::move(plan);
  tell_home();
  settle(State::kUp);
}

// The way by UDP is told beside the one by TLS, never alone: calls begin there. Those to the unit go by TLS only.
void ServedCalls::tell_home() {
  std::optional<CallRelayPlan> plan = relay_;
  if (plan && udp_ && udp_->is_up()) plan->urls.push_back(call_udp_url(config_));
  home_.set_call_relay(std::move(plan));
}

// Whoever was told this may come, and so may be handed on.
std::string ServedCalls::password_of(std::string_view username, Instant until) {
  listener_.expect_calls_until(until);
  std::string secret = to_base64url(secret_.reveal());
  std::string password = net::turn_password(secret, username);
  crypto::wipe({reinterpret_cast<uint8_t*>(secret.data()), secret.size()});
  return password;
}

void ServedCalls::down(Error error, const std::string& words) {
  listener_.relay_calls(std::nullopt);
  relay_.reset();
  home_.set_call_relay(std::nullopt);
  error_ = error;
  words_ = words;
  say(LogLevel::kWarning, "calls_down",
      {{"error", error.code},
       {"text", "the relay for calls does not run: " + trouble() + "; it is started again by itself"}});
  settle(State::kDown);
}

void ServedCalls::settle(State state) {
  state_ = state;
  if (!is_settled()) return;
  for (const auto& each : std::exchange(waiting_, {})) each(status());
}

bool ServedCalls::is_settled() const {
  return state_ != State::kStarting && !(unit_ && unit_->is_starting()) && !(udp_ && udp_->is_starting());
}

void ServedCalls::when_settled(std::function<void(std::string status)> then) {
  if (!is_settled()) return waiting_.push_back(std::move(then));
  then(status());
}

std::string ServedCalls::trouble() const {
  if (error_->code == net::kPtMissing) return coturn_missing(calls_);
  if (error_->code == net::kBadAddress) {
    return "this machine has no address by which it reaches the Internet: name it in `calls_addresses`";
  }
  std::string out = error_->code == net::kPtEnded ? "coturn has ended" : error_->rule;
  if (error_->code == net::kPtHangs) out = "coturn does not begin to listen";
  return words_.empty() ? out : out + " (" + words_ + ")";
}

std::string ServedCalls::status() const {
  if (state_ == State::kOff) return std::string(kCallsOffLine) + "\n";
  std::string out;
  if (state_ == State::kStarting) out = "calls: the relay is being started\n";
  if (state_ == State::kDown) out = "calls: not working: " + trouble() + "\n";
  if (state_ == State::kUp) {
    out = std::string(kCallsWork) + "\n";
    out += "relay: coturn, process " + std::to_string(coturn_->pid()) + ", started " +
           (starts_ == 1 ? "once" : std::to_string(starts_) + " times") + "\n";
  }
  const net::ListenerCounts counts = listener_.counts();
  out += "connections: " + std::to_string(counts.relays_open) + " of " + std::to_string(calls_.connections_max) +
         " now, " + std::to_string(counts.relays) + " since the start, " + std::to_string(counts.relays_refused) +
         " refused\n";
  if (udp_) out += udp_->status();
  if (unit_) out += unit_->status();
  out += "clients are told: " + joined(call_urls(config_, listener_.port())) + "\n";
  out += "packets leave from: " + joined(addresses_) + ", UDP ports " + std::to_string(calls_.port_first) + " to " +
         std::to_string(calls_.port_last) + "\n";
  for (const std::string& warning : call_warnings(config_, addresses_)) out += "note: " + warning + "\n";
  return out;
}

std::vector<std::string> call_warnings(const Config& config, const std::vector<std::string>& addresses) {
  std::vector<std::string> out;
  if (config.calls.urls.empty() && config.pin_certificate && !config.behind_proxy) {
    out.push_back(
        "this home's certificate is pinned, hence probably its own: browsers let no call through it. Use one of a "
        "usual authority " "(docs/certificates.md) and `pin_certificate = false`");
  }
  if (config.behind_proxy) {
    out.push_back(
        "a web server ends TLS before this home: it has to pass on what is no HTTP (nginx: its stream module), or "
        "clients need " "another place in `calls_urls`");
  }
  bool any_public = false;
  for (const std::string& address : addresses) any_public = any_public || is_public(address);
  if (!any_public) {
    out.push_back(
        "no address of the relay is a public one: people whose calls go through another home's relay are not reached. "
        "Behind a router that " "passes the UDP ports on: calls_addresses = [\"PUBLIC/OWN\"]");
  }
  if (config.calls.loopback)
    out.push_back("`calls_loopback` lets strangers reach what listens on this machine's loopback: for tests only");
  return out;
}

std::string coturn_missing(const CallsConfig& calls) {
  if (!net::find_program(calls.program).empty()) return {};
  return "calls need coturn, and there is no program `" + calls.program +
         "`. Install it (Debian: apt install coturn; its own service is not needed and may be switched off: systemctl "
         "disable --now coturn), " "or name it in `calls_program`";
}

}  // namespace godwit::home
