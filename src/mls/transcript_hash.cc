#include "mls/transcript_hash.h"

namespace godwit::mls {

// MLS-074
Bytes confirmed_transcript_hash(const CipherSuite& suite, const Bytes& interim_transcript_hash_before,
                                const AuthenticatedContentIn& commit) {
  codec::Writer writer;
  writer.raw(interim_transcript_hash_before);
  codec::encode(writer, commit.wire_format);
  codec::encode(writer, commit.content);
  codec::encode(writer, commit.auth.signature);
  return hash(suite, writer.view());
}

// MLS-074
Bytes interim_transcript_hash(const CipherSuite& suite, const Bytes& confirmed_transcript_hash,
                              const Bytes& confirmation_tag) {
  codec::Writer writer;
  writer.raw(confirmed_transcript_hash);
  codec::encode(writer, confirmation_tag);
  return hash(suite, writer.view());
}

Bytes confirmation_tag(const CipherSuite& suite, const ConfirmationKey& key, const Bytes& confirmed_transcript_hash) {
  return mac(suite, key.reveal(), confirmed_transcript_hash);
}

}  // namespace godwit::mls
