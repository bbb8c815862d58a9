// crypto-basics, secret-tree, key-schedule, psk_secret, transcript-hashes, message-protection and welcome of the working
// group's vectors.

#include <bit>

#include "mls/message_protection.h"
#include "mls/mls_message.h"
#include "mls/testing/vector_runner.h"
#include "mls/transcript_hash.h"

namespace godwit::mls::testing {
void verify_crypto_basics(const CipherSuite& suite, const Json& one) {
  const Json& ref = one.at("ref_hash");
  EXPECT_EQ(hex(ref_hash(suite, ref.at("label").get<std::string>(), hex_bytes(ref, "value"))), ref.at("out"));
  const Json& expand = one.at("expand_with_label");
  EXPECT_EQ(hex(expand_with_label(suite, hex_bytes(expand, "secret"), expand.at("label").get<std::string>(),
                                  hex_bytes(expand, "context"), size_of(expand))),
            expand.at("out"));
  const Json& derive = one.at("derive_secret");
  EXPECT_EQ(hex(derive_secret(suite, hex_bytes(derive, "secret"), derive.at("label").get<std::string>())),
            derive.at("out"));
  const Json& tree = one.at("derive_tree_secret");
  EXPECT_EQ(hex(derive_tree_secret(suite, hex_bytes(tree, "secret"), tree.at("label").get<std::string>(),
                                   number<uint32_t>(tree, "generation"), size_of(tree))),
            tree.at("out"));
  const Json& sign = one.at("sign_with_label");
  const auto label = sign.at("label").get<std::string>();
  const auto key = hex_signature_key(sign, "priv");
  EXPECT_TRUE(
      verify_with_label(hex_bytes(sign, "pub"), label, hex_bytes(sign, "content"), hex_bytes(sign, "signature")));
  EXPECT_EQ(hex(sign_with_label(key, label, hex_bytes(sign, "content"))), sign.at("signature"));
  const Json& seal = one.at("encrypt_with_label");
  const auto context_label = seal.at("label").get<std::string>();
  const auto opened = decrypt_with_label(suite, hex_secret(seal, "priv"), context_label, hex_bytes(seal, "context"),
                                         {hex_bytes(seal, "kem_output"), hex_bytes(seal, "ciphertext")});
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(hex(*opened), seal.at("plaintext"));
  crypto::SystemRandom random;
  const auto again = encrypt_with_label(suite, hex_bytes(seal, "pub"), context_label, hex_bytes(seal, "context"),
                                        hex_bytes(seal, "plaintext"), random);
  ASSERT_TRUE(again.has_value());
  const auto reopened =
      decrypt_with_label(suite, hex_secret(seal, "priv"), context_label, hex_bytes(seal, "context"), *again);
  ASSERT_TRUE(reopened.has_value());
  EXPECT_EQ(hex(*reopened), seal.at("plaintext"));
}

void verify_secret_tree(const CipherSuite& suite, const Json& one) {
  const Json& data = one.at("sender_data");
  const auto key =
      sender_data_key(suite, SenderDataSecret(hex_secret(data, "sender_data_secret")), hex_bytes(data, "ciphertext"));
  EXPECT_EQ(hex(key.key), data.at("key"));
  EXPECT_EQ(hex(key.nonce), data.at("nonce"));
  const LeafCount leaves{static_cast<uint32_t>(one.at("leaves").size())};
  ASSERT_TRUE(std::has_single_bit(leaves.value));
  SecretTree tree(suite, leaves, EncryptionSecret(hex_secret(one, "encryption_secret")));
  for (uint32_t leaf = 0; leaf < leaves.value; ++leaf) {
    for (const Json& step : one.at("leaves").at(leaf)) {
      for (const RatchetKind kind : {RatchetKind::kHandshake, RatchetKind::kApplication}) {
        const std::string prefix = kind == RatchetKind::kHandshake ? "handshake" : "application";
        auto pending = tree.find({leaf}, kind, number<uint32_t>(step, "generation"));
        ASSERT_TRUE(pending.has_value());
        EXPECT_EQ(hex(pending->key.key), step.at(prefix + "_key"));
        EXPECT_EQ(hex(pending->key.nonce), step.at(prefix + "_nonce"));
        tree.consume(std::move(pending).value());
      }
    }
  }
}

namespace {

void verify_epoch(const CipherSuite& suite, const Json& epoch, const NewEpoch& derived) {
  const EpochSecrets& secrets = derived.secrets;
  EXPECT_EQ(hex(secrets.sender_data_secret.reveal()), epoch.at("sender_data_secret"));
  EXPECT_EQ(hex(derived.encryption_secret.reveal()), epoch.at("encryption_secret"));
  EXPECT_EQ(hex(secrets.exporter_secret.reveal()), epoch.at("exporter_secret"));
  EXPECT_EQ(hex(secrets.epoch_authenticator.reveal()), epoch.at("epoch_authenticator"));
  EXPECT_EQ(hex(secrets.external_secret.reveal()), epoch.at("external_secret"));
  EXPECT_EQ(hex(secrets.confirmation_key.reveal()), epoch.at("confirmation_key"));
  EXPECT_EQ(hex(secrets.membership_key.reveal()), epoch.at("membership_key"));
  EXPECT_EQ(hex(secrets.resumption_psk.reveal()), epoch.at("resumption_psk"));
  EXPECT_EQ(hex(secrets.init_secret.reveal()), epoch.at("init_secret"));
  EXPECT_EQ(hex(HpkeKeyPair::derive(suite, secrets.external_secret.reveal()).public_key), epoch.at("external_pub"));
  const Json& exporter = epoch.at("exporter");
  EXPECT_EQ(hex(export_secret(suite, secrets.exporter_secret, exporter.at("label").get<std::string>(),
                              hex_bytes(exporter, "context"), size_of(exporter))),
            exporter.at("secret"));
}

}  // namespace

void verify_key_schedule(const CipherSuite& suite, const Json& one) {
  InitSecret init_secret(hex_secret(one, "initial_init_secret"));
  uint64_t epoch_number = 0;
  for (const Json& epoch : one.at("epochs")) {
    GroupContext context;
    context.cipher_suite = suite.id;
    context.group_id = hex_bytes(one, "group_id");
    context.epoch = epoch_number++;
    context.tree_hash = hex_bytes(epoch, "tree_hash");
    context.confirmed_transcript_hash = hex_bytes(epoch, "confirmed_transcript_hash");
    const Bytes encoded = codec::encoded(context);
    EXPECT_EQ(hex(encoded), epoch.at("group_context"));
    const auto joiner_secret =
        derive_joiner_secret(suite, init_secret, CommitSecret(hex_secret(epoch, "commit_secret")), encoded);
    EXPECT_EQ(hex(joiner_secret.reveal()), epoch.at("joiner_secret"));
    const auto member = derive_member_secret(suite, joiner_secret, PskSecret(hex_secret(epoch, "psk_secret")));
    EXPECT_EQ(hex(derive_welcome_secret(suite, member).reveal()), epoch.at("welcome_secret"));
    NewEpoch derived = derive_epoch(suite, member, encoded);
    verify_epoch(suite, epoch, derived);
    init_secret = std::move(derived.secrets.init_secret);
  }
}

void verify_psk_secret(const CipherSuite& suite, const Json& one) {
  std::vector<PreSharedKey> psks;
  for (const Json& psk : one.at("psks")) {
    PreSharedKeyID id;
    id.psk_id = hex_bytes(psk, "psk_id");
    id.psk_nonce = hex_bytes(psk, "psk_nonce");
    psks.push_back({id, hex_secret(psk, "psk")});
  }
  EXPECT_EQ(hex(psk_secret(suite, psks).reveal()), one.at("psk_secret"));
}

void verify_transcript_hashes(const CipherSuite& suite, const Json& one) {
  const auto commit = hex_decoded<AuthenticatedContentIn>(one, "authenticated_content");
  ASSERT_TRUE(commit.auth.confirmation_tag.has_value());
  const Bytes confirmed = confirmed_transcript_hash(suite, hex_bytes(one, "interim_transcript_hash_before"), commit);
  EXPECT_EQ(hex(confirmed), one.at("confirmed_transcript_hash_after"));
  const Bytes tag = confirmation_tag(suite, ConfirmationKey(hex_secret(one, "confirmation_key")), confirmed);
  EXPECT_EQ(hex(tag), hex(*commit.auth.confirmation_tag));
  EXPECT_EQ(hex(interim_transcript_hash(suite, confirmed, tag)), one.at("interim_transcript_hash_after"));
}

namespace {

// One case of message-protection: the sender is leaf 1 of 2.
class Protection {
 public:
  Protection(const CipherSuite& suite, const Json& one)
      : suite_(suite),
        one_(one),
        key_(hex_signature_key(one, "signature_priv")),
        sender_data_secret_(hex_secret(one, "sender_data_secret")),
        membership_key_(hex_secret(one, "membership_key")) {
    context_.cipher_suite = suite.id;
    context_.group_id = hex_bytes(one, "group_id");
    context_.epoch = number<uint64_t>(one, "epoch");
    context_.tree_hash = hex_bytes(one, "tree_hash");
    context_.confirmed_transcript_hash = hex_bytes(one, "confirmed_transcript_hash");
  }

  void expect_private(const char* member, const Bytes& expected) const {
    const auto message = hex_decoded<MLSMessage>(one_, member);
    open_and_compare(std::get<PrivateMessage>(message.body), expected);
  }
  void expect_public(const char* member, const Bytes& expected) const {
    const auto message = hex_decoded<MLSMessage>(one_, member);
    verify_and_compare(std::get<PublicMessage>(message.body), expected);
  }
  // Seals `body` ourselves, both ways where allowed, and opens it again.
  void expect_round_trip(const ContentBody& body, const Bytes& expected) const {
    crypto::SystemRandom random;
    SecretTree tree = secret_tree();
    for (const WireFormat format : {WireFormat::kPrivateMessage, WireFormat::kPublicMessage}) {
      auto content = AuthenticatedContent::sign(
          format, {context_.group_id, context_.epoch, Sender::member({1}), {}, body}, key_, context_);
      if (std::holds_alternative<Commit>(body)) content.set_confirmation_tag(Bytes(suite_.hash_size(), 7));
      if (format == WireFormat::kPrivateMessage) {
        const auto key = tree.next({1}, ratchet_kind(content.content().content_type()));
        ASSERT_TRUE(key.has_value());
        open_and_compare(seal_private(suite_, content, *key, sender_data_secret_, Padding::kBuckets, random), expected);
      } else if (!std::holds_alternative<Bytes>(body)) {
        verify_and_compare(seal_public(suite_, content, membership_key_, context_), expected);
      }
    }
  }

 private:
  SecretTree secret_tree() const {
    return SecretTree(suite_, {2}, EncryptionSecret(hex_secret(one_, "encryption_secret")));
  }
  void compare(AuthenticatedContentIn in, const Bytes& expected) const {
    const Bytes body = std::visit(
        [](const auto& content) {
          if constexpr (std::is_same_v<std::remove_cvref_t<decltype(content)>, Bytes>) {
            return content;
          } else {
            return codec::encoded(content);
          }
        },
        in.content.body);
    EXPECT_EQ(hex(body), hex(expected));
    EXPECT_TRUE(AuthenticatedContent::validate(std::move(in), hex_bytes(one_, "signature_pub"), context_));
  }
  void open_and_compare(const PrivateMessage& message, const Bytes& expected) const {
    const auto sender = open_sender_data(suite_, sender_data_secret_, message);
    ASSERT_TRUE(sender.has_value());
    EXPECT_EQ(sender->leaf, LeafIndex{1});
    const auto key = secret_tree().find(sender->leaf, ratchet_kind(message.content_type), sender->generation);
    ASSERT_TRUE(key.has_value());
    auto in = open_private(suite_, message, *sender, key->key);
    ASSERT_TRUE(in.has_value()) << in.error().rule;
    compare(std::move(in).value(), expected);
  }
  void verify_and_compare(const PublicMessage& message, const Bytes& expected) const {
    auto in = open_public(suite_, message, membership_key_, context_);
    ASSERT_TRUE(in.has_value()) << in.error().rule;
    compare(std::move(in).value(), expected);
  }

  const CipherSuite& suite_;
  const Json& one_;
  crypto::Ed25519KeyPair key_;
  SenderDataSecret sender_data_secret_;
  MembershipKey membership_key_;
  GroupContext context_;
};

}  // namespace

void verify_message_protection(const CipherSuite& suite, const Json& one) {
  const Protection protection(suite, one);
  const Bytes proposal = hex_bytes(one, "proposal");
  const Bytes commit = hex_bytes(one, "commit");
  const Bytes application = hex_bytes(one, "application");
  protection.expect_private("proposal_priv", proposal);
  protection.expect_public("proposal_pub", proposal);
  protection.expect_private("commit_priv", commit);
  protection.expect_public("commit_pub", commit);
  protection.expect_private("application_priv", application);
  protection.expect_round_trip(hex_decoded<Proposal>(one, "proposal"), proposal);
  protection.expect_round_trip(hex_decoded<Commit>(one, "commit"), commit);
  protection.expect_round_trip(application, application);
}

void verify_welcome(const CipherSuite& suite, const Json& one) {
  const auto message = hex_decoded<MLSMessage>(one, "welcome");
  const auto package = hex_decoded<MLSMessage>(one, "key_package");
  const auto& welcome = std::get<Welcome>(message.body);
  const auto key_package = KeyPackage::validate(suite, std::get<KeyPackageIn>(package.body));
  ASSERT_TRUE(key_package.has_value()) << key_package.error().rule;
  const auto secrets = open_group_secrets(suite, welcome, key_package->ref(suite), hex_secret(one, "init_priv"));
  ASSERT_TRUE(secrets.has_value()) << secrets.error().rule;
  const auto member = derive_member_secret(suite, secrets->joiner_secret, psk_secret(suite, {}));
  const auto info = open_group_info(suite, derive_welcome_secret(suite, member), welcome.encrypted_group_info);
  ASSERT_TRUE(info.has_value()) << info.error().rule;
  EXPECT_TRUE(verify_group_info(*info, hex_bytes(one, "signer_pub")));
  const auto epoch = derive_epoch(suite, member, codec::encoded(info->group_context));
  EXPECT_EQ(hex(confirmation_tag(suite, epoch.secrets.confirmation_key, info->group_context.confirmed_transcript_hash)),
            hex(info->confirmation_tag));
}
}  // namespace godwit::mls::testing
