#include "engine/lan.h"

#include <algorithm>

#include "engine/account.h"
#include "engine/inbox.h"
#include "engine/members.h"
#include "engine/outbox.h"
#include "engine/receipts.h"

namespace godwit::engine {
namespace {

LanPeer* find_peer(Machine& m, LanId id) {
  const auto found = m.lan.peers.find(id);
  return found == m.lan.peers.end() ? nullptr : &found->second;
}

// Hands what the channel has written to the host.
void flush(Machine& m, LanId id, LanPeer& peer) {
  Bytes bytes = peer.channel.take_output();
  if (!bytes.empty()) m.effects.push_back(LanSend{id, std::move(bytes)});
}

// Nothing is left for the next connection to do. What has gone over and waits all the same (for the log, say) is not helped by
// another one at once.
bool is_through(const Machine& m, const LanPeer& peer) {
  return peer.channel.is_open() && m.chats.at(*peer.chat).outbox.empty();
}

// Forgets a connection. One that has led to nothing delays the next search for its chat; but one that somebody else has begun
// under a name that he may only have overheard delays nothing.
void forget(Machine& m, LanId id, bool good) {
  const auto node = m.lan.peers.extract(id);
  if (node.empty() || !node.mapped().chat) return;
  Attempt& attempt = m.lan.attempts[*node.mapped().chat];
  if (good) {
    attempt.succeed();
  } else if (node.mapped().dialled || node.mapped().channel.is_open()) {
    attempt.fail(m.now, {}, m.random);
  }
}

void close(Machine& m, LanId id, bool good) {
  m.effects.push_back(LanClose{id});
  forget(m, id, good);
}

// Names are derived anew when the hour, the chats or their keys are others.
void learn_names(Machine& m) {
  LanPeers& lan = m.lan;
  const uint64_t hour = m.wall().unix_seconds() / kLanNameSeconds;
  uint64_t state = m.chats.size();
  for (const auto& [id, chat] : m.chats) state += chat.record.keys.base * 1'000'003;
  if (lan.hour == hour && lan.state == state) return;
  lan.hour = hour;
  lan.state = state;
  lan.own.clear();
  lan.theirs.clear();
  for (const auto& [id, chat] : m.chats) {
    const MemberRecord* other = peer_of(chat);
    if (other == nullptr || !chat.group) continue;
    LanNames& theirs = lan.theirs[id];
    for (size_t i = 0; i < theirs.size(); ++i) {
      const uint64_t of = hour + i - 1;
      lan.own.emplace(lan_name(lan_key(chat.record.keys, chat.record.own_alias), of), id);
      theirs[i] = lan_name(lan_key(chat.record.keys, other->alias), of);
    }
  }
}

crypto::Secret<32> psk_of_chat(const Chat& chat, bool we_listen, const LanName& name) {
  const crypto::AeadKey own = lan_key(chat.record.keys, chat.record.own_alias);
  const crypto::AeadKey theirs = lan_key(chat.record.keys, peer_of(chat)->alias);
  return we_listen ? lan_psk(own, theirs, name) : lan_psk(theirs, own, name);
}

std::optional<crypto::Secret<32>> psk_of_own(Machine& m, const LanName& name) {
  const auto found = m.lan.own.find(name);
  if (found == m.lan.own.end()) return std::nullopt;
  return psk_of_chat(m.chats.at(found->second), true, name);
}

// Room for one more: false if all that are there have shown who they are.
bool make_room(Machine& m) {
  if (m.lan.peers.size() < kLanPeersMax) return true;
  const auto oldest = std::find_if(m.lan.peers.begin(), m.lan.peers.end(),
                                   [](const auto& entry) { return !entry.second.channel.is_open(); });
  if (oldest == m.lan.peers.end()) return false;
  close(m, LanId{oldest->first}, false);
  return true;
}

// One contact does not take the places of the others.
void end_oldest_of(Machine& m, const ChatId& chat) {
  std::vector<LanId> open;
  for (const auto& [id, peer] : m.lan.peers) {
    if (peer.channel.is_open() && peer.chat == chat) open.push_back(id);
  }
  const size_t most = std::min(open.size(), kLanPeersOfChatMax);
  for (size_t i = 0; i < open.size() - most; ++i) close(m, open[i], true);
}

// The connection that a chat's parcels go out on: the oldest one.
LanId sending_peer(const Machine& m, const ChatId& chat) {
  for (const auto& [id, peer] : m.lan.peers) {
    if (peer.channel.is_open() && peer.chat == chat) return id;
  }
  return {};
}

// ---- what goes out ------------------------------------------------------------------------------------------------

// The parcels are on our disk: they may leave, but for those that have been encrypted anew meanwhile.
void send_parcels(Machine& m, LanId id, const std::vector<LanSent>& parcels) {
  LanPeer* peer = find_peer(m, id);
  if (peer == nullptr) return;
  peer->queued -= parcels.size();
  const Chat& chat = m.chats.at(*peer->chat);
  for (const LanSent& parcel : parcels) {
    const auto found = chat.outbox.find(parcel.number);
    if (found == chat.outbox.end() || found->second.delivery != parcel.delivery) continue;
    if (!peer->channel.send(LanKind::kParcel, found->second.payload)) return close(m, id, false);
    if (peer->sent.empty()) peer->waits_since = m.now;
    peer->sent.push_back(parcel);
    peer->sent_bytes += parcel.size;
    peer->used = m.now;
  }
  flush(m, id, *peer);
}

void pump_peer(Machine& m, LanId id, LanPeer& peer, Chat& chat) {
  if (peer.queued > 0 || !chat.group) return;
  if (peer.epoch != chat.group->epoch()) peer.sent_through = 0;
  peer.epoch = chat.group->epoch();
  // Texts stay in the outbox until their receipt is here, so receipts must not wait until it is empty: both sides might.
  const bool all_taken = peer.sent.empty() && chat.outbox.upper_bound(peer.sent_through) == chat.outbox.end();
  if (all_taken) queue_owed(m, chat);
  if (peer.sent.size() >= kLanWindowParcels || peer.sent_bytes >= kLanWindowBytes) return;
  ParcelBag bag{{}, kLanWindowBytes - peer.sent_bytes};
  bag.parcels_max = kLanWindowParcels - peer.sent.size();
  collect_parcels(m, chat, bag, peer.sent_through);
  if (bag.numbers.empty()) return;
  std::vector<LanSent> parcels;
  for (size_t i = 0; i < bag.numbers.size(); ++i) {
    const uint64_t number = bag.numbers[i];
    parcels.push_back({number, chat.outbox.at(number).delivery, bag.parcels[i].payload.size()});
  }
  peer.sent_through = bag.numbers.back();
  peer.queued = parcels.size();
  m.journal.then([&m, id, parcels = std::move(parcels)] { send_parcels(m, id, parcels); });
}

// ---- what comes in ------------------------------------------------------------------------------------------------

// The other one has stored more of our parcels. False: he cannot have.
bool take_taken(Machine& m, LanPeer& peer, Chat& chat, ByteView body) {
  if (body.size() != 4) return false;
  uint32_t count = 0;
  for (const uint8_t byte : body) count = count << 8 | byte;
  if (count < peer.taken || count - peer.taken > peer.sent.size()) return false;
  for (; peer.taken < count; ++peer.taken) {
    const LanSent parcel = peer.sent.front();
    peer.sent.pop_front();
    peer.sent_bytes -= parcel.size;
    outbox_taken(m, chat, parcel.number, parcel.delivery);
  }
  peer.waits_since = m.now;
  return true;
}

// A parcel. False: more than he may send before he hears of the others; or there is no room for it, and what is not on our disk
// is not confirmed: he has it still, and sends it again on the next connection.
bool take_one(Machine& m, LanPeer& peer, Chat& chat, ByteView envelope) {
  ++peer.came;
  peer.untold_bytes += envelope.size();
  if (peer.came - peer.told > kLanWindowParcels || peer.untold_bytes > kLanWindowBytes) return false;
  // What does not open would not open another time either; its sender has it until his home has taken it, or we ask again.
  return take_parcel(m, chat.record.own_alias, envelope) != ParcelTaken::kNoRoom;
}

void tell_taken(Machine& m, LanId id, uint32_t count, size_t bytes) {
  LanPeer* peer = find_peer(m, id);
  if (peer == nullptr) return;
  peer->told = count;
  peer->untold_bytes -= bytes;
  codec::Writer writer;
  writer.u32(count);
  if (!peer->channel.send(LanKind::kTaken, writer.take())) return close(m, id, false);
  flush(m, id, *peer);
}

// What open connections say. False: it breaks the rules.
bool take_messages(Machine& m, LanId id, LanPeer& peer, const std::vector<LanMessage>& messages) {
  if (messages.empty()) return true;
  peer.used = m.now;
  Chat& chat = m.chats.at(*peer.chat);
  size_t bytes = 0;
  bool whole = true;
  for (const LanMessage& message : messages) {
    if (message.kind == LanKind::kTaken) {
      whole = take_taken(m, peer, chat, message.body);
    } else {
      whole = take_one(m, peer, chat, message.body);
      bytes += message.body.size();
    }
    if (!whole) break;
  }
  if (bytes > 0 && whole) {
    m.journal.then([&m, id, came = peer.came, bytes] { tell_taken(m, id, came, bytes); });
  }
  return whole;
}

// ---- who is looked for, and what is over --------------------------------------------------------------------------

// When a connection is over by itself.
Instant end_of(const LanPeer& peer) {
  if (!peer.channel.is_open()) return peer.opened + kLanHandshakeTime;
  Instant at = std::min(peer.used + kLanIdle, peer.opened + session::kRekeyInterval);
  if (!peer.sent.empty()) at = std::min(at, peer.waits_since + kLanTakeTime);
  return at;
}

void close_old(Machine& m, Instant& wake) {
  std::vector<LanId> over;
  for (const auto& [id, peer] : m.lan.peers) {
    const Instant end = end_of(peer);
    if (end <= m.now || peer.channel.is_worn(m.now)) {
      over.push_back(id);
    } else {
      wake = std::min(wake, end);
    }
  }
  for (const LanId id : over) close(m, id, is_through(m, m.lan.peers.at(id)));
}

LanWatch make_watch(Machine& m, Instant& wake) {
  const LanPeers& lan = m.lan;
  LanWatch watch;
  watch.on = true;
  for (const auto& [name, chat] : m.lan.own) watch.own.push_back(name);
  for (const auto& [id, chat] : m.chats) {
    if (!lan.theirs.contains(id) || !chat.record.ready || chat.outbox.empty()) continue;
    if (sending_peer(m, id) != LanId{}) continue;
    const Instant due = m.when(chat.outbox.begin()->second.queued_ms) + kLanPatience;
    if (due > m.now) {
      wake = std::min(wake, due);
      continue;
    }
    if (!m.lan.attempts[id].may_start(m.now, wake) || watch.wanted.size() >= kLanWantedMax) continue;
    const LanNames& names = m.lan.theirs.at(id);
    watch.wanted.push_back(names[1]);
    watch.distant.push_back(names[0]);
    watch.distant.push_back(names[2]);
  }
  return watch;
}

void tell_nearby(Machine& m) {
  const uint32_t now = chats_nearby(m);
  if (std::exchange(m.lan.told_nearby, now) != now) tell_connection(m);
}

void tell_watch(Machine& m, LanWatch watch) {
  if (watch == m.lan.told) return;
  m.lan.told = watch;
  m.effects.push_back(std::move(watch));
}

}  // namespace

void set_lan(Machine& m, CommandId id, const SetLan& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile with an account"});
  m.lan.on = command.on;
  m.journal.put(record_key(RecordKind::kLan), LanRecord{kRecordVersion, command.on});
  m.done_then(id, Nothing{});
}

void read_lan(Machine& m, CommandId id) {
  LanState answer{m.lan.on, {}};
  for (const auto& [chat, state] : m.chats) {
    if (sending_peer(m, chat) != LanId{}) answer.nearby.push_back(chat);
  }
  m.done(id, std::move(answer));
}

uint32_t chats_nearby(const Machine& m) {
  std::set<ChatId> chats;
  for (const auto& [id, peer] : m.lan.peers) {
    if (peer.channel.is_open()) chats.insert(*peer.chat);
  }
  return static_cast<uint32_t>(chats.size());
}

void on_lan_opened(Machine& m, const LanOpened& event) {
  const auto refuse = [&] { m.effects.push_back(LanClose{event.lan}); };
  if (!m.lan.on || event.lan == LanId{} || !make_room(m)) return refuse();
  if (!event.dialled) {
    m.lan.peers.emplace(event.lan, LanPeer{LanChannel::listen(m.random), false, m.now, {}, m.now});
    return;
  }
  learn_names(m);
  for (const auto& [chat, names] : m.lan.theirs) {
    if (std::find(names.begin(), names.end(), *event.dialled) == names.end()) continue;
    auto psk = psk_of_chat(m.chats.at(chat), false, *event.dialled);
    auto channel = LanChannel::dial(*event.dialled, std::move(psk), m.random);
    if (!channel) break;
    auto& peer = m.lan.peers.emplace(event.lan, LanPeer{std::move(*channel), true, m.now, chat, m.now}).first->second;
    return flush(m, event.lan, peer);
  }
  refuse();  // its hour is over
}

void on_lan_bytes(Machine& m, const LanBytes& event) {
  LanPeer* peer = find_peer(m, event.lan);
  if (peer == nullptr) return;
  learn_names(m);
  const bool was_open = peer->channel.is_open();
  const auto psk_of = [&m](const LanName& name) { return psk_of_own(m, name); };
  const auto messages = peer->channel.receive(event.bytes, psk_of, m.now);
  if (!messages) return close(m, event.lan, false);
  if (!peer->chat && peer->channel.name()) peer->chat = m.lan.own.at(*peer->channel.name());
  flush(m, event.lan, *peer);
  if (!was_open && peer->channel.is_open()) {
    peer->used = m.now;
    end_oldest_of(m, *peer->chat);
    peer = find_peer(m, event.lan);
    if (peer == nullptr) return;
  }
  if (!take_messages(m, event.lan, *peer, *messages)) close(m, event.lan, false);
}

void on_lan_closed(Machine& m, const LanClosed& event) {
  const LanPeer* peer = find_peer(m, event.lan);
  if (peer != nullptr) forget(m, event.lan, is_through(m, *peer));
}

void pump_lan(Machine& m, Instant& wake) {
  if (!m.lan.on) {
    m.lan.peers.clear();  // the host closes them
    tell_nearby(m);
    return tell_watch(m, {});
  }
  learn_names(m);
  wake = std::min(wake, m.when(static_cast<int64_t>((m.lan.hour + 1) * kLanNameSeconds) * 1000));
  close_old(m, wake);
  for (auto& [id, peer] : m.lan.peers) {
    if (!peer.channel.is_open() || sending_peer(m, *peer.chat) != id) continue;
    pump_peer(m, id, peer, m.chats.at(*peer.chat));
    wake = std::min(wake, end_of(peer));
  }
  tell_nearby(m);
  tell_watch(m, make_watch(m, wake));
}

}  // namespace godwit::engine
