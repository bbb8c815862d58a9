#include "sim/home_party.h"

#include "base/assert.h"
#include "home/admission.h"

namespace godwit::sim {
namespace {

home::Options options() {
  home::Options out;
  out.log_work_bits = 2;  // the proof's cost is not what is simulated
  out.mailbox_work_bits = 2;
  return out;
}

}  // namespace

HomeParty::HomeParty(Clock& clock, Network& network, uint64_t seed, std::string host)
    : clock_(clock),
      network_(network),
      random_(seed),
      store_random_(seed ^ 0x5354),
      host_(std::move(host)),
      keys_(home::Keys::generate(random_)) {
  network_.serve(host_, this);
}

HomeParty::~HomeParty() { network_.serve(host_, nullptr); }

void HomeParty::start(store::StoreFaults faults) {
  ASSERT(!alive());
  ++life_;
  store_ = std::make_unique<store::FaultyStore>(disk_, store_random_, faults);
  home_ = std::make_unique<home::Home>(keys_.clone(), options(), *store_, random_);
  home_->start(clock_.now());
}

void HomeParty::crash() {
  if (!alive()) return;
  store_->crash();
  bury();
}

void HomeParty::bury() {
  before_ = counters();
  home_.reset();
  store_.reset();
  ++crashes_;
  arrivals_.clear();
  network_.home_died(*this);
}

uint64_t HomeParty::operations() const { return store_ == nullptr ? 0 : store_->submitted(); }

home::Counters HomeParty::counters() const {
  home::Counters sum = before_;
  if (home_ == nullptr) return sum;
  const home::Counters& life = home_->counters();
  sum.sessions_full += life.sessions_full;
  sum.sessions_resumed += life.sessions_resumed;
  sum.requests += life.requests;
  sum.refused += life.refused;
  sum.delivered += life.delivered;
  sum.duplicates += life.duplicates;
  sum.pushes += life.pushes;
  return sum;
}

bool HomeParty::pump() {
  if (!alive()) return false;
  bool did = false;
  const uint64_t operations_before = store_->submitted();
  home_->store_ready(clock_.now());
  if (home_->next_deadline() <= clock_.now()) {
    home_->handle_expiry(clock_.now());
    did = true;
  }
  if (store_->crashed()) {
    ++crashes_at_operation_;
    bury();
    return true;
  }
  while (auto output = home_->next_output()) {
    did = true;
    carry_out(std::move(*output));
  }
  return did || store_->submitted() != operations_before;
}

void HomeParty::carry_out(home::Output output) {
  if (auto* send = std::get_if<home::SendBytes>(&output)) network_.home_sends(send->pipe, std::move(send->bytes));
  if (auto* close = std::get_if<home::ClosePipe>(&output)) network_.home_closes(close->pipe);
  if (auto* answer = std::get_if<home::SealedAnswer>(&output)) {
    auto node = arrivals_.extract(answer->arrival);
    if (!node.empty()) node.mapped()(std::move(answer->reply));
  }
  if (auto* forward = std::get_if<home::ForwardSealed>(&output); forward != nullptr && pass_on_) {
    pass_on_(forward->home, std::move(forward->sealed),
             [this, life = life_, id = forward->forward](Result<Bytes> reply) {
               if (alive() && life == life_) home_->forwarded(id, std::move(reply), clock_.now());
             });
  }
  ASSERT(!std::holds_alternative<home::Stop>(output));
}

void HomeParty::bring_sealed(Bytes sealed, std::function<void(Result<Bytes>)> answered) {
  if (!alive()) return;  // whoever asked stops waiting by himself
  const home::SealedArrivalId arrival{next_arrival_++};
  arrivals_.emplace(arrival, std::move(answered));
  home_->sealed_arrived(arrival, std::move(sealed), clock_.now());
}

Instant HomeParty::next_deadline() const { return alive() ? home_->next_deadline() : kNever; }

bool HomeParty::accept(home::PipeId pipe) {
  if (!alive()) return false;
  home_->pipe_opened(pipe, session::Form::kWebSocket, {}, clock_.now());
  return true;
}

void HomeParty::bytes(home::PipeId pipe, ByteView bytes) {
  if (alive()) home_->pipe_bytes(pipe, bytes, clock_.now());
}

void HomeParty::closed(home::PipeId pipe) {
  if (alive()) home_->pipe_closed(pipe, clock_.now());
}

Bytes HomeParty::admission_code() { return home::make_admission_code(keys_.admission_key, 1, 0, random_); }

}  // namespace godwit::sim
