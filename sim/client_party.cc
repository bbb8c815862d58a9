#include "sim/client_party.h"

#include <algorithm>

#include "base/assert.h"

namespace godwit::sim {

ClientParty::ClientParty(Clock& clock, Network& network, std::string name, uint64_t seed)
    : clock_(clock),
      network_(network),
      name_(std::move(name)),
      random_(seed),
      key_(engine::StorageKey::random(random_)) {}

ClientParty::~ClientParty() = default;

void ClientParty::start(store::ClientStoreFaults faults) {
  ASSERT(!alive());
  ++life_;
  store_ = std::make_unique<store::MemoryClientStore>(disk_, faults);
  engine_ = std::make_unique<engine::Engine>(key_.clone(), engine::Options{}, random_);
  engine_->start(clock_.now());
  stirred_ = true;
}

void ClientParty::crash() {
  if (!alive()) return;
  store_->crash();
  bury();
}

void ClientParty::bury() {
  before_ = counters();
  engine_.reset();
  store_.reset();
  waiting_.clear();
  ++crashes_;
  network_.client_died(*this);
}

engine::Counters ClientParty::counters() const {
  engine::Counters sum = before_;
  if (engine_ == nullptr) return sum;
  const engine::Counters& life = engine_->counters();
  sum.sessions_full += life.sessions_full;
  sum.sessions_resumed += life.sessions_resumed;
  sum.small_exchanges += life.small_exchanges;
  sum.epoch_conflicts += life.epoch_conflicts;
  sum.resends += life.resends;
  sum.duplicates += life.duplicates;
  return sum;
}

void ClientParty::command(engine::Command command, OnAnswer answer) {
  ASSERT(alive());
  const engine::CommandId id{next_command_++};
  waiting_[id] = std::move(answer);
  stirred_ = true;
  engine_->handle_command(id, std::move(command), clock_.now());
}

void ClientParty::pipe_event(engine::Event event) {
  if (!alive()) return;
  stirred_ = true;
  engine_->handle_event(std::move(event), clock_.now());
}

/// An answer of the disk comes a moment later, unless this life is over by then.
void ClientParty::later(engine::Event event) {
  const auto delay = milliseconds(static_cast<int64_t>(random_.below(3)));
  clock_.after(delay, [this, life = life_, event = std::move(event)]() mutable {
    if (alive() && life == life_) pipe_event(std::move(event));
  });
}

bool ClientParty::pump() {
  // Worlds of fifty would spend their time asking around.
  if (!alive() || (!stirred_ && deadline_ > clock_.now())) return false;
  bool did = false;
  if (engine_->next_deadline() <= clock_.now()) {
    engine_->handle_expiry(clock_.now());
    did = true;
  }
  while (alive()) {
    auto effect = engine_->next_effect();
    if (!effect) break;
    did = true;
    if (carry_out(std::move(*effect))) continue;
    ++crashes_at_operation_;
    bury();
  }
  stirred_ = false;
  deadline_ = alive() ? engine_->next_deadline() : kNever;
  return did;
}

bool ClientParty::carry_out(engine::Effect effect) {
  if (do_with_file(effect)) return true;
  if (auto* open = std::get_if<engine::OpenPipe>(&effect)) {
    network_.open(*this, open->pipe, open->route, std::move(open->early));
  }
  if (auto* send = std::get_if<engine::SendBytes>(&effect)) {
    network_.client_sends(*this, send->pipe, std::move(send->bytes));
  }
  if (auto* close = std::get_if<engine::ClosePipe>(&effect)) network_.client_closes(*this, close->pipe);
  if (auto* batch = std::get_if<engine::StoreBatch>(&effect)) return store(*batch);
  if (auto* range = std::get_if<engine::LoadRecords>(&effect)) load(*range);
  if (auto* told = std::get_if<engine::Tell>(&effect)) tell(std::move(told->notice));
  return true;
}

/// False if the client died of it.
bool ClientParty::store(const engine::StoreBatch& batch) {
  std::vector<store::Change> changes;
  for (const auto& change : batch.changes) {
    changes.push_back({change.key, change.value});
  }
  const Status status = store_->write(changes);
  const auto is_there = [&](const store::Change& change) {
    const auto found = disk_.records().find(change.key);
    return change.value ? found != disk_.records().end() && found->second == *change.value
                        : found == disk_.records().end();
  };
  if ((keep_stored_ || see_stored_) && std::all_of(changes.begin(), changes.end(), is_there)) {
    if (keep_stored_) stored_.push_back(changes);
    if (see_stored_) see_stored_(changes);
  }
  if (store_->crashed()) return false;
  if (status) {
    later(engine::BatchStored{batch.batch});
  } else {
    later(engine::BatchFailed{batch.batch, status.error()});
  }
  return true;
}

void ClientParty::load(const engine::LoadRecords& load) {
  auto records = store_->range(load.first, load.last, load.count_max, load.backwards);
  ASSERT(records.has_value());
  later(engine::RecordsLoaded{load.load, std::move(*records)});
}

void ClientParty::tell(engine::Notice notice) {
  if (auto* done = std::get_if<engine::CommandDone>(&notice)) {
    auto node = waiting_.extract(done->command);
    if (!node.empty()) node.mapped()(std::move(done->answer));
  } else if (auto* failed = std::get_if<engine::CommandFailed>(&notice)) {
    auto node = waiting_.extract(failed->command);
    if (!node.empty()) node.mapped()(failed->error);
  } else if (auto* received = std::get_if<engine::MessageReceived>(&notice)) {
    seen_.push_back({received->chat, received->message.text});
  } else if (auto* trouble = std::get_if<engine::Trouble>(&notice)) {
    troubles_.push_back(trouble->error);
  }
  if (see_notice_) see_notice_(notice);
}

Instant ClientParty::next_deadline() const {
  if (!alive()) return kNever;
  return stirred_ ? clock_.now() : deadline_;
}

}  // namespace godwit::sim
