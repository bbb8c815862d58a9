#include "engine/log_watch.h"

#include <algorithm>

#include "engine/log_move.h"

namespace godwit::engine {
namespace {

// The home that is asked beside the log's: where the log is to go, else the own one.
const wire::HomeAddress& other_home(const Machine& m, const Chat& chat) {
  return chat.record.moving ? chat.record.moving->home : m.self->record.home;
}

void end_watch(Machine& m, Chat& chat) {
  LogWatch& watch = chat.log_watch;
  if (watch.probe) m.link(chat.record.chat, watch.other).cancel(*watch.probe);
  watch = LogWatch{};
}

// Silence is of interest now: somebody wants to move the log, or has said that it is moved, or it is time to count again.
bool is_due(const Machine& m, Chat& chat) {
  if (other_home(m, chat).key == chat.record.log.home.key) return false;
  if (chat.record.moving || !chat.record.moves_told.empty()) return true;
  const SilenceRecord& silence = chat.record.silence;
  const Instant again = m.when(silence.last_ms) + kSilenceAgain;
  if (silence.times == 0 || again <= m.now) return true;
  chat.wake = std::min(chat.wake, again);
  return false;
}

void note_silence(Machine& m, Chat& chat) {
  SilenceRecord& silence = chat.record.silence;
  if (silence.times > 0 && m.when(silence.last_ms) + kSilenceAgain > m.now) return;
  silence.last_ms = m.wall().ms;
  if (silence.times++ == 0) silence.since_ms = silence.last_ms;
  m.put(chat);
}

void on_probed(Machine& m, const ChatId& id, Instant asked_at, bool answered) {
  Chat* chat = m.find_chat(id);
  if (chat == nullptr || !chat->group || !chat->log_watch.probe || chat->log_watch.asked_at != asked_at) return;
  LogWatch& watch = chat->log_watch;
  watch.probe.reset();
  watch.next = m.now + kProbePause;
  m.touch(*chat);
  // Nobody was there for a while: what the log did not say then it may have said to nobody.
  if (!answered || asked_at + kProbeAnswerMax < m.now) watch.since = kNever;
  if (!answered) return;
  if (watch.since == kNever) watch.since = m.now;
  if (watch.since + kLogAnswerMax > m.now) return;
  watch.silent = true;
  note_silence(m, *chat);
  log_silent(m, *chat);
}

}  // namespace

void log_answered(Machine& m, Chat& chat) {
  end_watch(m, chat);
  if (chat.record.silence != SilenceRecord{} || chat.record.misled) {
    chat.record.silence = {};
    chat.record.misled = false;
    m.put(chat);
  }
  log_found(m, chat);
}

void log_refused(Machine& m, Chat& chat) {
  end_watch(m, chat);
  const int64_t before = chat.record.silence.refused_ms;
  chat.record.silence = {};
  chat.record.silence.refused_ms = before != 0 ? before : std::max<int64_t>(m.wall().ms, 1);
  m.put(chat);
  if (is_refused_for_long(m, chat)) return log_silent(m, chat);
  log_found(m, chat);
}

void forget_silence(Machine& m, Chat& chat) {
  end_watch(m, chat);
  chat.record.silence = {};
  chat.record.misled = false;
}

bool is_refused_for_long(const Machine& m, const Chat& chat) {
  const int64_t refused_ms = chat.record.silence.refused_ms;
  return refused_ms != 0 && m.when(refused_ms) + kLogRefusedMax <= m.now;
}

void pump_log_watch(Machine& m, Chat& chat) {
  LogWatch& watch = chat.log_watch;
  if (!chat.log.under_way() || chat.record.astray || !is_due(m, chat)) return end_watch(m, chat);
  if (watch.probe) return;
  if (watch.next > m.now) return void(chat.wake = std::min(chat.wake, watch.next));
  watch.asked_at = m.now;
  watch.other = other_home(m, chat);
  watch.probe =
      m.link(chat.record.chat, watch.other)
          .submit(wire::BulletinGet{}, [&m, id = chat.record.chat, at = m.now](const Result<wire::Reply>& reply) {
            on_probed(m, id, at, reply.has_value());
          });
}

}  // namespace godwit::engine
