#pragma once
// Whether the home of a chat's log is there. That it does not answer says nothing while this device reaches nobody, so another home is
// asked beside it, again and again: silence is what counts while that one answers (docs/protocol/chat.md, "Moving the log").

#include "engine/machine.h"

namespace godwit::engine {

/// The log is silent if it has not answered for so long. Longer than the longest pause between two dials (routes/pace.h), so that a
/// home that is back would have been found.
constexpr Duration kLogAnswerMax = seconds(90);
/// The other home is asked so often meanwhile, and has to answer within the second; else it begins anew.
constexpr Duration kProbePause = seconds(15);
constexpr Duration kProbeAnswerMax = seconds(10);
/// Silence counts once in so long: a home may be away for an hour.
constexpr Duration kSilenceAgain = hours(12);
/// After a refusal for so long a log is as good as gone: others would have brought us back.
constexpr Duration kLogRefusedMax = days(1);

/// The log has been asked, and has answered something: it is there.
void log_answered(Machine& m, Chat& chat);
/// It has said that there is no such log, that it is not for us, or that we are to come again.
void log_refused(Machine& m, Chat& chat);
/// It is another log from now on.
void forget_silence(Machine& m, Chat& chat);
/// Asks the home beside it, if there is a reason to; lowers the chat's wake. Silence is noted, and leads to log_silent() in
/// log_move.h.
void pump_log_watch(Machine& m, Chat& chat);
/// True if it has been refusing us for so long that it is as good as gone.
bool is_refused_for_long(const Machine& m, const Chat& chat);

}  // namespace godwit::engine
