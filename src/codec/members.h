#pragma once
// members(): the members of a structure that are encoded, listed once; see codec.h. Alone in a file, so that who describes structures
// does not include what reads and writes them.

namespace godwit::codec {

/// What calls a function with all of `each`, in order, and gives back what that gives. Refers to them, so it must not outlive them.
/// In place of std::tie: of a tuple compilers instantiate so much that it was a third of what they did for a record.
template <typename... Members>
constexpr auto members(Members&... each) {
  return [&each...](auto&& visit) -> decltype(auto) { return visit(each...); };
}

}  // namespace godwit::codec
