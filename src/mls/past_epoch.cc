// PastEpoch: late application messages.

#include "mls/group_state.h"

namespace godwit::mls {
namespace {

constexpr uint8_t kStateVersion = 1;

}  // namespace

PastEpoch::PastEpoch(std::unique_ptr<PastEpochState> state) : state_(std::move(state)) {}
PastEpoch::PastEpoch(PastEpoch&&) noexcept = default;
PastEpoch& PastEpoch::operator=(PastEpoch&&) noexcept = default;
PastEpoch::~PastEpoch() = default;

PastEpoch Group::retire() const {
  PastEpochState out{state_->suite,
                     state_->context,
                     state_->own_leaf(),
                     {},
                     state_->secrets.sender_data_secret.clone(),
                     state_->secret_tree.clone()};
  for (const LeafIndex leaf : state_->tree.members()) {
    out.signature_keys.emplace(leaf, state_->tree.leaf(leaf)->signature_key);
  }
  out.secret_tree.forget_handshake();
  return PastEpoch(std::make_unique<PastEpochState>(std::move(out)));
}

uint64_t PastEpoch::epoch() const { return state_->context.epoch; }
const Bytes& PastEpoch::group_id() const { return state_->context.group_id; }

Result<ApplicationMessage> PastEpoch::open(ByteView mls_message) {
  const auto message = TRY(codec::decoded<MLSMessage>(mls_message));
  const auto* sealed = std::get_if<PrivateMessage>(&message.body);
  REQUIRE(sealed != nullptr, kWrongWireFormat, "RFC 9420 §6: not a PrivateMessage");
  TRY(check_epoch(state_->context, sealed->group_id, sealed->epoch));
  REQUIRE(sealed->content_type == ContentType::kApplication, kInvalidProposalList,
          "RFC 9420 §12.4: a handshake message of an epoch that is over");
  const OpeningEpoch epoch{*state_->suite, state_->context, state_->own_leaf, state_->sender_data_secret,
                           state_->secret_tree};
  auto opened = TRY(open_message(epoch, *sealed, [&](LeafIndex leaf) {
    const auto found = state_->signature_keys.find(leaf);
    return found == state_->signature_keys.end() ? nullptr : &found->second;
  }));
  const FramedContent& framed = opened.content.content();
  ApplicationMessage out{framed.sender.leaf, opened.content.take_application_data(), framed.authenticated_data,
                         opened.key.generation};
  state_->secret_tree.consume(std::move(opened.key));
  state_->secret_tree.forget_handshake();  // splitting the leaf has made its handshake ratchet again
  return out;
}

crypto::SecretBuffer PastEpoch::serialize() const {
  SecretWriter writer;
  writer.value(kStateVersion);
  writer.value(state_->suite->id);
  writer.value(state_->context);
  writer.value(state_->own_leaf);
  writer.value(static_cast<uint32_t>(state_->signature_keys.size()));
  for (const auto& [leaf, key] : state_->signature_keys) {
    writer.value(leaf);
    writer.value(key);
  }
  writer.secret(state_->sender_data_secret.buffer());
  state_->secret_tree.encode_to(writer);
  return writer.take();
}

Result<PastEpoch> PastEpoch::deserialize(SuiteTable suites, ByteView bytes) {
  codec::Reader reader(bytes);
  REQUIRE(TRY(reader.u8()) == kStateVersion, kUnknownStateVersion, "mls.md, past epoch state: another version");
  const CipherSuite& suite = *TRY(find_suite(suites, TRY(codec::decode<CipherSuiteId>(reader))));
  auto context = TRY(codec::decode<GroupContext>(reader));
  const auto own_leaf = TRY(codec::decode<LeafIndex>(reader));
  std::map<LeafIndex, Bytes> signature_keys;
  const uint32_t count = TRY(reader.u32());
  for (uint32_t i = 0; i < count; ++i) {
    const auto leaf = TRY(codec::decode<LeafIndex>(reader));
    signature_keys.insert_or_assign(leaf, TRY(codec::decode<Bytes>(reader)));
  }
  SenderDataSecret sender_data_secret(TRY(read_secret(reader)));
  auto secret_tree = TRY(SecretTree::decode_from(suite, reader));
  REQUIRE(reader.at_end(), kBadState, "mls.md, past epoch state: damaged");
  PastEpochState out{&suite,
                     std::move(context),
                     own_leaf,
                     std::move(signature_keys),
                     std::move(sender_data_secret),
                     std::move(secret_tree)};
  return PastEpoch(std::make_unique<PastEpochState>(std::move(out)));
}

}  // namespace godwit::mls
