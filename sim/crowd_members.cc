// How a member of a crowd comes, sleeps, wakes and reads what he has missed.

#include <algorithm>

#include "sim/crowd.h"

namespace godwit::sim {
namespace {

// Epochs whose late messages a member still opens.
constexpr size_t kPastEpochsKept = 32;

}  // namespace

mls::LeafParameters Crowd::leaf_of(const std::string& name) {
  return {.identity = to_bytes(as_bytes(name)),
          .signature_key = crypto::Ed25519KeyPair::generate(random_),
          .extensions = {},
          .supported = {}};
}

Crowd::PersonId Crowd::born() {
  Person& one = people_.emplace_back();
  one.name = "person " + std::to_string(people_.size() - 1);
  for (const mls::CipherSuite* suite : mls::suites_default()) {
    if (suite == &mls::suite_xwing() && suite_ != suite) continue;
    one.packages.push_back(mls::KeyPackagePrivate::generate(*suite, leaf_of(one.name), days(300), random_, now_));
  }
  by_identity_[to_bytes(as_bytes(one.name))] = people_.size() - 1;
  return people_.size() - 1;
}

const mls::KeyPackagePrivate& Crowd::package_of(PersonId id, const mls::CipherSuite& suite) const {
  const auto& packages = people_[id].packages;
  const auto found = std::ranges::find_if(
      packages, [&](const mls::KeyPackagePrivate& one) { return one.key_package.cipher_suite == suite.id; });
  ASSERT(found != packages.end());
  return *found;
}

mls::KeyPackage Crowd::published_by(PersonId id, const mls::CipherSuite& suite) {
  auto parsed = mls::KeyPackage::parse(suite, package_of(id, suite).encode_message(), now_);
  ASSERT(parsed.has_value());
  return std::move(*parsed);
}

void Crowd::found() {
  suite_ = options_.hybrid_up_to > 0 ? &mls::suite_xwing() : &mls::suite_0x0003();
  const PersonId id = born();
  mls::GroupCreate create{to_bytes(random_.bytes<16>()), leaf_of(people_[id].name), {}};
  auto group = mls::Group::create(*suite_, create, random_, now_);
  ASSERT(group.has_value());
  people_[id].group = std::move(*group);
  people_[id].ever_awake = people_[id].committed = true;
}

bool Crowd::join(PersonId id) {
  Person& one = people_[id];
  const Entry& entry = log_[one.joined_by];
  for (const mls::KeyPackagePrivate& package : one.packages) {
    const auto suite = mls::find_suite(mls::suites_default(), package.key_package.cipher_suite);
    const auto welcome = entry.welcomes.find(package.ref(**suite));
    if (welcome == entry.welcomes.end()) continue;
    auto group = mls::Group::join(mls::suites_default(), welcome->second, package, ByteView(*entry.tree), now_);
    if (!group) return fail(one.name + " cannot join: " + group.error().rule);
    one.group = std::move(*group);
    one.read = one.joined_by + 1;
    one.ever_awake = true;
    return true;
  }
  return fail(one.name + " was added without a Welcome");
}

bool Crowd::follow_reinit(PersonId id, const Entry& entry) {
  Person& one = people_[id];
  if (!one.group->ended_by()) return fail(one.name + " has not seen the ReInit");
  const auto& package = package_of(id, mls::suite_0x0003());
  const auto welcome = entry.welcomes.find(package.ref(mls::suite_0x0003()));
  if (welcome == entry.welcomes.end()) return fail(one.name + " was left behind by a ReInit");
  auto group = mls::Group::join_reinitialized(mls::suites_default(), welcome->second, package, ByteView(*entry.tree),
                                              now_, *one.group);
  if (!group) return fail(one.name + " cannot follow a ReInit: " + group.error().rule);
  one.group = std::move(*group);
  one.past = {};
  one.disk.clear();
  one.proposals_seen = 0;
  return true;
}

void Crowd::adopt(Person& person, std::optional<mls::Group> successor) {
  person.past.retire(std::move(*person.group), successor ? &*successor : nullptr);
  while (person.past.epochs().size() > kPastEpochsKept) person.past.drop_oldest();
  person.group = std::move(successor);
  person.proposals_seen = 0;
}

bool Crowd::take_in_proposals(PersonId id, const std::vector<Bytes>& proposals) {
  Person& one = people_[id];
  for (; one.proposals_seen < proposals.size(); ++one.proposals_seen) {
    const auto done = one.group->process(proposals[one.proposals_seen], now_);
    if (!done) return fail(one.name + " refuses a proposal: " + done.error().rule);
  }
  return true;
}

bool Crowd::catch_up(PersonId id) {
  Person& one = people_[id];
  for (; one.read < log_.size() && !failed(); ++one.read) {
    const Entry& entry = log_[one.read];
    if (entry.follows_reinit) {
      if (!follow_reinit(id, entry)) return false;
      continue;
    }
    if (!take_in_proposals(id, entry.proposals)) return false;
    auto done = one.group->process(entry.commit, now_);
    if (!done) return fail(one.name + " refuses the commit " + std::to_string(one.read) + ": " + done.error().rule);
    auto& commit = std::get<mls::CommitProcessed>(*done);
    adopt(one, std::move(commit.successor));
    if (commit.removed_self) {
      one.knows_removed = true;
      if (!one.removed) return fail(one.name + " was removed by nobody");
      one.group.reset();
      return true;
    }
  }
  return take_in_proposals(id, proposals_);
}

bool Crowd::wake(PersonId id) {
  Person& one = people_[id];
  if (!one.ever_awake) {
    if (!join(id)) return false;
  } else {
    auto group = mls::Group::restore(mls::suites_default(), one.disk);
    if (!group) return fail(one.name + " cannot read his disk: " + group.error().rule);
    one.group = std::move(*group);
    auto past = mls::PastEpochs::restore(mls::suites_default(), one.disk, &*one.group);
    if (!past) return fail(one.name + " cannot read his disk: " + past.error().rule);
    one.past = std::move(*past);
  }
  ++report_.woken;
  report_.missed_most = std::max<uint64_t>(report_.missed_most, log_.size() - one.read);
  return catch_up(id);
}

void Crowd::sleep(PersonId id) {
  Person& one = people_[id];
  mls::apply_changes(one.disk, one.past.take_changes());
  mls::apply_changes(one.disk, one.group->take_changes());
  one.group.reset();
  one.past = {};
}

}  // namespace godwit::sim
