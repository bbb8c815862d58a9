#include "sim/network.h"

#include "base/assert.h"

namespace godwit::sim {
namespace {

constexpr ErrorCode kGone{1, Action::kRetryLater, "sim_pipe_gone"};
/// As net/ names it: in good order, by the other end itself.
constexpr ErrorCode kClosedByPeer{2, Action::kRetryLater, "pipe_closed_by_peer"};
constexpr size_t kRecordedMax = 1U << 16;

home::PipeId home_pipe(uint64_t key) { return {key}; }

}  // namespace

bool Network::chance(uint32_t per_million) { return per_million != 0 && random_.below(1'000'000) < per_million; }

Network::Key* Network::find(PipeUser& user, engine::PipeId pipe) {
  const auto found = by_client_.find({&user, pipe});
  return found == by_client_.end() ? nullptr : &found->second;
}

Instant Network::arrival(Instant& not_before) {
  const auto spread = static_cast<uint64_t>((weather_.delay_max - weather_.delay_min).ms) + 1;
  const Instant when = clock_.now() + weather_.delay_min + milliseconds(static_cast<int64_t>(random_.below(spread)));
  not_before = std::max(not_before, when);
  return not_before;
}

Block Network::block_of(const std::string& host) const {
  const auto found = blocks_.find(host);
  return found == blocks_.end() ? Block{} : found->second;
}

PipeServer* Network::server_of(const std::string& host) const {
  const auto found = servers_.find(host);
  if (found != servers_.end()) return found->second;
  const auto any = servers_.find({});
  return any == servers_.end() ? nullptr : any->second;
}

CutOff Network::cut_off_of(PipeUser* user) const {
  const auto found = cut_off_.find(user);
  return found == cut_off_.end() ? CutOff::kNot : found->second;
}

void Network::cut_off(PipeUser& user, CutOff how) {
  cut_off_[&user] = how;
  if (how != CutOff::kRefused) return;
  std::vector<Key> keys;
  for (const auto& [key, pipe] : pipes_) {
    if (pipe.user == &user) keys.push_back(key);
  }
  for (const Key key : keys) break_pipe(key);
}

/// True if the censor keeps these bytes, and all that follow on this pipe.
bool Network::swallows(Pipe& pipe, size_t size) {
  const Block block = block_of(pipe.host);
  // As a box counts: packets of 1,400 bytes and what acknowledges them.
  pipe.carried += 1 + static_cast<uint32_t>(size / 1'400) + 1;
  if (cut_off_of(pipe.user) != CutOff::kNot) pipe.silent = true;
  if (pipe.silent) return true;
  const bool over = block.budget != 0 && pipe.carried > block.budget;
  if (over) ++report_.curtained;
  pipe.silent = over || block.gone || block.mute;
  return pipe.silent;
}

void Network::open(PipeUser& user, engine::PipeId pipe, const routes::Route& route, Bytes early) {
  const Key key = next_++;
  Pipe& made = pipes_[key];
  made.user = &user;
  made.client = pipe;
  made.to_home = made.to_client = clock_.now();
  made.host = route.host;
  made.server = server_of(route.host);
  by_client_[{&user, pipe}] = key;
  const Block block = block_of(route.host);
  if (block.gone || block.mute) ++report_.blocked;
  const CutOff away = cut_off_of(&user);
  if (away == CutOff::kRefused) return break_pipe(key);
  if (block.gone || away == CutOff::kSilent) {
    made.silent = true;
    return;
  }
  if (routes::shown_name(route) == route.host && chance(block.name_reset)) {
    ++report_.blocked;
    return break_pipe(key);
  }
  made.carried = 8;  // TCP, TLS and the upgrade
  const Instant when = arrival(made.to_home);
  clock_.after(when - clock_.now(), [this, key] {
    const auto found = pipes_.find(key);
    if (found == pipes_.end()) return;
    Pipe& opened = found->second;
    if (opened.server == nullptr || !opened.server->accept(home_pipe(key))) return break_pipe(key);
    opened.at_home = true;
    const Instant back = arrival(opened.to_client);
    clock_.after(back - clock_.now(), [this, key] {
      const auto again = pipes_.find(key);
      if (again == pipes_.end() || again->second.user == nullptr) return;
      again->second.user->pipe_event(engine::PipeOpened{again->second.client});
    });
  });
  if (!early.empty()) carry(key, std::move(early), true);
}

void Network::client_sends(PipeUser& user, engine::PipeId pipe, Bytes bytes) {
  if (const Key* key = find(user, pipe)) carry(*key, std::move(bytes), true);
}

void Network::home_sends(home::PipeId pipe, Bytes bytes) {
  if (pipes_.contains(pipe.value)) carry(pipe.value, std::move(bytes), false);
}

/// Cuts the bytes into pieces that follow nothing of ours, and sends each through the weather.
void Network::carry(Key key, Bytes bytes, bool up) {
  ByteView rest = bytes;
  while (!rest.empty() && pipes_.contains(key)) {
    const size_t size = random_.below(4) == 0 ? 1 + random_.below(rest.size()) : rest.size();
    piece(key, to_bytes(rest.first(size)), up);
    rest = rest.subspan(size);
  }
}

void Network::piece(Key key, Bytes bytes, bool up) {
  Pipe& pipe = pipes_.at(key);
  ++report_.pieces;
  if (up && pipe.recorded.size() < kRecordedMax) append(pipe.recorded, bytes);
  if (chance(weather_.replay)) replay(key);
  if (chance(weather_.silence)) {
    ++report_.silenced;
    pipe.silent = true;
  }
  if (!pipe.host.empty() && swallows(pipe, bytes.size())) return;
  if (pipe.silent) return;
  if (chance(weather_.disconnect)) {
    ++report_.disconnected;
    return break_pipe(key);
  }
  if (chance(weather_.lose)) {
    ++report_.lost;
    return;
  }
  const int times = chance(weather_.twice) ? 2 : 1;
  if (times == 2) ++report_.doubled;
  for (int i = 0; i < times; ++i) {
    const Instant when = arrival(up ? pipe.to_home : pipe.to_client);
    clock_.after(when - clock_.now(), [this, key, bytes, up] { arrive(key, bytes, up); });
  }
}

void Network::arrive(Key key, const Bytes& bytes, bool up) {
  const auto found = pipes_.find(key);
  if (found == pipes_.end()) return;
  Pipe& pipe = found->second;
  if (up) {
    if (pipe.at_home && pipe.server != nullptr) pipe.server->bytes(home_pipe(key), bytes);
  } else if (pipe.user != nullptr) {
    pipe.user->pipe_event(engine::PipeBytes{pipe.client, bytes});
  }
}

void Network::break_pipe(Key key) { end_pipe(key, {kGone, "sim: the pipe broke"}); }

void Network::end_pipe(Key key, Error why) {
  const auto found = pipes_.find(key);
  if (found == pipes_.end()) return;
  const Pipe pipe = std::move(found->second);
  pipes_.erase(found);
  if (pipe.user != nullptr) {
    by_client_.erase({pipe.user, pipe.client});
    clock_.after(milliseconds(1),
                 [user = pipe.user, client = pipe.client, why] { user->pipe_event(engine::PipeClosed{client, why}); });
  }
  if (pipe.at_home) {
    clock_.after(milliseconds(1), [server = pipe.server, key] {
      if (server != nullptr) server->closed(home_pipe(key));
    });
  }
}

void Network::client_closes(PipeUser& user, engine::PipeId pipe) {
  const Key* key = find(user, pipe);
  if (key == nullptr) return;
  Pipe& closing = pipes_.at(*key);
  const Key number = *key;
  by_client_.erase({&user, pipe});
  closing.user = nullptr;
  // What was sent before still arrives.
  const Instant when = arrival(closing.to_home);
  clock_.after(when - clock_.now(), [this, number] { break_pipe(number); });
}

void Network::home_closes(home::PipeId pipe) {
  const auto found = pipes_.find(pipe.value);
  if (found == pipes_.end()) return;
  found->second.at_home = false;
  const Instant when = arrival(found->second.to_client);
  clock_.after(when - clock_.now(),
               [this, key = pipe.value] { end_pipe(key, {kClosedByPeer, "sim: the home closed"}); });
}

void Network::client_died(PipeUser& user) {
  for (auto& [key, pipe] : pipes_) {
    if (pipe.user != &user) continue;
    by_client_.erase({&user, pipe.client});
    pipe.user = nullptr;
    clock_.after(milliseconds(20), [this, number = key] { break_pipe(number); });
  }
}

void Network::home_died(PipeServer& server) {
  for (auto& [key, pipe] : pipes_) {
    if (pipe.server != &server) continue;
    pipe.at_home = false;
    clock_.after(milliseconds(20), [this, number = key] { break_pipe(number); });
  }
}

void Network::break_all() {
  std::vector<Key> keys;
  for (const auto& [key, pipe] : pipes_) keys.push_back(key);
  for (const Key key : keys) break_pipe(key);
}

/// Somebody who recorded the client's bytes sends them to the home again, later, on a pipe of his own.
void Network::replay(Key key) {
  ++report_.replayed;
  const Bytes recorded = pipes_.at(key).recorded;
  PipeServer* server = pipes_.at(key).server;
  clock_.after(milliseconds(static_cast<int64_t>(random_.below(5'000))), [this, recorded, server] {
    const Key number = next_++;
    if (server == nullptr || !server->accept(home_pipe(number))) return;
    Pipe& made = pipes_[number];
    made.server = server;
    made.at_home = true;
    made.to_home = made.to_client = clock_.now();
    arrive(number, recorded, true);
    clock_.after(seconds(2), [this, number] { break_pipe(number); });
  });
}

}  // namespace godwit::sim
