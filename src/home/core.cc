#include "home/core.h"

#include "home/blob_grant.h"
#include "home/errors.h"
#include "session/errors.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

// While the store is in trouble it is tried this often; it is well after so long without a failure.
constexpr Duration kProbeEvery = seconds(5);

// Which kind of session may ask what.
enum class Asker : uint8_t { kMailbox, kAnonymous, kEither };
struct AskerOf {
  template <typename T>
  Asker operator()(const T&) const {
    return Asker::kMailbox;
  }
  Asker operator()(const wire::Deliver&) const { return Asker::kAnonymous; }
  Asker operator()(const wire::DeliverMany&) const { return Asker::kAnonymous; }
  Asker operator()(const wire::KeyPackageTake&) const { return Asker::kAnonymous; }
  Asker operator()(const wire::LogOpen&) const { return Asker::kAnonymous; }
  Asker operator()(const wire::LogAppend&) const { return Asker::kAnonymous; }
  Asker operator()(const wire::LogRead&) const { return Asker::kAnonymous; }
  Asker operator()(const wire::PartPut&) const { return Asker::kEither; }
  Asker operator()(const wire::PartGet&) const { return Asker::kEither; }
  Asker operator()(const wire::Sealed&) const { return Asker::kEither; }
  Asker operator()(const wire::Forward&) const { return Asker::kAnonymous; }
  Asker operator()(const wire::BulletinGet&) const { return Asker::kEither; }
  Asker operator()(const wire::BlobPut&) const { return Asker::kAnonymous; }
  Asker operator()(const wire::BlobGet&) const { return Asker::kAnonymous; }
  Asker operator()(const wire::BlobLook&) const { return Asker::kAnonymous; }
  Asker operator()(const wire::NameResolve&) const { return Asker::kAnonymous; }
  Asker operator()(const wire::ContactDeliver&) const { return Asker::kAnonymous; }
  Asker operator()(const wire::ChannelCreate&) const { return Asker::kAnonymous; }
  Asker operator()(const wire::ChannelAppend&) const { return Asker::kAnonymous; }
  Asker operator()(const wire::ChannelRead&) const { return Asker::kAnonymous; }
  Asker operator()(const wire::ChannelFollow&) const { return Asker::kAnonymous; }
  Asker operator()(const wire::ChannelLook&) const { return Asker::kAnonymous; }
  Asker operator()(const wire::ChannelDrop&) const { return Asker::kAnonymous; }
  Asker operator()(const wire::MeetingPut&) const { return Asker::kEither; }
  Asker operator()(const wire::MeetingGet&) const { return Asker::kEither; }
  Asker operator()(const wire::CallRoomAsk&) const { return Asker::kAnonymous; }
};

// What one address may send with a ttl of 0: signs of typing and signals of calls, from a few devices at once.
constexpr uint32_t kFleetingBurst = 60;
constexpr Duration kFleetingInterval = milliseconds(250);
// After wire::kAttemptsFree attempts of an epoch there is one more in this time.
constexpr Duration kAttemptInterval = seconds(10);
// Sealed requests that are passed on for all, and then one in this time: each is a dial at worst.
constexpr uint32_t kForwardBurst = 200;
constexpr Duration kForwardInterval = milliseconds(50);
// Sealed requests of one session at once, and then one in this time: each costs the home about as much as a handshake. A
// relaying home brings those of many people in one session.
constexpr uint32_t kSealedBurst = 64;
constexpr Duration kSealedInterval = milliseconds(50);
// And of one mailbox, by whatever way: each is remembered for up to a month, so nobody may have many of the places.
constexpr uint32_t kResidentBurst = 500;
constexpr Duration kResidentInterval = minutes(2);

// How often one name is asked for before that costs more work, and how often at that price.
constexpr uint32_t kResolveBurst = 32;
constexpr Duration kResolveInterval = seconds(60);
constexpr uint32_t kResolveBusyBurst = 600;
constexpr Duration kResolveBusyInterval = seconds(30);
// Names that one mailbox claims: each try says whether somebody has it.
constexpr uint32_t kClaimBurst = 8;
constexpr Duration kClaimInterval = hours(3);
// Contact requests to one address at once, and then one in this time.
constexpr uint32_t kContactBurst = 30;
constexpr Duration kContactInterval = minutes(1);
// Entries of one channel: each goes to all who follow.
constexpr uint32_t kChannelBurst = 64;
constexpr Duration kChannelInterval = seconds(1);

// Each kind of session has half, so that strangers do not take the places of those who have a mailbox here.
TransferLimits half_of(const Limits& limits) {
  return {limits.transfers_max / 2, limits.transfers_owner_max, limits.transfers_bytes_max / 2, limits.transfer_life};
}

bool proves_mailbox(const wire::Request& request) {
  return std::holds_alternative<wire::MailboxOpen>(request) || std::holds_alternative<wire::MailboxProve>(request) ||
         std::holds_alternative<wire::MailboxRecover>(request);
}

}  // namespace

Core::Core(const Keys& keys, const Options& options, store::HomeStore& store, Random& random, Sessions& sessions)
    : keys_(keys),
      options_(options),
      random_(random),
      sessions_(sessions),
      vault_(keys.ticket_key.clone()),
      storing_(store),
      take_rate_(options.limits.takes_burst, options.limits.takes_interval),
      append_rate_(options.limits.appends_burst, options.limits.appends_interval),
      fleeting_rate_(kFleetingBurst, kFleetingInterval),
      attempt_rate_(1, kAttemptInterval),
      forward_rate_(kForwardBurst, kForwardInterval),
      sealed_rate_(kSealedBurst, kSealedInterval),
      resident_rate_(kResidentBurst, kResidentInterval),
      resolve_rate_(kResolveBurst, kResolveInterval),
      resolve_busy_rate_(kResolveBusyBurst, kResolveBusyInterval),
      claim_rate_(kClaimBurst, kClaimInterval),
      contact_rate_(kContactBurst, kContactInterval),
      channel_rate_(kChannelBurst, kChannelInterval),
      turn_rate_(kTurnBurst, kTurnInterval),
      room_rate_(kCallRoomBurst, kCallRoomInterval),
      ask_rate_(kCallAskBurst, kCallAskInterval),
      spent_resolves_(kResolveBusyInterval * kResolveBusyBurst),
      spent_contacts_(kContactInterval * kContactBurst),
      device_transfers_(half_of(options.limits)),
      anonymous_transfers_(half_of(options.limits)),
      store_(store) {}

Core::~Core() = default;

void Core::start(Instant now) {
  now_ = now;
  sweep_at_ = now + minutes(1);
  tasks_.start(take_stock());
  run();
}

// What an earlier home left. If the store fails meanwhile, probe_store() does it again.
Task<Status> Core::take_stock() {
  CO_CHECK(co_await check_store());
  CO_CHECK(co_await take_up_self_deliveries());
  CO_CHECK(co_await take_up_web_pushes());
  stock_taken_ = true;
  co_return Status{};
}

// The layout of the store, and how many mailboxes, group logs and tickets there are.
Task<Status> Core::check_store() {
  const Bytes record = codec::encoded(StoreRecord{kLayoutVersion});
  CO_TRY(swapped, co_await storing_.swap(record_key('v'), std::nullopt, record));
  if (!swapped.swapped && swapped.found) {
    CO_TRY(found, decode_record<StoreRecord>(*swapped.found));
    if (found.layout > kLayoutVersion) stop_ = Error{kNewerStore, "home: the store has a newer layout"};
    if (found.layout < kLayoutVersion) stop_ = Error{kOlderStore, "home: the store has an older layout"};
    if (stop_) co_return *stop_;
  }
  mailboxes_ = logs_ = logs_bytes_ = blobs_bytes_ = tickets_ = sealed_ids_ = channels_ = channels_bytes_ = 0;
  for (const char kind : {'m', 'g', 't', 'r', 'b', 'h'}) {
    Bytes after;
    while (true) {
      CO_TRY(page, co_await storing_.scan(record_key(kind), after, 256));
      for (const auto& [key, value] : page.records) count_record(kind, value);
      if (!page.more || page.records.empty()) break;
      after = page.records.back().first;
    }
  }
  co_return Status{};
}

void Core::count_record(char kind, ByteView value) {
  if (kind == 'm') ++mailboxes_;
  if (kind == 't') ++tickets_;
  if (kind == 'r') ++sealed_ids_;
  if (kind == 'b') {
    const auto blob = decode_record<BlobRecord>(value);
    if (blob) blobs_bytes_ += blob_bytes(blob->chunks);
  }
  if (kind == 'h') {
    const auto channel = decode_record<ChannelRecord>(value);
    ++channels_;
    if (channel) channels_bytes_ += channel->bytes;
  }
  if (kind != 'g') return;
  ++logs_;
  const auto log = decode_record<LogRecord>(value);
  if (log) logs_bytes_ += log->bytes;
}

void Core::session_opened(SessionId session, const session::ChannelBinding& channel, ByteView binding, bool resumed,
                          Instant now) {
  now_ = now;
  resumed ? ++counters_.sessions_resumed : ++counters_.sessions_full;
  SessionState& state = session_states_[session];
  state.channel = channel;
  if (resumed) {
    state.kind = Kind::kAnonymous;
    const auto device = codec::decoded<DeviceBinding>(binding);
    if (device) {
      state.kind = Kind::kMailbox;
      state.device = *device;
      tasks_.start(see_today(device->mailbox));
    }
  }
  run();
}

void Core::handle_request(SessionId session, session::StreamId stream, ByteView bytes, bool first_flight, Instant now) {
  now_ = now;
  const auto found = session_states_.find(session);
  if (found == session_states_.end()) return;
  SessionState& state = found->second;
  ++counters_.requests;
  if (state.in_flight >= options_.limits.requests_in_flight_max) {
    const Error error{wire::kTooManyRequests, "home: requests_in_flight_max"};
    const wire::Reply reply = refused(error);
    count(kUnreadable, reply);
    sessions_.reply(session, stream, wire::encode_reply(reply));
    return;
  }
  ++state.in_flight;
  auto request = wire::decode_request(bytes);
  if (must_stop()) request = Error{wire::kUnavailable, "home: stopping"};
  if (!request) {
    finish(session, stream, kUnreadable, refused(request.error()));
  } else if (first_flight && !wire::is_idempotent(*request)) {
    --state.in_flight;
    ++counters_.by_kind[request->index()].refused;
    ++counters_.refusals[session::kNotInFirstFlight.name];
    sessions_.refuse(session, stream, session::kNotInFirstFlight);
  } else {
    begin_request(session, stream, std::move(*request));
  }
  run();
}

// The first request says what the session is for life; those that come while that is being decided wait.
void Core::begin_request(SessionId id, session::StreamId stream, wire::Request request) {
  SessionState& state = session_states_.at(id);
  const bool proves = proves_mailbox(request);
  if (state.kind == Kind::kUnsettled)
    state.kind = proves ? Kind::kProving : Kind::kAnonymous;
  else if (state.kind == Kind::kProving) {
    state.held.push_back({stream, std::move(request)});
    return;
  }
  const bool first_proof = proves && state.kind == Kind::kProving;
  // A mailbox session may prove or open its mailbox again, since a client repeats what it heard no answer to.
  if (!first_proof && !may_ask(request, state.kind == Kind::kMailbox)) {
    finish(id, stream, request.index(),
           refused({wire::kWrongSessionKind, "home: this kind of session may not ask that"}));
    return;
  }
  tasks_.start(serve(id, stream, std::move(request)));
}

bool Core::may_ask(const wire::Request& request, bool mailbox) {
  const Asker asker = std::visit(AskerOf{}, request);
  return asker == Asker::kEither || asker == (mailbox ? Asker::kMailbox : Asker::kAnonymous);
}

Task<Status> Core::serve(SessionId id, session::StreamId stream, wire::Request request) {
  const SessionState& state = session_states_.at(id);
  const Caller caller{id, state.channel, state.device};
  auto answer = std::visit([&](const auto& typed) { return handle(caller, typed); }, request);
  auto result = co_await answer;
  if (result) {
    finish(id, stream, request.index(), *result);
  } else {
    finish(id, stream, request.index(), refused(result.error()));
    if (result.error().code.action == Action::kCloseSession) sessions_.close(id);
  }
  if (proves_mailbox(request)) settle_kind(id);
  co_return Status{};
}

// Only errors of wire/ cross the line; whatever else went wrong here is "not now" to a client.
wire::Reply Core::refused(const Error& error) {
  if (error.code == kBadRecord) ++counters_.damaged_records;
  const bool crosses = error.code.number >= 500 && error.code.number < 600;
  const ErrorCode& told = crosses ? error.code : wire::kUnavailable;
  ++counters_.refusals[told.name];
  return wire::Refused{told.number, 0, 0};
}

void Core::count(size_t kind, const wire::Reply& reply) {
  const bool is_refused = std::holds_alternative<wire::Refused>(reply);
  RequestCount& counted = counters_.by_kind[kind];
  ++(is_refused ? counted.refused : counted.done);
  if (is_refused) ++counters_.refused;
}

void Core::finish(SessionId id, session::StreamId stream, size_t kind, const wire::Reply& reply) {
  count(kind, reply);
  const auto found = session_states_.find(id);
  if (found == session_states_.end()) return;  // it is done all the same; the client will ask again
  --found->second.in_flight;
  sessions_.reply(id, stream, wire::encode_reply(reply));
}

// After the first request: a session whose proof failed stays anonymous, for life.
void Core::settle_kind(SessionId id) {
  const auto found = session_states_.find(id);
  if (found == session_states_.end()) return;
  if (found->second.kind == Kind::kProving) found->second.kind = Kind::kAnonymous;
  for (Held& held : std::exchange(found->second.held, {})) {
    begin_request(id, held.stream, std::move(held.request));
  }
}

void Core::session_closed(SessionId session, Instant now) {
  now_ = now;
  const auto found = session_states_.find(session);
  if (found == session_states_.end()) return;
  if (found->second.live) {
    const Bytes queue = queue_key(found->second.device.mailbox, found->second.device.tag);
    const auto live = live_sessions_.find(queue);
    if (live != live_sessions_.end()) {
      live->second.erase(session);
      if (live->second.empty()) live_sessions_.erase(live);
    }
    // What was pushed to it, and that it has not said it has, may never have come: its network is gone, or it sleeps.
    if (found->second.live->unacknowledged > 0) want_web_push(queue);
  }
  unfollow(session, found->second);
  session_states_.erase(found);
  run();
}

void Core::store_ready(Instant now) {
  now_ = now;
  store_.poll();
  run();
}

// What became possible goes on; what has finished is freed. At the end of every call from outside.
void Core::run() {
  lanes_.run();
  tasks_.reap();
  watch_store();
}

// The first failure begins the trouble. It is not over with the next success, since a full disk still reads, and an engine
// that comes and goes would fill the operator's log: see probe_store().
void Core::watch_store() {
  if (trouble_ || storing_.failures() == failures_seen_) return;
  trouble_ = storing_.last_failure();
  failures_seen_ = storing_.failures();
  probe_at_ = now_ + kProbeEvery;
}

// Writes what stands there already. The trouble is over if that works and nothing failed since the last time.
Task<Status> Core::probe_store() {
  const bool quiet = storing_.failures() == failures_seen_;
  failures_seen_ = storing_.failures();
  if (!stock_taken_) static_cast<void>(co_await take_stock());
  const Bytes record = codec::encoded(StoreRecord{kLayoutVersion});
  const auto written = co_await storing_.swap(record_key('v'), record, record);
  const bool well = written && written->swapped && stock_taken_;
  if (well && quiet) {
    failures_seen_ = storing_.failures();
    trouble_.reset();
  } else {
    probe_at_ = now_ + kProbeEvery;
  }
  co_return Status{};
}

Gauges Core::gauges() const {
  Gauges out;
  for (const auto& [id, state] : session_states_) {
    if (state.sealed) continue;
    ++(state.kind == Kind::kMailbox ? out.sessions_mailbox : out.sessions_anonymous);
    if (state.live) ++out.sessions_live;
  }
  out.requests_running = tasks_.size();
  out.mailboxes = mailboxes_;
  out.group_logs = logs_;
  out.group_log_bytes = logs_bytes_;
  out.channels = channels_;
  out.channel_bytes = channels_bytes_;
  out.blob_bytes = blobs_bytes_;
  out.tickets = tickets_;
  out.sealed_remembered = sealed_ids_;
  const Usage::Sum waiting = usage_.sum();
  out.queues_counted = waiting.queues;
  out.queue_items = waiting.amount.items;
  out.queue_bytes = waiting.amount.bytes;
  out.self_deliveries = timers_.size();
  out.transfers = device_transfers_.size() + anonymous_transfers_.size();
  out.forwards = forwards_.size();
  out.store_in_trouble = trouble_.has_value();
  return out;
}

Instant Core::next_deadline() const {
  const Instant timer = timers_.empty() ? kNever : timers_.begin()->first;
  const Instant forward = forwards_.empty() ? kNever : forwards_.begin()->second.deadline;
  const Instant transfers = std::min(device_transfers_.next_expiry(), anonymous_transfers_.next_expiry());
  return std::min(
      {timer, forward, probe_at_, sweeping_ ? kNever : sweep_at_, transfers, publish_at_, web_push_deadline()});
}

void Core::clock_went_back(Duration by) {
  std::multimap<Instant, SelfDeliveryTimer> timers;
  for (auto& [at, timer] : timers_) timers.emplace(at - by, std::move(timer));
  timers_ = std::move(timers);
  for (auto& [id, passing] : forwards_) passing.deadline = passing.deadline - by;
  for (auto& [id, push] : web_pushes_out_) push.deadline = push.deadline - by;
  web_pushes_.clock_went_back(by);
  for (Instant* at : {&probe_at_, &sweep_at_, &publish_at_}) {
    if (*at != kNever) *at = *at - by;
  }
}

void Core::handle_expiry(Instant now) {
  now_ = now;
  while (!timers_.empty() && timers_.begin()->first <= now) {
    SelfDeliveryTimer timer = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    const auto waiting = self_waiting_.find(timer.mailbox);
    if (--waiting->second == 0) self_waiting_.erase(waiting);
    tasks_.start(timer.name ? run_self_delivery(*timer.name, timer.mailbox) : run_fleeting(std::move(timer)));
  }
  while (!forwards_.empty() && forwards_.begin()->second.deadline <= now) {
    forwarded(forwards_.begin()->first, Error{wire::kHomeUnreachable, "home: the other home takes too long"}, now);
  }
  if (publish_at_ <= now) push_publications();
  expire_web_pushes();
  device_transfers_.expire(now);
  anonymous_transfers_.expire(now);
  if (probe_at_ <= now && !must_stop()) {
    probe_at_ = kNever;
    tasks_.start(probe_store());
  }
  if (sweep_at_ <= now && !sweeping_) {
    sweeping_ = true;
    tasks_.start(sweep_some());
  }
  run();
}

// The record of the caller's mailbox, in which his device still is. kNoSuchMailbox: it was removed.
Task<Result<MailboxRecord>> Core::own_mailbox(const Caller& caller) {
  CO_TRY(found, co_await storing_.get(mailbox_key(caller.device.mailbox)));
  CO_REQUIRE(found.value.has_value(), wire::kNoSuchMailbox, "home: the mailbox is gone");
  CO_TRY(record, decode_record<MailboxRecord>(*found.value));
  const DeviceRecord device{caller.device.key, caller.device.tag};
  const bool present = std::find(record.devices.begin(), record.devices.end(), device) != record.devices.end();
  CO_REQUIRE(present, wire::kNoSuchMailbox, "home: the device was removed");
  co_return std::move(record);
}

}  // namespace godwit::home
