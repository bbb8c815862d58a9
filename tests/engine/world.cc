#include "tests/engine/world.h"

#include "engine/records.h"

#include <algorithm>

#include "base/assert.h"
#include "engine/errors.h"
#include "home/admission.h"
#include "home/records.h"

namespace godwit::testworld {
namespace {

constexpr const char* kHere = "home.example";
constexpr ErrorCode kNoNetwork{1, Action::kRetryLater, "test_no_network"};
/// As net/ names it.
constexpr ErrorCode kClosedByPeer{2, Action::kRetryLater, "pipe_closed_by_peer"};

home::Options home_options(home::Admission admission) {
  home::Options options;
  options.admission = admission;
  options.log_work_bits = 3;
  options.mailbox_work_bits = 3;
  options.limits.mailboxes_max = 4'000;
  return options;
}

}  // namespace

// ---- a person -------------------------------------------------------------------------------------------------------

Person::Person(World& world, size_t number, engine::Options chosen)
    : options(chosen),
      world_(world),
      number_(number),
      random_(1000 + number),
      key_(engine::StorageKey::random(random_)) {}

Instant Person::now() const { return world_.now + clock_error; }

void Person::start(store::ClientStoreFaults faults) {
  ++life_;
  answers_.clear();
  store_ = std::make_unique<store::MemoryClientStore>(disk_, faults);
  engine_ = std::make_unique<engine::Engine>(key_.clone(), options, random_);
  stirred_ = true;
  engine_->start(now());
}

void Person::kill() {
  engine_.reset();
  asleep_ = false;
  slept_.clear();
  store_.reset();
  ++life_;
  for (const auto& [pipe, at_home] : pipes_) world_.close_pipe(at_home);
  pipes_.clear();
  world_.cut_lan(*this);
  lan = {};
}

engine::CommandId Person::give(engine::Command command) {
  const engine::CommandId id{next_command_++};
  stirred_ = true;
  engine_->handle_command(id, std::move(command), now());
  return id;
}

const Result<engine::Answer>* Person::answer(engine::CommandId id) const {
  const auto found = answers_.find(id);
  return found == answers_.end() ? nullptr : &found->second;
}

Result<engine::Answer> Person::ask(engine::Command command) {
  const engine::CommandId id = give(std::move(command));
  world_.run_until([&] { return !alive() || answer(id) != nullptr; });
  if (const auto* found = answer(id)) return *found;
  return Error{kNoNetwork, "no answer"};
}

mls::StateRecords Person::group_records(const engine::ChatId& chat) const {
  mls::StateRecords out;
  const Bytes prefix = engine::record_key(engine::RecordKind::kGroup, chat.view());
  const auto& records = disk_.records();
  for (auto it = records.lower_bound(prefix); it != records.end() && it->first < engine::after_prefix(prefix); ++it) {
    out.emplace(to_bytes(ByteView(it->first).subspan(prefix.size())),
                engine::open_record(key_, it->first, it->second).value());
  }
  return out;
}

Bytes Person::proof_of(const engine::ChatId& chat, ByteView content) const {
  const Bytes key = engine::record_key(engine::RecordKind::kAccount);
  const auto value = engine::open_record(key_, key, disk_.records().at(key));
  const auto account = codec::decoded<engine::AccountRecord>(value->reveal()).value();
  const auto device = crypto::Ed25519KeyPair::from_seed(account.device_seed.value.clone());
  return to_bytes(engine::sign_said(device, chat, account.home.key, content));
}

std::vector<engine::ChatInfo> Person::chats() {
  auto answer = ask(engine::ListChats{});
  return answer ? std::get<engine::Chats>(*answer).chats : std::vector<engine::ChatInfo>{};
}

engine::ChatInfo Person::chat() {
  auto all = chats();
  return all.size() == 1 ? all.front() : engine::ChatInfo{};
}

std::vector<engine::Message> Person::history() {
  auto answer = ask(engine::ReadHistory{chat().chat, std::nullopt, 200});
  return answer ? std::get<engine::Messages>(*answer).messages : std::vector<engine::Message>{};
}

std::vector<std::string> Person::texts(bool own) {
  std::vector<std::string> out;
  for (const auto& message : history()) {
    if (message.own == own) out.push_back(message.text);
  }
  return out;
}

engine::MessageId Person::say(const std::string& text) {
  auto answer = ask(engine::SendText{chat().chat, text});
  return answer ? std::get<engine::MessageQueued>(*answer).message.id : engine::MessageId{};
}

void Person::wake_up(engine::Command first) {
  asleep_ = false;
  give(std::move(first));
  for (auto& event : std::exchange(slept_, {})) handle(std::move(event));
}

void Person::handle(engine::Event event) {
  stirred_ = true;
  if (asleep_) return slept_.push_back(std::move(event));
  if (engine_) engine_->handle_event(std::move(event), now());
}

void Person::note(engine::Notice notice) {
  if (auto* done = std::get_if<engine::CommandDone>(&notice)) answers_.emplace(done->command, done->answer);
  if (auto* failed = std::get_if<engine::CommandFailed>(&notice)) answers_.emplace(failed->command, failed->error);
  notices.push_back(std::move(notice));
}

bool Person::pump() {
  if (!engine_ || asleep_ || (!stirred_ && due_ > now())) return false;
  stirred_ = false;
  bool did = false;
  while (engine_) {
    if (engine_->next_deadline() <= now()) {
      engine_->handle_expiry(now());
      did = true;
    }
    auto effect = engine_->next_effect();
    if (!effect) break;
    did = true;
    carry_out(std::move(*effect));
  }
  due_ = engine_ ? engine_->next_deadline() : kNever;
  return did;
}

bool Person::swallows(engine::PipeId pipe, size_t size) {
  const auto found = curtains_.find(pipe);
  if (found == curtains_.end()) return false;
  found->second.packets += (size + 1'399) / 1'400 + 1;
  largest_pipe = std::max(largest_pipe, found->second.packets);
  return found->second.packets > found->second.packets_max;
}

// The files of a machine: what cli/host does on a disk.
std::optional<engine::Event> Person::do_file_work(const engine::Effect& effect) {
  constexpr Error kNoFile{kNoNetwork, "test: no such file"};
  if (const auto* read = std::get_if<engine::ReadFile>(&effect)) {
    const auto found = files.find(read->source);
    if (found == files.end()) return engine::FileRead{read->op, {}, 0, 0, kNoFile};
    const ByteView all = found->second;
    const auto start = std::min<size_t>(all.size(), static_cast<size_t>(read->offset));
    const ByteView piece = all.subspan(start, std::min<size_t>(read->size, all.size() - start));
    return engine::FileRead{read->op, to_bytes(piece), all.size(), versions[read->source], {}};
  }
  if (const auto* write = std::get_if<engine::WriteFile>(&effect)) {
    Bytes& part = parts[write->part];
    if (part.size() < write->offset) {
      return engine::FileWritten{write->op, {}, Error{engine::kPartMissing, "test: the part is shorter"}};
    }
    part.resize(static_cast<size_t>(write->offset));
    append(part, write->bytes);
    largest_write = std::max(largest_write, write->bytes.size());
    return engine::FileWritten{write->op, {}, {}};
  }
  if (const auto* finish = std::get_if<engine::FinishFile>(&effect)) {
    std::string path = finish->destination;
    if (path.ends_with('/')) path += finish->name;
    if (files.contains(path)) return engine::FileWritten{finish->op, {}, kNoFile};
    files[path] = std::move(parts[finish->part]);
    parts.erase(finish->part);
    ASSERT(files[path].size() == finish->size);
    return engine::FileWritten{finish->op, path, {}};
  }
  if (const auto* drop = std::get_if<engine::DropFile>(&effect)) parts.erase(drop->part);
  return std::nullopt;
}

void Person::carry_out(engine::Effect effect) {
  if (on_effect) {
    on_effect(effect);
    if (!alive()) return;
  }
  const auto later = [this](engine::Event event) {
    world_.later([this, life = life_, event = std::move(event)] {
      if (life == life_) handle(event);
    });
  };
  if (auto event = do_file_work(effect)) return later(std::move(*event));
  if (auto* open = std::get_if<engine::OpenPipe>(&effect)) {
    const bool reached = online && world_.home_named(open->route.host) != nullptr;
    if (!reached) return later(engine::PipeClosed{open->pipe, {kNoNetwork, "test"}});
    dialled.push_back(open->route);
    if (blocked.contains(open->route.host)) return;
    if (const auto found = curtained.find(open->route.host); found != curtained.end()) {
      curtains_[open->pipe] = Curtain{found->second};
    }
    const home::PipeId at_home = world_.open_pipe(this, open->pipe, open->route.host);
    pipes_[open->pipe] = at_home;
    later(engine::PipeOpened{open->pipe});
    if (swallows(open->pipe, open->early.size())) return;
    world_.later([w = &world_, at_home, early = std::move(open->early)] {
      if (home::Home* home = w->home_of(at_home); home != nullptr && !early.empty()) {
        home->pipe_bytes(at_home, early, w->now);
      }
    });
  } else if (auto* send = std::get_if<engine::SendBytes>(&effect)) {
    const auto found = pipes_.find(send->pipe);
    if (found == pipes_.end() || swallows(send->pipe, send->bytes.size())) return;
    world_.later([w = &world_, at_home = found->second, bytes = std::move(send->bytes)] {
      if (home::Home* home = w->home_of(at_home)) home->pipe_bytes(at_home, bytes, w->now);
    });
  } else if (auto* close = std::get_if<engine::ClosePipe>(&effect)) {
    const auto node = pipes_.extract(close->pipe);
    if (!node.empty()) world_.later([w = &world_, at_home = node.mapped()] { w->close_pipe(at_home); });
  } else if (auto* batch = std::get_if<engine::StoreBatch>(&effect)) {
    ++batches_ever;
    if (on_batch) on_batch(*batch);
    std::vector<store::Change> changes;
    for (auto& change : batch->changes) changes.push_back({change.key, change.value});
    const Status stored = store_->write(changes);
    if (store_->crashed()) return kill();
    if (stored) {
      later(engine::BatchStored{batch->batch});
    } else {
      later(engine::BatchFailed{batch->batch, stored.error()});
    }
  } else if (auto* load = std::get_if<engine::LoadRecords>(&effect)) {
    auto records = store_->range(load->first, load->last, load->count_max, load->backwards);
    if (records) later(engine::RecordsLoaded{load->load, std::move(*records)});
  } else if (auto* told = std::get_if<engine::Tell>(&effect)) {
    note(std::move(told->notice));
  } else if (auto* watch = std::get_if<engine::WatchMail>(&effect)) {
    watched = std::move(watch->account);
  } else if (const auto* fetch = std::get_if<engine::FetchText>(&effect)) {
    texts_asked.push_back(fetch->url);
  } else if (auto* letter = std::get_if<engine::SendSealed>(&effect)) {
    letters.push_back(*letter);
    if (on_letter) on_letter(*letter);
  } else {
    carry_out_lan(std::move(effect));
  }
}

void Person::carry_out_lan(engine::Effect effect) {
  if (auto* watch = std::get_if<engine::LanWatch>(&effect)) {
    lan = std::move(*watch);
    if (!lan.on) world_.cut_lan(*this);
  } else if (auto* send = std::get_if<engine::LanSend>(&effect)) {
    const auto found = lan_ends_.find(send->lan);
    if (found == lan_ends_.end()) return;
    if (found->second.first) lan_first.push_back(send->bytes);
    found->second.first = false;
    if (on_lan_bytes) on_lan_bytes(send->bytes);
    Person* other = found->second.other;
    if (other == nullptr) return append(world_.lan_heard_[send->lan], send->bytes);
    world_.later([other, at = found->second.at_other, bytes = std::move(send->bytes)] {
      if (other->lan_ends_.contains(at)) other->handle(engine::LanBytes{at, bytes});
    });
  } else if (auto* close = std::get_if<engine::LanClose>(&effect)) {
    const auto node = lan_ends_.extract(close->lan);
    if (node.empty() || node.mapped().other == nullptr) return;
    world_.later([other = node.mapped().other, at = node.mapped().at_other] {
      if (other->lan_ends_.erase(at) > 0) other->handle(engine::LanClosed{at});
    });
  }
}

// ---- the world ------------------------------------------------------------------------------------------------------

World::World(uint64_t seed, home::Admission admission)
    : random_(seed), admission_(admission), keys_(home::Keys::generate(random_)) {
  start_home();
}
World::~World() = default;

Person& World::add(engine::Options options) {
  people_.push_back(std::make_unique<Person>(*this, people_.size(), options));
  people_.back()->start();
  return *people_.back();
}

void World::start_home() {
  store_ = std::make_unique<store::FaultyStore>(disk_, random_, store::StoreFaults{});
  home_ = std::make_unique<home::Home>(keys_.clone(), home_options(admission_), *store_, random_);
  home_->set_web_push_key(kWebPushKey);
  home_->start(now);
}

store::FaultyStore& World::home_store(const std::string& host) {
  return host.empty() ? *store_ : *others_.at(host).store;
}

void World::kill_home() {
  store_->crash();
  home_.reset();
  store_.reset();
  for (const auto& [pipe, end] : std::exchange(ends_, {})) {
    if (end.person == nullptr || end.person->life_ != end.life) continue;
    end.person->pipes_.erase(end.pipe);
    end.person->handle(engine::PipeClosed{end.pipe, {kNoNetwork, "the home died"}});
  }
}

home::Home* World::home_named(const std::string& host) {
  const auto found = others_.find(host);
  return found == others_.end() ? home_.get() : found->second.home.get();
}

home::Home* World::home_of(home::PipeId pipe) {
  const auto found = ends_.find(pipe);
  return found == ends_.end() ? nullptr : home_named(found->second.host);
}

home::PipeId World::open_pipe(Person* person, engine::PipeId pipe, const std::string& host) {
  const home::PipeId at_home{next_pipe_++};
  ends_[at_home] = {person, person == nullptr ? 0 : person->life_, pipe, host};
  home_named(host)->pipe_opened(at_home, session::Form::kWebSocket, {}, now);
  return at_home;
}

void World::close_pipe(home::PipeId pipe) {
  home::Home* home = home_of(pipe);
  ends_.erase(pipe);
  if (home != nullptr) home->pipe_closed(pipe, now);
}

void World::cut(Person& person) {
  for (const auto& [pipe, at_home] : std::exchange(person.pipes_, {})) {
    close_pipe(at_home);
    person.handle(engine::PipeClosed{pipe, {kNoNetwork, "cut"}});
  }
}

void World::cut_lan(Person& person) {
  for (const auto& [lan, end] : std::exchange(person.lan_ends_, {})) {
    person.handle(engine::LanClosed{lan});
    if (end.other != nullptr && end.other->lan_ends_.erase(end.at_other) > 0) {
      end.other->handle(engine::LanClosed{end.at_other});
    }
  }
}

Bytes World::say_on_lan(Person& person, const Bytes& bytes) {
  const engine::LanId id{next_lan_++};
  person.lan_ends_[id] = {nullptr, {}, false};
  person.handle(engine::LanOpened{id, std::nullopt});
  person.handle(engine::LanBytes{id, bytes});
  pump();
  return lan_heard_[id];
}

// Whoever is wanted and answers is dialled, but not while that connection stands.
bool World::dial_on_lan() {
  for (auto& from : people_) {
    std::vector<routes::LanName> names = from->lan.wanted;
    names.insert(names.end(), from->lan.distant.begin(), from->lan.distant.end());
    for (auto& to : people_) {
      if (to == from || !from->on_lan || !to->on_lan) continue;
      const bool stands = std::any_of(from->lan_ends_.begin(), from->lan_ends_.end(),
                                      [&](const auto& each) { return each.second.other == to.get(); });
      const auto name = std::find_first_of(names.begin(), names.end(), to->lan.own.begin(), to->lan.own.end());
      if (stands || name == names.end()) continue;
      const engine::LanId here{next_lan_++};
      const engine::LanId there{next_lan_++};
      from->lan_ends_[here] = {to.get(), there, true};
      to->lan_ends_[there] = {from.get(), here, false};
      ++from->lan_dials;
      to->handle(engine::LanOpened{there, std::nullopt});
      from->handle(engine::LanOpened{here, *name});
      return true;
    }
  }
  return false;
}

bool World::pump_home() {
  bool did = home_ && pump_one(*home_, *store_);
  for (auto& [host, other] : others_) did = pump_one(*other.home, *other.store) || did;
  return did;
}

bool World::pump_one(home::Home& home, store::FaultyStore& store) {
  const uint64_t before = store.submitted();
  home.store_ready(now);
  if (home.next_deadline() <= now) home.handle_expiry(now);
  bool did = store.submitted() != before;
  while (auto output = home.next_output()) {
    did = true;
    take_output(home, std::move(*output));
  }
  return did;
}

void World::take_output(home::Home& home, home::Output output) {
  if (auto* send = std::get_if<home::SendBytes>(&output)) {
    const auto found = ends_.find(send->pipe);
    if (found == ends_.end()) return;
    if (found->second.person == nullptr) {
      append(loose_[send->pipe], send->bytes);
    } else if (found->second.person->life_ == found->second.life &&
               !found->second.person->swallows(found->second.pipe, send->bytes.size())) {
      found->second.person->bytes_received += send->bytes.size();
      found->second.person->handle(engine::PipeBytes{found->second.pipe, std::move(send->bytes)});
    }
  } else if (auto* close = std::get_if<home::ClosePipe>(&output)) {
    const auto node = ends_.extract(close->pipe);
    if (node.empty() || node.mapped().person == nullptr) return;
    Person& person = *node.mapped().person;
    if (person.life_ != node.mapped().life) return;
    person.pipes_.erase(node.mapped().pipe);
    person.handle(engine::PipeClosed{node.mapped().pipe, {kClosedByPeer, "the home closed"}});
  } else if (auto* answer = std::get_if<home::SealedAnswer>(&output)) {
    const auto node = arrivals_.extract({&home, answer->arrival});
    if (!node.empty()) node.mapped()(answer->reply);
  } else if (auto* forward = std::get_if<home::ForwardSealed>(&output)) {
    ++forwarded;
    std::string target = kHere;
    for (const auto& [host, other] : others_) {
      if (forward->home.key.value == other.keys.identity.public_key) target = host;
    }
    bring_sealed(target, std::move(forward->sealed),
                 [this, from = &home, id = forward->forward](const auto& reply) { from->forwarded(id, reply, now); });
  } else if (auto* push = std::get_if<home::SendWebPush>(&output)) {
    web_pushes.push_back(push->subscription.endpoint);
    later([this, from = &home, id = push->push] { from->web_pushed(id, web_push_result, now); });
  }
}

void World::bring_sealed(const std::string& host, Bytes sealed, std::function<void(const Result<Bytes>&)> answered) {
  if (lost.contains(host.empty() ? kHere : host)) return;
  home::Home* home = home_named(host);
  if (home == nullptr) return;
  const home::SealedArrivalId arrival{next_arrival_++};
  arrivals_[{home, arrival}] = std::move(answered);
  home->sealed_arrived(arrival, std::move(sealed), now);
}

home::Home& World::add_home(const std::string& host) {
  OtherHome& other = others_[host];
  other.keys = home::Keys::generate(random_);
  other.store = std::make_unique<store::FaultyStore>(other.disk, random_, store::StoreFaults{});
  other.home = std::make_unique<home::Home>(other.keys.clone(), home_options(admission_), *other.store, random_);
  other.home->set_web_push_key(kWebPushKey);
  other.home->start(now);
  return *other.home;
}

std::string World::home_link_at(const std::string& host) {
  const home::Keys& keys = others_.at(host).keys;
  wire::HomeLink link;
  link.home.key.value = keys.identity.public_key;
  link.home.routes = {"wss://" + host + "/ws"};
  link.admission_code = home::make_admission_code(keys.admission_key, 1, 0, random_);
  return wire::to_text(link);
}

// Everything that can happen at this moment.
void World::pump() {
  for (int rounds = 0; rounds < 100'000; ++rounds) {
    bool did = pump_home();
    for (auto& person : people_) did = person->pump() || did;
    // One at a time, so that everybody can answer before the next: but crowds would spend their time asking around.
    for (size_t i = 0; i <= people_.size() / 32 && !queue_.empty(); ++i) {
      const auto work = std::move(queue_.front());
      queue_.pop_front();
      work();
      did = true;
    }
    if (!did && !dial_on_lan()) return;
  }
  std::fprintf(stderr, "the world spins in place\n");
  std::abort();
}

Instant World::next_deadline() const {
  Instant at = home_ ? home_->next_deadline() : kNever;
  for (const auto& [host, other] : others_) at = std::min(at, other.home->next_deadline());
  for (const auto& person : people_) {
    if (!person->engine_ || person->asleep_) continue;
    const Instant own = person->stirred_ ? person->engine_->next_deadline() : person->due_;
    if (own != kNever) at = std::min(at, own - person->clock_error);
  }
  return at;
}

bool World::run_until(const std::function<bool()>& done, Duration patience) {
  const Instant end = now + patience;
  while (true) {
    pump();
    if (done()) return true;
    const Instant next = next_deadline();
    if (next > end) {
      now = std::max(now, end);
      pump();
      return done();
    }
    now = std::max(now, next);
  }
}

void World::settle() {
  // Long enough for every retry's first pause, and for the logs that are read some time after a start.
  run_until([] { return false; }, minutes(3));
}

void World::pass(Duration time) {
  run_until([] { return false; }, time);
}

wire::HomeLink World::home_link_parts() {
  wire::HomeLink link;
  link.home.key.value = keys_.identity.public_key;
  link.home.routes = {std::string("wss://") + kHere + "/ws"};
  if (admission_ == home::Admission::kCode)
    link.admission_code = home::make_admission_code(keys_.admission_key, 1, 0, random_);
  return link;
}

std::string World::home_link() { return wire::to_text(home_link_parts()); }

void World::meet(Person& inviter, Person& taker) {
  static_cast<void>(inviter.ask(engine::NewAccount{"Alice", home_link()}));
  static_cast<void>(taker.ask(engine::NewAccount{"Bob", taker_home.empty() ? home_link() : home_link_at(taker_home)}));
  const auto invite = inviter.ask(engine::MakeInvite{});
  if (!invite) return;
  static_cast<void>(taker.ask(engine::AddContact{std::get<engine::InviteMade>(*invite).link}));
  settle();
}

void World::forget_address(const wire::Alias& alias) {
  kill_home();
  {
    store::FaultyStore store(disk_, random_, {});
    bool done = false;
    store.submit(store::Erase{home::address_key(alias)},
                 [&](Result<store::Outcome> outcome) { done = outcome.has_value(); });
    while (store.poll() > 0) continue;
    ASSERT(done);
  }
  start_home();
}

wire::Reply World::ask_home(const wire::Request& request, const std::string& host) {
  const home::PipeId pipe = open_pipe(nullptr, {}, host);
  session::ClientOptions options;
  options.home_key = host.empty() ? keys_.identity.public_key : others_.at(host).keys.identity.public_key;
  options.form = session::Form::kWebSocket;
  auto session = session::ClientSession::connect(options, random_, now);
  static_cast<void>(session.send_request(wire::encode_request(request), now));
  for (int round = 0; round < 1000; ++round) {
    const Bytes out = session.take_output(now);
    if (!out.empty()) home_of(pipe)->pipe_bytes(pipe, out, now);
    pump_home();
    const Bytes in = std::exchange(loose_[pipe], {});
    if (!in.empty()) static_cast<void>(session.receive(in, now));
    while (auto event = session.next_event()) {
      if (auto* reply = std::get_if<session::Reply>(&*event)) {
        close_pipe(pipe);
        return *wire::decode_reply(reply->bytes);
      }
    }
  }
  return wire::Refused{};
}

}  // namespace godwit::testworld
