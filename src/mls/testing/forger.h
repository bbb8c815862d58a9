#pragma once
// Makes messages that are malformed but signed and sealed as they should be, so that each rule is met by itself. In test
// binaries only.

#include <functional>

#include "crypto/hash.h"
#include "mls/testing/group_access.h"
#include "mls/testing/support.h"

namespace godwit::mls {

namespace testing {

constexpr Instant kTestNow{1'700'000'000'000};
constexpr ExtensionType kTestExtension{0xf001};

/// Parameters of a leaf whose signature key follows from its name.
inline LeafParameters parameters(std::string_view name, std::vector<ExtensionType> supported = {}) {
  const auto seed = crypto::sha256(as_bytes(name));
  return {to_bytes(as_bytes(name)),
          crypto::Ed25519KeyPair::from_seed(crypto::Secret<crypto::kEd25519SeedSize>::copy_of(seed).value()),
          {},
          std::move(supported)};
}

/// Somebody who can be added: his key package, private half included.
inline KeyPackagePrivate candidate(std::string_view name, Random& random, std::vector<ExtensionType> supported = {}) {
  return KeyPackagePrivate::generate(suite_0x0003(), parameters(name, std::move(supported)), days(30), random,
                                     kTestNow);
}

/// Signs a key package anew after it was spoilt.
inline void sign_key_package(KeyPackagePrivate& one) {
  one.key_package.signature.clear();
  Bytes unsigned_form = codec::encoded(one.key_package);
  unsigned_form.pop_back();  // the length of no signature
  one.key_package.signature = sign_with_label(one.signature_key, "KeyPackageTBS", unsigned_form);
}

/// The public half, as a member gets it.
inline KeyPackage published(const KeyPackagePrivate& key_package) {
  return KeyPackage::parse(suite_0x0003(), key_package.encode_message(), kTestNow).value();
}

/// A group of one.
inline Group founded(std::string_view name, Random& random, Extensions extensions = {},
                     std::vector<ExtensionType> supported = {}) {
  GroupCreate create{to_bytes(as_bytes("a group of sixteen bytes")), parameters(name, std::move(supported)),
                     std::move(extensions)};
  return Group::create(suite_0x0003(), create, random, kTestNow).value();
}

/// Takes a commit in; the test fails if it is refused.
inline void follow_commit(Group& group, const Bytes& commit, std::span<const ExternalPsk> psks = {}) {
  auto processed = group.process(commit, kTestNow, psks);
  ASSERT_TRUE(processed.has_value()) << processed.error().code.name << ": " << processed.error().rule;
  auto& report = std::get<CommitProcessed>(*processed);
  ASSERT_TRUE(report.successor.has_value());
  group = std::move(*report.successor);
}

/// The groups of these names, the first being the founder; all in one epoch.
inline std::vector<Group> grown(const std::vector<std::string>& names, Random& random) {
  std::vector<Group> out;
  out.push_back(founded(names.at(0), random));
  for (size_t i = 1; i < names.size(); ++i) {
    const auto joiner = candidate(names[i], random);
    CommitRequest request;
    request.add.push_back(published(joiner));
    auto staged = out[0].stage_commit(request, random, kTestNow).value();
    for (size_t j = 1; j < out.size(); ++j) follow_commit(out[j], staged.commit);
    out[0] = std::move(staged.successor);
    out.push_back(Group::join(suites_default(), *staged.welcome, joiner, std::nullopt, kTestNow).value());
  }
  return out;
}

/// Wants every proposal, whoever makes it.
inline Status any_proposal(const ProposalReport&) { return {}; }

/// The code that refuses `message`, or a code without a name.
inline ErrorCode refusal(Group& group, const Bytes& message, const KnownPsks& psks = {}) {
  const auto processed = group.process(message, kTestNow, psks, {}, any_proposal);
  return processed ? ErrorCode{0, Action::kDrop, "accepted"} : processed.error().code;
}

/// How a message is spoilt between its making and its sealing.
struct Forgery {
  std::function<void(FramedContent&)> content;                  ///< Before it is signed.
  std::function<void(AuthenticatedContentIn&)> signed_content;  ///< After it was signed.
  WireFormat wire_format = WireFormat::kPrivateMessage;
};

/// What a member opened and has not used up: to be spoilt and sealed again.
inline AuthenticatedContentIn opened(const Group& receiver, ByteView message) {
  const GroupState& state = GroupAccess::state(receiver);
  const auto decoded = codec::decoded<MLSMessage>(message).value();
  const auto& sealed = std::get<PrivateMessage>(decoded.body);
  const auto sender = open_sender_data(*state.suite, state.secrets.sender_data_secret, sealed).value();
  const auto key = state.secret_tree.find(sender.leaf, ratchet_kind(sealed.content_type), sender.generation).value();
  return open_private(*state.suite, sealed, sender, key.key).value();
}

/// Signs and seals `body` as `sender`, spoilt on the way. A commit without a tag gets a wrong one.
inline Bytes forge(Group& sender, ContentBody body, Random& random, const Forgery& forgery = {},
                   std::optional<Bytes> confirmation_tag = std::nullopt) {
  GroupState& state = GroupAccess::state(sender);
  FramedContent framed{
      state.context.group_id, state.context.epoch, Sender::member(state.own_leaf()), {}, std::move(body)};
  if (forgery.content) forgery.content(framed);
  const ContentType type = framed.content_type();
  auto content = AuthenticatedContent::sign(forgery.wire_format, std::move(framed), state.signature_key, state.context);
  if (type == ContentType::kCommit)
    content.set_confirmation_tag(confirmation_tag.value_or(Bytes(suite_0x0003().hash_size(), 1)));
  if (forgery.signed_content) {
    // validate() would refuse what follows, so the value is spoilt in place.
    forgery.signed_content(const_cast<AuthenticatedContentIn&>(content.value()));  // NOLINT
  }
  if (forgery.wire_format == WireFormat::kPublicMessage) {
    return codec::encoded(MLSMessage{seal_public(*state.suite, content, state.secrets.membership_key, state.context)});
  }
  const auto key = state.secret_tree.next(state.own_leaf(), ratchet_kind(type)).value();
  return codec::encoded(
      MLSMessage{seal_private(*state.suite, content, key, state.secrets.sender_data_secret, Padding::kNone, random)});
}

/// A commit of these proposals by value, without a path unless given.
inline Bytes forge_commit(Group& sender, std::vector<Proposal> proposals, Random& random,
                          std::optional<UpdatePath> path = std::nullopt) {
  Commit commit;
  for (Proposal& one : proposals) commit.proposals.push_back({std::move(one)});
  commit.path = std::move(path);
  return forge(sender, std::move(commit), random);
}

/// A request that commits what was proposed.
inline CommitRequest with_proposals() {
  CommitRequest request;
  request.pending_proposals = true;
  return request;
}

/// The commit_secret of an honest commit with a path, as `reader` gets it.
inline CommitSecret commit_secret_of(const Group& reader, ByteView message) {
  const GroupState& state = GroupAccess::state(reader);
  const auto content = opened(reader, message).content;
  const auto& path = *std::get<Commit>(content.body).path;
  RatchetTree tree = state.tree;
  EXPECT_TRUE(merge_path(*state.suite, tree, content.sender.leaf, path, {}, state.context.group_id));
  GroupContext context = state.context;
  ++context.epoch;
  context.tree_hash = tree.tree_hash(*state.suite);
  TreeKemPrivate keys = state.keys.clone();
  auto found = decrypt_path(*state.suite, tree, keys, content.sender.leaf, path, {}, codec::encoded(context)).value();
  return keys.implant(*state.suite, tree, content.sender.leaf, found.node, std::move(found.path_secret)).value();
}

/// As forge, with the confirmation tag that every member computes who knows this commit_secret: nothing but what the commit
/// says can be held against it. Proposals by reference are those that `sender` knows.
inline Bytes forge_confirmed(Group& sender, const Commit& commit, Random& random,
                             const CommitSecret& commit_secret = zero_commit_secret(suite_0x0003()),
                             const std::vector<PreSharedKey>& psks = {}) {
  GroupState& state = GroupAccess::state(sender);
  const CipherSuite& suite = *state.suite;
  const Sender self = Sender::member(state.own_leaf());
  std::vector<QueuedProposal> list;
  for (const ProposalOrRef& one : commit.proposals) {
    if (const auto* value = std::get_if<Proposal>(&one.body)) list.push_back({*value, self, {}});
    if (const auto* ref = std::get_if<ProposalRef>(&one.body)) list.push_back(*state.find_proposal(*ref));
  }
  AppliedProposals applied = apply_proposals(state.context, state.tree, list, self).value();
  if (commit.path) {
    const std::set<LeafIndex> added(applied.added.begin(), applied.added.end());
    EXPECT_TRUE(merge_path(suite, applied.tree, state.own_leaf(), *commit.path, added, state.context.group_id));
  }
  GroupContext context = state.context;
  ++context.epoch;
  context.extensions = applied.extensions;
  context.tree_hash = applied.tree.tree_hash(suite);
  const FramedContent framed{state.context.group_id, state.context.epoch, self, {}, commit};
  auto content = AuthenticatedContent::sign(WireFormat::kPrivateMessage, framed, state.signature_key, state.context);
  context.confirmed_transcript_hash = confirmed_transcript_hash(suite, state.interim_transcript_hash, content.value());
  const auto joiner = derive_joiner_secret(suite, state.secrets.init_secret, commit_secret, codec::encoded(context));
  const auto epoch =
      derive_epoch(suite, derive_member_secret(suite, joiner, psk_secret(suite, psks)), codec::encoded(context));
  return forge(sender, commit, random, {},
               confirmation_tag(suite, epoch.secrets.confirmation_key, context.confirmed_transcript_hash));
}
inline Bytes forge_confirmed(Group& sender, std::vector<Proposal> proposals, Random& random) {
  Commit commit;
  for (Proposal& one : proposals) commit.proposals.push_back({std::move(one)});
  return forge_confirmed(sender, commit, random);
}

/// Seals `body` with `secrets_of`'s secrets, as from `leaf` at `generation`, signed with `key`: what any member can do.
inline Bytes forge_as(Group& secrets_of, LeafIndex leaf, uint32_t generation, ContentBody body,
                      const crypto::Ed25519KeyPair& key, Random& random) {
  const GroupState& state = GroupAccess::state(secrets_of);
  const ContentType type = static_cast<ContentType>(body.index() + 1);
  auto content = AuthenticatedContent::sign(
      WireFormat::kPrivateMessage,
      {state.context.group_id, state.context.epoch, Sender::member(leaf), {}, std::move(body)}, key, state.context);
  if (type == ContentType::kCommit) content.set_confirmation_tag(Bytes(suite_0x0003().hash_size(), 1));
  const auto found = state.secret_tree.find(leaf, ratchet_kind(type), generation).value();
  return codec::encoded(
      MLSMessage{seal_private(*state.suite, content, found, state.secrets.sender_data_secret, Padding::kNone, random)});
}

/// The path of a commit that `sender` could make: well-formed, to be put beside ill-formed proposals.
inline UpdatePath some_path(const Group& sender, const Group& receiver, Random& random) {
  Group copy = sender.clone();
  const auto staged = copy.stage_commit({}, random, kTestNow).value();
  return *std::get<Commit>(opened(receiver, staged.commit).content.body).path;
}

}  // namespace testing
}  // namespace godwit::mls
