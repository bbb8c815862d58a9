#pragma once
// What kinds of requests there are, and how each is called where they are counted: "deliver", "mailbox_open". The names are made of
// the types in wire/requests.h, so that none can be missing; they say what is asked, never by whom.

#include <cstddef>
#include <string>
#include <variant>

#include "wire/requests.h"

namespace godwit::home {

/// How many there are.
inline constexpr size_t kRequestKinds = std::variant_size_v<wire::RequestVariant>;
/// Stands for a request that nothing could be read of.
inline constexpr size_t kUnreadable = kRequestKinds;

/// The name of the kind with this index in wire::Request, in snake_case; "unreadable" of kUnreadable.
std::string request_kind_name(size_t kind);

}  // namespace godwit::home
