#include "bench/mls_group.h"

#include <numeric>

#include "bench/rates.h"
#include "mls/mls_message.h"
#include "mls/testing/group_access.h"

namespace godwit::bench {
namespace {

using mls::Group;
using mls::KeyPackagePrivate;

constexpr int kWarmCommits = 9;

// The value of a Result that only a fault of ours makes an error.
template <typename T>
T must(Result<T> result) {
  ASSERT(result.has_value());
  return std::move(result).value();
}

// Does it a few times, large things less often, and gives the median's seconds of processor time.
template <typename Once>
double median_seconds(int members, const Once& once) {
  std::vector<double> seconds;
  for (int i = 0; i < (members <= 100 ? 9 : members <= 1000 ? 3 : 1); ++i) {
    const double begin = thread_seconds();
    once();
    seconds.push_back(thread_seconds() - begin);
  }
  return quantile(seconds, 0.5);
}

mls::LeafParameters leaf(int number, Random& random) {
  return {.identity = to_bytes(as_bytes("member " + std::to_string(number))),
          .signature_key = crypto::Ed25519KeyPair::generate(random),
          .extensions = {},
          .supported = {}};
}

// The group after `commit`, which must be one.
Group after(Group& group, ByteView commit) {
  auto processed = must(group.process(commit, kMlsNow));
  return std::move(*std::get<mls::CommitProcessed>(processed).successor);
}

// What one joiner is sent of the Welcome.
Bytes welcome_for(ByteView all, const mls::KeyPackageRef& joiner) {
  auto message = must(codec::decoded<mls::MLSMessage>(all));
  auto& secrets = std::get<mls::Welcome>(message.body).secrets;
  std::erase_if(secrets, [&](const mls::EncryptedGroupSecrets& one) { return one.new_member != joiner; });
  return codec::encoded(message);
}

// The same epoch as somebody else who has just joined sees it: joining for each of hundreds would take the bench minutes.
Group seen_by(const Group& group, mls::LeafIndex own, const KeyPackagePrivate& joiner) {
  Group out = group.clone();
  mls::GroupState& state = mls::GroupAccess::state(out);
  const auto& own_key = joiner.key_package.leaf_node.encryption_key;
  state.keys = {own, {}};
  state.keys.keys.emplace(mls::to_node(own), mls::HpkeKeyPair{joiner.encryption_key.clone(), own_key});
  state.signature_key = joiner.signature_key.clone();
  return out;
}

// A group at its birth, and those who were added: joiners[i] is leaf i + 1.
struct Newborn {
  std::vector<KeyPackagePrivate> joiners;
  mls::StagedCommit staged;
};

Newborn create_and_add(const mls::CipherSuite& suite, int members, Random& random, GroupCosts& costs) {
  const mls::GroupCreate create{
      .group_id = to_bytes(random.bytes<16>()), .leaf = leaf(0, random), .group_context_extensions = {}};
  std::vector<KeyPackagePrivate> joiners;
  std::vector<Bytes> published;
  for (int i = 1; i < members; ++i) {
    joiners.push_back(KeyPackagePrivate::generate(suite, leaf(i, random), days(30), random, kMlsNow));
    published.push_back(joiners.back().encode_message());
  }
  std::optional<mls::StagedCommit> staged;
  costs.create_and_add = median_seconds(members, [&] {
    Group group = must(Group::create(suite, create, random, kMlsNow));
    mls::CommitRequest request;
    request.ratchet_tree_in_welcome = false;
    request.path_always = false;
    for (const Bytes& one : published) request.add.push_back(must(mls::KeyPackage::parse(suite, one, kMlsNow)));
    staged = must(group.stage_commit(request, random, kMlsNow));
  });
  return {std::move(joiners), std::move(*staged)};
}

Group join(const mls::CipherSuite& suite, const Newborn& newborn, int members, GroupCosts& costs) {
  const KeyPackagePrivate& joiner = newborn.joiners.front();
  const Bytes welcome = welcome_for(*newborn.staged.welcome, joiner.ref(suite));
  const Bytes tree = newborn.staged.successor.ratchet_tree();
  costs.welcome_bytes = static_cast<double>(welcome.size());
  costs.tree_bytes = static_cast<double>(tree.size());
  const mls::CipherSuite* const table[] = {&suite};
  std::optional<Group> out;
  costs.join = median_seconds(members, [&] { out = must(Group::join(table, welcome, joiner, tree, kMlsNow)); });
  return std::move(*out);
}

// A random sixteenth of the joiners commits, one after the other.
void warm_up(MlsGroup& group, const std::vector<KeyPackagePrivate>& joiners, Random& random) {
  std::vector<uint32_t> order(joiners.size() - 1);  // without the neighbour
  std::iota(order.begin(), order.end(), 1U);
  for (size_t i = 0; i < joiners.size() / 16; ++i) {
    std::swap(order[i], order[i + random.below(order.size() - i)]);
    Group member = seen_by(group.committer, {order[i] + 1}, joiners[order[i]]);
    const auto staged = must(member.stage_commit({}, random, kMlsNow));
    group.committer = after(group.committer, staged.commit);
    group.neighbour = after(group.neighbour, staged.commit);
  }
}

void measure_warm(MlsGroup& group, Random& random) {
  std::vector<double> commits, processes;
  for (int i = 0; i < kWarmCommits; ++i) {
    const double begin = thread_seconds();
    mls::StagedCommit staged = must(group.committer.stage_commit({}, random, kMlsNow));
    const double made = thread_seconds();
    Group next = after(group.neighbour, staged.commit);
    processes.push_back(thread_seconds() - made);
    commits.push_back(made - begin);
    group.costs.warm_commit_bytes = static_cast<double>(staged.commit.size());
    group.committer = std::move(staged.successor);
    group.neighbour = std::move(next);
  }
  group.costs.warm_commit = quantile(commits, 0.5);
  group.costs.process = quantile(processes, 0.5);
}

}  // namespace

MlsGroup measure_group(const mls::CipherSuite& suite, int members, Random& random) {
  GroupCosts costs;
  Newborn newborn = create_and_add(suite, members, random, costs);
  Group neighbour = join(suite, newborn, members, costs);
  MlsGroup out{std::move(newborn.staged.successor), std::move(neighbour), costs};
  std::optional<mls::StagedCommit> first;
  out.costs.first_commit =
      median_seconds(members, [&] { first = must(out.committer.stage_commit({}, random, kMlsNow)); });
  out.costs.first_commit_bytes = static_cast<double>(first->commit.size());
  out.neighbour = after(out.neighbour, first->commit);
  out.committer = std::move(first->successor);
  warm_up(out, newborn.joiners, random);
  measure_warm(out, random);
  must(out.committer.protect(Bytes(1024, 'x'), {}, random));  // the first of an epoch splits the secret tree as well
  static_cast<void>(out.committer.take_changes());
  must(out.committer.protect(Bytes(1024, 'x'), {}, random));
  for (const mls::StateChange& one : out.committer.take_changes()) {
    out.costs.state_bytes += static_cast<double>(one.key.size() + (one.value ? one.value->size() : 0));
  }
  return out;
}

}  // namespace godwit::bench
