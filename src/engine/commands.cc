#include "engine/commands.h"

#include <memory>

namespace godwit::engine {

Command::Command(size_t index, void* from) { emplace_at(*this, index, from); }

Command::Command(Command&&) noexcept = default;
Command::~Command() = default;

// The variant's own assignment is as much code again as everything else about it.
Command& Command::operator=(Command&& other) noexcept {
  if (this == &other) return *this;
  std::destroy_at(this);
  return *std::construct_at(this, std::move(other));
}

}  // namespace godwit::engine
