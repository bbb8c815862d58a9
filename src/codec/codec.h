#pragma once
// encode() and decode() for structures that list their members once:
//
//   struct Extension {
//     ExtensionType type;                                    // enum class ... : uint16_t
//     Bytes data;                                            // opaque data<V>
//     template <typename Self> static auto fields(Self& self) { return std::tie(self.type, self.data); }
//   };
//
// How members map to RFC 9420 §2.1: unsigned numbers and enums big-endian; Bytes is opaque<V>; ByteArray<N> is
// opaque[N]; std::vector<T> is T<V>; std::optional<T> is optional<T>; OpaqueId and StrongNumber as what they hold. A
// structure whose members depend on one another ("select") writes `void encode_to(Writer&) const` and
// `static Result<T> decode_from(Reader&)` itself instead of fields(). Enums are not range-checked here: the one who
// decodes a select refuses what he does not know.

#include <concepts>
#include <optional>
#include <tuple>
#include <type_traits>

#include "base/strong_id.h"
#include "codec/errors.h"
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
Result<T> read_number(Reader& reader) {
  if constexpr (sizeof(T) == 1) return static_cast<T>(TRY(reader.u8()));
  if constexpr (sizeof(T) == 2) return static_cast<T>(TRY(reader.u16()));
  if constexpr (sizeof(T) == 4) return static_cast<T>(TRY(reader.u32()));
  if constexpr (sizeof(T) == 8) return static_cast<T>(TRY(reader.u64()));
}
}  // namespace detail

/// Appends the encoding of `value` to `writer`.
template <typename T>
void encode(Writer& writer, const T& value);
/// Reads one T from `reader`. Errors as Reader, kBadOptional, kMisalignedVector: drop the whole input.
template <typename T>
Result<T> decode(Reader& reader);

template <typename T>
void encode(Writer& writer, const T& value) {
  if constexpr (HasOwnCodec<T>) {
    value.encode_to(writer);
  } else if constexpr (HasFields<T>) {
    std::apply([&](const auto&... field) { (encode(writer, field), ...); }, T::fields(value));
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
Result<T> decode_vector(Reader& reader) {
  Reader inner(TRY(reader.opaque()));
  T out;
  while (!inner.at_end()) {
    const size_t before = inner.rest().size();
    out.push_back(TRY(decode<typename T::value_type>(inner)));
    REQUIRE(inner.rest().size() < before, kMisalignedVector, "RFC 8446 §3.4: an element of no bytes never ends");
  }
  return out;
}
template <typename T>
Result<T> decode_fields(Reader& reader) {
  T out{};
  std::optional<Error> failed;
  const auto one = [&](auto& field) {
    auto result = decode<std::remove_cvref_t<decltype(field)>>(reader);
    if (!result) {
      failed = result.error();
      return false;
    }
    field = std::move(result).value();
    return true;
  };
  std::apply([&](auto&... field) { static_cast<void>((one(field) && ...)); }, T::fields(out));
  if (failed) return *failed;
  return out;
}
}  // namespace detail

template <typename T>
Result<T> decode(Reader& reader) {
  if constexpr (HasOwnCodec<T>) {
    return T::decode_from(reader);
  } else if constexpr (HasFields<T>) {
    return detail::decode_fields<T>(reader);
  } else if constexpr (std::is_same_v<T, bool>) {
    const uint8_t value = TRY(reader.u8());
    REQUIRE(value <= 1, kUnknownEnum, "a truth value is 0 or 1");
    return value == 1;
  } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
    return detail::read_number<T>(reader);
  } else if constexpr (std::is_same_v<T, Bytes>) {
    return to_bytes(TRY(reader.opaque()));
  } else if constexpr (std::is_same_v<T, std::string>) {
    return std::string(as_text(TRY(reader.opaque())));
  } else if constexpr (detail::IsByteArray<T>::value) {
    T out{};
    const ByteView bytes = TRY(reader.raw(out.size()));
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
  } else if constexpr (detail::IsOpaqueId<T>::value) {
    return T{TRY(decode<decltype(T::value)>(reader))};
  } else if constexpr (detail::IsStrongNumber<T>::value) {
    return T{TRY(decode<decltype(T::value)>(reader))};
  } else if constexpr (detail::IsOptional<T>::value) {
    const uint8_t present = TRY(reader.u8());
    REQUIRE(present <= 1, kBadOptional, "RFC 9420 §2.1.1, MLS-001: an optional starts with 0 or 1");
    if (present == 0) return T{};
    return T{TRY(decode<typename T::value_type>(reader))};
  } else {
    static_assert(detail::IsVector<T>::value, "give this type fields() or encode_to/decode_from");
    return detail::decode_vector<T>(reader);
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
