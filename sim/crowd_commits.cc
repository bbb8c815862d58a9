// What the members of a crowd do: propose, commit, race each other, talk.

#include <algorithm>

#include "mls/errors.h"
#include "sim/crowd.h"

namespace godwit::sim {
namespace {

// First commits that are due and whose turn it is in one round; the others go in the next.
constexpr size_t kFirstCommitsInOneRound = 4;

}  // namespace

Crowd::Entry Crowd::entry_of(const mls::StagedCommit& staged) const {
  Entry out;
  out.commit = staged.commit;
  if (!staged.welcome) return out;
  auto welcomes = mls::split_welcome(*staged.welcome);
  ASSERT(welcomes.has_value());
  for (auto& [joiner, welcome] : *welcomes) out.welcomes.emplace(std::move(joiner), std::move(welcome));
  out.tree = std::make_shared<const Bytes>(staged.successor.ratchet_tree());
  return out;
}

void Crowd::accept(PersonId winner, mls::StagedCommit staged, const std::vector<PersonId>& newcomers) {
  Entry entry = entry_of(staged);
  entry.proposals = std::exchange(proposals_, {});
  log_.push_back(std::move(entry));
  for (const PersonId id : newcomers) {
    people_[id].joined_by = log_.size() - 1;
    people_[id].first_commit = mls::draw_first_commit(now_, random_);
  }
  report_.added += newcomers.size();
  report_.removed += staged.report.removed.size();
  for (const mls::Member& member : staged.report.removed) people_[by_identity_.at(member.identity)].removed = true;
  Person& one = people_[winner];
  adopt(one, std::move(staged.successor));
  one.read = log_.size();
  one.committed = true;
  report_.members_most = std::max<uint64_t>(report_.members_most, one.group->members().size());
  for (const PersonId id : awake()) {
    if (id == winner || !catch_up(id) || !people_[id].group) continue;
    if (people_[id].group->epoch_authenticator() != one.group->epoch_authenticator()) {
      return static_cast<void>(fail(people_[id].name + " has come to another epoch"));
    }
  }
}

void Crowd::add_batch(PersonId committer, uint32_t count) {
  std::vector<PersonId> newcomers;
  mls::CommitRequest request;
  request.ratchet_tree_place = to_bytes(as_bytes("blob " + std::to_string(log_.size())));
  for (uint32_t i = 0; i < count; ++i) {
    newcomers.push_back(born());
    request.add.push_back(published_by(newcomers.back(), *suite_));
  }
  auto staged = people_[committer].group->stage_commit(request, random_, now_);
  if (!staged) return static_cast<void>(fail("a batch cannot be added: " + std::string(staged.error().rule)));
  accept(committer, std::move(*staged), newcomers);
}

mls::CommitRequest Crowd::draw_request(PersonId id, std::vector<PersonId>& newcomers) {
  mls::CommitRequest request;
  request.pending_proposals = true;
  const uint64_t kind = random_.below(10);
  const mls::Group& group = *people_[id].group;
  if (kind >= 8) {
    const auto members = group.members();
    for (uint64_t i = random_.below(3) + 1; i > 0; --i) {
      const mls::LeafIndex leaf = members[random_.below(members.size())].leaf;
      const bool chosen = std::ranges::find(request.remove, leaf) != request.remove.end();
      if (leaf != group.own_leaf() && !chosen) request.remove.push_back(leaf);
    }
  } else if (kind >= 5) {
    request.ratchet_tree_place = to_bytes(as_bytes("blob " + std::to_string(log_.size())));
    for (uint64_t i = random_.below(8) + 1; i > 0; --i) {
      newcomers.push_back(born());
      request.add.push_back(published_by(newcomers.back(), *suite_));
    }
  }
  return request;
}

void Crowd::race(const std::vector<PersonId>& racers) {
  struct Runner {
    PersonId id;
    mls::StagedCommit staged;
    std::vector<PersonId> newcomers;
  };
  std::vector<Runner> runners;
  for (const PersonId id : racers) {
    std::vector<PersonId> newcomers;
    const auto request = draw_request(id, newcomers);
    auto staged = people_[id].group->stage_commit(request, random_, now_);
    if (!staged) return static_cast<void>(fail(people_[id].name + " cannot commit: " + staged.error().rule));
    runners.push_back({id, std::move(*staged), std::move(newcomers)});
  }
  if (runners.size() > 1) ++report_.races;
  const size_t winner = random_.below(runners.size());
  for (size_t i = 0; i < runners.size(); ++i) {
    if (i == winner) continue;
    for (const PersonId id : runners[i].newcomers) people_[id].removed = people_[id].knows_removed = true;
  }
  const Bytes lost = runners.size() > 1 ? runners[winner == 0 ? 1 : 0].staged.commit : Bytes{};
  accept(runners[winner].id, std::move(runners[winner].staged), runners[winner].newcomers);
  if (failed() || lost.empty()) return;
  ++report_.lost_commits;
  const auto shown = people_[runners[winner].id].group->process(lost, now_);
  if (shown || shown.error().code != mls::kStaleEpoch) fail("a commit that has lost its epoch is not seen as such");
}

bool Crowd::make_first_commit(PersonId id) {
  ++(people_[id].first_commit.early ? report_.early_commits : report_.first_commits);
  auto staged = people_[id].group->stage_commit({}, random_, now_);
  if (!staged) return fail(people_[id].name + " cannot commit: " + staged.error().rule);
  accept(id, std::move(*staged), {});
  return !failed();
}

// Early ones are woken for it; the others commit when they are awake anyway.
void Crowd::commit_first() {
  size_t room = kFirstCommitsInOneRound;
  for (PersonId id = 0; id < people_.size() && room > 0 && !failed(); ++id) {
    const Person& one = people_[id];
    if (one.committed || one.removed || one.first_commit.due > now_) continue;
    if (!one.group && (!one.first_commit.early || !wake(id))) continue;
    if (!one.group || failed()) continue;
    --room;
    if (!make_first_commit(id)) return;
    if (people_[id].group && awake().size() > options_.awake) {
      people_[id].asleep_until = now_ + days(static_cast<int64_t>(random_.below(35)));
      sleep(id);
    }
  }
}

void Crowd::propose() {
  for (uint64_t i = random_.below(3); i > 0; --i) {
    const auto here = awake();
    const PersonId id = here[random_.below(here.size())];
    mls::Group& group = *people_[id].group;
    const auto members = group.members();
    const mls::LeafIndex leaf = members[random_.below(members.size())].leaf;
    auto proposal = leaf == group.own_leaf() || random_.below(2) == 0 ? group.propose_update({}, random_)
                                                                      : group.propose_remove(leaf, random_);
    if (!proposal) return static_cast<void>(fail(people_[id].name + " cannot propose: " + proposal.error().rule));
    ++report_.by_reference;
    proposals_.push_back(std::move(*proposal));
    ++people_[id].proposals_seen;
    for (const PersonId other : here) {
      if (other != id && !take_in_proposals(other, proposals_)) return;
    }
  }
}

void Crowd::move_on(PersonId committer) {
  Person& one = people_[committer];
  mls::CommitRequest request;
  request.reinit = mls::ReInit{to_bytes(random_.bytes<16>()), mls::ProtocolVersion::kMls10, mls::suite_0x0003().id, {}};
  auto staged = one.group->stage_commit(request, random_, now_);
  if (!staged) return static_cast<void>(fail("a ReInit cannot be committed: " + std::string(staged.error().rule)));
  accept(committer, std::move(*staged), {});
  if (failed()) return;
  mls::CommitRequest first;
  first.ratchet_tree_place = to_bytes(as_bytes("blob of the new group"));
  for (const mls::Member& member : one.group->members()) {
    if (member.leaf == one.group->own_leaf()) continue;
    first.add.push_back(published_by(by_identity_.at(member.identity), mls::suite_0x0003()));
  }
  auto next = one.group->reinitialize(mls::suites_default(), leaf_of(one.name), first, random_, now_);
  if (!next) return static_cast<void>(fail("a ReInit leads nowhere: " + std::string(next.error().rule)));
  Entry entry = entry_of(*next);
  entry.follows_reinit = true;
  log_.push_back(std::move(entry));
  one.group = std::move(next->successor);
  one.past = {};
  one.disk.clear();
  one.read = log_.size();
  suite_ = &mls::suite_0x0003();
  ++report_.reinits;
  for (const PersonId id : awake()) {
    if (id != committer && !catch_up(id)) return;
  }
}

void Crowd::talk() {
  std::vector<Letter> now;
  const auto here = awake();
  for (const PersonId id : here) {
    Person& one = people_[id];
    if (random_.below(2) == 0) continue;
    if (!one.committed && !make_first_commit(id)) return;
    if (!one.group) continue;  // the commit took in somebody's Remove of him
    for (uint64_t i = random_.below(3) + 1; i > 0; --i) {
      const Bytes text = to_bytes(random_.bytes<24>());
      const auto message = one.group->protect(text, {}, random_);
      if (!message) return static_cast<void>(fail(one.name + " cannot talk: " + message.error().rule));
      for (const PersonId to : here) {
        if (to == id) continue;
        (random_.below(3) == 0 ? late_ : now).push_back({to, *message, text});
      }
    }
  }
  while (!now.empty() && !failed()) {
    std::swap(now[random_.below(now.size())], now.back());
    deliver(now.back());
    now.pop_back();
  }
}

void Crowd::deliver(const Letter& letter) {
  Person& one = people_[letter.to];
  if (!one.group) return;  // asleep or removed: what was for him is in an epoch that he reads by the log alone
  Bytes opened;
  auto done = one.group->process(letter.message, now_);
  if (done) {
    opened = std::get<mls::ApplicationMessage>(*done).plaintext;
  } else if (done.error().code == mls::kStaleEpoch) {
    auto late = one.past.open(letter.message, &*one.group);
    if (!late) return static_cast<void>(fail(one.name + " cannot open a late message: " + late.error().rule));
    opened = std::move(late->plaintext);
  } else {
    return static_cast<void>(fail(one.name + " cannot open a message: " + done.error().rule));
  }
  ++report_.messages;
  if (opened != letter.text) fail(one.name + " has read something else than was said");
}

}  // namespace godwit::sim
