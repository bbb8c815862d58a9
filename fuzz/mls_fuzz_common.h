#pragma once
// What the fuzz targets of mls/ share: people, and messages that are spoilt and yet sealed as they should be.

#include "crypto/random_sources.h"
#include "mls/testing/group_access.h"

namespace godwit::mls::fuzz {

constexpr Instant kNow{1'700'000'000'000};

/// A leaf whose signature key follows from its name.
inline LeafParameters parameters(std::string_view name) {
  const auto seed = hash(suite_0x0003(), as_bytes(name));
  return {
      to_bytes(as_bytes(name)), crypto::Ed25519KeyPair::from_seed(crypto::Secret<32>::copy_of(seed).value()), {}, {}};
}

/// Somebody who can be added.
inline KeyPackagePrivate candidate(std::string_view name, Random& random) {
  return KeyPackagePrivate::generate(suite_0x0003(), parameters(name), days(30), random, kNow);
}
/// The public half of it.
inline KeyPackage published(const KeyPackagePrivate& own) {
  return KeyPackage::parse(suite_0x0003(), own.encode_message(), kNow).value();
}

/// `bytes` spoilt by `input`: for each three bytes of it, a place and what is changed there.
inline Bytes spoilt(Bytes bytes, ByteView input) {
  if (bytes.empty()) return bytes;
  for (size_t i = 0; i + 2 < input.size(); i += 3)
    bytes[(input[i] * 256U + input[i + 1]) % bytes.size()] ^= input[i + 2];
  return bytes;
}

/// Signs and seals `framed` with the keys of `sender`, whoever it says it is from; a commit gets this tag.
inline Bytes seal(Group& sender, FramedContent framed, WireFormat format, const std::optional<Bytes>& tag,
                  Random& random) {
  GroupState& state = GroupAccess::state(sender);
  const ContentType type = framed.content_type();
  auto content = AuthenticatedContent::sign(format, std::move(framed), state.signature_key, state.context);
  if (type == ContentType::kCommit) content.set_confirmation_tag(tag.value_or(Bytes(state.suite->hash_size(), 1)));
  if (format == WireFormat::kPublicMessage) {
    return codec::encoded(MLSMessage{seal_public(*state.suite, content, state.secrets.membership_key, state.context)});
  }
  const auto key = state.secret_tree.next(state.own_leaf(), ratchet_kind(type)).value();
  return codec::encoded(
      MLSMessage{seal_private(*state.suite, content, key, state.secrets.sender_data_secret, Padding::kNone, random)});
}
/// The same of `body`, from `sender` in its epoch.
inline Bytes seal(Group& sender, ContentBody body, WireFormat format, Random& random) {
  const GroupState& state = GroupAccess::state(sender);
  FramedContent framed{
      state.context.group_id, state.context.epoch, Sender::member(state.own_leaf()), {}, std::move(body)};
  return seal(sender, std::move(framed), format, std::nullopt, random);
}

/// What a PrivateMessage says, as `receiver` reads it; nothing is used up.
inline AuthenticatedContentIn opened(const Group& receiver, ByteView message) {
  const GroupState& state = GroupAccess::state(receiver);
  const auto decoded = codec::decoded<MLSMessage>(message).value();
  const auto& sealed = std::get<PrivateMessage>(decoded.body);
  const auto sender = open_sender_data(*state.suite, state.secrets.sender_data_secret, sealed).value();
  const auto key = state.secret_tree.find(sender.leaf, ratchet_kind(sealed.content_type), sender.generation).value();
  return open_private(*state.suite, sealed, sender, key.key).value();
}

}  // namespace godwit::mls::fuzz
