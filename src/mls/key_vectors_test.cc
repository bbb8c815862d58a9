// crypto-basics, secret-tree, key-schedule, psk_secret, transcript-hashes, message-protection and welcome of the working
// group's vectors.

#include "mls/message_protection.h"
#include "mls/mls_message.h"
#include "mls/testing/support.h"
#include "mls/transcript_hash.h"

namespace godwit::mls {
namespace {

using namespace testing;  // NOLINT: a test

TEST(MlsVectors, crypto_basics) {
  for_each_case("mls/crypto-basics.json", [](const CipherSuite& suite, const Json& one) {
    const Json& ref = one["ref_hash"];
    EXPECT_EQ(hex(ref_hash(suite, ref["label"].get<std::string>(), unhex(ref, "value"))), ref["out"]);
    const Json& expand = one["expand_with_label"];
    EXPECT_EQ(hex(expand_with_label(suite, unhex(expand, "secret"), expand["label"].get<std::string>(),
                                    unhex(expand, "context"), expand["length"].get<size_t>())),
              expand["out"]);
    const Json& derive = one["derive_secret"];
    EXPECT_EQ(hex(derive_secret(suite, unhex(derive, "secret"), derive["label"].get<std::string>())), derive["out"]);
    const Json& tree = one["derive_tree_secret"];
    EXPECT_EQ(hex(derive_tree_secret(suite, unhex(tree, "secret"), tree["label"].get<std::string>(),
                                     tree["generation"].get<uint32_t>(), tree["length"].get<size_t>())),
              tree["out"]);
    const Json& sign = one["sign_with_label"];
    const auto label = sign["label"].get<std::string>();
    const auto key = unhex_signature_key(sign, "priv");
    EXPECT_TRUE(verify_with_label(unhex(sign, "pub"), label, unhex(sign, "content"), unhex(sign, "signature")));
    EXPECT_EQ(hex(sign_with_label(key, label, unhex(sign, "content"))), sign["signature"]);
    const Json& seal = one["encrypt_with_label"];
    const auto context_label = seal["label"].get<std::string>();
    const auto opened = decrypt_with_label(suite, unhex_secret(seal, "priv"), context_label, unhex(seal, "context"),
                                           {unhex(seal, "kem_output"), unhex(seal, "ciphertext")});
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(hex(*opened), seal["plaintext"]);
    crypto::SystemRandom random;
    const auto again = encrypt_with_label(suite, unhex(seal, "pub"), context_label, unhex(seal, "context"),
                                          unhex(seal, "plaintext"), random);
    ASSERT_TRUE(again.has_value());
    const auto reopened =
        decrypt_with_label(suite, unhex_secret(seal, "priv"), context_label, unhex(seal, "context"), *again);
    ASSERT_TRUE(reopened.has_value());
    EXPECT_EQ(hex(*reopened), seal["plaintext"]);
  });
}

TEST(MlsVectors, secret_tree) {
  for_each_case("mls/secret-tree.json", [](const CipherSuite& suite, const Json& one) {
    const Json& data = one["sender_data"];
    const auto key =
        sender_data_key(suite, SenderDataSecret(unhex_secret(data, "sender_data_secret")), unhex(data, "ciphertext"));
    EXPECT_EQ(hex(key.key), data["key"]);
    EXPECT_EQ(hex(key.nonce), data["nonce"]);
    const LeafCount leaves{static_cast<uint32_t>(one["leaves"].size())};
    SecretTree tree(suite, leaves, EncryptionSecret(unhex_secret(one, "encryption_secret")));
    for (uint32_t leaf = 0; leaf < leaves.value; ++leaf) {
      for (const Json& step : one["leaves"][leaf]) {
        for (const RatchetKind kind : {RatchetKind::kHandshake, RatchetKind::kApplication}) {
          const std::string prefix = kind == RatchetKind::kHandshake ? "handshake" : "application";
          auto pending = tree.find({leaf}, kind, step["generation"].get<uint32_t>());
          ASSERT_TRUE(pending.has_value());
          EXPECT_EQ(hex(pending->key.key), step[prefix + "_key"]);
          EXPECT_EQ(hex(pending->key.nonce), step[prefix + "_nonce"]);
          tree.consume(std::move(pending).value());
        }
      }
    }
  });
}

void verify_epoch(const CipherSuite& suite, const Json& epoch, const NewEpoch& derived) {
  const EpochSecrets& secrets = derived.secrets;
  EXPECT_EQ(hex(secrets.sender_data_secret.reveal()), epoch["sender_data_secret"]);
  EXPECT_EQ(hex(derived.encryption_secret.reveal()), epoch["encryption_secret"]);
  EXPECT_EQ(hex(secrets.exporter_secret.reveal()), epoch["exporter_secret"]);
  EXPECT_EQ(hex(secrets.epoch_authenticator.reveal()), epoch["epoch_authenticator"]);
  EXPECT_EQ(hex(secrets.external_secret.reveal()), epoch["external_secret"]);
  EXPECT_EQ(hex(secrets.confirmation_key.reveal()), epoch["confirmation_key"]);
  EXPECT_EQ(hex(secrets.membership_key.reveal()), epoch["membership_key"]);
  EXPECT_EQ(hex(secrets.resumption_psk.reveal()), epoch["resumption_psk"]);
  EXPECT_EQ(hex(secrets.init_secret.reveal()), epoch["init_secret"]);
  EXPECT_EQ(hex(HpkeKeyPair::derive(suite, secrets.external_secret.reveal()).public_key), epoch["external_pub"]);
  const Json& exporter = epoch["exporter"];
  EXPECT_EQ(hex(export_secret(suite, secrets.exporter_secret, exporter["label"].get<std::string>(),
                              unhex(exporter, "context"), exporter["length"].get<size_t>())),
            exporter["secret"]);
}

TEST(MlsVectors, key_schedule) {
  for_each_case("mls/key-schedule.json", [](const CipherSuite& suite, const Json& one) {
    InitSecret init_secret(unhex_secret(one, "initial_init_secret"));
    uint64_t number = 0;
    for (const Json& epoch : one["epochs"]) {
      GroupContext context;
      context.cipher_suite = suite.id;
      context.group_id = unhex(one, "group_id");
      context.epoch = number++;
      context.tree_hash = unhex(epoch, "tree_hash");
      context.confirmed_transcript_hash = unhex(epoch, "confirmed_transcript_hash");
      const Bytes encoded = codec::encoded(context);
      EXPECT_EQ(hex(encoded), epoch["group_context"]);
      const auto joiner_secret =
          derive_joiner_secret(suite, init_secret, CommitSecret(unhex_secret(epoch, "commit_secret")), encoded);
      EXPECT_EQ(hex(joiner_secret.reveal()), epoch["joiner_secret"]);
      const auto member = derive_member_secret(suite, joiner_secret, PskSecret(unhex_secret(epoch, "psk_secret")));
      EXPECT_EQ(hex(derive_welcome_secret(suite, member).reveal()), epoch["welcome_secret"]);
      NewEpoch derived = derive_epoch(suite, member, encoded);
      verify_epoch(suite, epoch, derived);
      init_secret = std::move(derived.secrets.init_secret);
    }
  });
}

TEST(MlsVectors, psk_secret) {
  for_each_case("mls/psk_secret.json", [](const CipherSuite& suite, const Json& one) {
    std::vector<PreSharedKey> psks;
    for (const Json& psk : one["psks"]) {
      PreSharedKeyID id;
      id.psk_id = unhex(psk, "psk_id");
      id.psk_nonce = unhex(psk, "psk_nonce");
      psks.push_back({id, unhex_secret(psk, "psk")});
    }
    EXPECT_EQ(hex(psk_secret(suite, psks).reveal()), one["psk_secret"]);
  });
}

TEST(MlsVectors, transcript_hashes) {
  for_each_case("mls/transcript-hashes.json", [](const CipherSuite& suite, const Json& one) {
    const auto commit = codec::decoded<AuthenticatedContentIn>(unhex(one, "authenticated_content"));
    ASSERT_TRUE(commit.has_value());
    const Bytes confirmed = confirmed_transcript_hash(suite, unhex(one, "interim_transcript_hash_before"), *commit);
    EXPECT_EQ(hex(confirmed), one["confirmed_transcript_hash_after"]);
    const Bytes tag = confirmation_tag(suite, ConfirmationKey(unhex_secret(one, "confirmation_key")), confirmed);
    EXPECT_EQ(hex(tag), hex(*commit->auth.confirmation_tag));
    EXPECT_EQ(hex(interim_transcript_hash(suite, confirmed, tag)), one["interim_transcript_hash_after"]);
  });
}

// One case of message-protection: the sender is leaf 1 of 2.
class Protection {
 public:
  Protection(const CipherSuite& suite, const Json& one)
      : suite_(suite),
        one_(one),
        key_(unhex_signature_key(one, "signature_priv")),
        sender_data_secret_(unhex_secret(one, "sender_data_secret")),
        membership_key_(unhex_secret(one, "membership_key")) {
    context_.cipher_suite = suite.id;
    context_.group_id = unhex(one, "group_id");
    context_.epoch = one["epoch"].get<uint64_t>();
    context_.tree_hash = unhex(one, "tree_hash");
    context_.confirmed_transcript_hash = unhex(one, "confirmed_transcript_hash");
  }

  void expect_private(const char* member, const Bytes& expected) const {
    const auto message = codec::decoded<MLSMessage>(unhex(one_, member));
    ASSERT_TRUE(message.has_value()) << member;
    open_and_compare(std::get<PrivateMessage>(message->body), expected);
  }
  void expect_public(const char* member, const Bytes& expected) const {
    const auto message = codec::decoded<MLSMessage>(unhex(one_, member));
    ASSERT_TRUE(message.has_value()) << member;
    verify_and_compare(std::get<PublicMessage>(message->body), expected);
  }
  // Seals `body` ourselves, both ways where allowed, and opens it again.
  void expect_round_trip(const ContentBody& body, const Bytes& expected) const {
    crypto::SystemRandom random;
    SecretTree tree = secret_tree();
    for (const WireFormat format : {WireFormat::kPrivateMessage, WireFormat::kPublicMessage}) {
      auto content = AuthenticatedContent::sign(
          format, {context_.group_id, context_.epoch, Sender::member({1}), {}, body}, key_, context_);
      if (std::holds_alternative<Commit>(body)) content.set_confirmation_tag(Bytes(suite_0x0003().hash_size(), 7));
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
    return SecretTree(suite_, {2}, EncryptionSecret(unhex_secret(one_, "encryption_secret")));
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
    EXPECT_TRUE(AuthenticatedContent::validate(std::move(in), unhex(one_, "signature_pub"), context_));
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

TEST(MlsVectors, message_protection) {
  for_each_case("mls/message-protection.json", [](const CipherSuite& suite, const Json& one) {
    const Protection protection(suite, one);
    const Bytes proposal = unhex(one, "proposal");
    const Bytes commit = unhex(one, "commit");
    const Bytes application = unhex(one, "application");
    protection.expect_private("proposal_priv", proposal);
    protection.expect_public("proposal_pub", proposal);
    protection.expect_private("commit_priv", commit);
    protection.expect_public("commit_pub", commit);
    protection.expect_private("application_priv", application);
    protection.expect_round_trip(codec::decoded<Proposal>(proposal).value(), proposal);
    protection.expect_round_trip(codec::decoded<Commit>(commit).value(), commit);
    protection.expect_round_trip(application, application);
  });
}

TEST(MlsVectors, welcome) {
  for_each_case("mls/welcome.json", [](const CipherSuite& suite, const Json& one) {
    const auto message = codec::decoded<MLSMessage>(unhex(one, "welcome"));
    const auto package = codec::decoded<MLSMessage>(unhex(one, "key_package"));
    ASSERT_TRUE(message.has_value() && package.has_value());
    const auto& welcome = std::get<Welcome>(message->body);
    const auto key_package = KeyPackage::validate(suite, std::get<KeyPackageIn>(package->body));
    ASSERT_TRUE(key_package.has_value()) << key_package.error().rule;
    const auto secrets = open_group_secrets(suite, welcome, key_package->ref(suite), unhex_secret(one, "init_priv"));
    ASSERT_TRUE(secrets.has_value()) << secrets.error().rule;
    const auto member = derive_member_secret(suite, secrets->joiner_secret, psk_secret(suite, {}));
    const auto info = open_group_info(suite, derive_welcome_secret(suite, member), welcome.encrypted_group_info);
    ASSERT_TRUE(info.has_value()) << info.error().rule;
    EXPECT_TRUE(verify_group_info(*info, unhex(one, "signer_pub")));
    const auto epoch = derive_epoch(suite, member, codec::encoded(info->group_context));
    EXPECT_EQ(
        hex(confirmation_tag(suite, epoch.secrets.confirmation_key, info->group_context.confirmed_transcript_hash)),
        hex(info->confirmation_tag));
  });
}

}  // namespace
}  // namespace godwit::mls
