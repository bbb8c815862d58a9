#pragma once
// Transcript hashes (RFC 9420 §8.2).

#include "mls/framing.h"

namespace godwit::mls {

/// confirmed_transcript_hash after a commit; its confirmation_tag does not go in.
Bytes confirmed_transcript_hash(const CipherSuite& suite, const Bytes& interim_transcript_hash_before,
                                const AuthenticatedContentIn& commit);
/// interim_transcript_hash of the epoch that a commit with this confirmation_tag starts.
Bytes interim_transcript_hash(const CipherSuite& suite, const Bytes& confirmed_transcript_hash,
                              const Bytes& confirmation_tag);
/// confirmation_tag (RFC 9420 §6.1).
Bytes confirmation_tag(const CipherSuite& suite, const ConfirmationKey& key, const Bytes& confirmed_transcript_hash);

}  // namespace godwit::mls
