#include "mls/key_schedule.h"

#include "codec/codec.h"

namespace godwit::mls {

CommitSecret zero_commit_secret(const CipherSuite& suite) {
  return CommitSecret(crypto::SecretBuffer(suite.hash_size()));
}

JoinerSecret derive_joiner_secret(const CipherSuite& suite, const InitSecret& init_secret,
                                  const CommitSecret& commit_secret, ByteView group_context) {
  const auto extracted = kdf_extract(suite, init_secret.reveal(), commit_secret.reveal());
  return JoinerSecret(expand_with_label(suite, extracted.reveal(), "joiner", group_context, suite.hash_size()));
}

MemberSecret derive_member_secret(const CipherSuite& suite, const JoinerSecret& joiner_secret,
                                  const PskSecret& psk_secret) {
  return MemberSecret(kdf_extract(suite, joiner_secret.reveal(), psk_secret.reveal()));
}

WelcomeSecret derive_welcome_secret(const CipherSuite& suite, const MemberSecret& member_secret) {
  return WelcomeSecret(derive_secret(suite, member_secret.reveal(), "welcome"));
}

EpochSecrets EpochSecrets::clone() const {
  return {sender_data_secret.clone(), exporter_secret.clone(), external_secret.clone(),     confirmation_key.clone(),
          membership_key.clone(),     resumption_psk.clone(),  epoch_authenticator.clone(), init_secret.clone()};
}

// MLS-073, MLS-086
NewEpoch derive_epoch(const CipherSuite& suite, const MemberSecret& member_secret, ByteView group_context) {
  return derive_epoch(
      suite, EpochSecret(expand_with_label(suite, member_secret.reveal(), "epoch", group_context, suite.hash_size())));
}

NewEpoch derive_epoch(const CipherSuite& suite, const EpochSecret& epoch_secret) {
  const auto derive = [&](std::string_view label) { return derive_secret(suite, epoch_secret.reveal(), label); };
  NewEpoch out;
  out.encryption_secret = EncryptionSecret(derive("encryption"));
  out.secrets.sender_data_secret = SenderDataSecret(derive("sender data"));
  out.secrets.exporter_secret = ExporterSecret(derive("exporter"));
  out.secrets.external_secret = ExternalSecret(derive("external"));
  out.secrets.confirmation_key = ConfirmationKey(derive("confirm"));
  out.secrets.membership_key = MembershipKey(derive("membership"));
  out.secrets.resumption_psk = ResumptionPsk(derive("resumption"));
  out.secrets.epoch_authenticator = EpochAuthenticator(derive("authentication"));
  out.secrets.init_secret = InitSecret(derive("init"));
  return out;
}

crypto::SecretBuffer export_secret(const CipherSuite& suite, const ExporterSecret& exporter_secret,
                                   std::string_view label, ByteView context, size_t size) {
  const auto derived = derive_secret(suite, exporter_secret.reveal(), label);
  return expand_with_label(suite, derived.reveal(), "exported", hash(suite, context), size);
}

}  // namespace godwit::mls
