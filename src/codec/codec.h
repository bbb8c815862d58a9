#pragma once
// encode() and decode() for structures that list their members once:
//
//   struct Extension {
//     ExtensionType type;                                    // enum class ... : uint16_t
//     Bytes data;                                            // opaque data<V>
//     template <typename Self> static auto fields(Self& self) { return codec::members(self.type, self.data); }
//   };
//
// How members map to RFC 9420 §2.1: unsigned numbers and enums big-endian; Bytes is opaque<V>; ByteArray<N> is
// opaque[N]; std::vector<T> is T<V>; std::optional<T> is optional<T>; OpaqueId and StrongNumber as what they hold. A
// structure whose members depend on one another ("select") writes `void encode_to(Writer&) const` and
// `static Result<T> decode_from(Reader&)` itself instead of fields(). Enums are not range-checked here: the one who
// decodes a select refuses what he does not know.

#include <concepts>
#include <optional>
#include <type_traits>

#include "base/strong_id.h"
#include "codec/errors.h"
#include "codec/members.h"
#include "codec/reader.h"
#include "codec/writer.h"

namespace godwit::codec {

template <typename T>
concept HasFields = requires(T& value) { T::fields(value); };
template <typename T>
concept HasOwnCodec = requires(const T& value, Writer& writer, Reader& reader) {
  value.encode_to(writer);
  { T::decode_from(reader) } -> std::same_as<Result<T>>;
};

namespace detail {
template <typename T>
struct IsVector : std::false_type {};
template <typename T>
struct IsVector<std::vector<T>> : std::true_type {};
template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <typename T>
struct IsByteArray : std::false_type {};
template <size_t N>
struct IsByteArray<ByteArray<N>> : std::true_type {};
template <typename T>
struct IsStrongNumber : std::false_type {};
template <typename Tag, typename Number>
struct IsStrongNumber<StrongNumber<Tag, Number>> : std::true_type {};
template <typename T>
struct IsOpaqueId : std::false_type {};
template <typename Tag, size_t N>
struct IsOpaqueId<OpaqueId<Tag, N>> : std::true_type {};

template <typename T>
void write_number(Writer& writer, T value) {
  if constexpr (sizeof(T) == 1) writer.u8(static_cast<uint8_t>(value));
  if constexpr (sizeof(T) == 2) writer.u16(static_cast<uint16_t>(value));
  if constexpr (sizeof(T) == 4) writer.u32(static_cast<uint32_t>(value));
  if constexpr (sizeof(T) == 8) writer.u64(static_cast<uint64_t>(value));
}
template <typename T>
Status read_number(Reader& reader, T& out) {
  if constexpr (sizeof(T) == 1) out = static_cast<T>(TRY(reader.u8()));
  if constexpr (sizeof(T) == 2) out = static_cast<T>(TRY(reader.u16()));
  if constexpr (sizeof(T) == 4) out = static_cast<T>(TRY(reader.u32()));
  if constexpr (sizeof(T) == 8) out = static_cast<T>(TRY(reader.u64()));
  return {};
}
}  // namespace detail

/// Appends the encoding of `value` to `writer`.
template <typename T>
void encode(Writer& writer, const T& value);
/// Reads one T from `reader`. Errors as Reader, kBadOptional, kMisalignedVector: drop the whole input.
template <typename T>
Result<T> decode(Reader& reader);
/// The same into a T that is there; on an error it is anything.
template <typename T>
Status decode_into(Reader& reader, T& out);

template <typename T>
void encode(Writer& writer, const T& value) {
  if constexpr (HasOwnCodec<T>) {
    value.encode_to(writer);
  } else if constexpr (HasFields<T>) {
    T::fields(value)([&](const auto&... field) { (encode(writer, field), ...); });
  } else if constexpr (std::is_same_v<T, bool>) {
    writer.u8(value ? 1 : 0);
  } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
    detail::write_number(writer, value);
  } else if constexpr (std::is_same_v<T, Bytes>) {
    writer.opaque(value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    writer.opaque(as_bytes(value));
  } else if constexpr (detail::IsByteArray<T>::value) {
    writer.raw(value);
  } else if constexpr (detail::IsOpaqueId<T>::value) {
    writer.raw(value.view());
  } else if constexpr (detail::IsStrongNumber<T>::value) {
    encode(writer, value.value);
  } else if constexpr (detail::IsOptional<T>::value) {
    writer.u8(value.has_value() ? 1 : 0);
    if (value) encode(writer, *value);
  } else {
    static_assert(detail::IsVector<T>::value, "give this type fields() or encode_to/decode_from");
    // Twice over what is in it, so that nothing is copied or outgrown.
    Writer length{Writer::Counting{}};
    for (const auto& item : value) encode(length, item);
    ASSERT(length.size() <= kVarintMax);
    writer.make_room(length.size() + sizeof(uint32_t));
    writer.varint(static_cast<uint32_t>(length.size()));
    for (const auto& item : value) encode(writer, item);
  }
}

namespace detail {
template <typename T>
Status decode_vector(Reader& reader, T& out) {
  Reader inner(TRY(reader.opaque()));
  out.clear();
  while (!inner.at_end()) {
    const size_t before = inner.rest().size();
    out.push_back(TRY(decode<typename T::value_type>(inner)));
    REQUIRE(inner.rest().size() < before, kMisalignedVector, "RFC 8446 §3.4: an element of no bytes never ends");
  }
  return {};
}
template <typename T>
Status decode_optional(Reader& reader, T& out) {
  const uint8_t present = TRY(reader.u8());
  REQUIRE(present <= 1, kBadOptional, "RFC 9420 §2.1.1, MLS-001: an optional starts with 0 or 1");
  out.reset();
  if (present == 1) out = TRY(decode<typename T::value_type>(reader));
  return {};
}
template <typename T>
Status decode_fields(Reader& reader, T& out) {
  Status status;
  T::fields(out)(
      [&](auto&... field) { static_cast<void>(((status = decode_into(reader, field)).has_value() && ...)); });
  return status;
}
}  // namespace detail

template <typename T>
Status decode_into(Reader& reader, T& out) {
  if constexpr (HasOwnCodec<T>) {
    out = TRY(T::decode_from(reader));
  } else if constexpr (HasFields<T>) {
    return detail::decode_fields(reader, out);
  } else if constexpr (std::is_same_v<T, bool>) {
    const uint8_t value = TRY(reader.u8());
    REQUIRE(value <= 1, kUnknownEnum, "a truth value is 0 or 1");
    out = value == 1;
  } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
    return detail::read_number(reader, out);
  } else if constexpr (std::is_same_v<T, Bytes>) {
    out = to_bytes(TRY(reader.opaque()));
  } else if constexpr (std::is_same_v<T, std::string>) {
    out = as_text(TRY(reader.opaque()));
  } else if constexpr (detail::IsByteArray<T>::value) {
    const ByteView bytes = TRY(reader.raw(out.size()));
    std::copy(bytes.begin(), bytes.end(), out.begin());
  } else if constexpr (detail::IsOpaqueId<T>::value || detail::IsStrongNumber<T>::value) {
    return decode_into(reader, out.value);
  } else if constexpr (detail::IsOptional<T>::value) {
    return detail::decode_optional(reader, out);
  } else {
    static_assert(detail::IsVector<T>::value, "give this type fields() or encode_to/decode_from");
    return detail::decode_vector(reader, out);
  }
  return {};
}

template <typename T>
Result<T> decode(Reader& reader) {
  if constexpr (HasOwnCodec<T>) {
    return T::decode_from(reader);
  } else {
    T out{};
    TRY(decode_into(reader, out));
    return out;
  }
}

/// The encoding of `value` alone.
template <typename T>
Bytes encoded(const T& value) {
  Writer length{Writer::Counting{}};
  encode(length, value);
  Writer writer;
  writer.make_room(length.size());
  encode(writer, value);
  return writer.take();
}

/// Reads exactly one T from `bytes`. Errors as decode, and kTrailingBytes: drop the input.
template <typename T>
Result<T> decoded(ByteView bytes) {
  Reader reader(bytes);
  auto out = TRY(decode<T>(reader));
  TRY(reader.finish());
  return out;
}

}  // namespace godwit::codec
