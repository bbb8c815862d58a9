#include "engine/backup.h"

#include <algorithm>

#include "codec/members.h"
#include "crypto/hash.h"
#include "crypto/hpke.h"
#include "engine/contacts.h"
#include "engine/devices.h"
#include "engine/members.h"
#include "engine/padding.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

constexpr std::string_view kLabel = "godwit backup 1";

crypto::HpkeSuite suite() { return {&crypto::kem_xwing(), &crypto::chacha20_poly1305()}; }

// As it stands at the home.
struct SealedBackup {
  uint8_t version = 1;
  Bytes kem_output;
  Bytes ciphertext;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.kem_output, self.ciphertext);
  }
};

crypto::Secret<32> expand(const crypto::Ed25519KeyPair& recovery, std::string_view label) {
  crypto::Secret<32> out;
  crypto::hkdf_expand(recovery.seed.reveal(), as_bytes(label), out.fill());
  return out;
}

// Of an own channel that is in trouble the key is kept as well, unless it has ended.
bool is_kept(const Channel& channel) {
  const ChannelRecord& record = channel.record;
  if (channel.following || record.ending || !check_given_name(record.head.text)) return false;
  return record.seed ? record.made && record.trouble != kChannelGone.number : record.trouble == 0;
}

void add_channels(const Machine& m, BackupMore& more) {
  for (const auto& [id, channel] : m.channels.all) {
    const ChannelRecord& record = channel.record;
    if (!is_kept(channel)) continue;
    if (record.seed && more.channels.size() < kBackupChannelsMax) {
      more.channels.push_back({record.link.clone(), {record.seed->value.clone()}, record.head.text});
    } else if (!record.seed && more.followed.size() < kBackupChannelsMax) {
      more.followed.push_back({record.link.clone(), record.head.text});
    }
  }
}

BackupContent content_of(const Machine& m) {
  BackupContent out{kBackupVersion, m.self->record.account, m.self->record.name, m.self->record.devices, {}, {}};
  for (const auto& [id, chat] : m.chats) {
    const MemberRecord* peer = peer_of(chat);
    if (peer != nullptr) out.contacts.push_back({peer->account, peer->name, peer->home, peer->alias});
  }
  for (const FormerContact& each : m.devices.record.former_contacts) {
    const auto met = [&](const FormerContact& contact) { return contact.account == each.account; };
    if (std::ranges::none_of(out.contacts, met)) out.contacts.push_back(each);
  }
  for (const FormerContact& each : out.contacts) {
    if (was_verified(m, each.account)) out.more.verified.push_back(each.account);
  }
  add_channels(m, out.more);
  return out;
}

}  // namespace

RecoverySecrets recovery_secrets(const crypto::Ed25519KeyPair& recovery) {
  RecoverySecrets out;
  crypto::hkdf_expand(recovery.seed.reveal(), as_bytes("godwit mailbox 1"), out.mailbox.value);
  out.reopen = crypto::Ed25519KeyPair::from_seed(expand(recovery, "godwit mailbox recovery 1"));
  out.hash = wire::RecoveryHash{crypto::sha256(out.reopen.public_key)};
  out.backup = crypto::XWingKeyPair::from_seed(expand(recovery, "godwit backup key 1"));
  return out;
}

namespace {

Bytes encode(const BackupContent& content) {
  Bytes out = codec::encoded(content);
  Bytes more = codec::encoded(content.more);
  append(out, more);
  crypto::wipe(more);
  return out;
}

// What a later version has appended is not for us.
bool ends(const BackupContent& content, ByteView rest) { return content.version > kBackupVersion || is_padding(rest); }

Result<BackupMore> decode_more(codec::Reader& reader) {
  auto more = codec::decode<BackupMore>(reader);
  REQUIRE(more.has_value(), kNoBackup, "what is kept for the words is well-formed");
  const auto nameless = [](const auto& each) { return !check_given_name(each.name).has_value(); };
  std::erase_if(more->channels, nameless);
  std::erase_if(more->followed, nameless);
  return more;
}

}  // namespace

Result<Bytes> seal_backup(ByteView backup_key, BackupContent content, Random& random) {
  constexpr size_t kRoom = wire::kBackupSizeMax - 2 * 4096;  // for the padding and the KEM
  Bytes plaintext = encode(content);
  while (plaintext.size() > kRoom && (!content.contacts.empty() || !content.more.followed.empty())) {
    crypto::wipe(plaintext);
    content.more.followed.clear();  // they are found again; people are not
    content.contacts.resize(content.contacts.size() / 2);
    content.more.verified.resize(std::min(content.more.verified.size(), content.contacts.size()));
    plaintext = encode(content);
  }
  pad(plaintext);
  auto sealed = crypto::hpke_seal(suite(), backup_key, as_bytes(kLabel), content.account.view(), plaintext, random);
  crypto::wipe(plaintext);
  if (!sealed) return sealed.error();
  return codec::encoded(SealedBackup{1, std::move(sealed->kem_output), std::move(sealed->ciphertext)});
}

Result<BackupContent> open_backup(const RecoverySecrets& secrets, const AccountId& account, ByteView bytes) {
  auto sealed = codec::decoded<SealedBackup>(bytes);
  REQUIRE(sealed.has_value(), kNoBackup, "what is kept for the words is well-formed");
  const auto plaintext =
      crypto::hpke_open(suite(), {sealed->kem_output, sealed->ciphertext},
                        crypto::SecretBuffer::copy_of(secrets.backup.seed.reveal()), as_bytes(kLabel), account.view());
  REQUIRE(plaintext.has_value(), kNoBackup, "what is kept for the words opens with them");
  codec::Reader reader(*plaintext);
  auto content = codec::decode<BackupContent>(reader);
  if (content && content->version >= 2) content->more = TRY(decode_more(reader));
  const bool whole = content.has_value() && content->version >= 1 && ends(*content, reader.rest()) &&
                     content->account == account && check_given_name(content->name).has_value() &&
                     DeviceList::validate(account, content->devices).has_value();
  REQUIRE(whole, kNoBackup, "what is kept for the words is this account's");
  return std::move(*content);
}

void want_backup(Machine& m) {
  m.devices.record.backup_wanted = true;
  put_devices(m);
}

void pump_backup(Machine& m, Instant& wake) {
  DevicesRecord& record = m.devices.record;
  if (record.backup_key.empty()) return;
  const auto chats = static_cast<uint32_t>(m.chats.size());
  if (!record.backup_wanted && record.backup_chats == chats) return;
  // It can wait: not by mail, in parts, or before anything that people wait for.
  const Link& mailbox = m.mailbox();
  if (mailbox.state().connection != Connection::kConnected || mailbox.is_small() || mailbox.waiting() > 0) return;
  if (!m.devices.backup.may_start(m.now, wake)) return;
  auto sealed = seal_backup(record.backup_key, content_of(m), m.random);
  if (!sealed) return;
  m.devices.backup.start();
  record.backup_wanted = false;
  record.backup_chats = chats;
  m.mailbox().submit(wire::BackupPut{std::move(*sealed)}, [&m](const Result<wire::Reply>& reply) {
    const Outcome outcome = outcome_of(reply);
    if (outcome.ok()) {
      m.devices.backup.succeed();
      return put_devices(m);
    }
    m.devices.record.backup_wanted = true;
    m.devices.backup.fail(m.now, outcome.retry_after, m.random);
  });
}

}  // namespace godwit::engine
