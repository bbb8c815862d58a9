#pragma once
// Two clients on one local network talk without a home: what waits in the outboxes goes straight over when it has waited too
// long for the homes, and receipts come back the same way (docs/protocol/carrier-lan.md). Off until somebody asks for it.
//
// Not here: sockets and questions (the host's), handshake and records (lan_channel.h).

#include "engine/machine.h"

namespace godwit::engine {

/// What the home has not taken for so long goes over the local network, if the other one is there.
constexpr Duration kLanPatience = seconds(5);
/// Connections at once. Of those that have not shown who they are, the oldest makes room: a flood costs handshakes, not contacts.
constexpr size_t kLanPeersMax = 16;
/// Of these, of one chat: each side may have dialled. When one more opens, the oldest ends: whoever dials again has lost it.
constexpr size_t kLanPeersOfChatMax = 2;
/// From the connection to the first record.
constexpr Duration kLanHandshakeTime = seconds(10);
/// A connection on which nothing is said is closed.
constexpr Duration kLanIdle = minutes(1);
/// What was sent and is not taken for so long was sent to somebody who has gone.
constexpr Duration kLanTakeTime = seconds(20);
/// Parcels and their bytes that are sent beyond what the other one has on his disk: what he may be made to hold in memory.
constexpr size_t kLanWindowParcels = 64;
constexpr size_t kLanWindowBytes = 256 * 1024;
/// Chats that are looked for at once.
constexpr size_t kLanWantedMax = 32;

/// Takes the command SetLan.
void set_lan(Machine& m, CommandId id, const SetLan& command);
/// Takes the command ReadLan.
void read_lan(Machine& m, CommandId id);

/// Chats whose other side is connected over the local network now.
uint32_t chats_nearby(const Machine& m);

/// There is a connection.
void on_lan_opened(Machine& m, const LanOpened& event);
/// Something came on it.
void on_lan_bytes(Machine& m, const LanBytes& event);
/// It is gone.
void on_lan_closed(Machine& m, const LanClosed& event);

/// Sends what is to be sent, closes what is over, and says who is looked for; `wake` is lowered to when it wants to be called.
void pump_lan(Machine& m, Instant& wake);

}  // namespace godwit::engine
