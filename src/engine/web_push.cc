#include "engine/web_push.h"

#include "engine/machine.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

constexpr Error kUseless{kNoWebPush, "a home sends pushes, under the key that it has shown"};

void put(Machine& m) { m.journal.put(record_key(RecordKind::kWebPush), m.web_push.record); }

void forget(Machine& m) {
  m.web_push.record = {};
  m.journal.erase(record_key(RecordKind::kWebPush));
}

void answer(Machine& m, const std::optional<Error>& error) {
  for (const CommandId id : std::exchange(m.web_push.commands, {})) {
    if (error) {
      m.fail(id, *error);
    } else {
      m.done_then(id, Nothing{});
    }
  }
}

Result<WebPushRecord> record_of(const WebPushTarget& target) {
  WebPushRecord record;
  wire::WebPushSubscription subscription{target.endpoint, {}, {}};
  const bool sized = wire::WebPushKey::from(target.key, subscription.key) &&
                     wire::WebPushAuth::from(target.auth, subscription.auth) &&
                     wire::WebPushKey::from(target.home_key, record.home_key);
  REQUIRE(sized && wire::check_web_push(subscription).has_value(), kBadWebPush, "a subscription as browsers give it");
  record.subscription = std::move(subscription);
  return record;
}

// Whether an answer to what was asked of `home` in that turn comes too late.
bool is_late(const Machine& m, const wire::HomeKey& home, uint64_t turn) {
  return m.web_push.turn != turn || !m.has_account() || m.self->record.home.key != home;
}

// It is of no use at this home. Whoever waits for it hears so; whoever does not is told.
void give_up(Machine& m, const Error& error) {
  const bool asked = !m.web_push.commands.empty();
  forget(m);
  answer(m, error);
  if (!asked) m.tell_then(WebPushEnded{});
}

void ask(Machine& m, const wire::Request& request, std::function<void(const Result<wire::Reply>&)> done) {
  m.web_push.attempt.start();
  m.journal.then([&m, request, done = std::move(done), home = m.self->record.home.key, turn = m.web_push.turn] {
    if (is_late(m, home, turn)) return;
    m.mailbox().submit(request, [&m, done, home, turn](const Result<wire::Reply>& reply) {
      if (!is_late(m, home, turn)) done(reply);
    });
  });
}

// True if it is to be tried again later, which is then seen to.
bool comes_later(Machine& m, const Outcome& outcome) {
  if (outcome.ok() || outcome.error->code.action != Action::kRetryLater) return false;
  m.web_push.attempt.fail(m.now, outcome.retry_after, m.random);
  return true;
}

void on_set(Machine& m, const Result<wire::Reply>& reply) {
  const Outcome outcome = outcome_of(reply);
  if (comes_later(m, outcome)) return;
  m.web_push.attempt.succeed();
  if (!outcome.ok()) return give_up(m, kUseless);
  m.web_push.record.home = m.self->record.home.key;
  m.web_push.looked = true;
  put(m);
  answer(m, std::nullopt);
}

void on_looked(Machine& m, const Result<wire::Reply>& reply) {
  const auto* state = reply ? std::get_if<wire::WebPushState>(&*reply) : nullptr;
  if (state == nullptr && comes_later(m, outcome_of(reply))) return;
  m.web_push.attempt.succeed();
  const WebPushRecord& record = m.web_push.record;
  if (state == nullptr || state->home_key != record.home_key) return give_up(m, kUseless);
  const bool given = record.home == m.self->record.home.key;
  if (given && !state->set) return give_up(m, kUseless);  // the push service does not know it any more
  if (given) {
    m.web_push.looked = true;
    return;
  }
  ask(m, wire::WebPushSet{*record.subscription}, [&m](const Result<wire::Reply>& set) { on_set(m, set); });
}

void on_dropped(Machine& m, const Result<wire::Reply>& reply) {
  if (comes_later(m, outcome_of(reply))) return;
  m.web_push.attempt.succeed();
  forget(m);
  answer(m, std::nullopt);  // also by a home that knows nothing of it
}

}  // namespace

void set_web_push(Machine& m, CommandId id, const SetWebPush& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  WebPushRecord record;
  record.dropping = !command.subscription;
  if (command.subscription) {
    auto read = record_of(*command.subscription);
    if (!read) return m.fail(id, read.error());
    record = std::move(*read);
  }
  ask_web_push_anew(m);
  m.web_push.record = std::move(record);
  m.web_push.commands.push_back(id);
  put(m);
}

void read_web_push(Machine& m, CommandId id) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  m.mailbox().submit(wire::WebPushLook{}, [&m, id](const Result<wire::Reply>& reply) {
    const auto* state = reply ? std::get_if<wire::WebPushState>(&*reply) : nullptr;
    const Outcome outcome = state == nullptr ? outcome_of(reply) : Outcome{};
    if (!outcome.ok() && outcome.error->code.action == Action::kRetryLater) return m.fail(id, *outcome.error);
    WebPushInfo info;
    if (state != nullptr && state->home_key) info.home_key = to_bytes(state->home_key->view());
    const auto& subscription = m.web_push.record.subscription;
    if (state != nullptr && state->set && subscription) info.endpoint = subscription->endpoint;
    m.done(id, std::move(info));
  });
}

void pump_web_push(Machine& m, Instant& wake) {
  const WebPushRecord& record = m.web_push.record;
  const bool wanted = record.dropping || (record.subscription && !m.web_push.looked);
  if (!m.has_account() || !wanted || !m.web_push.attempt.may_start(m.now, wake)) return;
  if (record.dropping) {
    return ask(m, wire::WebPushDrop{}, [&m](const Result<wire::Reply>& reply) { on_dropped(m, reply); });
  }
  ask(m, wire::WebPushLook{}, [&m](const Result<wire::Reply>& reply) { on_looked(m, reply); });
}

void ask_web_push_anew(Machine& m) {
  ++m.web_push.turn;
  m.web_push.attempt = {};
  m.web_push.looked = false;
}

bool web_push_idle(const Machine& m) { return m.web_push.commands.empty() && !m.web_push.record.dropping; }

}  // namespace godwit::engine
