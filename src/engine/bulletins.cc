#include "engine/bulletins.h"

#include <algorithm>

#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "engine/machine.h"
#include "engine/members.h"
#include "engine/outbox.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

constexpr int64_t kDayMs = 86'400'000;

uint32_t today(const Machine& m) { return static_cast<uint32_t>(std::max<int64_t>(m.wall().ms, 0) / kDayMs); }

// Signed by the key that it shows, well-formed, and of today. Whose key that is, is for the caller.
Result<wire::Bulletin> check(const Machine& m, const wire::SignedBulletin& bulletin) {
  Bytes signed_bytes = to_bytes(as_bytes(wire::kBulletinLabel));
  append(signed_bytes, bulletin.body);
  REQUIRE(crypto::ed25519_verify(bulletin.key.view(), signed_bytes, bulletin.signature).has_value(), kBulletinForged,
          "a bulletin is signed by its home");
  auto body = wire::decode_bulletin(bulletin.body);
  REQUIRE(body.has_value(), kBulletinDamaged, "a bulletin is well-formed");
  const uint32_t day = today(m);
  REQUIRE(body->day <= day + kClockErrorDays && day <= body->expires_day + kClockErrorDays, kBulletinOld,
          "a bulletin is used between its days, give or take one");
  return body;
}

// What a bulletin says, without when.
ByteArray<32> digest_of(wire::Bulletin bulletin) {
  bulletin.number = 0;
  bulletin.day = bulletin.expires_day = 0;
  return crypto::sha256(wire::encode_bulletin(bulletin));
}

void put(Machine& m, const HomeNews& news) {
  m.journal.put(record_key(RecordKind::kBulletin, news.record.home.view()), news.record);
}

// Tells the policy of the home's routes.
void use(Machine& m, const HomeNews& news) {
  std::vector<std::string> routes;
  std::optional<wire::CertificatePin> pin;
  for (const auto* bulletin : {&news.own, &news.common}) {
    if (!*bulletin) continue;
    routes.insert(routes.end(), (*bulletin)->routes.begin(), (*bulletin)->routes.end());
    if (!pin) pin = (*bulletin)->pin;
  }
  m.links.homes.set_bulletin(news.record.home, routes, pin);
}

void keep(Machine& m, HomeNews& news, bool own, bool asked, const wire::SignedBulletin& bulletin, wire::Bulletin body) {
  if (!own) news.record.common_asked = asked;
  (own ? news.record.own : news.record.common) = wire::encode_signed_bulletin(bulletin);
  (own ? news.own : news.common) = std::move(body);
  put(m, news);
  use(m, news);
}

void put_sealing_key(Machine& m, const HomeNews& news) {
  m.journal.put(record_key(RecordKind::kSealingKey, news.record.home.view()),
                SealingKeyRecord{kRecordVersion, news.sealing_key});
}

// Named by the home itself.
void set_sealing_key(Machine& m, HomeNews& news, const Bytes& key) {
  if (news.sealing_key == key) return;
  news.sealing_key = key;
  put_sealing_key(m, news);
}

HomeNews* news_of(Machine& m, const wire::HomeKey& home) {
  const auto found = m.bulletins.homes.find(home);
  if (found != m.bulletins.homes.end()) return &found->second;
  if (m.bulletins.homes.size() >= kBulletinHomesMax) return nullptr;
  HomeNews& news = m.bulletins.homes[home];
  news.record.home = home;
  return &news;
}

// The home itself has said it, on a session that its key has authenticated: its word goes before all that is known. Only what
// is no bulletin of it at all is passed over.
void take_from_home(Machine& m, HomeNews& news, bool own, ByteView bytes) {
  const auto bulletin = wire::decode_signed_bulletin(bytes);
  if (!bulletin) return;
  auto body = check(m, *bulletin);
  if (!body || body->home != news.record.home) return;
  if (!news.record.pinned || news.record.key != bulletin->key) {
    // What another key has signed is worth nothing any more.
    news.record.own.clear();
    news.record.common.clear();
    news.own.reset();
    news.common.reset();
  }
  news.record.pinned = true;
  news.record.key = bulletin->key;
  set_sealing_key(m, news, body->sealing_key);
  keep(m, news, own, true, *bulletin, std::move(*body));
}

void on_answer(Machine& m, const wire::HomeKey& home, bool own, const Result<wire::Reply>& reply) {
  HomeNews& news = m.bulletins.homes.at(home);
  (own ? news.asking_own : news.asking_common) = false;
  const Outcome outcome = outcome_of(reply);
  const auto* text = reply ? std::get_if<wire::BulletinText>(&*reply) : nullptr;
  if (text == nullptr && outcome.error && outcome.error->code.action == Action::kRetryLater) {
    news.not_before = m.now + std::max(outcome.retry_after, minutes(15));
    return;
  }
  // An old home does not know the question, which is no reason to say anything; it may be newer tomorrow.
  (own ? news.record.own_asked_ms : news.record.common_asked_ms) = m.wall().ms;
  put(m, news);
  if (text != nullptr) take_from_home(m, news, own, text->bytes);
}

Instant due(const Machine& m, const HomeNews& news, bool own) {
  const int64_t asked_ms = own ? news.record.own_asked_ms : news.record.common_asked_ms;
  if (asked_ms == 0 || asked_ms > m.wall().ms + kDayMs) return news.not_before;  // or the clock was wrong then
  const auto& known = own ? news.own : news.common;
  const bool soon = known && known->expires_day <= today(m) + kBulletinEndsSoonDays;
  return std::max(news.not_before, m.when(asked_ms) + (soon ? kBulletinEverySoon : kBulletinEvery));
}

void ask(Machine& m, Link& link, HomeNews& news, bool own) {
  (own ? news.asking_own : news.asking_common) = true;
  link.submit(wire::BulletinGet{},
              [&m, home = news.record.home, own](const Result<wire::Reply>& reply) { on_answer(m, home, own, reply); });
}

// The own home's for everybody is asked on a link of nobody's, some time after the mailbox could be reached.
void pump_common_of_own_home(Machine& m, Instant& wake) {
  HomeNews* news = news_of(m, m.self->record.home.key);
  if (news == nullptr || news->asking_common || !m.mailbox().works()) return;
  const Instant at = due(m, *news, false);
  if (at > m.now) {
    m.bulletins.common_at = kNever;
    wake = std::min(wake, at);
    return;
  }
  if (m.bulletins.common_at == kNever) {
    m.bulletins.common_at =
        m.now + milliseconds(static_cast<int64_t>(m.random.below(static_cast<uint64_t>(kCommonSpread.ms))));
  }
  if (m.bulletins.common_at > m.now) {
    wake = std::min(wake, m.bulletins.common_at);
    return;
  }
  m.bulletins.common_at = kNever;
  ask(m, m.link(nobody(), m.self->record.home), *news, false);
}

void add_urls(const Machine& m, const wire::HomeKey& home, std::vector<std::string>& urls) {
  const auto* bulletin = bulletin_of(m, home);
  if (bulletin == nullptr) return;
  for (const std::string& url : bulletin->urls) {
    if (url.starts_with("https://") && std::ranges::find(urls, url) == urls.end()) urls.push_back(url);
  }
}

// Where nothing works any more, the own mailbox neither: the places that the last bulletins name, one after the other. While it
// works, a contact's home whose sessions fail is reached through it; and asking the pages that a contact's home names, whenever
// it is down, would show them when its contacts are there.
void pump_texts(Machine& m, Instant& wake) {
  const Link& own = m.mailbox();
  if (own.works()) return;
  std::vector<std::string> urls;
  for (const auto& [key, link] : m.link_of) {
    const bool mailbox = key.chat == ChatId{};
    if (link->works() || (!mailbox && (link->waiting() == 0 || has_other_way(m, key)))) continue;
    const Instant down =
        mailbox ? own.worked_at() : std::max({own.worked_at(), link->worked_at(), link->waiting_since()});
    if (down + kFetchTextAfter > m.now) {
      if (bulletin_of(m, key.home) != nullptr) wake = std::min(wake, down + kFetchTextAfter);
      continue;
    }
    add_urls(m, key.home, urls);
  }
  if (urls.empty()) return;
  if (m.bulletins.fetch_text_at > m.now) {
    wake = std::min(wake, m.bulletins.fetch_text_at);
    return;
  }
  m.bulletins.fetch_text_at = m.now + kFetchTextEvery;
  wake = std::min(wake, m.bulletins.fetch_text_at);
  m.bulletins.fetching = urls[m.bulletins.next_url++ % urls.size()];
  m.effects.push_back(FetchText{m.bulletins.fetching});
}

// From anywhere but a session. `proved`: the home has said it to this mailbox, in an answer sealed by its key.
Status take_signed(Machine& m, const wire::SignedBulletin& bulletin, bool proved) {
  auto body = TRY(check(m, bulletin));
  const auto found = m.bulletins.homes.find(body.home);
  const bool pinned = found != m.bulletins.homes.end() && found->second.record.pinned;
  REQUIRE(pinned, kBulletinUnknownHome, "a session with the home has named its key");
  HomeNews& news = found->second;
  REQUIRE(news.record.key == bulletin.key, kBulletinForged, "a bulletin is signed by the key that the home has named");
  const auto& known = proved || !news.common ? news.own : news.common;
  if (known == body) return {};
  REQUIRE(!known || known->number < body.number, kBulletinOld, "numbers of bulletins grow");
  if (proved) news.sealing_key = body.sealing_key;
  put_sealing_key(m, news);  // also where it was known by the bulletin that this one replaces
  keep(m, news, proved, false, bulletin, std::move(body));
  return {};
}

Status text_error(const Error& error) {
  if (error.code == wire::kLinkNotHome) return Error{kNotBulletin, error.rule};
  if (error.code == wire::kLinkNewer) return Error{kBulletinNewer, error.rule};
  return Error{kBulletinDamaged, error.rule};
}

Status take_text(Machine& m, std::string_view text) {
  const auto bulletin = wire::parse_bulletin_text(text);
  if (!bulletin) return text_error(bulletin.error());
  return take_bulletin(m, *bulletin);
}

}  // namespace

ChatId nobody() {
  ChatId id;
  id.value.fill(0xff);
  return id;
}

void pump_bulletins(Machine& m, Instant& wake) {
  if (!m.has_account()) return;
  for (const auto& [key, link] : m.link_of) {
    if (!link->works()) continue;
    const bool own = key.chat == ChatId{};
    // Of the own home, chats' links ask nothing: the link of nobody does.
    if (!own && key.home == m.self->record.home.key) continue;
    HomeNews* news = news_of(m, key.home);
    if (news == nullptr || (own ? news->asking_own : news->asking_common)) continue;
    const Instant at = due(m, *news, own);
    if (at <= m.now) {
      ask(m, *link, *news, own);
    } else {
      wake = std::min(wake, at);
    }
  }
  pump_common_of_own_home(m, wake);
  pump_texts(m, wake);
}

void pump_share(Machine& m, Chat& chat) {
  if (!m.has_account() || !chat.record.ready || !chat.record.address_ready || !chat.record.log_ready) return;
  const wire::HomeKey& home = m.self->record.home.key;
  const MemberRecord* peer = peer_of(chat);
  if (peer == nullptr || peer->home.key == home) return;  // he asks it himself
  const auto found = m.bulletins.homes.find(home);
  if (found == m.bulletins.homes.end() || !found->second.common || !found->second.record.common_asked) return;
  const HomeNews& news = found->second;
  // A home numbers its bulletins anew every hour: what matters is what they say, and that the last one does not end.
  const ByteArray<32> digest = digest_of(*news.common);
  const uint32_t day = today(m);
  const bool ends =
      news.common->expires_day > chat.shared.expires_day && chat.shared.expires_day < day + kShareAgainDays;
  if (digest == chat.shared.digest && !ends) {
    const int64_t look = (static_cast<int64_t>(chat.shared.expires_day) - kShareAgainDays + 1) * kDayMs;
    if (m.when(look) > m.now) chat.wake = std::min(chat.wake, m.when(look));
    return;
  }
  const Instant earliest = chat.shared.shared_ms == 0 ? m.now : m.when(chat.shared.shared_ms) + kShareEvery;
  if (earliest > m.now) {
    chat.wake = std::min(chat.wake, earliest);
    return;
  }
  if (chat.share_at == kNever) {
    chat.share_at = m.now + milliseconds(static_cast<int64_t>(m.random.below(static_cast<uint64_t>(kShareSpread.ms))));
  }
  const bool company = !chat.outbox.empty() && chat.outbox.rbegin()->second.kind == OutboxRecord::Kind::kContent;
  if (!company && chat.share_at > m.now) {
    chat.wake = std::min(chat.wake, chat.share_at);
    return;
  }
  chat.share_at = kNever;
  chat.shared.digest = digest;
  chat.shared.expires_day = news.common->expires_day;
  chat.shared.shared_ms = m.wall().ms;
  m.journal.put(record_key(RecordKind::kShared, chat.record.chat.view()), chat.shared);
  queue_content(m, chat, ContentKind::kBulletin, news.record.common);
}

const wire::Bulletin* bulletin_of(const Machine& m, const wire::HomeKey& home) {
  const auto found = m.bulletins.homes.find(home);
  if (found == m.bulletins.homes.end()) return nullptr;
  const auto& own = found->second.own;
  const auto& common = found->second.common;
  if (own && common) return own->day >= common->day ? &*own : &*common;
  return own ? &*own : common ? &*common : nullptr;
}

const Bytes* sealing_key_of(const Machine& m, const wire::HomeKey& home) {
  const auto found = m.bulletins.homes.find(home);
  return found == m.bulletins.homes.end() || found->second.sealing_key.empty() ? nullptr : &found->second.sealing_key;
}

bool bulletin_ends_soon(const Machine& m, const wire::HomeKey& home) {
  const wire::Bulletin* bulletin = bulletin_of(m, home);
  return bulletin != nullptr && bulletin->expires_day <= today(m) + kBulletinEndsSoonDays;
}

wire::HomeAddress with_bulletin(const Machine& m, const wire::HomeAddress& home) {
  wire::HomeAddress out = home;
  const auto found = m.bulletins.homes.find(home.key);
  if (found == m.bulletins.homes.end() || !found->second.common) return out;
  const wire::Bulletin* bulletin = &*found->second.common;
  out.routes = bulletin->routes;
  if (bulletin->pin) out.pin = bulletin->pin;
  for (const std::string& route : home.routes) {
    if (std::ranges::find(out.routes, route) == out.routes.end()) out.routes.push_back(route);
  }
  if (out.routes.size() > wire::kRoutesMax) out.routes.resize(wire::kRoutesMax);
  return out;
}

Status take_bulletin(Machine& m, const wire::SignedBulletin& bulletin) { return take_signed(m, bulletin, false); }

void take_bulletin_bytes(Machine& m, ByteView bytes) {
  const auto bulletin = wire::decode_signed_bulletin(bytes);
  if (bulletin) static_cast<void>(take_bulletin(m, *bulletin));
}

void take_proved_bulletin(Machine& m, const wire::HomeKey& home, ByteView bytes) {
  const auto bulletin = wire::decode_signed_bulletin(bytes);
  if (!bulletin) return;
  const auto body = wire::decode_bulletin(bulletin->body);
  if (body && body->home == home) static_cast<void>(take_signed(m, *bulletin, true));
}

void take_bulletin_text(Machine& m, CommandId id, const TakeBulletin& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  const Status taken = take_text(m, command.text);
  if (!taken) return m.fail(id, taken.error());
  m.done_then(id, Nothing{});
}

void share_bulletin(Machine& m, CommandId id) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  const auto found = m.bulletins.homes.find(m.self->record.home.key);
  if (found != m.bulletins.homes.end() && found->second.record.common_asked) {
    const auto bulletin = wire::decode_signed_bulletin(found->second.record.common);
    if (bulletin) return m.done(id, BulletinShared{wire::bulletin_text(*bulletin)});
  }
  m.bulletins.common_at = m.now;  // somebody waits for it
  m.fail(id, {kNoBulletin, "the home has given a bulletin"});
}

void find_page(Machine& m, CommandId id) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  m.mailbox().submit(wire::PageLook{}, [&m, id](const Result<wire::Reply>& reply) {
    const auto* page = reply ? std::get_if<wire::PageAddress>(&*reply) : nullptr;
    const Outcome outcome = page == nullptr ? outcome_of(reply) : Outcome{};
    if (!outcome.ok() && outcome.error->code.action == Action::kRetryLater) return m.fail(id, *outcome.error);
    // A home of before answers that it does not know the question; one that says nonsense has no page either.
    const bool found = page != nullptr && wire::check_page_address(page->url).has_value();
    m.done(id, PageFound{found ? page->url : std::string()});
  });
}

void make_home_link(Machine& m, CommandId id) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  m.mailbox().submit(wire::AdmissionGet{}, [&m, id](const Result<wire::Reply>& reply) {
    const auto* given = reply ? std::get_if<wire::AdmissionCode>(&*reply) : nullptr;
    const Outcome outcome = given == nullptr ? outcome_of(reply) : Outcome{};
    if (!outcome.ok()) return m.fail(id, *outcome.error);
    if (given == nullptr || given->code.size() > wire::kAdmissionCodeSizeMax)
      return m.fail(id, {wire::kMalformed, "a home answers with a code"});
    m.done(id, HomeLinkMade{given->code.empty() ? "" : wire::to_text({m.self->record.home, given->code})});
  });
}

void on_text_fetched(Machine& m, const TextFetched& event) {
  // Only what was asked for.
  if (m.bulletins.fetching.empty() || event.url != m.bulletins.fetching) return;
  m.bulletins.fetching.clear();
  if (event.text.size() > kFetchedTextMax) return;
  // What is wrong with it is no news for people: the page may be anybody's by now.
  static_cast<void>(take_text(m, event.text));
}

Status restore_bulletin(Machine& m, BulletinRecord record) {
  HomeNews news;
  const auto decode = [](const Bytes& bytes) -> std::optional<wire::Bulletin> {
    const auto bulletin = wire::decode_signed_bulletin(bytes);
    if (!bulletin) return std::nullopt;
    auto body = wire::decode_bulletin(bulletin->body);
    return body ? std::optional(std::move(*body)) : std::nullopt;
  };
  news.common = decode(record.common);
  news.own = decode(record.own);
  news.record = std::move(record);
  // For a profile from before the key had a record of its own, or whose home has never named another.
  if (news.own) {
    news.sealing_key = news.own->sealing_key;
  } else if (news.common && news.record.common_asked) {
    news.sealing_key = news.common->sealing_key;
  }
  const wire::HomeKey home = news.record.home;
  use(m, m.bulletins.homes.insert_or_assign(home, std::move(news)).first->second);
  return {};
}

Status restore_sealing_key(Machine& m, ByteView key, SealingKeyRecord record) {
  wire::HomeKey home;
  REQUIRE(wire::HomeKey::from(key.subspan(1), home), kProfileDamaged, "a record's key and content fit its kind");
  if (const auto found = m.bulletins.homes.find(home); found != m.bulletins.homes.end()) {
    found->second.sealing_key = std::move(record.key);
  }
  return {};
}

}  // namespace godwit::engine
