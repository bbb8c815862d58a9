#pragma once
// For a type of its own that is a variant of many: what makes one out of an alternative is compiled in one file, not by everybody who makes one.
//
//   struct Command : CommandVariant {
//     template <Alternative<CommandVariant> T>                                    // in the header
//     Command(T command) : Command(kIndexOf<T, CommandVariant>, &command) {}
//    private:
//     Command(size_t index, void* from);
//   };
//   Command::Command(size_t index, void* from) { emplace_at(*this, index, from); }  // in the one file
//
// Of a variant of a hundred its constructors, and its destructor, which each of them may need, were two thirds of what a file of tests took.

#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <variant>

namespace godwit {

namespace detail {
template <typename T, typename Variant>
struct Alternatives;
template <typename T, typename... Each>
struct Alternatives<T, std::variant<Each...>> {
  static constexpr bool kHas = (std::is_same_v<T, Each> || ...);
  static constexpr size_t index() {
    size_t at = 0;
    static_cast<void>(((std::is_same_v<T, Each> || (++at, false)) || ...));
    return at;
  }
};
}  // namespace detail

/// `T` is one of the alternatives of `Variant`, letter for letter.
template <typename T, typename Variant>
concept Alternative = detail::Alternatives<T, Variant>::kHas;
/// Which one.
template <typename T, typename Variant>
inline constexpr size_t kIndexOf = detail::Alternatives<T, Variant>::index();

/// Makes `to` what `from` points to, which is its alternative number `index` and is moved from.
template <typename... Each>
void emplace_at(std::variant<Each...>& to, size_t index, void* from) {
  using Variant = std::variant<Each...>;
  static constexpr auto kMake = []<size_t... kIndices>(std::index_sequence<kIndices...>) {
    return std::array<void (*)(Variant&, void*), sizeof...(Each)>{[](Variant& out, void* in) {
      out.template emplace<kIndices>(std::move(*static_cast<std::variant_alternative_t<kIndices, Variant>*>(in)));
    }...};
  }(std::index_sequence_for<Each...>());
  kMake[index](to, from);
}

}  // namespace godwit
