#include "mls/state_records.h"

#include <algorithm>

namespace godwit::mls {

void StateChange::encode_to(codec::Writer& writer) const {
  writer.opaque(key);
  writer.u8(value ? 1 : 0);
  if (value) writer.opaque(value->reveal());
}

Result<StateChange> StateChange::decode_from(codec::Reader& reader) {
  StateChange out{to_bytes(TRY(reader.opaque())), std::nullopt};
  if (TRY(codec::decode<bool>(reader))) out.value = crypto::SecretBuffer::copy_of(TRY(reader.opaque()));
  return out;
}

void apply_changes(StateRecords& records, const StateChanges& changes) {
  for (const StateChange& change : changes) {
    records.erase(change.key);
    if (change.value) records.emplace(change.key, change.value->clone());
  }
}

std::vector<StateRecord> records_under(const StateRecords& records, const Bytes& prefix) {
  std::vector<StateRecord> out;
  for (auto it = records.lower_bound(prefix); it != records.end(); ++it) {
    const ByteView key = it->first;
    if (key.size() < prefix.size() || !equal(key.first(prefix.size()), prefix)) break;
    out.push_back({key.subspan(prefix.size()), it->second.reveal()});
  }
  return out;
}

Result<ByteView> record_at(const StateRecords& records, const Bytes& key) {
  const auto found = records.find(key);
  REQUIRE(found != records.end(), kBadState, "mls.md, storage forms: a record is missing");
  return found->second.reveal();
}

Result<std::vector<uint64_t>> epochs_of(const StateRecords& records) {
  std::vector<uint64_t> out;
  for (const auto& [epoch, value] : records_under(records, state_key(StateKind::kEpoch))) {
    out.push_back(TRY(codec::decoded<uint64_t>(epoch)));
  }
  for (const auto& [key, value] : records) {
    codec::Reader reader(key);
    switch (TRY(codec::decode<StateKind>(reader))) {
      case StateKind::kHead:
      case StateKind::kTreeNode:
        continue;
      case StateKind::kEpoch:
      case StateKind::kProposal:
      case StateKind::kSecretNode:
      case StateKind::kRatchet:
      case StateKind::kSkippedKey:
      case StateKind::kReplacedKeys:
        REQUIRE(std::binary_search(out.begin(), out.end(), TRY(reader.u64())), kBadState,
                "mls.md, storage forms: a record of an epoch that is not there");
        continue;
    }
    return Error{kBadState, "mls.md, storage forms: a key of no kind"};
  }
  return out;
}

}  // namespace godwit::mls
