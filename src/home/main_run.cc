// `godwit-home run`: the pure home between sockets and the store, until SIGTERM.

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <thread>

#include "crypto/random_sources.h"
#include "home/home.h"
#include "home/main.h"
#include "home/main_call_passages.h"
#include "home/main_calls.h"
#include "home/main_forward.h"
#include "home/main_front.h"
#include "home/main_log.h"
#include "home/main_mail.h"
#include "home/main_metrics.h"
#include "home/main_questions.h"
#include "home/main_sealed.h"
#include "home/main_status.h"
#include "home/main_store.h"
#include "home/main_transports.h"
#include "home/main_web_push.h"
#include "net/event_loop.h"
#include "net/listener.h"
#include "net/source_gate.h"
#include "net/upgrade.h"
#include "store/errors.h"
#include "store/rocksdb_store.h"

namespace godwit::home {
namespace {

// How long a home that was told to end waits for what it was asked.
constexpr Duration kDrainMax = seconds(10);
// And then for the last bytes to leave.
constexpr Duration kLastBytes = milliseconds(300);
// How often the certificate's end is looked at.
constexpr Duration kCertificateLook = hours(12);
// How often what was refused is looked at.
constexpr Duration kLimitsLook = minutes(1);

// The question was left by a command, which tells its person that no answer came.
void cannot_answer(const char* question) {
  say(LogLevel::kWarning, "answer_not_written", {{"question", std::string(question)}});
}

class Program {
 public:
  Program(const Place& place, const Config& config, net::EventLoop& loop, store::HomeStore& engine, Keys keys)
      : place_(place),
        config_(config),
        loop_(loop),
        engine_(engine),
        measured_(config.metrics_port != 0 ? std::make_unique<MeasuredStore>(engine) : nullptr),
        store_(measured_ ? *measured_ : engine),
        home_(std::move(keys), config.options, store_, random_),
        desk_(home_),
        bulletin_config_(config),
        deadline_(loop),
        patience_(loop),
        certificate_look_(loop),
        limits_look_(loop),
        began_(loop.now()) {}

  Status listen();
  int run();
  /// After run(): another home has taken the store, and this one was not to end.
  bool was_overtaken() const { return stopped_ && stopped_->code == store::kOvertaken && !ending_; }
  uint16_t port() const { return listener_->port(); }

 private:
  struct Line {
    std::unique_ptr<net::Pipe> pipe;
    Bytes kept;  // what the pipe did not take
  };
  net::PipeEvents accept(net::Arrival arrival, session::Form form);
  void bytes_came(PipeId id, ByteView bytes);
  void drained(PipeId id);
  void closed(PipeId id);
  void store_answered();
  void signalled(net::Signal signal);
  void reload();
  void act(Output output);
  Status begin_web_push();
  void begin_sealed();
  void begin_snapshot();
  HomeState state() const;
  void tell_state();
  std::string metrics_text() const;
  void look_at_certificate();
  void look_at_limits();
  void begin_calls();
  void tell_bulletin();
  void begin_audit();
  void finish_audit();
  void begin_removal();
  void tell_removal();
  void end_gently();
  // Does what the home wants done, and sets the timer for the next time it wants something.
  void turn();
  // The same, after whatever else has come by now: one turn for all of it.
  void turn_soon();
  void send(const SendBytes& output);

  const Place& place_;
  const Config& config_;
  net::EventLoop& loop_;
  store::HomeStore& engine_;
  std::unique_ptr<MeasuredStore> measured_;  // none: nobody asks
  store::HomeStore& store_;
  crypto::SystemRandom random_;
  std::atomic<bool> woken_{false};  // store_answered() is on its way; set by the store's threads
  Home home_;
  SealedDesk desk_;
  Config bulletin_config_;  // whose [bulletin] and [[bridge]] are read again at SIGHUP
  std::unique_ptr<Forwarder> forwarder_;
  std::unique_ptr<WebPusher> web_pusher_;  // none: it is off
  std::map<PipeId, Line> lines_;
  std::unique_ptr<net::Listener> listener_;
  std::unique_ptr<CallPassages> passages_;
  std::unique_ptr<ServedTransports> transports_;
  std::unique_ptr<HomeMail> mail_;
  std::unique_ptr<ServedCalls> calls_;
  std::unique_ptr<FrontPackets> fronts_;    // none: the store is here
  std::unique_ptr<ServedMetrics> metrics_;  // none: it is off
  net::Timer deadline_;
  Instant deadline_at_ = kNever;  // what deadline_ is set to
  bool turning_ = false;          // turn_soon() is on its way
  net::Timer patience_;
  net::Timer certificate_look_;
  net::Timer limits_look_;
  std::unique_ptr<StoreWatch> store_watch_;  // none: nobody can take it
  HomeState looked_;                         // when limits_look_ was set
  Instant began_;
  std::thread snapshot_;  // makes one; joined before the store goes
  bool snapshot_under_way_ = false;
  std::unique_ptr<AuditBytes> audit_bytes_;  // of audit_, if bytes are wanted
  std::unique_ptr<Audit> audit_;
  std::string audit_asker_;
  std::shared_ptr<Removal> removal_;
  std::string removal_asker_;
  uint64_t next_pipe_ = 1;
  bool ending_ = false;
  bool over_ = false;  // only last bytes leave: what the home would act with goes or is gone
  std::optional<Error> stopped_;
};

Status Program::listen() {
  // Before anybody can know of it: whoever finds the port or the note of a running home may send SIGHUP, which would end it.
  loop_.on_signal([this](net::Signal signal) { signalled(signal); });
  listener_ = TRY(net::Listener::create(loop_, listener_options(place_, config_), [this](net::Arrival arrival) {
    return accept(std::move(arrival), session::Form::kWebSocket);
  }));
  passages_ = std::make_unique<CallPassages>(*listener_, [this](PipeId id) {
    auto pipe = std::move(lines_.at(id).pipe);
    closed(id);
    return pipe;
  });
  calls_ = std::make_unique<ServedCalls>(loop_, place_, config_, random_, home_, *listener_);
  transports_ = TRY(ServedTransports::create(loop_, place_, config_, [this](net::Arrival arrival) {
    return accept(std::move(arrival), session::Form::kStream);
  }));
  mail_ = TRY(HomeMail::create(loop_, place_, config_, random_, [this](uint64_t letter, Bytes sealed) {
    desk_.give(std::move(sealed), loop_.now(), [this, letter](const Result<Bytes>& reply) {
      if (mail_) mail_->answer(letter, reply);
    });
    turn();
  }));
  if (config_.metrics_port != 0) {
    metrics_ = TRY(ServedMetrics::create(loop_, config_.metrics_port, [this] { return metrics_text(); }));
  }
  return begin_web_push();
}

Status Program::begin_web_push() {
  if (!config_.web_push) return {};
  const auto seed = TRY(load_web_push_key(place_, config_, random_));
  auto key = TRY(net::VapidKey::from_seed(seed.reveal()));
  home_.set_web_push_key(wire::WebPushKey{key.public_key()});
  WebPusherOptions options;
  options.contact = config_.web_push_contact;
  if (options.contact.empty() && !config_.host.empty())
    options.contact = "https://" + net::authority_of(config_.host, 443);
  if (!config_.web_push_authorities.empty()) options.authorities = place_.file(config_.web_push_authorities);
  options.private_too = config_.web_push_private;
  web_pusher_ = std::make_unique<WebPusher>(loop_, std::move(key), std::move(options),
                                            [this](WebPushId push, const WebPushResult& result) {
                                              home_.web_pushed(push, result, loop_.now());
                                              turn();
                                            });
  return {};
}

int Program::run() {
  store_.on_ready([this, poster = loop_.poster()] {
    if (!woken_.exchange(true)) poster.post([this] { store_answered(); });
  });
  forwarder_ = std::make_unique<Forwarder>(loop_, random_, ForwarderOptions{.private_too = config_.forward_private},
                                           [this](ForwardId forward, Result<Bytes> reply) {
                                             home_.forwarded(forward, std::move(reply), loop_.now());
                                             turn();
                                           });
  transports_->on_routes([this] { tell_bulletin(); });
  tell_bulletin();
  home_.start(loop_.now());
  calls_->set(config_.calls);
  look_at_certificate();
  look_at_limits();
  if (is_store_away(config_)) {
    fronts_ = serve_fronts(loop_, place_, config_, home_, [this] { turn(); });
    store_watch_ = std::make_unique<StoreWatch>(loop_, engine_, [this](const Error& error) {
      stopped_ = error;
      loop_.stop();
    });
  }
  turn();
  say(LogLevel::kInfo, "started", {{"version", std::string(kVersion)}});
  loop_.run();
  over_ = true;
  for (net::Timer* each : {&deadline_, &patience_, &certificate_look_, &limits_look_}) each->cancel();
  if (snapshot_.joinable()) snapshot_.join();
  if (fronts_) leave_fronts(home_, *fronts_, loop_.now());
  fronts_.reset();
  store_.on_ready({});
  store_watch_.reset();
  metrics_.reset();
  calls_.reset();
  mail_.reset();
  forwarder_.reset();
  web_pusher_.reset();
  passages_.reset();
  listener_.reset();
  transports_.reset();
  lines_.clear();
  loop_.run_until([] { return false; }, kLastBytes);
  if (was_overtaken()) say(LogLevel::kWarning, "overtaken", *stopped_, "this home is a standby from now on");
  if (stopped_ && !was_overtaken()) return fail(*stopped_, store_name(place_, config_));
  return kExitDone;
}

net::PipeEvents Program::accept(net::Arrival arrival, session::Form form) {
  const PipeId id{next_pipe_++};
  Bytes source = config_.behind_proxy ? Bytes{} : net::source_name(arrival.source);
  lines_.emplace(id, Line{std::move(arrival.pipe), {}});
  passages_->opened(id, arrival.source);
  home_.pipe_opened(id, form, std::move(source), loop_.now());
  net::PipeEvents events;
  events.on_bytes = [this, id](ByteView bytes) { bytes_came(id, bytes); };
  events.on_drained = [this, id] { drained(id); };
  events.on_closed = [this, id](Error) { closed(id); };
  turn_soon();  // not from inside this call: the pipe has no events yet
  return events;
}

void Program::bytes_came(PipeId id, ByteView bytes) {
  Bytes held;
  if (!passages_->are_sessions(id, bytes, held)) return;
  if (!held.empty()) home_.pipe_bytes(id, held, loop_.now());
  gather_store(config_, engine_, true);  // until the turn, for which others come by as well
  home_.pipe_bytes(id, bytes, loop_.now());
  turn_soon();
}

void Program::drained(PipeId id) {
  if (passages_->drained(id)) return;
  const auto line = lines_.find(id);
  if (line == lines_.end()) return;
  if (!line->second.kept.empty()) {
    if (!line->second.pipe->send(line->second.kept)) return;  // full again, or about to be closed
    line->second.kept.clear();
  }
  home_.pipe_drained(id, loop_.now());
  turn();
}

void Program::closed(PipeId id) {
  if (passages_->closed(id)) return;
  lines_.erase(id);
  home_.pipe_closed(id, loop_.now());
  turn();
}

void Program::store_answered() {
  woken_ = false;
  gather_store(config_, engine_, true);
  home_.store_ready(loop_.now());
  if (audit_ && audit_->done()) finish_audit();
  if (removal_ && removal_->outcome) {
    tell_removal();
    begin_removal();
  }
  turn();
}

void Program::send(const SendBytes& output) {
  const auto line = lines_.find(output.pipe);
  if (line == lines_.end()) return;
  const Status sent = line->second.pipe->send(output.bytes);
  if (sent || sent.error().code.action == Action::kCloseSession) return;  // else on_closed comes
  line->second.kept = output.bytes;
  home_.pipe_full(output.pipe);
}

void Program::act(Output output) {
  if (const auto* bytes = std::get_if<SendBytes>(&output)) send(*bytes);
  if (const auto* close = std::get_if<ClosePipe>(&output)) {
    passages_->closed(close->pipe);
    lines_.erase(close->pipe);
  }
  if (auto* answer = std::get_if<SealedAnswer>(&output)) desk_.take(std::move(*answer), loop_.now());
  if (auto* forward = std::get_if<ForwardSealed>(&output)) forwarder_->forward(std::move(*forward));
  if (auto* push = std::get_if<SendWebPush>(&output); push != nullptr && web_pusher_)
    web_pusher_->send(std::move(*push));
  if (const auto* packet = std::get_if<SendFrontPacket>(&output); packet != nullptr && fronts_) fronts_->send(*packet);
  if (const auto* trouble = std::get_if<StoreTroubleBegan>(&output)) {
    say(LogLevel::kWarning, "store_trouble_began", trouble->error, "people are told to come later");
  }
  if (std::holds_alternative<StoreTroubleEnded>(output)) {
    say(LogLevel::kInfo, "store_trouble_ended");
  }
  if (const auto* stop = std::get_if<Stop>(&output)) {
    stopped_ = stop->error;
    loop_.stop();
  }
}

void Program::turn() {
  gather_store(config_, engine_, false);
  if (over_) return;
  while (auto output = home_.next_output()) act(std::move(*output));
  if (ending_ && home_.idle()) loop_.stop();
  const Instant next = home_.next_deadline();
  if (next == deadline_at_ && next > loop_.now()) return;  // set already, and not yet due
  deadline_at_ = next;
  deadline_.set_at(next, [this] {
    deadline_at_ = kNever;
    home_.handle_expiry(loop_.now());
    turn();
  });
}

void Program::turn_soon() {
  if (std::exchange(turning_, true)) return;
  loop_.post([this] {
    turning_ = false;
    turn();
  });
}

// What bulletins say from now on. If that cannot be told they say what they said.
void Program::tell_bulletin() {
  BulletinPlan plan;
  const std::string complaint = bulletin_plan(place_, bulletin_config_, plan);
  if (complaint.empty()) {
    home_.set_bulletin(std::move(plan));
  } else {
    say(LogLevel::kWarning, "bulletins_unchanged", {{"text", "bulletins stay as they were: " + complaint}});
  }
}

void Program::signalled(net::Signal signal) {
  if (over_ && signal == net::Signal::kTerminate) ending_ = true;  // overtaken: it does not become a standby
  if (over_) return;
  if (signal == net::Signal::kTerminate) return end_gently();
  reload();
  tell_state();
  begin_snapshot();
  begin_calls();
  begin_audit();
  begin_removal();
  begin_sealed();
  turn();
}

void Program::reload() {
  if (!config_.behind_proxy) {
    if (const Status reloaded = listener_->reload_certificate(); !reloaded)
      say(LogLevel::kWarning, "certificate_not_reloaded", reloaded.error(),
          "the certificate was not read again, the old one stays in use");
  }
  if (auto read = load_config(place_)) {
    bulletin_config_.bulletin = std::move(read->bulletin);
    bulletin_config_.bridges = std::move(read->bridges);
    // Who asks something has not said that the settings of calls are ready.
    if (!ending_ && !is_asked(place_)) calls_->set(read->calls);
  }
  tell_bulletin();
  look_at_certificate();
}

// The first time: finishes what was asked and ends. The second time: ends.
void Program::end_gently() {
  if (std::exchange(ending_, true)) {
    loop_.stop();
    return;
  }
  say(LogLevel::kInfo, "draining", {{"connections", lines_.size()}});
  listener_->close();
  transports_->close();
  calls_->set({});
  home_.drain(loop_.now());
  patience_.set(kDrainMax, [this] { loop_.stop(); });
  turn();
}

// Said at the start, at SIGHUP and twice a day: a certificate that ends while the home runs is nothing that anybody else tells.
void Program::look_at_certificate() {
  const std::string trouble = certificate_trouble(place_, config_, loop_.now());
  if (!trouble.empty()) say(LogLevel::kWarning, "certificate_trouble", {{"text", trouble}});
  certificate_look_.set(kCertificateLook, [this] { look_at_certificate(); });
}

// That the home has refused people is told once in a while, and how often. What commands have left goes at the same time.
void Program::look_at_limits() {
  HomeState now = state();
  for (const auto& [limit, times] : limits_reached(looked_, now)) {
    say(LogLevel::kWarning, "limit_reached", {{"limit", std::string(limit)}, {"times", times}});
  }
  looked_ = std::move(now);
  if (!snapshot_under_way_) clear_left_over(place_, config_);
  limits_look_.set(kLimitsLook, [this] { look_at_limits(); });
}

HomeState Program::state() const {
  HomeState state;
  state.uptime = loop_.now() - began_;
  state.draining = ending_;
  state.sessions = lines_.size();
  state.fronts = home_.fronts();
  state.front_sessions = home_.front_sessions();
  state.output_waiting = home_.output_waiting();
  state.listener = listener_->counts();
  state.home = home_.counters();
  state.disk_free = free_bytes(is_store_away(config_) ? place_.folder : place_.file(config_.store));
  return state;
}

std::string Program::metrics_text() const {
  MetricsState told;
  told.home = state();
  told.gauges = home_.gauges();
  told.commits = measured_->counts();
  if (!is_store_away(config_)) told.sizes = store::sizes_of_rocksdb(engine_);
  told.process = process_state();
  return print_metrics(told);
}

void Program::tell_state() {
  while (const auto asked = take_question(place_, "status")) {
    if (!answer_question(place_, "status", asked->asker, print_state(state()))) cannot_answer("status");
  }
}

// Made on a thread of its own, since it waits for the disk. The command that asked copies it and removes it.
void Program::begin_snapshot() {
  if (snapshot_under_way_ || ending_) return;
  const auto asked = is_store_away(config_) ? std::nullopt : take_question(place_, "backup");
  if (!asked) return;
  if (snapshot_.joinable()) snapshot_.join();
  snapshot_under_way_ = true;
  snapshot_ = std::thread([this, asked, poster = loop_.poster(), folder = snapshot_folder(place_, config_)] {
    remove_snapshot(folder);
    const Status made = store::snapshot_rocksdb(engine_, folder);
    poster.post([this, asked, made] {
      snapshot_under_way_ = false;
      const std::string text = made ? "done" : std::string(made.error().code.name);
      if (!answer_question(place_, "backup", asked->asker, text + "\n")) cannot_answer("backup");
    });
  });
}

// What somebody carried here in a file; answered one question at a time, as they come.
void Program::begin_sealed() {
  while (const auto asked = take_sealed_question(place_)) {
    give_all(desk_, asked->sealed, loop_.now(), [this, asker = asked->asker](const SealedReplies& replies) {
      if (!write_sealed_answer(place_, asker, replies)) cannot_answer("sealed");
    });
  }
}

// Answered when a relay that is being started stands or has failed.
void Program::begin_calls() {
  while (const auto asked = take_question(place_, "calls")) {
    if (asked->text == kApplyCalls && !ending_) {
      if (const auto read = load_config(place_)) calls_->set(read->calls);
    }
    calls_->when_settled([this, asker = asked->asker](const std::string& status) {
      if (!answer_question(place_, "calls", asker, status)) cannot_answer("calls");
    });
  }
}

// One at a time, as they come.
void Program::begin_audit() {
  while (!audit_) {
    const auto asked = take_question(place_, "audit");
    if (!asked) return;
    const auto question = parse_audit_question(asked->text);
    if (!question) continue;
    audit_asker_ = asked->asker;
    if (question->mailbox || question->mailboxes)
      audit_bytes_ = std::make_unique<AuditBytes>(audit_bytes_file(place_, audit_asker_), *question);
    audit_ = std::make_unique<Audit>(store_, question->mailbox, audit_bytes_ ? audit_bytes_->show() : Audit::Show());
  }
}

void Program::finish_audit() {
  const auto report = audit_->report();
  audit_.reset();
  const bool whole = !audit_bytes_ || audit_bytes_->finish();
  audit_bytes_.reset();
  std::string text = report ? print_report(*report) : std::string(kAuditFailed).append(report.error().code.name);
  const bool told = (whole || !report) && answer_question(place_, "audit", audit_asker_, text).has_value();
  if (!told || !report) ::unlink(audit_bytes_file(place_, audit_asker_).c_str());
  if (!told) {
    static_cast<void>(answer_question(place_, "audit", audit_asker_, ""));  // nobody waits in vain
    cannot_answer("audit");
  }
  begin_audit();
}

// One at a time, as they come.
void Program::begin_removal() {
  while (!removal_) {
    const auto asked = take_question(place_, "remove");
    if (!asked) return;
    auto removal = parse_removal(asked->text);
    if (!removal) continue;
    removal_asker_ = asked->asker;
    removal_ = std::make_shared<Removal>(std::move(*removal));
    home_.remove(removal_, loop_.now());
    if (removal_->outcome) tell_removal();
  }
}

void Program::tell_removal() {
  const Status outcome = *removal_->outcome;
  removal_.reset();
  const std::string text = outcome ? "done" : std::string(outcome.error().code.name);
  if (!answer_question(place_, "remove", removal_asker_, text + "\n")) cannot_answer("remove");
}

int ended(int code) {
  say(code == kExitDone ? LogLevel::kInfo : LogLevel::kError, "ended", {{"exit_code", static_cast<uint64_t>(code)}});
  return code;
}

// A home until it ends, or until another has taken its store: then `again`.
int run_once(const Place& place, const Config& config, const Keys& keys, bool& again) {
  auto loop = net::EventLoop::create();
  if (!loop) return fail(loop.error(), "the event loop");
  auto store = open_or_stand_by(place, config, keys, **loop, again);
  again = false;
  if (!store) return fail(store.error(), store_name(place, config));
  if (*store == nullptr) return ended(kExitDone);
  Program program(place, config, **loop, **store, keys.clone());
  if (const Status listening = program.listen(); !listening)
    return fail(listening.error(), blamed_for(place, config, listening.error().code));
  if (const Status noted = write_running(place, {::getpid(), program.port()}); !noted)
    return fail(noted.error(), place.folder);
  announce(config, keys, program.port());
  const int code = program.run();
  again = program.was_overtaken();
  return again ? code : ended(code);
}

}  // namespace

int run_run(const Place& place, const RunOptions& options) {
  ::umask(0077);  // also for what RocksDB makes, wherever its folder is
  auto loaded = load_config(place);
  if (!loaded) return kExitConfig;
  if (!options.addresses.empty()) loaded->addresses = options.addresses;
  if (options.port >= 0) loaded->port = static_cast<uint16_t>(options.port);
  const Config config = std::move(*loaded);
  begin_log(config.log_json);
  crypto::SystemRandom random;
  auto keys = load_keys(place, config, random);
  if (!keys) return kExitConfig;
  bool again = false;
  int code = kExitDone;
  do {
    code = run_once(place, config, *keys, again);
  } while (again);
  return code;
}

}  // namespace godwit::home
