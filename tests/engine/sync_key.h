#pragma once
// The key that the devices of one account share, as a person's disk has it.

#include "engine/device_records.h"
#include "engine/record_key.h"
#include "tests/engine/world.h"

namespace godwit::testworld {

/// 32 bytes; empty if the record of the devices cannot be read.
inline Bytes sync_key_of(Person& person) {
  const Bytes key = engine::record_key(engine::RecordKind::kDevices);
  const auto plain = engine::open_record(person.key(), key, person.disk().records().at(key));
  if (!plain) return {};
  const auto record = codec::decoded<engine::DevicesRecord>(plain->reveal());
  return record ? to_bytes(record->sync_key.value.reveal()) : Bytes{};
}

}  // namespace godwit::testworld
