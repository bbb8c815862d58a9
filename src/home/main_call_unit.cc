#include "home/main_call_unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "crypto/secret.h"
#include "home/errors.h"
#include "home/main.h"
#include "home/main_log.h"
#include "home/unit_config.h"
#include "net/child_process.h"
#include "net/errors.h"
#include "net/janus_parts.h"
#include "net/only_address_bytes.h"

namespace godwit::home {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOnlyAddress = "only_address.so";
constexpr Error kHangs{net::kGenericTimeout, "Janus runs and does not answer"};
constexpr Error kNotWritten{kBadKeyFile, "home: the folder of the unit cannot be made"};

std::string new_secret(Random& random) { return to_base64url(crypto::Secret<32>::random(random).reveal()); }

void forget(std::string& text) { crypto::wipe({reinterpret_cast<uint8_t*>(text.data()), text.size()}); }

}  // namespace

ServedUnit::ServedUnit(net::EventLoop& loop, Random& random, Home& home, std::string folder, std::string address,
                       const CallsConfig& calls, std::function<std::optional<wire::TurnCredentials>()> relay,
                       std::function<void()> settled)
    : loop_(loop),
      random_(random),
      home_(home),
      folder_(std::move(folder)),
      address_(std::move(address)),
      calls_(calls),
      relay_(std::move(relay)),
      settled_(std::move(settled)) {
  net::KeptProgramOptions options;
  options.program = calls_.unit_program;
  options.arguments = {"-C", folder_ + "/" + kJanusConfig, "-F", folder_};
  options.environment = {"LD_PRELOAD=" + folder_ + "/" + kOnlyAddress, "GODWIT_ONLY_ADDRESS=" + address_};
  options.prepare = [this] { return prepare(); };
  net::KeptProgramEvents events;
  events.on_up = [this](const net::ListensAt&) { begin_rooms(); };
  events.on_down = [this](Error error, const std::string& words) { down(error, words); };
  program_ = std::make_unique<net::KeptProgram>(loop, std::move(options), std::move(events));
}

ServedUnit::~ServedUnit() {
  program_.reset();
  forget(secret_);
  forget(admin_key_);
  remove_files();
}

void ServedUnit::close() {
  if (rooms_) rooms_->close();
  settled_ = [] {};
}

// It listens; it is of use when it has told this home so.
void ServedUnit::begin_rooms() {
  ++starts_;
  words_.clear();
  CallRoomsOptions options;
  options.secret = std::exchange(secret_, {});
  options.admin_key = std::exchange(admin_key_, {});
  options.address = address_;
  options.relay = relay_;
  rooms_ = std::make_unique<UnitRooms>(loop_, random_, home_, folder_ + "/" + kJanusSocket, std::move(options),
                                       [this] { rooms_changed(); });
}

void ServedUnit::rooms_changed() {
  up_ = rooms_->is_open();
  error_ = rooms_->error();
  // Not from inside the rooms, which go with it.
  if (rooms_->hangs())
    return loop_.post([this, alive = std::weak_ptr<bool>(alive_)] {
      if (!alive.expired() && rooms_ && rooms_->hangs()) program_->give_up(kHangs);
    });
  if (!up_) say_down();
  settled_();
}

void ServedUnit::remove_files() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

// Before each start. What was left by one that was killed goes first.
Result<net::ListensAt> ServedUnit::prepare() {
  REQUIRE(janus_missing(calls_).empty(), net::kPtMissing, "home: the unit is not installed");
  remove_files();
  const Status written = write_files();
  if (!written) return written.error();
  return net::ListensAt{0, folder_ + "/" + kJanusSocket};
}

Status ServedUnit::write_files() {
  std::error_code error;
  fs::create_directories(folder_, error);
  REQUIRE(!error, kNotWritten.code, kNotWritten.rule);
  ::chmod(folder_.c_str(), 0700);
  const std::string parts = net::janus_parts(net::find_program(calls_.unit_program), calls_.unit_parts);
  for (const char* part : net::kJanusParts) {
    const fs::path link = fs::path(folder_) / part;
    fs::create_directories(link.parent_path(), error);
    if (!error) fs::create_symlink(fs::path(parts) / part, link, error);
    REQUIRE(!error, kNotWritten.code, kNotWritten.rule);
  }
  TRY(write_file(folder_ + "/" + kOnlyAddress, net::only_address_bytes(), true));
  secret_ = new_secret(random_);
  admin_key_ = new_secret(random_);
  UnitPlan plan{folder_, address_, secret_, admin_key_};
  auto files = janus_config(plan);
  Status written;
  for (auto& [name, text] : files) {
    if (written) written = write_file(folder_ + "/" + name, text, true);
    forget(text);
  }
  forget(plan.secret);
  forget(plan.admin_key);
  return written;
}

void ServedUnit::down(Error error, const std::string& words) {
  if (rooms_) rooms_->close();
  rooms_.reset();
  up_ = false;
  error_ = error;
  words_ = words;
  say_down();
  settled_();
}

void ServedUnit::say_down() const {
  say(LogLevel::kWarning, "call_unit_down",
      {{"error", error_->code},
       {"text",
        "the unit for calls of more than four does not run: " + trouble() + "; it is started again by itself"}});
}

std::string ServedUnit::trouble() const {
  if (const std::string missing = janus_missing(calls_); !missing.empty()) return missing;
  std::string out = error_->code == net::kPtEnded ? "Janus has ended" : error_->rule;
  if (error_->code == net::kPtHangs) out = "Janus does not begin to listen";
  return words_.empty() ? out : out + " (" + words_ + ")";
}

std::string ServedUnit::status() const {
  if (is_starting()) return "unit: Janus is being started\n";
  if (!up_) return kUnitDown + trouble() + "\n";
  const std::string times = starts_ == 1 ? "once" : std::to_string(starts_) + " times";
  return "unit: Janus, process " + std::to_string(program_->pid()) + ", started " + times + ", media come to " +
         address_ + "\nrooms: " + std::to_string(rooms_->counts().rooms) +
         ", seats: " + std::to_string(rooms_->counts().seats) + " of " + std::to_string(rooms_->seats_max()) + "\n";
}

std::string janus_missing(const CallsConfig& calls) {
  const std::string program = net::find_program(calls.unit_program);
  if (!program.empty() && !net::janus_parts(program, calls.unit_parts).empty()) return {};
  return program.empty() ? "there is no program `" + calls.unit_program +
                               "`. Install it (Debian 12: apt install janus; its own service is not needed and may be "
                               "switched off: " "systemctl disable --now janus), or name it in `calls_unit_program`"
                         : "`" + calls.unit_program +
                               "` has no plugins/libjanus_videoroom.so and transports/libjanus_websockets.so: name the "
                               "folder of both " "in `calls_unit_parts`";
}

}  // namespace godwit::home
