#include "cli/lan_host.h"

#include <utility>

#include "net/errors.h"

namespace godwit::cli {

void LanHost::watch(engine::LanWatch effect) {
  if (!effect.on) {
    opened_.clear();
    lan_.reset();
    return;
  }
  if (!lan_) {
    lan_ = net::Lan::create(loop_, random_, [this](net::LanArrival arrival) { return take(std::move(arrival)); });
  }
  lan_->watch({std::move(effect.own), std::move(effect.wanted), std::move(effect.distant)});
}

net::PipeEvents LanHost::take(net::LanArrival arrival) {
  const engine::LanId id{++last_id_};
  opened_[id].pipe = std::move(arrival.pipe);
  net::PipeEvents events;
  events.on_open = [this, id, dialled = arrival.dialled] { tell_(engine::LanOpened{id, dialled}); };
  events.on_bytes = [this, id](ByteView bytes) { tell_(engine::LanBytes{id, to_bytes(bytes)}); };
  events.on_drained = [this, id] { send_backlog(id); };
  events.on_closed = [this, id](Error) {
    opened_.erase(id);
    tell_(engine::LanClosed{id});
  };
  return events;
}

void LanHost::send(engine::LanSend effect) {
  const auto found = opened_.find(effect.lan);
  if (found == opened_.end()) return;  // closed already: the engine has been told
  found->second.backlog.push_back(std::move(effect.bytes));
  send_backlog(effect.lan);
}

void LanHost::send_backlog(engine::LanId id) {
  const auto found = opened_.find(id);
  if (found == opened_.end()) return;
  auto& [pipe, backlog] = found->second;
  while (!backlog.empty()) {
    const Status sent = pipe->send(backlog.front());
    if (!sent && sent.error().code == net::kPipeFull) return;
    backlog.pop_front();  // taken, or on_closed is on its way
  }
}

}  // namespace godwit::cli
