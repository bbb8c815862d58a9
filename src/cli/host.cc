#include "cli/host.h"

#include <algorithm>
#include <utility>

#include "cli/transfer_files.h"
#include "crypto/hash.h"
#include "net/errors.h"
#include "net/network_id.h"
#include "routes/public_address.h"
#include "store/errors.h"

namespace godwit::cli {
namespace {

constexpr Duration kNetworkLook = seconds(10);
// Of one text from the web.
constexpr Duration kFetchLimit = seconds(30);

// What recognises the answers to this profile's letters in a mailbox that a person uses too.
ByteArray<32> letter_key(const engine::StorageKey& key) {
  ByteArray<32> out{};
  crypto::hkdf_expand(key.reveal(), as_bytes("godwit letters by mail"), out);
  return out;
}

}  // namespace

Host::Host(net::EventLoop& loop, store::ClientStore& store, engine::StorageKey key, HostOptions options, Random& random,
           std::function<void(const engine::Notice&)> on_notice, std::function<void(Error)> on_stop)
    : loop_(loop),
      store_(store),
      options_(std::move(options)),
      on_notice_(std::move(on_notice)),
      on_stop_(std::move(on_stop)),
      letter_key_(letter_key(key)),
      engine_(std::move(key), options_.engine, random),
      lan_(loop, random, [this](engine::Event event) { tell_engine(std::move(event)); }),
      mail_(
          loop, options_.dial, [this](engine::Event event) { tell_engine(std::move(event)); }, letter_key_),
      timer_(loop),
      erase_timer_(loop),
      network_timer_(loop) {}

Host::~Host() = default;

void Host::start() {
  engine_.start(now());
  pump();
  if (options_.network) look_at_network();
}

// Polled: a messenger that notices another network some seconds late loses nothing, and no daemon has to be asked.
void Host::look_at_network() {
  Bytes network = net::network_id();
  if (!network_ || *network_ != network) {
    network_ = network;
    tell_engine(engine::NetworkChanged{std::move(network)});
  }
  if (!stopped_) network_timer_.set(kNetworkLook, [this] { look_at_network(); });
}

void Host::look_for_home() {
  if (!options_.network) return;
  network_ = net::network_id();
  tell_engine(engine::NetworkChanged{*network_});
}

void Host::command(engine::CommandId id, engine::Command command) {
  if (stopped_) return;
  engine_.handle_command(id, std::move(command), now());
  pump();
}

void Host::tell_engine(engine::Event event) {
  if (stopped_) return;
  engine_.handle_event(std::move(event), now());
  pump();
}

// Does everything that the engine wants done, then sleeps until its deadline. What happens inside (a record is stored, a
// notice is answered by a command) comes back here and is only noted: the loop below goes on with it.
void Host::pump() {
  if (pumping_ || stopped_) return;
  pumping_ = true;
  while (!stopped_) {
    std::optional<engine::Effect> effect = engine_.next_effect();
    if (!effect) break;
    do_effect(std::move(*effect));
  }
  pumping_ = false;
  const Instant deadline = engine_.next_deadline();
  if (stopped_ || deadline == kNever) {
    timer_.cancel();
    return;
  }
  timer_.set_at(deadline - options_.clock_offset, [this] {
    engine_.handle_expiry(now());
    pump();
  });
}

void Host::do_effect(engine::Effect effect) {
  if (auto* open = std::get_if<engine::OpenPipe>(&effect)) {
    open_pipe(std::move(*open));
  } else if (auto* send = std::get_if<engine::SendBytes>(&effect)) {
    send_bytes(std::move(*send));
  } else if (const auto* close = std::get_if<engine::ClosePipe>(&effect)) {
    pipes_.erase(close->pipe);
  } else if (auto* batch = std::get_if<engine::StoreBatch>(&effect)) {
    store_batch(std::move(*batch));
  } else if (const auto* load = std::get_if<engine::LoadRecords>(&effect)) {
    load_records(*load);
  } else if (const auto* read = std::get_if<engine::ReadFile>(&effect)) {
    tell_engine(sent_files_.read(*read));
  } else if (const auto* write = std::get_if<engine::WriteFile>(&effect)) {
    tell_engine(write_piece(*write));
  } else if (const auto* finish = std::get_if<engine::FinishFile>(&effect)) {
    tell_engine(finish_part(*finish));
  } else if (const auto* part = std::get_if<engine::DropFile>(&effect)) {
    drop_part(*part);
  } else if (auto* told = std::get_if<engine::Tell>(&effect)) {
    tell(std::move(told->notice));
  } else if (const auto* fetch = std::get_if<engine::FetchText>(&effect)) {
    fetch_text(fetch->url);
  } else if (auto* watch = std::get_if<engine::WatchMail>(&effect)) {
    if (options_.network) mail_.watch(std::move(watch->account));
  } else if (auto* letter = std::get_if<engine::SendSealed>(&effect)) {
    if (options_.network) mail_.send(std::move(*letter));
  } else if (auto* lan_watch = std::get_if<engine::LanWatch>(&effect)) {
    if (options_.network) lan_.watch(std::move(*lan_watch));
  } else if (auto* lan_send = std::get_if<engine::LanSend>(&effect)) {
    lan_.send(std::move(*lan_send));
  } else if (const auto* lan_close = std::get_if<engine::LanClose>(&effect)) {
    lan_.close(lan_close->lan);
  }
}

void Host::carry_calls() {
  engine_.carry_calls();
  call_door_ = std::make_unique<CallDoor>(loop_, [this] { return engine_.way_home(); }, options_.dial);
}

void Host::end_calls() {
  if (call_door_) call_door_->close();
}

void Host::tell(engine::Notice notice) {
  if (auto* done = std::get_if<engine::CommandDone>(&notice); done != nullptr && call_door_) {
    if (auto* own = std::get_if<engine::CallRelays>(&done->answer)) {
      call_door_->take_over(own->relays);
      own->clear = own->clear && call_door_->goes_straight();
      if (!own->clear) own->udp.clear();
    }
    if (auto* room = std::get_if<engine::CallRoomAnswer>(&done->answer)) call_door_->take_over(room->relays);
  }
  on_notice_(notice);
}

// What comes is checked by the engine; whoever serves the page is trusted with nothing.
void Host::fetch_text(const std::string& url) {
  const auto parsed = net::parse_https_url(url);
  if (!options_.network || !parsed) return;
  // A contact's home may have named it: nothing in this house is asked. A proxy connects for itself.
  net::ConnectOptions connect = options_.dial.connect;
  connect.may_connect = routes::is_public_address;
  fetch_ = net::https_get(loop_, *parsed, connect, engine::kFetchedTextMax, kFetchLimit,
                          [this, url](const Result<Bytes>& body) {
                            const std::string text(body ? as_text(*body) : std::string_view{});
                            tell_engine(engine::TextFetched{url, text});
                          });
}

// Which certificate has to show only decides what somebody in the middle gets to see, which is ciphertext: the session
// inside authenticates the home by its own key (principle 2).
void Host::open_pipe(engine::OpenPipe effect) {
  if (!options_.network) return;
  const engine::PipeId id = effect.pipe;
  net::PipeEvents events;
  events.on_open = [this, id] { tell_engine(engine::PipeOpened{id}); };
  events.on_drained = [this, id] { send_backlog(id); };
  events.on_bytes = [this, id](ByteView bytes) { tell_engine(engine::PipeBytes{id, to_bytes(bytes)}); };
  events.on_closed = [this, id](Error error) {
    pipes_.erase(id);
    tell_engine(engine::PipeClosed{id, error});
  };
  net::DialOptions options = options_.dial;
  std::unique_ptr<net::TlsTickets>& tickets = tickets_[effect.compartment];
  if (!tickets) tickets = std::make_unique<net::TlsTickets>();
  options.tickets = tickets.get();
  options.connect.on_address = [this, id](const net::AddressReport& report) {
    if (!report.works) return;
    // Not from inside the dial, which the engine may want to end.
    loop_.post([this, alive = std::weak_ptr<bool>(alive_), id, address = report.address] {
      if (!alive.expired()) tell_engine(engine::AddressWorked{id, address});
    });
  };
  options.look = effect.hello;
  if (effect.pin) options.home_pin = effect.pin->value;
  options.early_bytes = std::move(effect.early);
  auto pipe = net::dial(loop_, effect.route, std::move(options), std::move(events));
  if (pipe) {
    pipes_[id].pipe = std::move(pipe).value();
  } else {
    tell_engine(engine::PipeClosed{id, pipe.error()});
  }
}

void Host::send_bytes(engine::SendBytes effect) {
  const auto found = pipes_.find(effect.pipe);
  if (found == pipes_.end()) return;  // closed already: the engine has been told or is about to be
  found->second.backlog.push_back(std::move(effect.bytes));
  send_backlog(effect.pipe);
}

void Host::send_backlog(engine::PipeId pipe) {
  const auto found = pipes_.find(pipe);
  if (found == pipes_.end()) return;
  OpenedPipe& opened = found->second;
  while (!opened.backlog.empty()) {
    const Status sent = opened.pipe->send(opened.backlog.front());
    if (!sent && sent.error().code == net::kPipeFull) return;
    opened.backlog.pop_front();  // taken, or on_closed is on its way
  }
}

void Host::store_batch(engine::StoreBatch effect) {
  std::vector<store::Change> changes;
  changes.reserve(effect.changes.size());
  for (engine::RecordChange& each : effect.changes) {
    changes.push_back({std::move(each.key), std::move(each.value)});
  }
  const Status written = store_.write(changes);
  if (written) {
    erase_later(kEraseWhenQuiet);
    tell_engine(engine::BatchStored{effect.batch});
    return;
  }
  tell_engine(engine::BatchFailed{effect.batch, written.error()});
  if (written.error().code.action == Action::kStop) stop(written.error());
}

void Host::erase_later(Duration quiet) {
  if (erase_by_ == kNever) erase_by_ = loop_.now() + kEraseAtLatest;
  erase_timer_.set_at(std::min(erase_by_, loop_.now() + quiet), [this] {
    erase_by_ = kNever;
    if (!store_.erase_leftovers()) erase_later(kEraseAtLatest);
  });
}

void Host::load_records(const engine::LoadRecords& effect) {
  auto records = store_.range(effect.first, effect.last, effect.count_max, effect.backwards);
  if (records) {
    tell_engine(engine::RecordsLoaded{effect.load, std::move(records).value()});
  } else {
    stop(records.error());  // without its records the engine cannot go on, and must not guess
  }
}

void Host::stop(Error error) {
  if (stopped_) return;
  stopped_ = true;
  timer_.cancel();
  erase_timer_.cancel();
  on_stop_(error);
}

}  // namespace godwit::cli
