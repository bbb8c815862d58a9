#include "home/main_call_udp.h"

#include <sys/stat.h>

#include <filesystem>

#include "crypto/secret.h"
#include "home/errors.h"
#include "home/main.h"
#include "home/main_calls.h"
#include "home/main_log.h"
#include "net/errors.h"

namespace godwit::home {
namespace {

constexpr const char* kTaken =
    "another program has the UDP port: coturn's own service, perhaps (systemctl disable --now coturn), or choose "
    "another `calls_udp_port`";

void forget(std::string& text) { crypto::wipe({reinterpret_cast<uint8_t*>(text.data()), text.size()}); }

}  // namespace

ServedUdpRelay::ServedUdpRelay(net::EventLoop& loop, std::string folder, const CallsConfig& calls,
                               std::function<CoturnPlan()> plan, std::function<void()> changed)
    : loop_(loop), folder_(std::move(folder)), calls_(calls), plan_(std::move(plan)), changed_(std::move(changed)) {
  net::KeptProgramOptions options;
  options.program = calls_.program;
  options.arguments = {"-c", config_path()};
  options.prepare = [this] { return prepare(); };
  net::KeptProgramEvents events;
  events.on_up = [this](const net::ListensAt&) {
    up_ = true;
    ++starts_;
    error_.reset();
    words_.clear();
    changed_();
  };
  events.on_down = [this](Error error, const std::string& words) {
    up_ = false;
    error_ = error;
    words_ = words;
    say(LogLevel::kWarning, "calls_udp_down",
        {{"error", error.code},
         {"text", "the relay for calls by UDP does not run: " + trouble() +
                      "; calls go by TLS meanwhile, and it is started again by itself"}});
    changed_();
  };
  program_ = std::make_unique<net::KeptProgram>(loop, std::move(options), std::move(events));
}

ServedUdpRelay::~ServedUdpRelay() {
  program_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string ServedUdpRelay::config_path() const { return folder_ + "/turnserver.conf"; }

// Before each start. What was left by a home that was killed is replaced.
Result<net::ListensAt> ServedUdpRelay::prepare() {
  std::error_code trouble;
  std::filesystem::create_directories(folder_, trouble);
  REQUIRE(!trouble, kBadKeyFile, "home: the folder of the relay cannot be made");
  ::chmod(folder_.c_str(), 0700);
  CoturnPlan plan = plan_();
  REQUIRE(!plan.addresses.empty(), net::kBadAddress, "home: an address from which a call's packets leave");
  plan.folder = folder_;
  for (const std::string& address : own_parts(plan.addresses)) {
    REQUIRE(net::is_udp_port_free(loop_, address, calls_.udp_port), net::kSystem, kTaken);
  }
  std::string text = coturn_udp_config(plan, calls_);
  const Status written = write_file(config_path(), text, true);
  forget(text);
  forget(plan.secret);
  if (!written) return written.error();
  return net::ListensAt{calls_.udp_port, {}, own_parts(plan.addresses).front()};
}

std::string ServedUdpRelay::trouble() const {
  if (error_->code == net::kPtMissing) return coturn_missing(calls_);
  std::string out = error_->code == net::kPtEnded ? "coturn has ended" : error_->rule;
  if (error_->code == net::kPtHangs) out = "coturn does not answer at UDP port " + std::to_string(calls_.udp_port);
  return words_.empty() ? out : out + " (" + words_ + ")";
}

std::string ServedUdpRelay::status() const {
  if (is_starting()) return "by UDP: coturn is being started\n";
  if (!up_) return kUdpDown + trouble() + "\n";
  return "by UDP: coturn, process " + std::to_string(program_->pid()) + ", started " +
         (starts_ == 1 ? "once" : std::to_string(starts_) + " times") + ", open to the world at UDP port " +
         std::to_string(calls_.udp_port) + "\n";
}

}  // namespace godwit::home
