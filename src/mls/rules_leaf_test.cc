// What members refuse in leaf nodes and key packages, rule by rule, wherever a leaf may come from: an Add, an Update or the
// path of a commit.

#include "mls/testing/forger.h"

namespace godwit::mls {
namespace {

using namespace testing;  // NOLINT: a test

Bytes text(std::string_view words) { return to_bytes(as_bytes(words)); }

enum class Place : uint8_t { kAdd, kUpdate, kPath };
constexpr std::array kPlaces{Place::kAdd, Place::kUpdate, Place::kPath};

using LeafChange = std::function<void(LeafNode&)>;

/// A leaf that is changed and then signed with `key` (none: its owner's) for `position` (none: its own).
struct LeafForgery {
  LeafChange change = [](LeafNode&) {};
  std::optional<std::string> signer = std::nullopt;
  std::optional<LeafPosition> position = std::nullopt;
};

class RulesLeafTest : public ::testing::Test {
 protected:
  // Bob's verdict on a leaf of dave (Add), carol (Update) or alice (path). What he refuses has not changed him.
  ErrorCode verdict(Place place, const LeafForgery& forgery) {
    switch (place) {
      case Place::kAdd:
        return verdict_on_adding({forged("dave", forgery).key_package});
      case Place::kUpdate:
        return verdict_on_update(forgery);
      case Place::kPath:
        break;
    }
    return verdict_on_path([&](UpdatePath& path) { sign(path.leaf_node, "alice", {0}, forgery); });
  }
  ErrorCode verdict_on_adding(const std::vector<KeyPackageIn>& joiners) {
    std::vector<Proposal> adds;
    for (const KeyPackageIn& one : joiners) adds.push_back({Add{one}});
    auto path = some_path(alice(), bob(), random_);
    return unchanged_verdict(forge_commit(alice(), std::move(adds), random_, std::move(path)));
  }
  ErrorCode verdict_on_update(const LeafForgery& forgery) {
    LeafNode leaf = *GroupAccess::state(carol()).tree.leaf({2});
    leaf.source = LeafNodeSource::kUpdate;
    leaf.encryption_key = HpkeKeyPair::generate(suite_0x0003(), random_).public_key;
    sign(leaf, "carol", {2}, forgery);
    const ErrorCode stored = unchanged_verdict(forge(carol(), Proposal{Update{leaf}}, random_));
    if (stored.number != 0) return stored;
    Commit commit;
    commit.proposals.push_back({GroupAccess::state(bob()).proposals.back().ref});
    commit.path = some_path(alice(), bob(), random_);
    return unchanged_verdict(forge(alice(), commit, random_));
  }
  ErrorCode verdict_on_path(const std::function<void(UpdatePath&)>& spoil) {
    Commit commit;
    commit.path = some_path(alice(), bob(), random_);
    spoil(*commit.path);
    return unchanged_verdict(forge(alice(), commit, random_));
  }
  ErrorCode unchanged_verdict(const Bytes& message) {
    const auto before = stored_form(bob());
    const ErrorCode code = refusal(bob(), message);
    EXPECT_TRUE(code.number == 0 || before == stored_form(bob()));
    return code;
  }
  void sign(LeafNode& leaf, const std::string& owner, LeafIndex index, const LeafForgery& forgery) {
    forgery.change(leaf);
    sign_leaf_node(leaf, parameters(forgery.signer.value_or(owner)).signature_key,
                   forgery.position.value_or(LeafPosition{alice().group_id(), index}));
  }
  // A key package whose leaf was changed; both are signed.
  KeyPackagePrivate forged(const std::string& name, const LeafForgery& forgery) {
    auto out = candidate(name, random_, {kTestExtension});
    sign(out.key_package.leaf_node, name, {}, forgery);
    sign_key_package(out);
    return out;
  }
  // Alice, bob and carol, whose leaves were changed, in a group with these extensions.
  std::vector<Group> grown_with(const LeafChange& change, Extensions extensions) {
    std::vector<Group> out;
    out.push_back(founded("alice", random_, {}, {kTestExtension}));
    GroupState& state = GroupAccess::state(out[0]);
    LeafNode founder = *state.tree.leaf({0});
    change(founder);
    sign_leaf_node(founder, state.signature_key, {state.context.group_id, {0}});
    state.tree.set_leaf({0}, founder);
    state.context.tree_hash = state.tree.tree_hash(suite_0x0003());
    state.context.extensions = std::move(extensions);
    CommitRequest request;
    std::vector<KeyPackagePrivate> joiners;
    for (const std::string name : {"bob", "carol"}) {
      joiners.push_back(candidate(name, random_, {kTestExtension}));
      change(joiners.back().key_package.leaf_node);
      sign_leaf_node(joiners.back().key_package.leaf_node, joiners.back().signature_key, {});
      sign_key_package(joiners.back());
      request.add.push_back(published(joiners.back()));
    }
    auto staged = out[0].stage_commit(request, random_, kTestNow).value();
    out[0] = std::move(staged.successor);
    for (const KeyPackagePrivate& one : joiners)
      out.push_back(Group::join(suites_default(), *staged.welcome, one, std::nullopt, kTestNow).value());
    return out;
  }
  Group& alice() { return groups_[0]; }
  Group& bob() { return groups_[1]; }
  Group& carol() { return groups_[2]; }

  crypto::SeededRandom random_{31};
  std::vector<Group> groups_ = grown_with([](LeafNode&) {}, {});
};

TEST_F(RulesLeafTest, the_builder_makes_leaves_that_are_accepted_when_nothing_is_spoilt) {
  // Only the path beside the proposals, which is of a commit without them, is held against the first two.
  EXPECT_EQ(verdict(Place::kAdd, {}), kBadParentHash);
  EXPECT_EQ(verdict(Place::kUpdate, {}), kBadParentHash);
  EXPECT_EQ(verdict(Place::kPath, {}), kBadConfirmationTag);
}

// MLS-011 MLS-036 MLS-037 MLS-040 MLS-041 MLS-042 MLS-176
TEST_F(RulesLeafTest, a_leaf_that_contradicts_itself) {
  const Extension twice{kTestExtension, {}};
  const std::vector<std::pair<LeafChange, ErrorCode>> cases{
      {[](LeafNode& leaf) { leaf.encryption_key.pop_back(); }, kBadLeafNode},
      {[](LeafNode& leaf) { leaf.signature_key.push_back(0); }, kBadLeafNode},
      {[](LeafNode& leaf) { leaf.capabilities.versions.clear(); }, kUnsupportedVersion},
      {[](LeafNode& leaf) { leaf.capabilities.cipher_suites = {CipherSuiteId{1}}; }, kUnsupportedSuite},
      {[](LeafNode& leaf) { leaf.capabilities.credentials = {CredentialType::kX509}; }, kUnsupportedCredential},
      {[](LeafNode& leaf) {
         leaf.credential = {CredentialType::kX509, {}, {text("a chain")}};
         leaf.capabilities.credentials.push_back(CredentialType::kX509);
       },
       kUnsupportedCredential},
      {[](LeafNode& leaf) { leaf.extensions = {{ExtensionType{0xf002}, {}}}; }, kUnsupportedExtension},
      {[&](LeafNode& leaf) { leaf.extensions = {twice, twice}; }, kDuplicateExtension},
  };
  for (const Place place : kPlaces) {
    for (size_t i = 0; i < cases.size(); ++i) {
      EXPECT_EQ(verdict(place, {cases[i].first}), cases[i].second)
          << "place " << static_cast<int>(place) << ", case " << i;
    }
  }
}

// MLS-053 MLS-054 MLS-055
TEST_F(RulesLeafTest, a_leaf_with_the_source_of_another_place) {
  for (const Place place : kPlaces) {
    for (const auto source : {LeafNodeSource::kKeyPackage, LeafNodeSource::kUpdate, LeafNodeSource::kCommit}) {
      const bool fits = static_cast<int>(source) == static_cast<int>(place) + 1;
      const ErrorCode code = verdict(place, {[&](LeafNode& leaf) { leaf.source = source; }});
      EXPECT_EQ(code == kBadLeafNodeSource, !fits) << static_cast<int>(place) << ", " << static_cast<int>(source);
    }
  }
}

// MLS-047
TEST_F(RulesLeafTest, a_leaf_that_somebody_else_has_signed) {
  for (const Place place : kPlaces) {
    LeafForgery by_mallory;
    by_mallory.signer = "mallory";
    EXPECT_EQ(verdict(place, by_mallory), kBadSignature) << static_cast<int>(place);
  }
}

// MLS-045
TEST_F(RulesLeafTest, a_leaf_that_was_signed_for_another_group_or_place) {
  for (const Place place : {Place::kUpdate, Place::kPath}) {
    LeafForgery forgery;
    forgery.position = {text("another group"), {place == Place::kUpdate ? 2U : 0U}};
    EXPECT_EQ(verdict(place, forgery), kBadSignature);
    forgery.position = {alice().group_id(), {1}};
    EXPECT_EQ(verdict(place, forgery), kBadSignature);
  }
}

// MLS-058
TEST_F(RulesLeafTest, a_leaf_with_the_encryption_key_of_another_member_or_node) {
  const RatchetTree& tree = GroupAccess::state(bob()).tree;
  for (const Bytes& key : {*tree.encryption_key({2}), *tree.encryption_key({3})}) {
    for (const Place place : kPlaces) {
      // An Update or a path blanks the root's key or puts another there.
      if (place != Place::kAdd && key == *tree.encryption_key({3})) continue;
      EXPECT_EQ(verdict(place, {[&](LeafNode& leaf) { leaf.encryption_key = key; }}), kDuplicateKey)
          << static_cast<int>(place);
    }
  }
}

// MLS-057 MLS-131
TEST_F(RulesLeafTest, a_leaf_with_the_signature_key_of_another_member) {
  LeafForgery as_bob;
  as_bob.change = [](LeafNode& leaf) { leaf.signature_key = to_bytes(parameters("bob").signature_key.public_key); };
  as_bob.signer = "bob";
  EXPECT_EQ(verdict(Place::kUpdate, as_bob), kDuplicateKey);
  EXPECT_EQ(verdict(Place::kPath, as_bob), kDuplicateKey);
  EXPECT_EQ(verdict_on_adding({candidate("bob", random_).key_package}), kDuplicateKey);
}

// MLS-124
TEST_F(RulesLeafTest, two_adds_of_one_client) {
  EXPECT_EQ(verdict_on_adding({candidate("dave", random_).key_package, candidate("dave", random_).key_package}),
            kDuplicateKey);
}

// MLS-146
TEST_F(RulesLeafTest, a_path_node_with_the_key_of_a_member_or_of_another_node) {
  const RatchetTree tree = GroupAccess::state(bob()).tree;
  for (const uint32_t node : {0U, 2U, 4U, 3U}) {
    EXPECT_EQ(
        verdict_on_path([&](UpdatePath& path) { path.nodes.at(0).encryption_key = *tree.encryption_key({node}); }),
        kDuplicateKey)
        << node;
  }
}

// MLS-048
TEST_F(RulesLeafTest, a_leaf_that_lacks_what_the_group_requires) {
  const ProposalType proposal{0xf001};
  const RequiredCapabilities required{{kTestExtension}, {proposal}, {CredentialType::kX509}};
  groups_ = grown_with(
      [&](LeafNode& leaf) {
        leaf.capabilities.proposals.push_back(proposal);
        leaf.capabilities.credentials.push_back(CredentialType::kX509);
      },
      {required_capabilities_extension(required)});
  const auto able = [&](LeafNode& leaf) {
    leaf.capabilities.extensions = {kTestExtension};
    leaf.capabilities.proposals = {proposal};
    leaf.capabilities.credentials = {CredentialType::kBasic, CredentialType::kX509};
  };
  for (const Place place : kPlaces) {
    const auto without = [&](const std::function<void(Capabilities&)>& drop) {
      return verdict(place, {[&](LeafNode& leaf) {
                       able(leaf);
                       drop(leaf.capabilities);
                     }});
    };
    EXPECT_EQ(without([](Capabilities&) {}), place == Place::kPath ? kCannotFollow : kBadParentHash);
    EXPECT_EQ(without([](Capabilities& it) { it.extensions.clear(); }), kUnsupportedExtension);
    EXPECT_EQ(without([](Capabilities& it) { it.proposals.clear(); }), kUnsupportedProposal);
    EXPECT_EQ(without([](Capabilities& it) { it.credentials.pop_back(); }), kUnsupportedCredential);
  }
}

// MLS-180
TEST_F(RulesLeafTest, a_leaf_that_does_not_support_an_extension_of_the_group) {
  groups_ = grown_with([](LeafNode&) {}, {{kTestExtension, text("roles")}});
  for (const Place place : kPlaces) {
    EXPECT_EQ(verdict(place, {[](LeafNode& leaf) { leaf.capabilities.extensions.clear(); }}), kUnsupportedExtension)
        << static_cast<int>(place);
  }
}

// MLS-044
TEST_F(RulesLeafTest, a_lifetime_that_runs_backwards) {
  EXPECT_EQ(verdict(Place::kAdd, {[](LeafNode& leaf) { leaf.lifetime.not_before = leaf.lifetime.not_after + 1; }}),
            kLifetime);
}

// MLS-177
TEST_F(RulesLeafTest, a_key_package_with_an_extension_twice) {
  auto dave = candidate("dave", random_, {kTestExtension});
  dave.key_package.extensions = {{kTestExtension, {}}, {kTestExtension, {}}};
  sign_key_package(dave);
  EXPECT_EQ(verdict_on_adding({dave.key_package}), kDuplicateExtension);
}

// MLS-092
TEST_F(RulesLeafTest, extensions_of_a_key_package_that_nobody_knows_are_ignored) {
  auto dave = candidate("dave", random_, {kTestExtension});
  dave.key_package.extensions = {{kTestExtension, text("whatever")}};
  sign_key_package(dave);
  CommitRequest request;
  request.add.push_back(published(dave));
  const auto staged = alice().stage_commit(request, random_, kTestNow).value();
  follow_commit(bob(), staged.commit);
  EXPECT_TRUE(Group::join(suites_default(), *staged.welcome, dave, std::nullopt, kTestNow).has_value());
}

// MLS-043 MLS-182
TEST_F(RulesLeafTest, numbers_that_nobody_knows_are_ignored_in_a_leaf) {
  const auto dave = forged("dave", {[](LeafNode& leaf) {
                             for (const uint16_t number : {uint16_t{0x0a0a}, uint16_t{0xf00d}}) {
                               leaf.capabilities.versions.push_back(ProtocolVersion{number});
                               leaf.capabilities.cipher_suites.push_back(CipherSuiteId{number});
                               leaf.capabilities.extensions.push_back(ExtensionType{number});
                               leaf.capabilities.proposals.push_back(ProposalType{number});
                               leaf.capabilities.credentials.push_back(CredentialType{number});
                             }
                             leaf.capabilities.extensions.push_back(ExtensionType{0x1a1a});
                             leaf.extensions = {{ExtensionType{0x1a1a}, text("grease")}};
                           }});
  CommitRequest request;
  request.add.push_back(published(dave));
  const auto staged = alice().stage_commit(request, random_, kTestNow).value();
  follow_commit(bob(), staged.commit);
  EXPECT_TRUE(Group::join(suites_default(), *staged.welcome, dave, std::nullopt, kTestNow).has_value());
}

// MLS-012
TEST_F(RulesLeafTest, a_credential_of_a_type_that_nobody_knows) {
  Bytes bytes = codec::encoded(candidate("dave", random_).key_package.leaf_node);
  const size_t at = 1 + 32 + 1 + 32;  // behind the two keys
  ASSERT_EQ(bytes.at(at + 1), 1U);
  for (const ByteArray<2>& type : {ByteArray<2>{0x0a, 0x0a}, ByteArray<2>{0, 0}, ByteArray<2>{0, 3}}) {
    std::copy(type.begin(), type.end(), bytes.begin() + at);
    EXPECT_EQ(codec::decoded<LeafNode>(bytes).error().code, kUnsupportedCredential);
  }
}

// MLS-038
TEST_F(RulesLeafTest, our_capabilities_list_nothing_that_everybody_supports) {
  const auto dave = candidate("dave", random_, {ExtensionType::kApplicationId, kTestExtension});
  const Capabilities& able = dave.key_package.leaf_node.capabilities;
  for (const ExtensionType one : able.extensions) EXPECT_FALSE(is_default(one));
  for (const ProposalType one : able.proposals) EXPECT_FALSE(is_default(one));
  EXPECT_TRUE(able.supports(kTestExtension));
}

// MLS-052
TEST_F(RulesLeafTest, an_add_whose_lifetime_is_over_is_followed) {
  CommitRequest request;
  request.add.push_back(published(candidate("dave", random_)));
  const auto staged = alice().stage_commit(request, random_, kTestNow).value();
  EXPECT_TRUE(bob().process(staged.commit, kTestNow + days(400)).has_value());
}

}  // namespace
}  // namespace godwit::mls
