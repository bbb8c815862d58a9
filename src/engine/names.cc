#include "engine/names.h"

#include <algorithm>

#include "engine/requests.h"
#include "engine/sync.h"
#include "routes/route.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

void put(Machine& m) { m.journal.put(record_key(RecordKind::kName), *m.names.own); }

std::string host_of(const wire::HomeAddress& home) {
  const auto route = routes::parse_route(home.routes.front());
  return route ? route->host : std::string();
}

// Requests by a name come to one address; of a claim that was cut there may be another one.
void revoke_other_addresses(Machine& m, const wire::Alias& but) {
  for (const auto& [alias, address] : m.names.addresses) {
    const bool claiming = m.names.claiming && m.names.claiming->alias == alias;
    if (address.record.of_name && !claiming && alias != but) revoke_request_address(m, alias);
  }
}

// The address goes with the name.
void forget_name(Machine& m) {
  if (!m.names.own) return;
  revoke_other_addresses(m, {});
  m.journal.erase(record_key(RecordKind::kName));
  m.names.own.reset();
}

// To the own devices: what they need to hear who asks by it.
void tell_name(Machine& m) {
  const NameRecord& own = *m.names.own;
  const auto found = m.names.addresses.find(own.alias);
  if (found == m.names.addresses.end()) return;
  const RequestAddressRecord& address = found->second.record;
  const SharedName shared{SharedName::kVersion,
                          m.self->record.home.key,
                          own.name,
                          own.passcode,
                          own.alias,
                          {address.token.value.clone()},
                          {address.key.value.clone()},
                          {address.private_key.value.clone()}};
  put_field(m, SyncKind::kName, {}, codec::encoded(shared));
}

void fail_claim(Machine& m, const Error& error) {
  const bool anew = m.names.own && !m.names.own->claimed;
  m.fail(m.names.claiming->command, error);
  revoke_request_address(m, m.names.claiming->alias);
  m.names.claiming.reset();
  if (anew) forget_name(m);
  // What another device has said meanwhile.
  if (const Bytes* told = find_field(m, SyncKind::kName, {})) take_name(m, *told);
}

// Characters of UTF-8, as far as it is some.
size_t count_characters(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<uint8_t>(c) & 0xc0) != 0x80; }));
}

// A home answers "later" at once to whom it lets try no more names today.
constexpr Duration kClaimWaitMax = minutes(10);

// The answer to the claim with this address; another one may be under way meanwhile, at another home.
void on_claimed(Machine& m, const wire::Alias& alias, bool passcode, const Result<wire::Reply>& reply) {
  if (!m.names.claiming || m.names.claiming->alias != alias || !m.names.own) return;
  NameClaiming& claiming = *m.names.claiming;
  const Outcome outcome = outcome_of(reply);
  if (outcome.ok()) {
    revoke_other_addresses(m, claiming.alias);
    m.names.own->alias = claiming.alias;
    m.names.own->claimed = true;
    m.names.own->passcode = passcode;
    put(m);
    tell_name(m);
    m.done_then(claiming.command, NameClaimed{m.names.own->name + "@" + host_of(m.self->record.home)});
    m.names.claiming.reset();
    return;
  }
  if (outcome.is(wire::kNameTaken)) return fail_claim(m, {kNameTaken, "a name belongs to one mailbox"});
  // One that another device of ours has claimed is not given back behind its back.
  if (outcome.is(wire::kHasName) && m.devices.record.devices.size() > 1) {
    return fail_claim(m, {kHasName, "an account has one name"});
  }
  if (outcome.is(wire::kHasName) && !m.names.own->claimed) {
    claiming.release_first = true;
    return claiming.attempt.cancel();
  }
  if (outcome.is(wire::kTooManyRequests) && outcome.retry_after > kClaimWaitMax) {
    return fail_claim(m, {kTooManyClaims, "a home lets one account try few names a day"});
  }
  if (outcome.error->code.action != Action::kRetryLater) return fail_claim(m, {kRefusedByHome, outcome.error->rule});
  claiming.attempt.fail(m.now, outcome.retry_after, m.random);
}

void pump_claim(Machine& m, Instant& wake) {
  NameClaiming& claiming = *m.names.claiming;
  const auto address = m.names.addresses.find(claiming.alias);
  if (address == m.names.addresses.end() || address->second.record.revoked) {
    return fail_claim(m, {kRefusedByHome, "the home makes an address for the name"});
  }
  if (!address->second.record.made || !claiming.attempt.may_start(m.now, wake)) return;
  claiming.attempt.start();
  if (std::exchange(claiming.release_first, false)) {
    return static_cast<void>(m.mailbox().submit(wire::NameRelease{}, [&m](const Result<wire::Reply>& reply) {
      if (!m.names.claiming) return;
      const Outcome outcome = outcome_of(reply);
      if (outcome.ok()) return m.names.claiming->attempt.cancel();
      m.names.claiming->release_first = true;
      m.names.claiming->attempt.fail(m.now, outcome.retry_after, m.random);
    }));
  }
  const Bytes card = seal_card(request_link(m, address->second.record), claiming.keys.card, claiming.keys.id, m.random);
  const bool passcode = claiming.keys.passcode;
  m.mailbox().submit(wire::NameClaim{claiming.keys.id, hash_of(claiming.keys.access), card},
                     [&m, alias = claiming.alias, passcode](const Result<wire::Reply>& reply) {
                       on_claimed(m, alias, passcode, reply);
                     });
}

void on_released(Machine& m, const wire::HomeKey& home, const Result<wire::Reply>& reply) {
  if (!m.names.releasing || m.self->record.home.key != home) return;  // the account has gone elsewhere
  const Outcome outcome = outcome_of(reply);
  if (!outcome.ok()) return m.names.release_attempt.fail(m.now, outcome.retry_after, m.random);
  m.names.release_attempt.succeed();
  m.names.releasing = false;
  forget_name(m);
  put_field(m, SyncKind::kName, {}, {});
  if (m.names.release) m.done_then(*m.names.release, Nothing{});
  m.names.release.reset();
}

// ---- asking ---------------------------------------------------------------------------------------------------------

// True if the own home is at this host. Of others, members of chats say what they like: any of them could name a key of his own for
// the host of somebody else's home, and with it whom a name is of.
bool is_own_home(const Machine& m, std::string_view host) {
  return std::ranges::any_of(m.self->record.home.routes, [&](const std::string& uri) {
    const auto route = routes::parse_route(uri);
    return route && route->host == host && route->carrier == routes::Carrier::kWss;
  });
}

Result<wire::HomeAddress> home_of_name(const Machine& m, const ResolveName& command, std::string_view host) {
  if (command.home_link.empty()) {
    REQUIRE(host.empty() || is_own_home(m, host), kUnknownNameHome, "a name is of the own home, or its link is given");
    return m.self->record.home;
  }
  auto link = wire::parse_home_link(command.home_link);
  REQUIRE(link.has_value(), kLinkDamaged, "a home link is whole");
  return std::move(link->home);
}

void finish(Machine& m, uint64_t number) {
  const auto node = m.names.questions.extract(number);
  m.end_link(node.mapped().link, node.mapped().home);
}

void on_resolved(Machine& m, uint64_t number, const Result<wire::Reply>& reply) {
  const auto found = m.names.questions.find(number);
  if (found == m.names.questions.end()) return;
  NameQuestion& question = found->second;
  if (const auto* card = reply ? std::get_if<wire::NameCard>(&*reply) : nullptr) {
    const auto link = open_card(card->card, question.keys.card, question.keys.id);
    if (link) {
      m.done(question.command, NameResolved{to_text(*link), link->account, link->name});
    } else {
      m.fail(question.command, {kNoSuchName, "a card opens with the key of its name"});
    }
    return finish(m, number);
  }
  const Outcome outcome = outcome_of(reply);
  Bytes subject = to_bytes(question.keys.id.view());
  append(subject, question.keys.access.reveal());
  if (outcome.is(wire::kProofOfWorkRefused) && question.work.find(outcome.detail, subject)) {
    return question.attempt.cancel();
  }
  if (outcome.error && outcome.error->code.action == Action::kRetryLater) {
    return question.attempt.fail(m.now, outcome.retry_after, m.random);
  }
  ErrorCode code = kRefusedByHome;
  if (outcome.is(wire::kNameRefused)) code = kNoSuchName;
  if (outcome.is(wire::kProofOfWorkRefused)) code = kTooMuchWork;
  m.fail(question.command, {code, "the home knows the name, with this passcode"});
  finish(m, number);
}

void pump_question(Machine& m, uint64_t number, Instant& wake) {
  NameQuestion& question = m.names.questions.at(number);
  if (!question.attempt.may_start(m.now, wake)) return;
  question.attempt.start();
  const wire::NameResolve request{question.keys.id, to_token(question.keys.access), {question.work.nonce()}};
  m.link(question.link, question.home).submit(request, [&m, number](const Result<wire::Reply>& reply) {
    on_resolved(m, number, reply);
  });
}

}  // namespace

void claim_name(Machine& m, CommandId id, const ClaimName& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  const auto name = canonical_name(command.name);
  if (!name) return m.fail(id, name.error());
  const bool other = m.names.own && m.names.own->name != *name;
  if (other || m.names.claiming || m.names.releasing) return m.fail(id, {kHasName, "an account has one name"});
  if (!command.passcode.empty() && count_characters(command.passcode) < kPasscodeMin) {
    return m.fail(id, {kPasscodeShort, "a passcode has at least 6 characters"});
  }
  auto keys = name_keys(*name, command.passcode, m.self->record.home.key);
  if (!keys) return m.fail(id, keys.error());
  // Also where only the passcode is new: those who know the old one have the old address.
  const wire::Alias alias = begin_request_address(m, true, 0, 0, std::nullopt);
  if (!m.names.own) {
    m.names.own = NameRecord{kRecordVersion, *name, !command.passcode.empty(), false, alias};
    put(m);
  }
  m.names.claiming = NameClaiming{id, alias, std::move(*keys), {}, false};
}

void release_name(Machine& m, CommandId id) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  if (m.names.claiming || m.names.releasing) return m.fail(id, {kHasName, "a claim is under way"});
  if (m.names.own) {
    m.names.own->claimed = false;  // after a restart it is given back
    put(m);
  }
  // The home may have one of which no device knows: its device was lost.
  m.names.releasing = true;
  m.names.release = id;
}

void take_name(Machine& m, ByteView value) {
  // What is under way here is told when it is done.
  if (!m.has_account() || m.names.claiming || m.names.releasing) return;
  if (value.empty()) {
    if (!m.names.own) return;
    forget_name(m);
    return m.tell_then(AccountChanged{});
  }
  auto shared = codec::decoded<SharedName>(value);
  if (!shared || shared->version != SharedName::kVersion || shared->home != m.self->record.home.key) return;
  const auto name = canonical_name(shared->name);
  if (!name || *name != shared->name) return;
  const NameRecord told{kRecordVersion, *name, shared->passcode, true, shared->alias};
  const auto fields = [](const NameRecord& record) { return std::tie(record.name, record.passcode, record.alias); };
  if (m.names.own && fields(*m.names.own) == fields(told)) return;
  if ((!m.names.own || m.names.own->alias != told.alias) && !adopt_request_address(m, std::move(*shared))) return;
  revoke_other_addresses(m, told.alias);
  m.names.own = told;
  put(m);
  m.tell_then(AccountChanged{});
}

void read_name(Machine& m, CommandId id) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  const auto& own = m.names.own;
  if (!own || !own->claimed) return m.done(id, NameState{});
  m.done(id, NameState{own->name + "@" + host_of(m.self->record.home), own->passcode});
}

void resolve_name(Machine& m, CommandId id, const ResolveName& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  const std::string_view text = command.name;
  const size_t at = text.rfind('@');
  const auto name = canonical_name(text.substr(0, at));
  if (!name) return m.fail(id, name.error());
  auto home = home_of_name(m, command, at == std::string_view::npos ? std::string_view() : text.substr(at + 1));
  if (!home) return m.fail(id, home.error());
  auto keys = name_keys(*name, command.passcode, home->key);
  if (!keys) return m.fail(id, keys.error());
  NameQuestion question{id, std::move(*home), std::move(*keys), m.random_id<ChatId>(), {}, {}};
  m.names.questions.emplace(++m.names.last, std::move(question));
}

void pump_names(Machine& m, Instant& wake) {
  if (!m.has_account()) return;
  if (m.names.claiming) pump_claim(m, wake);
  if (m.names.releasing && m.names.release_attempt.may_start(m.now, wake)) {
    m.names.release_attempt.start();
    m.mailbox().submit(wire::NameRelease{}, [&m, home = m.self->record.home.key](const Result<wire::Reply>& reply) {
      on_released(m, home, reply);
    });
  }
  std::vector<uint64_t> numbers;
  for (const auto& [number, question] : m.names.questions) numbers.push_back(number);
  for (const uint64_t number : numbers) pump_question(m, number, wake);
}

bool names_idle(const Machine& m) {
  const NameBook& book = m.names;
  if (book.claiming || book.releasing || !book.questions.empty() || !book.sending.empty()) return false;
  for (const auto& [alias, address] : book.addresses) {
    if (!address.record.made || address.record.revoked) return false;
  }
  return std::ranges::all_of(book.blocks, [](const auto& entry) { return entry.second.record.chats.empty(); });
}

void restore_name(Machine& m, NameRecord record) { m.names.own = std::move(record); }

void settle_name(Machine& m) {
  if (!m.has_account() || m.names.claiming || m.names.releasing) return;
  if (m.names.own && !m.names.own->claimed) {
    // Never claimed to the end, or not given up to the end. Alone, this device does it; else another one may have claimed a name
    // since, which must not be given up.
    if (m.devices.record.devices.size() < 2) return void(m.names.releasing = true);
    forget_name(m);
  }
  if (const Bytes* told = find_field(m, SyncKind::kName, {})) return take_name(m, *told);
  if (m.names.own) tell_name(m);
}

void leave_name(Machine& m, const wire::HomeAddress& before, bool mover) {
  if (m.names.claiming) fail_claim(m, {kRefusedByHome, "the account has gone to another home"});
  m.names.releasing = false;
  m.names.release_attempt = {};
  if (m.names.release) m.done_then(*m.names.release, Nothing{});
  m.names.release.reset();
  const bool had = m.names.own.has_value();
  forget_name(m);
  if (!had || !mover) return;
  put_field(m, SyncKind::kName, {}, {});
  m.mailbox_at(before).submit(wire::NameRelease{}, [](const Result<wire::Reply>&) {});
}

}  // namespace godwit::engine
