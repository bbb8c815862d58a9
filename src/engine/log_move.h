#pragma once
// The group log of a chat goes on at another home when the one where it was has gone for good (docs/protocol/chat.md, "Moving the
// log"). Who may do so opens a log there for the epoch in which he is and says so to all members, signed by his device. He cannot say
// it as a content: who is some epochs behind would not be able to open it, and has no log any more that would bring him on.

#include "crypto/ed25519.h"
#include "engine/machine.h"

namespace godwit::engine {

/// A log does not answer if there is nothing for so long.
constexpr Duration kLogAnswerMax = seconds(30);
/// By itself a log is moved when its home has not answered for so long: longer than a home is away over a weekend, and much less
/// than the 30 days that homes keep messages.
constexpr Duration kLogLostAfter = days(3);
/// Those who may move it take turns, so that hardly ever two do at once.
constexpr Duration kMoveTurn = hours(1);
/// How often a log has moved that is remembered, to judge moves that come late.
constexpr size_t kMovesKept = 8;

/// What is said to all; the signature is over everything before it.
struct LogMove {
  uint8_t version = 1;
  ChatId chat;
  wire::LogId from;  ///< The log that has gone.
  wire::HomeAddress home;
  wire::LogId log;        ///< Where it goes on.
  uint64_t epoch = 0;     ///< The first one there.
  ByteArray<32> place{};  ///< epoch_place() of it.
  ByteArray<32> device{};
  crypto::Ed25519Signature signature{};
  template <typename Self>
  static auto fields(Self& self) {
    return std::tie(self.version, self.chat, self.from, self.home, self.log, self.epoch, self.place, self.device,
                    self.signature);
  }
};

/// Names an epoch and everything that led to it.
ByteArray<32> epoch_place(const mls::Group& group);
/// The rule by which all choose between two moves of the same log: from the later epoch; of one epoch to the smaller log id.
bool is_better(const LogMove& one, const LogMove& than);

/// Takes the command MoveLog.
void move_log(Machine& m, CommandId id, const MoveLog& command);
/// A member says that the log has moved. What does not hold is passed over.
void take_move(Machine& m, Chat& chat, ByteView encoded);
/// Whether a welcome that leads to `log` may do so for us, who know the chat as `known`: it brings moves from our log to that one.
Status check_moved(const Chat& known, const LogLocation& log, const std::vector<Bytes>& moves);

/// The log has answered: it is there.
void log_answered(Machine& m, Chat& chat);
/// It has not, or has refused us: from now on it is taken for gone, until it answers.
void log_not_there(Machine& m, Chat& chat);
/// Moves it, if that is wanted or it is time to; lowers the chat's wake.
void pump_moves(Machine& m, Chat& chat);

}  // namespace godwit::engine
