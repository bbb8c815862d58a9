#include "engine/notices.h"

#include <memory>

namespace godwit::engine {
namespace {

// A variant's own assignment is as much code again as everything else about it.
template <typename T>
T& assign(T& to, T&& from) {
  if (&to == &from) return to;
  std::destroy_at(&to);
  return *std::construct_at(&to, std::move(from));
}

}  // namespace

Answer::Answer(size_t index, void* from) { emplace_at(*this, index, from); }

Answer::Answer(const Answer&) = default;
Answer::Answer(Answer&&) noexcept = default;
Answer& Answer::operator=(Answer&& other) noexcept { return assign(*this, std::move(other)); }
Answer::~Answer() = default;

// The first alternative cannot be made of nothing.
Notice::Notice(size_t index, void* from) : NoticeVariant(std::in_place_type<DevicesChanged>) {
  emplace_at(*this, index, from);
}

Notice::Notice(const Notice&) = default;
Notice::Notice(Notice&&) noexcept = default;
Notice& Notice::operator=(Notice&& other) noexcept { return assign(*this, std::move(other)); }
Notice::~Notice() = default;

}  // namespace godwit::engine
