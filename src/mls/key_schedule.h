#pragma once
// The key schedule (RFC 9420 §8): one type per secret, so that swapping two does not compile.

#include "mls/group_context.h"

namespace godwit::mls {

/// A secret of the key schedule; `Tag` says which. Move-only, wiped, never printed.
template <typename Tag>
class ScheduleSecret {
 public:
  /// Empty, to be assigned.
  ScheduleSecret() = default;
  explicit ScheduleSecret(crypto::SecretBuffer value) : value_(std::move(value)) {}
  /// A second copy, asked for by name.
  ScheduleSecret clone() const { return ScheduleSecret(value_.clone()); }
  /// The bytes, for a primitive or sealed storage.
  ByteView reveal() const { return value_.reveal(); }
  /// The same, as a secret.
  const crypto::SecretBuffer& buffer() const { return value_; }
  friend bool operator==(const ScheduleSecret& a, const ScheduleSecret& b) { return a.value_ == b.value_; }

 private:
  crypto::SecretBuffer value_;
};

using InitSecret = ScheduleSecret<struct InitSecretTag>;
using CommitSecret = ScheduleSecret<struct CommitSecretTag>;
using PskSecret = ScheduleSecret<struct PskSecretTag>;
using JoinerSecret = ScheduleSecret<struct JoinerSecretTag>;
using MemberSecret = ScheduleSecret<struct MemberSecretTag>;
using WelcomeSecret = ScheduleSecret<struct WelcomeSecretTag>;
using EpochSecret = ScheduleSecret<struct EpochSecretTag>;
using SenderDataSecret = ScheduleSecret<struct SenderDataSecretTag>;
using EncryptionSecret = ScheduleSecret<struct EncryptionSecretTag>;
using ExporterSecret = ScheduleSecret<struct ExporterSecretTag>;
using ExternalSecret = ScheduleSecret<struct ExternalSecretTag>;
using ConfirmationKey = ScheduleSecret<struct ConfirmationKeyTag>;
using MembershipKey = ScheduleSecret<struct MembershipKeyTag>;
using ResumptionPsk = ScheduleSecret<struct ResumptionPskTag>;
using EpochAuthenticator = ScheduleSecret<struct EpochAuthenticatorTag>;

/// A commit_secret of zeros: for a commit without path (RFC 9420 §8).
CommitSecret zero_commit_secret(const CipherSuite& suite);

/// joiner_secret out of the last epoch's init_secret; `group_context` is the encoded one of the new epoch.
JoinerSecret derive_joiner_secret(const CipherSuite& suite, const InitSecret& init_secret,
                                  const CommitSecret& commit_secret, ByteView group_context);
/// The secret between joiner_secret and epoch_secret, which the RFC leaves without a name ("member" in its figure 22).
MemberSecret derive_member_secret(const CipherSuite& suite, const JoinerSecret& joiner_secret,
                                  const PskSecret& psk_secret);
/// welcome_secret, which seals GroupInfo for joiners.
WelcomeSecret derive_welcome_secret(const CipherSuite& suite, const MemberSecret& member_secret);

/// What epoch_secret derives (RFC 9420 §8, table 4); encryption_secret goes to the secret tree and is not kept here.
struct EpochSecrets {
  SenderDataSecret sender_data_secret;
  ExporterSecret exporter_secret;
  ExternalSecret external_secret;
  ConfirmationKey confirmation_key;
  MembershipKey membership_key;
  ResumptionPsk resumption_psk;
  EpochAuthenticator epoch_authenticator;
  InitSecret init_secret;

  /// A second copy, asked for by name.
  EpochSecrets clone() const;
};

/// The secrets of a new epoch.
struct NewEpoch {
  EpochSecrets secrets;
  EncryptionSecret encryption_secret;
};

/// Derives an epoch out of the member secret; `group_context` is encoded.
NewEpoch derive_epoch(const CipherSuite& suite, const MemberSecret& member_secret, ByteView group_context);
/// Derives an epoch out of its epoch_secret: for a new group, whose epoch_secret is random (RFC 9420 §11).
NewEpoch derive_epoch(const CipherSuite& suite, const EpochSecret& epoch_secret);

/// MLS-Exporter (RFC 9420 §8.5).
crypto::SecretBuffer export_secret(const CipherSuite& suite, const ExporterSecret& exporter_secret,
                                   std::string_view label, ByteView context, size_t size);

}  // namespace godwit::mls
