#pragma once
// Inside wire/: a variant of records as its kind (uint16), then the fields of the one it holds. Not for other folders.

#include <utility>
#include <variant>

#include "codec/codec.h"
#include "wire/errors.h"

namespace godwit::wire::detail {

/// The encoding of `record`, whose kind is `kind`.
template <typename Record>
Bytes encode_record(const Record& record, size_t kind) {
  codec::Writer length{codec::Writer::Counting{}};
  codec::encode(length, record);
  codec::Writer writer;
  writer.make_room(sizeof(uint16_t) + length.size());
  writer.u16(static_cast<uint16_t>(kind));
  codec::encode(writer, record);
  return writer.take();
}

/// The encoding of `value`; the kind of the first alternative is `first`.
template <typename Variant>
Bytes encode_variant(const Variant& value, uint16_t first) {
  return std::visit([&](const auto& record) { return encode_record(record, first + value.index()); }, value);
}

/// Reads the alternative number `kIndex` of `Variant`, which `Whole` is, and nothing after it. kMalformed.
template <typename Whole, typename Variant, size_t kIndex>
Result<Whole> decode_alternative(codec::Reader& reader) {
  auto record = codec::decode<std::variant_alternative_t<kIndex, Variant>>(reader);
  REQUIRE(record.has_value(), kMalformed, "wire: the fields are not those of this kind");
  REQUIRE(reader.at_end(), kMalformed, "wire: nothing follows the fields");
  return Whole(std::move(record).value());
}

template <typename Whole, typename Variant, size_t... kIndices>
Result<Whole> decode_by_index(codec::Reader& reader, size_t index, std::index_sequence<kIndices...>) {
  using Decode = Result<Whole> (*)(codec::Reader&);
  static constexpr Decode kDecoders[] = {&decode_alternative<Whole, Variant, kIndices>...};
  return kDecoders[index](reader);
}

/// The reverse of encode_variant. kUnknownRequest: no such kind; kMalformed: not exactly its fields.
template <typename Whole, typename Variant>
Result<Whole> decode_variant(ByteView bytes, uint16_t first) {
  codec::Reader reader(bytes);
  const auto kind = reader.u16();
  REQUIRE(kind.has_value(), kMalformed, "wire: a record starts with its kind");
  const bool known = *kind >= first && *kind < first + std::variant_size_v<Variant>;
  REQUIRE(known, kUnknownRequest, "wire: no such kind");
  return decode_by_index<Whole, Variant>(reader, static_cast<size_t>(*kind - first),
                                         std::make_index_sequence<std::variant_size_v<Variant>>());
}

}  // namespace godwit::wire::detail
