#pragma once
// Records: what stands on the pipe once the session does. 2 bytes length, then the ChaChaPoly ciphertext of a plaintext that
// is padded to a bucket (docs/protocol/session.md, "Records").

#include "base/result.h"
#include "base/time.h"
#include "session/cipher_state.h"
#include "session/types.h"

namespace godwit::session {

/// The largest plaintext: 15 times 4096, so that ciphertext and tag fit into the length.
constexpr size_t kRecordPlaintextMax = 61'440;

/// The smallest bucket that holds `size` bytes: 256, 512, 1024, 2048, 4096, then multiples of 4096.
size_t bucket_for(size_t size);

/// Seals the records of one direction.
class RecordSender {
 public:
  /// Changes its key at the latest after `records_max` records; fewer than kRekeyRecords in tests only.
  RecordSender(CipherState cipher, Instant now, uint64_t records_max = kRekeyRecords)
      : cipher_(std::move(cipher)), records_max_(records_max), keyed_(now) {}

  /// Appends a record with `content` (at most kRecordPlaintextMax, more is a fault of ours), padded with zeros, to `out`.
  /// kNonceExhausted: close the session.
  Status seal(Bytes& out, Bytes content);
  /// True if the key is due to be changed: the next record has to say so, then rekey() is called.
  bool rekey_is_due(Instant now) const;
  /// Changes the key, after the record that said so.
  void rekey(Instant now);

 private:
  CipherState cipher_;
  uint64_t records_max_;
  uint64_t records_ = 0;
  Instant keyed_;
};

/// Opens the records of one direction.
class RecordReceiver {
 public:
  /// As RecordSender.
  explicit RecordReceiver(CipherState cipher, uint64_t records_max = kRekeyRecords)
      : cipher_(std::move(cipher)), records_max_(records_max) {}

  /// The plaintext with its padding. kBadRecord: forged, replayed, reordered, damaged, or not the size of a bucket.
  /// kRekeyOverdue: the peer used its key for too long. All of them end the session.
  Result<Bytes> open(ByteView record);
  /// Changes the key, after the record that said so.
  void rekey();

 private:
  CipherState cipher_;
  uint64_t records_max_;
  uint64_t records_ = 0;
};

}  // namespace godwit::session
