#include "engine/courier.h"

#include <algorithm>

#include "engine/account.h"
#include "engine/bulletins.h"
#include "engine/machine.h"
#include "engine/uploads.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

// What has just been the way for a link, and what is told of it, is so for this long after the last answer.
constexpr Duration kStillSo = minutes(15);

bool own_home_works(const Machine& m) {
  return std::ranges::any_of(m.link_of, [&](const auto& entry) {
    return entry.first.home == m.self->record.home.key && entry.second->works();
  });
}

// ---- through the own home -------------------------------------------------------------------------------------------

void call_off_forward(Machine& m, const LinkKey& key, CourierWay& way) {
  if (!way.forward) return;
  const auto link = m.link_of.find(LinkKey{key.chat, way.forward_by});
  if (link != m.link_of.end()) link->second->cancel(*way.forward);
  way.forward.reset();
}

void fail_forward(Machine& m, CourierWay& way, Duration wish) {
  way.forward.reset();
  const Duration pause =
      std::min(milliseconds(kRelayPause.ms * (int64_t{1} << std::min(way.forward_failures, 8U))), kRelayPauseMax);
  ++way.forward_failures;
  way.forward_at = m.now + std::max(pause, std::min(wish, kRelayRefused));
}

void on_forwarded(Machine& m, const LinkKey& key, const Result<wire::Reply>& reply) {
  const auto found = m.courier.ways.find(key);
  if (found == m.courier.ways.end()) return;
  CourierWay& way = found->second;
  const auto* sealed = reply ? std::get_if<wire::SealedReply>(&*reply) : nullptr;
  if (sealed != nullptr && take_sealed_reply(m, sealed->bytes)) {
    way.forward.reset();
    way.forward_failures = 0;
    way.forward_at = Instant{};
    way.relayed_at = m.now;
    return;
  }
  const Outcome outcome = outcome_of(reply);
  const bool never = outcome.is(wire::kUnknownRequest) || outcome.is(wire::kWrongSessionKind);
  fail_forward(m, way, never ? kRelayRefused : outcome.retry_after);
}

// Also when nobody waits for it any more, or the own home is away: it would be asked for ever, and where that home answers small exchanges
// alone all that the chat asks there would stand behind it.
void end_late_forward(Machine& m, const LinkKey& key, CourierWay& way, Instant& wake) {
  if (!way.forward) return;
  if (way.forward_ends > m.now) return void(wake = std::min(wake, way.forward_ends));
  call_off_forward(m, key, way);
  fail_forward(m, way, Duration{});
}

void forward(Machine& m, const LinkKey& key, const Link& link, CourierWay& way) {
  auto sealed = seal_waiting(m, key, link, kSealedLifetime);
  if (!sealed) return fail_forward(m, way, Duration{});
  keep_letter(m, std::move(sealed->letter));
  wire::Forward request{with_bulletin(m, link.home()), std::move(sealed->bytes)};
  way.forward_ends = m.now + kRelayPause;
  // What is sealed depends on the state of the chat: that is on the disk first.
  way.forward_at = way.forward_ends;
  m.journal.then([&m, key, request = std::move(request)] {
    const auto found = m.courier.ways.find(key);
    if (found == m.courier.ways.end() || !m.has_account()) return;
    // Where the disk was slow there may be an earlier one.
    call_off_forward(m, key, found->second);
    found->second.forward_by = m.self->record.home.key;
    found->second.forward =
        m.link(key.chat, m.self->record.home).submit(request, [&m, key](const Result<wire::Reply>& reply) {
          on_forwarded(m, key, reply);
        });
  });
}

// True if this way is being tried, so that another need not be yet.
bool pump_forward(Machine& m, const LinkKey& key, const Link& link, CourierWay& way, Instant& wake) {
  if (way.forward) return true;
  if (way.forward_at > m.now) {
    wake = std::min(wake, way.forward_at);
    return way.forward_failures == 0;
  }
  forward(m, key, link, way);
  wake = std::min(wake, way.forward_at);
  return true;
}

// ---- by mail --------------------------------------------------------------------------------------------------------

size_t letters_outstanding(const Machine& m) {
  return static_cast<size_t>(
      std::ranges::count_if(m.courier.ways, [](const auto& entry) { return entry.second.letter.has_value(); }));
}

void send_letter(Machine& m, const LinkKey& key, const Link& link, CourierWay& way, const std::string& mail) {
  auto sealed = seal_waiting(m, key, link, kSealedLifetime);
  way.letter_at = m.now + way.letter_pause;
  if (!sealed) return;
  sealed->letter.by_mail = true;
  way.letter = keep_letter(m, std::move(sealed->letter));
  way.letter_id = LetterId{++m.courier.last_letter};
  way.letter_pause = std::min(milliseconds(way.letter_pause.ms * 2), kLetterPauseMax);
  ++m.counters.letters;
  SendSealed letter{way.letter_id, mail, std::move(sealed->bytes)};
  m.journal.then([&m, letter = std::move(letter)] { m.effects.push_back(letter); });
}

// The own mailbox has something to ask beside its turn.
bool is_pressing(const Machine& m, const LinkKey& key, const Link& link, const CourierWay& way) {
  if (key.chat != ChatId{} || way.letter) return false;
  return cargo_since(link) != kNever ||
         (m.links.active_at > way.mailed_at && way.letter_at > m.links.active_at + kMailPollFirst);
}

void pump_mail(Machine& m, const LinkKey& key, const Link& link, CourierWay& way, Instant& wake) {
  const wire::Bulletin* bulletin = bulletin_of(m, key.home);
  if (!m.courier.account || bulletin == nullptr || bulletin->mails.empty()) return;
  if (is_pressing(m, key, link, way)) way.letter_at = std::min(way.letter_at, m.links.active_at + kMailPollFirst);
  if (is_pressing(m, key, link, way) && cargo_since(link) != kNever) way.letter_at = m.now;
  if (way.letter_at > m.now) {
    wake = std::min(wake, way.letter_at);
    return;
  }
  if (!way.letter && letters_outstanding(m) >= kLettersOutstandingMax) {
    wake = std::min(wake, m.now + kLetterPause);
    return;
  }
  send_letter(m, key, link, way, bulletin->mails[static_cast<size_t>(m.random.below(bulletin->mails.size()))]);
  wake = std::min(wake, way.letter_at);
}

// ---- one link -------------------------------------------------------------------------------------------------------

// What is asked on the link itself keeps it dialling; the answer is of no matter.
void probe_directly(Link& link, CourierWay& way) {
  if (!way.probe) way.probe = link.submit(wire::BulletinGet{}, [](const Result<wire::Reply>&) {});
}

void end_probe(Machine& m, const LinkKey& key, CourierWay& way) {
  if (!way.probe) return;
  if (const auto link = m.link_of.find(key); link != m.link_of.end()) link->second->cancel(*way.probe);
  way.probe.reset();
}

bool is_usual(const CourierWay& way, const Link& link) {
  return std::max(way.relayed_at, way.mailed_at) > link.worked_at();
}

// The direct way works again: everything goes back to it.
void forget_way(Machine& m, const LinkKey& key) {
  const auto found = m.courier.ways.find(key);
  if (found == m.courier.ways.end()) return;
  call_off_forward(m, key, found->second);
  end_probe(m, key, found->second);
  m.courier.ways.erase(found);
}

void pump_mailbox(Machine& m, const LinkKey& key, const Link& link, Instant& wake) {
  const Instant start = link.worked_at() + kMailAfter;
  if (!m.has_account() || !m.courier.account) return;
  if (start > m.now) {
    wake = std::min(wake, start);
    return;
  }
  pump_mail(m, key, link, m.courier.ways[key], wake);
}

// What it asked was answered otherwise: nobody waits for it any more.
void give_up_letter(Machine& m, const LinkKey& key, Instant& wake) {
  const auto found = m.courier.ways.find(key);
  if (found == m.courier.ways.end() || !found->second.letter) return;
  if (found->second.letter_at <= m.now) {
    found->second.letter.reset();
  } else {
    wake = std::min(wake, found->second.letter_at);
  }
}

void pump_link(Machine& m, const LinkKey& key, Link& link, Instant& wake) {
  if (sealing_key_of(m, key.home) == nullptr || key.chat == nobody() || key.chat == uploader()) return;
  if (key.chat == ChatId{}) return pump_mailbox(m, key, link, wake);
  const Instant since = cargo_since(link);
  if (const auto found = m.courier.ways.find(key); found != m.courier.ways.end()) {
    has_other_way(m, key) ? probe_directly(link, found->second) : end_probe(m, key, found->second);
    end_late_forward(m, key, found->second, wake);
  }
  if (since == kNever) return give_up_letter(m, key, wake);
  CourierWay& way = m.courier.ways[key];
  const Instant start = std::max(since, link.worked_at()) + (is_usual(way, link) ? kCourierAgain : kCourierAfter);
  if (start > m.now) {
    wake = std::min(wake, start);
    return;
  }
  if (key.home != m.self->record.home.key && own_home_works(m) && pump_forward(m, key, link, way, wake) &&
      start + kMailBeside > m.now) {
    return;
  }
  pump_mail(m, key, link, way, wake);
}

// ---- what the host and people are told ------------------------------------------------------------------------------

void watch_mail(Machine& m, Instant& wake) {
  bool wanted = false;
  if (m.courier.account) {
    const Link& mailbox = m.mailbox();
    const wire::Bulletin* bulletin = bulletin_of(m, m.self->record.home.key);
    const bool missed = !mailbox.works() && bulletin != nullptr && !bulletin->mails.empty();
    const Instant start = mailbox.worked_at() + kMailAfter;
    wanted = letters_outstanding(m) > 0 || (missed && start <= m.now);
    if (!wanted && missed) wake = std::min(wake, start);
  }
  if (wanted == m.courier.watching) return;
  m.courier.watching = wanted;
  WatchMail watch;
  if (wanted) watch.account = *m.courier.account;
  m.effects.push_back(std::move(watch));  // the letters of this moment wait for the journal, and so come after it
}

void tell_ways(Machine& m, Instant& wake) {
  bool by_mail = false;
  bool through_home = false;
  for (const auto& [key, way] : m.courier.ways) {
    const bool relayed = way.relayed_at != Instant{} && way.relayed_at + kStillSo > m.now;
    const bool mailed = way.mailed_at != Instant{} && way.mailed_at + kStillSo > m.now;
    if (relayed) wake = std::min(wake, way.relayed_at + kStillSo);
    if (mailed) wake = std::min(wake, way.mailed_at + kStillSo);
    through_home = through_home || relayed;
    by_mail = by_mail || (mailed && key.chat == ChatId{});
  }
  if (by_mail == m.courier.by_mail && through_home == m.courier.through_home) return;
  m.courier.by_mail = by_mail;
  m.courier.through_home = through_home;
  tell_connection(m);
}

}  // namespace

bool has_other_way(const Machine& m, const LinkKey& key) {
  const auto found = m.courier.ways.find(key);
  if (found == m.courier.ways.end()) return false;
  const Instant last = std::max(found->second.relayed_at, found->second.mailed_at);
  return last != Instant{} && last + kStillSo > m.now;
}

void pump_courier(Machine& m, Instant& wake) {
  if (!m.has_account()) return;
  std::vector<LinkKey> keys;
  // What was asked over a link that is no more is asked no longer.
  for (const auto& [key, way] : m.courier.ways) keys.push_back(key);
  for (const LinkKey& key : keys) {
    if (!m.link_of.contains(key)) forget_way(m, key);
  }
  keys.clear();
  for (const auto& [key, link] : m.link_of) keys.push_back(key);
  for (const LinkKey& key : keys) {
    Link& link = *m.link_of.at(key);
    if (link.works()) {
      forget_way(m, key);
    } else {
      pump_link(m, key, link, wake);
    }
  }
  watch_mail(m, wake);
  tell_ways(m, wake);
}

}  // namespace godwit::engine
