// The stored form of a group, version 1 (docs/protocol/mls.md).

#include "mls/group_state.h"

namespace godwit::mls {
namespace {

constexpr uint8_t kStateVersion = 1;
constexpr const char* kDamaged = "mls.md, group state: damaged";

void write_key_pair(SecretWriter& writer, const HpkeKeyPair& key) {
  writer.secret(key.private_key);
  writer.value(key.public_key);
}

Result<HpkeKeyPair> read_key_pair(codec::Reader& reader) {
  HpkeKeyPair out;
  out.private_key = TRY(read_secret(reader));
  out.public_key = TRY(codec::decode<Bytes>(reader));
  return out;
}

Result<crypto::Ed25519KeyPair> read_signature_key(codec::Reader& reader) {
  const ByteView seed = TRY(reader.opaque());
  REQUIRE(seed.size() == crypto::kEd25519SeedSize, kBadState, kDamaged);
  return crypto::Ed25519KeyPair::from_seed(TRY(crypto::Secret<crypto::kEd25519SeedSize>::copy_of(seed)));
}

void write_secrets(SecretWriter& writer, const EpochSecrets& secrets) {
  writer.secret(secrets.sender_data_secret.buffer());
  writer.secret(secrets.exporter_secret.buffer());
  writer.secret(secrets.external_secret.buffer());
  writer.secret(secrets.confirmation_key.buffer());
  writer.secret(secrets.membership_key.buffer());
  writer.secret(secrets.resumption_psk.buffer());
  writer.secret(secrets.epoch_authenticator.buffer());
  writer.secret(secrets.init_secret.buffer());
}

Result<EpochSecrets> read_secrets(codec::Reader& reader) {
  EpochSecrets out;
  out.sender_data_secret = SenderDataSecret(TRY(read_secret(reader)));
  out.exporter_secret = ExporterSecret(TRY(read_secret(reader)));
  out.external_secret = ExternalSecret(TRY(read_secret(reader)));
  out.confirmation_key = ConfirmationKey(TRY(read_secret(reader)));
  out.membership_key = MembershipKey(TRY(read_secret(reader)));
  out.resumption_psk = ResumptionPsk(TRY(read_secret(reader)));
  out.epoch_authenticator = EpochAuthenticator(TRY(read_secret(reader)));
  out.init_secret = InitSecret(TRY(read_secret(reader)));
  return out;
}

void write_own(SecretWriter& writer, const GroupState& state) {
  writer.value(state.keys.leaf);
  writer.value(static_cast<uint32_t>(state.keys.keys.size()));
  for (const auto& [node, key] : state.keys.keys) {
    writer.value(node);
    write_key_pair(writer, key);
  }
  writer.opaque(state.signature_key.seed.reveal());
  writer.value(static_cast<uint32_t>(state.own_updates.size()));
  for (const auto& [ref, update] : state.own_updates) {
    writer.value(ref);
    write_key_pair(writer, update.encryption_key);
    writer.value(static_cast<uint8_t>(update.signature_key ? 1 : 0));
    if (update.signature_key) writer.opaque(update.signature_key->seed.reveal());
  }
}

struct Own {
  TreeKemPrivate keys;
  crypto::Ed25519KeyPair signature_key;
  std::map<ProposalRef, PendingUpdate> updates;
};

Result<Own> read_own(codec::Reader& reader) {
  Own out;
  out.keys.leaf = TRY(codec::decode<LeafIndex>(reader));
  const uint32_t keys = TRY(reader.u32());
  for (uint32_t i = 0; i < keys; ++i) {
    const auto node = TRY(codec::decode<NodeIndex>(reader));
    out.keys.keys.insert_or_assign(node, TRY(read_key_pair(reader)));
  }
  out.signature_key = TRY(read_signature_key(reader));
  const uint32_t updates = TRY(reader.u32());
  for (uint32_t i = 0; i < updates; ++i) {
    const auto ref = TRY(codec::decode<ProposalRef>(reader));
    PendingUpdate update;
    update.encryption_key = TRY(read_key_pair(reader));
    if (TRY(reader.u8()) == 1) update.signature_key = TRY(read_signature_key(reader));
    out.updates.insert_or_assign(ref, std::move(update));
  }
  return out;
}

void write_shared(SecretWriter& writer, const GroupState& state) {
  write_secrets(writer, state.secrets);
  state.secret_tree.encode_to(writer);
  writer.value(static_cast<uint32_t>(state.resumption_psks.size()));
  for (const auto& [epoch, psk] : state.resumption_psks) {
    writer.value(epoch);
    writer.secret(psk.buffer());
  }
}

Result<std::map<uint64_t, ResumptionPsk>> read_resumption_psks(codec::Reader& reader) {
  std::map<uint64_t, ResumptionPsk> out;
  const uint32_t count = TRY(reader.u32());
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t epoch = TRY(reader.u64());
    out.insert_or_assign(epoch, ResumptionPsk(TRY(read_secret(reader))));
  }
  return out;
}

Result<std::vector<QueuedProposal>> read_proposals(codec::Reader& reader) {
  std::vector<QueuedProposal> out;
  const uint32_t count = TRY(reader.u32());
  for (uint32_t i = 0; i < count; ++i) {
    QueuedProposal one;
    one.ref = TRY(codec::decode<ProposalRef>(reader));
    one.sender = TRY(codec::decode<Sender>(reader));
    one.proposal = TRY(codec::decode<Proposal>(reader));
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace

crypto::SecretBuffer Group::serialize() const {
  const GroupState& state = *state_;
  SecretWriter writer;
  writer.value(kStateVersion);
  writer.value(state.suite->id);
  writer.value(state.context);
  writer.value(state.tree);
  writer.value(state.interim_transcript_hash);
  writer.value(state.confirmation_tag);
  writer.value(state.ended_by);
  writer.value(static_cast<uint32_t>(state.proposals.size()));
  for (const QueuedProposal& one : state.proposals) {
    writer.value(one.ref);
    writer.value(one.sender);
    writer.value(one.proposal);
  }
  write_shared(writer, state);
  write_own(writer, state);
  return writer.take();
}

Result<Group> Group::deserialize(SuiteTable suites, ByteView bytes) {
  codec::Reader reader(bytes);
  REQUIRE(TRY(reader.u8()) == kStateVersion, kUnknownStateVersion, "mls.md, group state: another version");
  const CipherSuite& suite = *TRY(find_suite(suites, TRY(codec::decode<CipherSuiteId>(reader))));
  auto context = TRY(codec::decode<GroupContext>(reader));
  auto tree = TRY(codec::decode<RatchetTree>(reader));
  const auto interim = TRY(codec::decode<Bytes>(reader));
  const auto tag = TRY(codec::decode<Bytes>(reader));
  auto ended_by = TRY(codec::decode<std::optional<ReInit>>(reader));
  auto proposals = TRY(read_proposals(reader));
  auto secrets = TRY(read_secrets(reader));
  auto secret_tree = TRY(SecretTree::decode_from(suite, reader));
  auto resumption_psks = TRY(read_resumption_psks(reader));
  auto own = TRY(read_own(reader));
  REQUIRE(reader.at_end() && tree.leaf(own.keys.leaf) != nullptr, kBadState, kDamaged);
  GroupState state{&suite,
                   std::move(context),
                   std::move(tree),
                   interim,
                   tag,
                   std::move(proposals),
                   std::move(ended_by),
                   std::move(secrets),
                   std::move(secret_tree),
                   std::move(resumption_psks),
                   std::move(own.keys),
                   std::move(own.signature_key),
                   std::move(own.updates)};
  return Group(std::make_unique<GroupState>(std::move(state)));
}

}  // namespace godwit::mls
