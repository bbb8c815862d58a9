#pragma once
// The group log of a chat goes on at another home when the one where it was has gone for good (docs/protocol/chat.md, "Moving the
// log"). Who may do so opens a log there for the epoch in which he is and says so to all members, signed by his device. He cannot say
// it as a content: who is some epochs behind would not be able to open it, and has no log any more that would bring him on.
//
// log_watch.h finds out whether the old one is gone; here is what follows from it.

#include "codec/members.h"
#include "crypto/ed25519.h"
#include "engine/machine.h"

namespace godwit::engine {

/// By itself a log is moved when its home has been silent for so long, and so often: longer than a home is away over a weekend, and
/// much less than the 30 days that homes keep messages.
constexpr Duration kLogLostAfter = days(3);
constexpr uint32_t kLogLostTimes = 4;
/// So much later by who has something of a later epoch, which he cannot open: others are further, and it is for them to move it.
constexpr Duration kLogLostBehind = days(7);
/// Where one who is no admin any more has moved it, and others may follow him, by who knows that after so much silence.
constexpr uint32_t kLogMisledTimes = 2;
/// Those who may move it take turns, so that hardly ever two do at once.
constexpr Duration kMoveTurn = hours(1);
/// After so much silence others are asked where the log is, and again after each day.
constexpr Duration kLogAskAfter = days(2);
constexpr Duration kLogAskPause = days(1);
/// So many of them at once.
constexpr size_t kLogAskedAtOnce = 3;
/// How often a log has moved that is remembered, to judge moves that come late. As many are kept of one device that are not judged yet.
constexpr size_t kMovesKept = 8;
/// So long after a log has moved another move of the one before may still be heard of, by somebody who was not reached: as long as homes
/// keep what was said to him.
constexpr Duration kMoveDisputed = days(30);
/// Moves that were told and are not judged yet.
constexpr size_t kMovesToldMax = 32;
/// Hints that name other logs lead to so many answers and questions within kMovesToldPause: nobody signs them.
constexpr size_t kHintsAnsweredMax = 8;
/// One member is told so often at most where the log is.
constexpr Duration kMovesToldPause = hours(1);

/// That a log has moved; the signature is over everything before it.
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
    return codec::members(self.version, self.chat, self.from, self.home, self.log, self.epoch, self.place, self.device,
                          self.signature);
  }
};

/// What is said to all: how the log came to be where it is, the last move last.
using LogMoves = std::vector<Bytes>;

/// A member does not find the log, and asks where it is; the signature is over everything before it.
struct LogAsked {
  uint8_t version = 1;
  ChatId chat;
  wire::LogId log;  ///< Where he believes it to be.
  ByteArray<32> device{};
  crypto::Ed25519Signature signature{};
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.chat, self.log, self.device, self.signature);
  }
};

/// Names an epoch and everything that led to it.
ByteArray<32> epoch_place(const mls::Group& group);
/// The rule by which all choose between two moves of the same log: from the later epoch; of one epoch to the smaller log id.
bool is_better(const LogMove& one, const LogMove& than);

/// Takes the command MoveLog.
void move_log(Machine& m, CommandId id, const MoveLog& command);
/// A member says that the log has moved. It is judged when the log was read to its end, or is silent: so nobody follows one who was
/// removed in an entry that he has not read.
void take_moves(Machine& m, Chat& chat, ByteView body);
/// A member asks where the log is. Nothing is said to others, or if it is where he believes it to be.
void on_log_asked(Machine& m, Chat& chat, ByteView body);
/// A member writes to another log than ours: one of us does not know where it is.
void meet_other_log(Machine& m, Chat& chat, const wire::LogId& log, const AccountId& by);
/// The log was read to its end: what was told of it is judged.
void log_read_through(Machine& m, Chat& chat);
/// Keeps the moves that a welcome tells: of this chat, each signed, each going on from the one before, to the log of the welcome. What we
/// know ourselves stands (`known`; null: we come in anew). kBadContent, and as the members' codecs.
Status keep_told_moves(Chat& chat, const Chat* known, LogMoves moves);
/// Whether a welcome that leads to `log` may do so for us, who know the chat as `known`: our log is gone, and it brings moves from that
/// to this one.
Status check_moved(const Machine& m, const Chat& known, const LogLocation& log, const LogMoves& moves);

/// Since when somebody may have gone on in other epochs than we, if the log moves now: as far back as past epochs are kept.
int64_t parted_at(const Machine& m, const Chat& chat);

/// The log is gone: log_watch.h says so, perhaps several times.
void log_silent(Machine& m, Chat& chat);
/// It refuses us. If we have never read it, those whose word has led us to it may lead on: what was told is judged as if it were gone, and
/// kept if it does not hold.
void log_refuses(Machine& m, Chat& chat);
/// It is not gone.
void log_found(Machine& m, Chat& chat);
/// We are no member, or have come back into another epoch: we do not move it.
void stop_moving(Machine& m, Chat& chat);
/// Moves it, or asks others, if it is time to; lowers the chat's wake.
void pump_moves(Machine& m, Chat& chat);
/// When to look whether it is there, for who would have to move it.
Instant next_look(Machine& m, const Chat& chat);

}  // namespace godwit::engine
